//! Counts, means and ranges of changes, by category.

use shared_types::Metric;
use shared_types::comparison::{
    CategorySummary, ChangeSummary, ComparedTestCase, Summary, SummaryPart,
};

use crate::direction::is_regression;

/// Sums up a comparison. What is measured of a toolchain is summed up by itself; other test cases
/// without a category count as primary.
pub fn summarise(metric: &Metric, test_cases: &[ComparedTestCase]) -> Summary {
    let of = |part: SummaryPart| {
        let cases = test_cases.iter();
        let is_of_it =
            |case: &&ComparedTestCase| SummaryPart::of(&case.test_case, case.category) == part;
        let cases: Vec<_> = cases.filter(is_of_it).collect();
        let relevant = |regression: bool| {
            let relevant = cases.iter().filter(|case| case.relevant);
            changes(
                relevant
                    .filter_map(|case| case.change)
                    .filter(|change| is_regression(metric, *change) == regression),
            )
        };
        CategorySummary {
            test_cases: cases.len() as u32,
            regressions: relevant(true),
            improvements: relevant(false),
            all: changes(cases.iter().filter_map(|case| case.change)),
        }
    };
    let toolchain = of(SummaryPart::Toolchain);
    Summary {
        primary: of(SummaryPart::Primary),
        secondary: of(SummaryPart::Secondary),
        toolchain: (toolchain.test_cases > 0).then_some(toolchain),
    }
}

/// Count, geometric mean and range. A change to nothing (-1) makes the geometric mean -1.
pub fn changes(changes: impl IntoIterator<Item = f64>) -> ChangeSummary {
    let mut changes: Vec<f64> = changes.into_iter().collect();
    // In one order whatever the order they came in, so that the mean is the same to the last bit.
    changes.sort_by(f64::total_cmp);
    let logarithms: f64 = changes.iter().map(|change| change.ln_1p()).sum();
    let mean = (logarithms / changes.len() as f64).exp_m1();
    ChangeSummary {
        count: changes.len() as u32,
        mean: (!changes.is_empty() && mean.is_finite()).then_some(mean),
        smallest: changes.first().copied(),
        largest: changes.last().copied(),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::{Category, TestCase};

    use super::*;
    use crate::comparison::{SeriesHistory, compare};
    use crate::sample_runs::{BASE, HEAD, instructions, run};

    #[test]
    fn what_is_measured_of_a_toolchain_is_no_primary_benchmark() {
        let values = [("syn/check/full", 1.0), ("7zip", 2.0), ("libLLVM", 3.0)];
        let metric = instructions();
        let (base, head) = (run(BASE, &metric, &values), run(HEAD, &metric, &values));
        let method = crate::significance::method("rustc-perf").unwrap();
        let history = SeriesHistory::none();
        let mut comparison =
            compare(&base, &head, &metric.name, &history, method.as_ref()).unwrap();
        assert_eq!(comparison.summary.toolchain, None);
        assert_eq!(comparison.summary.primary.test_cases, 3);
        let json = serde_json::to_string(&comparison.summary).unwrap();
        assert!(!json.contains("toolchain"), "what is stored is as it was");

        for case in &mut comparison.test_cases {
            match case.name.as_str() {
                "7zip" => case.category = Some(Category::Secondary),
                "libLLVM" => {
                    case.test_case = TestCase::Toolchain {
                        component: "libLLVM".parse().unwrap(),
                    };
                }
                _ => {}
            }
        }
        comparison.summary = summarise(&metric, &comparison.test_cases);
        let parts = comparison.summary.parts();
        let counts: Vec<_> = parts
            .map(|(part, of)| (part.as_str(), of.test_cases))
            .collect();
        assert_eq!(counts, [("primary", 1), ("secondary", 1), ("toolchain", 1)]);
        let line = "\ntoolchain: 1 test case: 0 better, 0 worse, mean of all 0";
        assert!(crate::words::table(&comparison).contains(line));
        let names = crate::words::Names {
            base: "one".to_owned(),
            head: "other".to_owned(),
        };
        let text = crate::words::bench_text(&comparison, &names);
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn a_doubling_and_a_halving_are_no_change_in_the_mean() {
        let summary = changes([1.0, -0.5]);
        assert_eq!(summary.count, 2);
        assert!(summary.mean.unwrap().abs() < 1e-15);
        assert_eq!((summary.smallest, summary.largest), (Some(-0.5), Some(1.0)));
    }

    #[test]
    fn no_changes_have_no_mean() {
        let summary = changes([]);
        assert_eq!((summary.count, summary.mean), (0, None));
        assert_eq!((summary.smallest, summary.largest), (None, None));
    }

    #[test]
    fn a_change_to_nothing_has_a_finite_mean() {
        assert_eq!(changes([-1.0, 0.1]).mean, Some(-1.0));
    }
}
