//! Which queries are named.

use shared_types::TestCase;
use shared_types::comparison::ComparedTestCase;
use shared_types::explanation::QueryChange;

use super::suite::suite;
use crate::backtest::random::SeededNumbers;
use crate::explanation::{QueryTime, QueryTimes, explain};

/// Self-profiles with `typeck` 12 % slower where it is told so. Sizes of crates differ by a factor of
/// a hundred, every query takes its own share in each, and times vary by 1 %.
fn profiles(rows: &[ComparedTestCase], slower: impl Fn(&TestCase) -> bool) -> Vec<QueryTimes> {
    let mut numbers = SeededNumbers::new(11);
    rows.iter()
        .map(|row| {
            let size = 1e7 * 100.0_f64.powf(numbers.uniform());
            let shares = [
                ("typeck", 2.0),
                ("borrowck", 1.5),
                ("codegen", 4.0),
                ("parse", 0.2),
            ];
            let queries = shares.map(|(query, share)| {
                let base_ns = size * share * (0.7 + 0.6 * numbers.uniform());
                let factor = if query == "typeck" && slower(&row.test_case) {
                    1.12
                } else {
                    1.0
                };
                QueryTime {
                    query: query.to_owned(),
                    base_ns,
                    head_ns: base_ns * factor * (1.0 + 0.01 * numbers.normal()),
                    base_calls: Some(1000),
                    head_calls: Some(1100),
                }
            });
            QueryTimes {
                test_case: row.test_case.clone(),
                queries: queries.to_vec(),
            }
        })
        .collect()
}

fn is_incremental_opt(row: &ComparedTestCase) -> bool {
    row.name.contains("/opt/incr")
}

fn slower_incremental_opt() -> Vec<ComparedTestCase> {
    let mut rows = suite();
    for row in rows.iter_mut().filter(|row| is_incremental_opt(row)) {
        row.change = Some(0.03);
        row.significant = true;
    }
    rows
}

fn carriers(rows: &[ComparedTestCase], profiles: &[QueryTimes]) -> Vec<QueryChange> {
    let found = explain(&"wall-time".parse().unwrap(), rows, profiles);
    assert_eq!(found.len(), 1);
    found[0].queries.clone()
}

#[test]
fn the_query_that_carries_the_change_is_named_with_its_part_of_it() {
    let rows = slower_incremental_opt();
    let profiles = profiles(&rows, |case| case.name().contains("/opt/incr"));
    let found = explain(&"wall-time".parse().unwrap(), &rows, &profiles);
    insta::assert_snapshot!(found[0].sentence);
    let carriers = &found[0].queries;
    assert_eq!(carriers.len(), 1);
    assert_eq!(carriers[0].query, "typeck");
    let change = carriers[0].change.unwrap();
    assert!((0.11..0.13).contains(&change), "{change}");
    assert!((0.9..1.1).contains(&carriers[0].share));
    assert!((carriers[0].calls_change.unwrap() - 0.1).abs() < 1e-9);
}

#[test]
fn queries_that_only_vary_are_not_named() {
    let rows = slower_incremental_opt();
    assert_eq!(carriers(&rows, &profiles(&rows, |_| false)), []);
}

#[test]
fn queries_that_changed_elsewhere_are_not_named() {
    let rows = slower_incremental_opt();
    let elsewhere = profiles(&rows, |case| case.name().contains("/check/"));
    assert_eq!(carriers(&rows, &elsewhere), []);
}

#[test]
fn queries_that_go_the_other_way_do_not_carry_a_change() {
    let mut rows = slower_incremental_opt();
    let profiles = profiles(&rows, |case| case.name().contains("/opt/incr"));
    for row in rows.iter_mut().filter(|row| is_incremental_opt(row)) {
        row.change = Some(-0.03);
    }
    assert_eq!(carriers(&rows, &profiles), []);
}

#[test]
fn times_that_are_no_times_are_left_out() {
    let rows = slower_incremental_opt();
    let mut profiles = profiles(&rows, |case| case.name().contains("/opt/incr"));
    for (profile, bad) in profiles
        .iter_mut()
        .zip([f64::NAN, -1.0, f64::INFINITY].iter().cycle())
    {
        profile.queries.push(QueryTime {
            query: "broken".to_owned(),
            base_ns: *bad,
            head_ns: 1.0,
            base_calls: None,
            head_calls: None,
        });
    }
    let carriers = carriers(&rows, &profiles);
    assert_eq!(carriers[0].query, "typeck");
}

#[test]
fn a_query_that_is_new_has_no_relative_change() {
    let rows = slower_incremental_opt();
    let mut profiles = profiles(&rows, |_| false);
    for profile in &mut profiles {
        let total: f64 = profile.queries.iter().map(|time| time.base_ns).sum();
        profile.queries.push(QueryTime {
            query: "new_pass".to_owned(),
            base_ns: 0.0,
            head_ns: total * 0.03,
            base_calls: Some(0),
            head_calls: Some(5),
        });
    }
    let carriers = carriers(&rows, &profiles);
    assert_eq!(
        (carriers[0].query.as_str(), carriers[0].change),
        ("new_pass", None)
    );
    assert_eq!(carriers[0].calls_change, None);
}
