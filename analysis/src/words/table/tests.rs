use super::*;
use crate::comparison::{SeriesHistory, compare, pool};
use crate::rustc_perf::RustcPerfRule;
use crate::sample_runs::{BASE, HEAD, document, fail, instructions, measure, run, side, wall_time};

#[test]
fn a_few_test_cases_are_all_listed_the_relevant_first() {
    let values = [
        ("syn-2.0.119/check/full", 2_410_000_000.0),
        ("syn-2.0.119/check/incr-patched:println", 1_310_000_000.0),
        ("a/opt/full", 900_000.0),
        ("regex-1.12.3/opt/full", 1_620_000_000.0),
        ("broken/check/full", 1.0),
    ];
    let base = run(BASE, &instructions(), &values);
    let mut measured = document(HEAD, 1);
    for ((name, value), factor) in values.iter().zip([0.98, 1.004, 1.0, 1.0005]) {
        measure(&mut measured, 0, name, &instructions(), &[value * factor]);
    }
    fail(&mut measured, "broken", Some("full"));
    let head = pool(&side(HEAD), &[measured], None).unwrap();
    let none = SeriesHistory::none();
    let comparison = compare(&base, &head, &instructions().name, &none, &RustcPerfRule).unwrap();
    insta::assert_snapshot!(table(&comparison));
}

#[test]
fn of_many_test_cases_only_relevant_changes_are_listed() {
    let names: Vec<String> = (0..100)
        .map(|number| format!("crate-{number}/check/full"))
        .collect();
    let values = |changed: f64| -> Vec<(&str, f64)> {
        let values = (0..100).map(|number| if number == 42 { changed } else { 1.62 });
        names.iter().map(String::as_str).zip(values).collect()
    };
    let base = run(BASE, &wall_time(), &values(1.62));
    let head = run(HEAD, &wall_time(), &values(1.75));
    let none = SeriesHistory::none();
    let comparison = compare(&base, &head, &wall_time().name, &none, &RustcPerfRule).unwrap();
    insta::assert_snapshot!(table(&comparison));
}

#[test]
fn a_change_from_zero_has_no_percentage() {
    let base = run(BASE, &instructions(), &[("a/check/full", 0.0)]);
    let head = run(HEAD, &instructions(), &[("a/check/full", 7.0)]);
    let none = SeriesHistory::none();
    let comparison = compare(&base, &head, &instructions().name, &none, &RustcPerfRule).unwrap();
    assert!(
        table(&comparison).contains(" from zero "),
        "{}",
        table(&comparison)
    );
}
