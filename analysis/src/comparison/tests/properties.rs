use proptest::prelude::*;

use super::*;
use crate::sample_runs::commit;

const NAMES: [&str; 5] = ["a/check/full", "b/opt/full", "c/doc/full", "7zip", "lencod"];

/// A test case that may be missing, with values that may be anything.
fn cases() -> impl Strategy<Value = Vec<(usize, Vec<f64>)>> {
    let value = prop_oneof![
        4 => 0.1f64..1e12,
        1 => Just(0.0),
        1 => Just(f64::MAX),
        1 => any::<f64>(),
    ];
    let iterations = prop::collection::vec(value, 0..4);
    prop::collection::vec((0..NAMES.len(), iterations), 0..8)
}

fn run_of(name: &str, cases: &[(usize, Vec<f64>)]) -> RunValues {
    let mut run = run(name, &instructions(), &[("always", 100.0)]);
    let mut seen = BTreeSet::new();
    for (place, iterations) in cases {
        if seen.insert(place) {
            let mut case = run.cases[0].clone();
            case.test_case = crate::sample_runs::test_case(NAMES[*place]);
            case.values.insert(instructions().name, iterations.clone());
            run.cases.push(case);
        }
    }
    run
}

fn turned(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Improved => Verdict::Regressed,
        Verdict::Regressed => Verdict::Improved,
        verdict => verdict,
    }
}

proptest! {
    #[test]
    fn any_two_runs_have_a_comparison_that_survives_its_format(base in cases(), head in cases()) {
        let comparison = compared(&run_of(BASE, &base), &run_of(HEAD, &head), &instructions());
        let json = serde_json::to_vec(&comparison).unwrap();
        prop_assert_eq!(Comparison::from_json(&json).unwrap(), comparison);
    }

    #[test]
    fn a_test_case_is_compared_or_missing_and_never_both(base in cases(), head in cases()) {
        let comparison = compared(&run_of(BASE, &base), &run_of(HEAD, &head), &instructions());
        let rows = names(&comparison);
        for missing in &comparison.missing {
            prop_assert!(!rows.contains(&missing.name.as_str()));
            prop_assert!(missing.in_base != missing.in_head);
        }
        let summary = &comparison.summary;
        let summed: u32 = summary.parts().map(|(_, part)| part.test_cases).sum();
        prop_assert_eq!(summed as usize, rows.len());
    }

    #[test]
    fn the_same_run_on_both_sides_is_no_change(base in cases()) {
        let run = run_of(BASE, &base);
        let comparison = compared(&run, &run, &instructions());
        prop_assert!(comparison.test_cases.iter().all(|case| case.change == Some(0.0)));
        prop_assert_eq!(comparison.verdict, Verdict::Neutral);
    }

    #[test]
    fn the_order_of_test_cases_does_not_matter(base in cases(), head in cases()) {
        let (base, head) = (run_of(BASE, &base), run_of(HEAD, &head));
        let mut turned = (base.clone(), head.clone());
        turned.0.cases.reverse();
        turned.1.cases.rotate_left(1);
        prop_assert_eq!(
            compared(&base, &head, &instructions()),
            compared(&turned.0, &turned.1, &instructions())
        );
    }

    /// Changes are divided by the base, so a change and its reverse are not equally large; with
    /// all changes well over all limits the direction turns exactly.
    #[test]
    fn exchanging_the_sides_turns_the_direction(
        changes in prop::collection::vec(prop_oneof![Just(1.0), 1.5f64..9.0], 1..5),
        all_slower in any::<bool>(),
    ) {
        let names_of = || NAMES.iter().zip(&changes);
        let slow: Vec<(&str, f64)> = names_of().map(|(name, change)| (*name, 100.0 * change)).collect();
        let fast: Vec<(&str, f64)> = names_of().map(|(name, _)| (*name, 100.0)).collect();
        let (one, other) = if all_slower { (&fast, &slow) } else { (&slow, &fast) };
        let (base, head) = (run(BASE, &instructions(), one), run(HEAD, &instructions(), other));
        let there = compared(&base, &head, &instructions()).verdict;
        let back = compared(&head, &base, &instructions()).verdict;
        prop_assert_eq!(turned(there), back);
        prop_assert_eq!(there == Verdict::Neutral, changes.iter().all(|change| *change == 1.0));
    }
}

#[test]
fn seven_hundred_test_cases_with_a_hundred_runs_of_history_are_compared() {
    let names: Vec<String> = (0..700).map(|number| format!("case-{number}")).collect();
    let values: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 100.0)).collect();
    let (base, head) = (
        run(BASE, &instructions(), &values),
        run(HEAD, &instructions(), &values),
    );
    let columns: Vec<crate::series::RunColumn> = (0..100)
        .map(|number| {
            let place = HistoryPosition {
                line: shared_types::Line::Main,
                ordinal: i64::from(number),
                parent: None,
            };
            let mut column = crate::series::RunColumn::of(&base, &place, None);
            column.artifact = commit(number);
            column
        })
        .collect();
    let series = crate::series::assemble(&base.configuration, &columns).unwrap();
    let blocks: Vec<_> = series.blocks.into_iter().map(|block| block.block).collect();
    let predecessors: Vec<_> = (0..100).rev().map(commit).collect();
    let history = SeriesHistory::assemble(&blocks, &predecessors);
    let comparison = compare(&base, &head, &instructions().name, &history, &RustcPerfRule).unwrap();
    assert_eq!(comparison.test_cases.len(), 700);
    assert!(comparison.test_cases.iter().all(|case| case.history == 30));
}
