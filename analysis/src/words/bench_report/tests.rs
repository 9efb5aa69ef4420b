use proptest::prelude::*;
use shared_types::TestCase;

use super::super::headline::headline;
use super::*;
use crate::comparison::{SeriesHistory, compare, pool};
use crate::sample_runs::{BASE, HEAD, document, fail, instructions, measure, side};
use crate::significance::{DEFAULT_METHOD, method};

fn names() -> Names {
    Names {
        base: "rustc 1.95.0".to_owned(),
        head: "rustc 1.97.0-nightly".to_owned(),
    }
}

/// Each test case with its values in base and head.
fn comparison(cases: &[(&str, [f64; 3], [f64; 3])]) -> Comparison {
    let mut base = document(BASE, 1);
    let mut head = document(HEAD, 2);
    for (name, of_base, of_head) in cases {
        measure(&mut base, 0, name, &instructions(), of_base);
        measure(&mut head, 0, name, &instructions(), of_head);
    }
    fail(&mut head, "broken", Some("full"));
    let base = pool(&side(BASE), &[base], None).unwrap();
    let head = pool(&side(HEAD), &[head], None).unwrap();
    let method = method(DEFAULT_METHOD).unwrap();
    let none = SeriesHistory::none();
    let metric = instructions().name;
    compare(&base, &head, &metric, &none, method.as_ref()).unwrap()
}

/// One test case of each word.
fn each_word() -> Comparison {
    let mut comparison = comparison(&[
        (
            "a/check/full",
            [1e9, 1.001e9, 0.999e9],
            [1e9, 0.999e9, 1.001e9],
        ),
        ("b/check/full", [2e9, 2e9, 2e9], [2.3e9, 2.3e9, 2.3e9]),
        ("c/opt/full", [9e5, 9e5, 9e5], [7e5, 7e5, 7e5]),
        (
            "d/opt/incr-patched:println",
            [1e9, 2e9, 3e9],
            [1.2e9, 2.5e9, 1.1e9],
        ),
        ("e/doc/full", [1e9, 1e9, 1e9], [1e9, 1e9, 1e9]),
    ]);
    let mut cases = comparison.test_cases.iter_mut();
    let same = cases.find(|case| case.name == "e/doc/full").unwrap();
    same.answer = Some(Answer::Same);
    comparison.headline = headline(&comparison, &names());
    comparison
}

#[test]
fn a_terminal_shows_fixed_columns_the_surest_and_largest_change_first() {
    insta::assert_snapshot!(bench_text(&each_word(), &names()));
}

#[test]
fn markdown_has_the_same_columns() {
    insta::assert_snapshot!(bench_markdown(&each_word(), &names()));
}

#[test]
fn csv_has_every_test_case_with_its_numbers_in_full() {
    let csv = format!("{BENCH_CSV_HEAD}{}", bench_csv(&each_word()));
    insta::assert_snapshot!(csv);
}

#[test]
fn of_many_test_cases_people_are_shown_those_that_changed_and_programs_all() {
    let names_of_crates: Vec<String> = (0..100)
        .map(|number| format!("crate-{number}/check/full"))
        .collect();
    let cases: Vec<(&str, [f64; 3], [f64; 3])> = names_of_crates
        .iter()
        .map(|name| {
            let head = if name.contains("-42/") { 1.5e9 } else { 1e9 };
            (name.as_str(), [1e9; 3], [head; 3])
        })
        .collect();
    let comparison = comparison(&cases);
    let text = bench_text(&comparison, &names());
    assert!(text.contains("crate-42/check/full"), "{text}");
    assert!(!text.contains("crate-41/check/full"), "{text}");
    assert!(
        text.contains("… and 99 test cases that got neither"),
        "{text}"
    );
    assert_eq!(bench_csv(&comparison).lines().count(), 100);
}

/// Reads one record of CSV.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut().unwrap();
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

proptest! {
    #[test]
    fn a_field_of_csv_comes_back_as_it_was(one in ".{0,20}", other in "[\",\n a]{0,10}") {
        let line = format!("{},{}", quoted(&one), quoted(&other));
        prop_assert_eq!(fields(&line), [one, other]);
    }

    #[test]
    fn a_cell_of_markdown_never_ends_its_column_or_line(text in ".{0,30}|[|\n\\\\`]{0,10}") {
        let safe = escaped(&text);
        prop_assert!(!safe.contains('\n'));
        let mut is_escaped = false;
        for character in safe.chars() {
            prop_assert!(character != '|' || is_escaped, "{}", safe);
            is_escaped = character == '\\' && !is_escaped;
        }
    }
}

/// Programs of one group, one of which the head compiled wrongly.
fn programs() -> Comparison {
    let mut base = document(BASE, 1);
    let mut head = document(HEAD, 2);
    let program = |benchmark: &str| TestCase::Runtime {
        group: "sorting".parse().unwrap(),
        benchmark: benchmark.parse().unwrap(),
    };
    for (benchmark, of_base, of_head) in [
        ("integers", [3.3e7; 3], [3.0e7; 3]),
        ("strings", [4e7; 3], [4.4e7; 3]),
        ("records", [5e7; 3], [5e7; 3]),
    ] {
        for (document, values) in [(&mut base, of_base), (&mut head, of_head)] {
            measure(document, 0, benchmark, &instructions(), &values);
            document.measurements.last_mut().unwrap().test_case = program(benchmark);
        }
    }
    head.measurements.pop();
    fail(&mut head, "sorting", None);
    let failure = head.failures.last_mut().unwrap();
    failure.test_case = Some(program("records"));
    failure.message = "sorting/records, compiled by rustc, ended with exit code 1".to_owned();
    let base = pool(&side(BASE), &[base], None).unwrap();
    let head = pool(&side(HEAD), &[head], None).unwrap();
    let method = method(DEFAULT_METHOD).unwrap();
    let none = SeriesHistory::none();
    let metric = instructions().name;
    let mut comparison = compare(&base, &head, &metric, &none, method.as_ref()).unwrap();
    comparison.headline = headline(&comparison, &names());
    comparison
}

#[test]
fn programs_stand_by_group_and_name_and_one_that_gave_a_wrong_answer_says_so() {
    insta::assert_snapshot!(bench_text(&programs(), &names()));
}
