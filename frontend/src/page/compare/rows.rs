//! Which rows of a comparison are listed, and in which order.

use std::cmp::Ordering;

use shared_types::comparison::{ComparedTestCase, Comparison};

use crate::order::sort_places;
use crate::url_state::{ChangeFilter, CompareState, Direction, Sort, SortColumn};

/// The places of the test cases that a state lists, in its order.
pub(super) fn listed(comparison: &Comparison, state: &CompareState) -> Vec<usize> {
    let lower_is_better = comparison.metric_details.lower_is_better;
    let cases = &comparison.test_cases;
    let mut places: Vec<usize> = (0..cases.len())
        .filter(|place| is_listed(&cases[*place], state, lower_is_better))
        .collect();
    sort_places(&mut places, &|a, b| order(&cases[a], &cases[b], state.sort));
    places
}

fn is_listed(case: &ComparedTestCase, state: &CompareState, lower_is_better: bool) -> bool {
    let is_admitted = match state.changes {
        ChangeFilter::All => true,
        ChangeFilter::Significant => case.significant,
        ChangeFilter::Relevant => case.relevant,
    };
    let is_of_direction = match (state.direction, tone(case, lower_is_better)) {
        (Direction::Both, _) => true,
        (Direction::Worse, Tone::Worse) | (Direction::Better, Tone::Better) => true,
        (Direction::Worse | Direction::Better, _) => false,
    };
    is_admitted && is_of_direction && state.filter.admits(&case.test_case, case.category)
}

/// Whether a change is for the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Better,
    Worse,
    Same,
}

impl Tone {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
        }
    }
}

/// Whether the change of a test case is for the better. From zero to something is a change, too.
pub(super) fn tone(case: &ComparedTestCase, lower_is_better: bool) -> Tone {
    let rose = match case.head.total_cmp(&case.base) {
        Ordering::Equal => return Tone::Same,
        Ordering::Greater => true,
        Ordering::Less => false,
    };
    if rose == lower_is_better {
        Tone::Worse
    } else {
        Tone::Better
    }
}

/// Ties are broken by name, so that the order never depends on what came before.
fn order(a: &ComparedTestCase, b: &ComparedTestCase, sort: Sort<SortColumn>) -> Ordering {
    let by_column = match sort.column {
        SortColumn::Name => a.name.cmp(&b.name),
        SortColumn::Relevance => rank(b)
            .cmp(&rank(a))
            .then_with(|| descending(a.change.map(f64::abs), b.change.map(f64::abs))),
        SortColumn::Change => descending(a.change, b.change),
        SortColumn::Threshold => descending(a.threshold, b.threshold),
        SortColumn::Base => descending(Some(a.base), Some(b.base)),
        SortColumn::Head => descending(Some(a.head), Some(b.head)),
    };
    let by_column = if sort.reversed {
        by_column.reverse()
    } else {
        by_column
    };
    by_column.then_with(|| a.name.cmp(&b.name))
}

fn rank(case: &ComparedTestCase) -> u8 {
    u8::from(case.significant) + u8::from(case.relevant)
}

/// The largest first. What has no value counts as infinite: a rise from zero.
fn descending(a: Option<f64>, b: Option<f64>) -> Ordering {
    let value = |it: Option<f64>| it.unwrap_or(f64::INFINITY);
    value(b).total_cmp(&value(a))
}

/// Made-up comparisons for the tests of this page.
#[cfg(test)]
pub(super) mod sample {
    use shared_types::comparison::{
        CategorySummary, ChangeSummary, ComparedTestCase, Comparison, Magnitude, Summary, Verdict,
    };
    use shared_types::{FormatVersion, Metric, TestCase, Unit};

    pub(in super::super) fn case(
        name: &str,
        base: f64,
        head: f64,
        relevant: bool,
    ) -> ComparedTestCase {
        ComparedTestCase {
            name: name.to_owned(),
            test_case: TestCase::Imported {
                name: name.parse().unwrap(),
            },
            category: None,
            base,
            head,
            change: (base != 0.0).then(|| (head - base) / base),
            low: None,
            high: None,
            p: None,
            q: None,
            answer: None,
            significant: relevant,
            relevant,
            magnitude: Magnitude::Small,
            threshold: None,
            history: 0,
            base_iterations: vec![base],
            head_iterations: vec![head],
        }
    }

    pub(in super::super) fn comparison(test_cases: Vec<ComparedTestCase>) -> Comparison {
        let none = ChangeSummary {
            count: 0,
            mean: None,
            smallest: None,
            largest: None,
        };
        let category = CategorySummary {
            test_cases: 0,
            regressions: none.clone(),
            improvements: none.clone(),
            all: none,
        };
        let metric = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
        Comparison {
            format: FormatVersion::V1_0,
            schema: 1,
            configuration: "c1".parse().unwrap(),
            base: "release-1.94.0".parse().unwrap(),
            head: "release-1.95.0".parse().unwrap(),
            metric: "wall-time".to_owned(),
            metric_details: metric.clone(),
            metrics: vec![metric],
            method: "rustc-perf".to_owned(),
            method_version: "1".to_owned(),
            verdict: Verdict::Neutral,
            headline: String::new(),
            a_a: false,
            summary: Summary {
                primary: category.clone(),
                secondary: category,
                toolchain: None,
            },
            test_cases,
            missing: Vec::new(),
            warnings: Vec::new(),
            explanations: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sample::{case, comparison};
    use super::*;

    fn names(comparison: &Comparison, state: &CompareState) -> Vec<String> {
        listed(comparison, state)
            .into_iter()
            .map(|place| comparison.test_cases[place].name.clone())
            .collect()
    }

    fn small() -> Comparison {
        comparison(vec![
            case("a", 10.0, 10.5, false),
            case("b", 10.0, 9.0, true),
            case("c", 10.0, 10.0, false),
            case("d", 0.0, 1.0, true),
        ])
    }

    #[test]
    fn what_a_person_should_look_at_comes_first_and_the_larger_change_before_the_smaller() {
        assert_eq!(
            names(&small(), &CompareState::default()),
            ["d", "b", "a", "c"]
        );
    }

    #[test]
    fn a_direction_lists_only_what_goes_that_way() {
        let worse = CompareState {
            direction: Direction::Worse,
            ..CompareState::default()
        };
        assert_eq!(names(&small(), &worse), ["d", "a"]);
        let better = CompareState {
            direction: Direction::Better,
            ..CompareState::default()
        };
        assert_eq!(names(&small(), &better), ["b"]);
    }

    #[test]
    fn only_relevant_changes_are_listed_when_asked() {
        let state = CompareState {
            changes: ChangeFilter::Relevant,
            sort: "name-reversed".parse().unwrap(),
            ..CompareState::default()
        };
        assert_eq!(names(&small(), &state), ["d", "b"]);
    }

    proptest! {
        #[test]
        fn every_order_lists_each_test_case_once(
            values in proptest::collection::vec((0.0f64..9.0, 0.0f64..9.0, any::<bool>()), 0..20),
            column in proptest::sample::select(SortColumn::ALL),
            reversed in any::<bool>(),
        ) {
            let cases = values
                .iter()
                .enumerate()
                .map(|(place, (base, head, relevant))| {
                    case(&format!("t{place}"), *base, *head, *relevant)
                })
                .collect();
            let state = CompareState {
                sort: Sort { column, reversed },
                ..CompareState::default()
            };
            let mut places = listed(&comparison(cases), &state);
            places.sort_unstable();
            prop_assert_eq!(places, (0..values.len()).collect::<Vec<_>>());
        }
    }
}
