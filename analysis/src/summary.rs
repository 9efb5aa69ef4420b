//! Counts, means and ranges of changes, by category.

use shared_types::comparison::{CategorySummary, ChangeSummary, ComparedTestCase, Summary};
use shared_types::{Category, Metric};

use crate::direction::{category_of, is_regression};

/// Sums up a comparison. Test cases without a category count as primary.
pub fn summarise(metric: &Metric, test_cases: &[ComparedTestCase]) -> Summary {
    let of = |category: Category| {
        let cases = test_cases.iter();
        let cases: Vec<_> = cases.filter(|case| category_of(case) == category).collect();
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
    Summary {
        primary: of(Category::Primary),
        secondary: of(Category::Secondary),
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
    use super::*;

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
