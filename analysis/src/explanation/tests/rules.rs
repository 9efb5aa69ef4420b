//! What is an explanation and what is none, in plain cases.

use proptest::prelude::*;
use shared_types::comparison::ComparedTestCase;
use shared_types::explanation::Explanation;
use shared_types::{Category, TestCase};

use super::suite::{row, suite};
use crate::backtest::random::SeededNumbers;
use crate::explanation::explain;

fn explained(rows: &[ComparedTestCase]) -> Vec<Explanation> {
    explain(&"instructions:u".parse().unwrap(), rows, &[])
}

/// The suite with changes by name, and a little noise.
fn changed(change: impl Fn(&ComparedTestCase) -> f64) -> Vec<ComparedTestCase> {
    let mut numbers = SeededNumbers::new(3);
    let mut rows = suite();
    for row in &mut rows {
        let change = change(row);
        row.change = Some(change + 0.0005 * numbers.normal());
        row.significant = change != 0.0;
        row.low = row.change.map(|change| change - 0.001);
        row.high = row.change.map(|change| change + 0.001);
    }
    rows
}

fn sentences(rows: &[ComparedTestCase]) -> String {
    let sentences = explained(rows).into_iter().map(|it| it.sentence);
    sentences.collect::<Vec<_>>().join("\n")
}

fn where_(condition: bool, change: f64) -> f64 {
    if condition { change } else { 0.0 }
}

#[test]
fn what_changed_is_told_in_a_sentence() {
    let is = |row: &ComparedTestCase, part: &str| row.name.contains(part);
    let told = [
        changed(|row| where_(is(row, "/opt/incr"), 0.018)),
        changed(|row| where_(is(row, "crate-7/"), -0.02)),
        changed(|row| where_(!is(row, "/doc/"), 0.01)),
        changed(|_| 0.03),
        changed(|row| where_(is(row, "/opt/") || is(row, "/debug/"), 0.01)),
        changed(|row| where_(row.category == Some(Category::Secondary), 0.01)),
        changed(|row| where_(is(row, "/check/full"), 0.01) + where_(is(row, "crate-3/"), -0.03)),
        changed(|row| where_(is(row, "incr-unchanged") || is(row, "incr-patched"), 0.01)),
    ]
    .map(|rows| sentences(&rows));
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn where_nothing_changed_there_is_nothing_to_explain() {
    assert_eq!(explained(&suite()), []);
    assert_eq!(explained(&[]), []);
    assert_eq!(explained(&changed(|_| 0.0)), []);
}

#[test]
fn scattered_changes_have_nothing_in_common() {
    let mut numbers = SeededNumbers::new(5);
    let mut rows = changed(|_| 0.0);
    for _ in 0..25 {
        let place = numbers.below(rows.len());
        let sign = if numbers.below(2) == 0 { 1.0 } else { -1.0 };
        rows[place].change = Some(sign * 0.02);
    }
    assert_eq!(sentences(&rows), "");
}

#[test]
fn a_change_too_small_to_count_is_not_explained() {
    let rows = changed(|_| 0.0);
    let mut shifted = rows.clone();
    for row in &mut shifted {
        row.change = Some(0.00005);
        row.low = Some(0.00004);
        row.high = Some(0.00006);
    }
    assert_eq!(explained(&shifted), []);
}

#[test]
fn without_intervals_the_scatter_of_the_changes_is_the_noise() {
    let mut rows = changed(|row| where_(row.name.contains("/doc/"), 0.004));
    for row in &mut rows {
        row.low = None;
        row.high = None;
    }
    assert_eq!(explained(&rows)[0].description, "doc builds");
}

#[test]
fn runtime_benchmarks_are_groups_of_their_own() {
    let mut rows = changed(|_| 0.0);
    for (group, change) in [("hashing", 0.02), ("sorting", 0.0)] {
        for number in 0..6 {
            let test_case = TestCase::Runtime {
                group: group.parse().unwrap(),
                benchmark: format!("program-{number}").parse().unwrap(),
            };
            let mut row = row(test_case, None, change);
            row.significant = change != 0.0;
            row.low = Some(change - 0.002);
            row.high = Some(change + 0.002);
            rows.push(row);
        }
    }
    assert_eq!(
        explained(&rows)[0].description,
        "runtime benchmarks of hashing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_numbers_are_an_explanation_is_finite_and_holds_its_own_change(
        numbers in proptest::collection::vec(
            (
                proptest::option::of(prop_oneof![
                    any::<f64>(), -1.0f64..1.0, -0.01f64..0.01, Just(0.0), Just(-1.0), Just(0.02),
                ]),
                proptest::option::of(prop_oneof![any::<f64>(), 0.0f64..0.01, Just(0.0)]),
                any::<bool>(),
            ),
            0..80,
        ),
    ) {
        let mut rows = suite();
        rows.truncate(numbers.len());
        for (row, (change, reach, significant)) in rows.iter_mut().zip(numbers) {
            row.change = change;
            row.low = change.zip(reach).map(|(change, reach)| change - reach);
            row.high = change.zip(reach).map(|(change, reach)| change + reach);
            row.significant = significant;
        }
        for one in explained(&rows) {
            prop_assert!(one.low.is_finite() && one.high.is_finite(), "{:?}", one);
            prop_assert!(one.low <= one.change && one.change <= one.high, "{:?}", one);
            prop_assert!((0.0..=1.0).contains(&one.share), "{:?}", one);
            prop_assert!(one.same_way <= one.test_cases, "{:?}", one);
            prop_assert!(one.test_cases as usize <= rows.len());
            let json = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap().terms, one.terms);
        }
    }

    #[test]
    fn the_order_of_the_rows_makes_no_difference(seed in 0u64..1000) {
        let rows = changed(|row| where_(row.name.contains("/opt/"), 0.003));
        let mut shuffled = rows.clone();
        SeededNumbers::new(seed).shuffle(&mut shuffled);
        prop_assert_eq!(sentences(&shuffled), sentences(&rows));
    }
}
