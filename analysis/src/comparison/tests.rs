mod properties;

use shared_types::Category;
use shared_types::HistoryPosition;
use shared_types::comparison::Magnitude;

use super::*;
use crate::rustc_perf::RustcPerfRule;
use crate::sample_runs::{
    BASE, HEAD, document, epoch, fail, instructions, measure, run, side, wall_time,
};

fn compared(base: &RunValues, head: &RunValues, metric: &Metric) -> Comparison {
    compare(
        base,
        head,
        &metric.name,
        &SeriesHistory::none(),
        &RustcPerfRule,
    )
    .unwrap()
}

fn names(comparison: &Comparison) -> Vec<&str> {
    let cases = comparison.test_cases.iter();
    cases.map(|case| case.name.as_str()).collect()
}

#[test]
fn each_test_case_that_both_sides_have_is_a_row() {
    let base = run(
        BASE,
        &instructions(),
        &[("syn/check/full", 1000.0), ("a/opt/full", 50.0)],
    );
    let head = run(
        HEAD,
        &instructions(),
        &[("syn/check/full", 980.0), ("a/opt/full", 50.0)],
    );
    let comparison = compared(&base, &head, &instructions());
    assert_eq!(names(&comparison), ["a/opt/full", "syn/check/full"]);
    let row = &comparison.test_cases[1];
    assert_eq!(
        (row.base, row.head, row.change),
        (1000.0, 980.0, Some(-0.02))
    );
    assert_eq!(row.magnitude, Magnitude::Large);
    assert_eq!(row.base_iterations, [1000.0]);
    assert_eq!(row.category, Some(Category::Primary));
    assert_eq!(comparison.verdict, Verdict::Improved);
    assert_eq!(comparison.summary.primary.improvements.count, 1);
    assert_eq!(comparison.summary.primary.test_cases, 2);
    assert_eq!(
        (comparison.schema, comparison.method.as_str()),
        (1, "rustc-perf")
    );
}

#[test]
fn an_imported_test_case_without_a_category_counts_as_primary() {
    let base = run(BASE, &instructions(), &[("7zip", 1000.0)]);
    let head = run(HEAD, &instructions(), &[("7zip", 1100.0)]);
    let comparison = compared(&base, &head, &instructions());
    assert_eq!(comparison.test_cases[0].category, None);
    assert_eq!(comparison.summary.primary.regressions.count, 1);
    assert_eq!(comparison.summary.secondary.test_cases, 0);
}

#[test]
fn a_metric_of_which_more_is_better_is_judged_the_other_way_round() {
    let mut metric = Metric::cost("throughput".parse().unwrap(), shared_types::Unit::Count);
    metric.lower_is_better = false;
    let run_of = |name: &str, value: f64| {
        let mut document = document(name, 1);
        document.metrics.push(metric.clone());
        measure(&mut document, 0, "syn/check/full", &metric, &[value]);
        pool(&side(name), &[document], None).unwrap()
    };
    let comparison = compared(&run_of(BASE, 100.0), &run_of(HEAD, 110.0), &metric);
    assert_eq!(comparison.verdict, Verdict::Improved);
    assert_eq!(
        comparison.summary.primary.improvements.mean,
        comparison.test_cases[0].change
    );
}

#[test]
fn different_configurations_are_refused_with_both_names_and_the_reason() {
    let base = run(BASE, &instructions(), &[("syn/check/full", 1.0)]);
    let mut head = run(HEAD, &instructions(), &[("syn/check/full", 1.0)]);
    head.configuration = "aarch64-llvm-t1".parse().unwrap();
    head.record.target = "aarch64-unknown-linux-gnu".to_owned();
    let none = SeriesHistory::none();
    let error = compare(&base, &head, &instructions().name, &none, &RustcPerfRule).unwrap_err();
    assert_eq!(
        error.to_string(),
        "base was measured under `x86_64-llvm-t1` and head under `aarch64-llvm-t1`, and results are \
         compared within one configuration only: they differ in target (x86_64-unknown-linux-gnu \
         and aarch64-unknown-linux-gnu)"
    );
}

#[test]
fn two_records_under_one_name_are_refused() {
    let base = run(BASE, &instructions(), &[("syn/check/full", 1.0)]);
    let mut head = run(HEAD, &instructions(), &[("syn/check/full", 1.0)]);
    head.record.hardware_model = "another".to_owned();
    let none = SeriesHistory::none();
    let error = compare(&base, &head, &instructions().name, &none, &RustcPerfRule).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("hardware (AMD EPYC 9354P and another)"),
        "{error}"
    );
}

#[test]
fn a_metric_that_neither_side_has_is_refused_with_those_that_are_there() {
    let base = run(BASE, &instructions(), &[("syn/check/full", 1.0)]);
    let head = run(HEAD, &wall_time(), &[("syn/check/full", 1.0)]);
    let wanted = "max-rss".parse().unwrap();
    let none = SeriesHistory::none();
    let error = compare(&base, &head, &wanted, &none, &RustcPerfRule).unwrap_err();
    assert_eq!(
        error.to_string(),
        "neither side has the metric `max-rss`; measured were: instructions:u, wall-time"
    );
}

#[test]
fn another_epoch_is_missing_with_that_reason_and_never_compared() {
    let base = run(BASE, &instructions(), &[("syn/check/full", 1.0)]);
    let mut head = run(HEAD, &instructions(), &[("syn/check/full", 9.0)]);
    head.cases[0].epoch = epoch(2);
    let comparison = compared(&base, &head, &instructions());
    assert!(comparison.test_cases.is_empty());
    assert_eq!(comparison.verdict, Verdict::Incomplete);
    let missing = &comparison.missing[0];
    assert!(missing.in_base && missing.in_head);
    assert!(
        missing
            .reason
            .as_ref()
            .unwrap()
            .starts_with("measured in another epoch")
    );
}

#[test]
fn of_several_common_epochs_the_one_that_head_measured_last_is_compared() {
    let mut base = run(BASE, &instructions(), &[("syn/check/full", 1.0)]);
    let mut other = base.cases[0].clone();
    other.epoch = epoch(2);
    other.values.insert(instructions().name, vec![5.0]);
    base.cases.push(other);
    let mut head = base.clone();
    head.side = side(HEAD);
    assert_eq!(
        compared(&base, &head, &instructions()).test_cases[0].base,
        5.0
    );
}

#[test]
fn what_one_side_could_not_measure_is_listed_with_the_message_of_the_failure() {
    let values = [
        ("syn/check/full", 1.0),
        ("syn/check/incr-full", 1.0),
        ("a/check/full", 1.0),
    ];
    let base = run(BASE, &instructions(), &values);
    let mut failing = document(HEAD, 1);
    measure(&mut failing, 0, "a/check/full", &instructions(), &[1.0]);
    fail(&mut failing, "syn", Some("full"));
    let head = pool(&side(HEAD), &[failing], None).unwrap();
    let comparison = compared(&base, &head, &instructions());
    assert_eq!(names(&comparison), ["a/check/full"]);
    let reasons: Vec<_> = comparison
        .missing
        .iter()
        .map(|missing| {
            (
                missing.name.as_str(),
                missing.in_head,
                missing.reason.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        reasons,
        [
            (
                "syn/check/full",
                false,
                Some("head: crashed: rustc was ended by signal 11")
            ),
            (
                "syn/check/incr-full",
                false,
                Some("head did not measure it")
            ),
        ]
    );
}

#[test]
fn a_compiler_that_crashes_on_everything_is_an_incomplete_comparison_and_no_error() {
    let base = run(
        BASE,
        &instructions(),
        &[("syn/check/full", 1.0), ("syn/check/incr-full", 1.0)],
    );
    let mut failing = document(HEAD, 1);
    fail(&mut failing, "syn", None);
    let head = pool(&side(HEAD), &[failing], None).unwrap();
    let comparison = compared(&base, &head, &instructions());
    assert_eq!(comparison.verdict, Verdict::Incomplete);
    assert_eq!(
        comparison.missing.len(),
        2,
        "the preparation failed, so no scenario has a value"
    );
    assert!(comparison.missing.iter().all(|missing| {
        missing.reason.as_deref() == Some("head: crashed: rustc was ended by signal 11")
    }));
    assert_eq!(
        comparison.headline,
        "Nothing can be said of release-1.96.0 and release-1.95.0: release-1.96.0 has no result for \
         instructions:u."
    );
}

#[test]
fn what_failed_on_both_sides_is_listed_too() {
    let failing = |run: &str| {
        let mut document = document(run, 1);
        measure(&mut document, 0, "a/check/full", &instructions(), &[1.0]);
        fail(&mut document, "syn", None);
        pool(&side(run), &[document], None).unwrap()
    };
    let comparison = compared(&failing(BASE), &failing(HEAD), &instructions());
    let missing = &comparison.missing[0];
    assert_eq!(missing.name, "syn/check");
    assert!(!missing.in_base && !missing.in_head);
    assert_eq!(
        missing.reason.as_deref().unwrap(),
        "base: crashed: rustc was ended by signal 11; head: crashed: rustc was ended by signal 11"
    );
}

#[test]
fn interleaved_iterations_are_paired_by_job_and_iteration() {
    struct CountsPairs;
    impl SignificanceMethod for CountsPairs {
        fn name(&self) -> &'static str {
            "counts-pairs"
        }
        fn version(&self) -> &'static str {
            "1"
        }
        fn judge(&self, metric: &Metric, cases: &[Evidence]) -> Vec<Judgement> {
            assert_eq!(cases[0].pairs, [(1.0, 2.0), (1.1, 2.1)]);
            RustcPerfRule.judge(metric, cases)
        }
    }
    let mut both = document(BASE, 1);
    both.runs.push(document(HEAD, 1).runs.remove(0));
    both.interleaved = true;
    measure(&mut both, 0, "syn/check/full", &wall_time(), &[1.0, 1.1]);
    measure(
        &mut both,
        1,
        "syn/check/full",
        &wall_time(),
        &[2.0, 2.1, 2.2],
    );
    let mut more = document(HEAD, 2);
    measure(&mut more, 0, "syn/check/full", &wall_time(), &[7.0]);
    let documents = [both, more];
    let base = pool(&side(BASE), &documents, None).unwrap();
    let head = pool(&side(HEAD), &documents, None).unwrap();
    let none = SeriesHistory::none();
    let comparison = compare(&base, &head, &wall_time().name, &none, &CountsPairs).unwrap();
    assert_eq!(comparison.test_cases[0].head_iterations.len(), 4);
}

fn place(ordinal: i64, parent: Option<&str>) -> Option<HistoryPosition> {
    Some(HistoryPosition {
        line: shared_types::Line::Releases,
        ordinal,
        parent: parent.map(|parent| parent.parse().unwrap()),
    })
}

#[test]
fn what_makes_a_comparison_doubtful_is_said() {
    let mut base = run(
        BASE,
        &wall_time(),
        &[("syn/check/full", 1.0), ("zero/check/full", 0.0)],
    );
    base.history = place(1, None);
    let mut more = document(HEAD, 2);
    measure(&mut more, 0, "syn/check/full", &wall_time(), &[1.0, 1.1]);
    measure(&mut more, 0, "zero/check/full", &wall_time(), &[1.0, 1.1]);
    more.host.name = "host-b".to_owned();
    let head = pool(&side(HEAD), &[more], place(3, Some("release-1.95.1"))).unwrap();
    let comparison = compared(&base, &head, &wall_time());
    insta::assert_snapshot!(comparison.warnings.join("\n"));
}

#[test]
fn neighbours_on_one_host_with_equal_iterations_lack_only_a_history() {
    let mut base = run(BASE, &instructions(), &[("syn/check/full", 1.0)]);
    let mut head = run(HEAD, &instructions(), &[("syn/check/full", 1.0)]);
    base.history = place(1, None);
    head.history = place(2, Some(BASE));
    assert_eq!(
        compared(&base, &head, &instructions()).warnings,
        [
            "No history for 1 of 1 test case: only 0 of the 30 artifacts before base are known, so \
             the threshold is the default of 0.2 %."
        ]
    );
}

#[test]
fn one_compiler_measured_twice_is_labelled() {
    let base = run(
        "release-1.95.0#1",
        &instructions(),
        &[("syn/check/full", 1000.0)],
    );
    let head = run(
        "release-1.95.0#2",
        &instructions(),
        &[("syn/check/full", 1000.5)],
    );
    let comparison = compared(&base, &head, &instructions());
    assert!(comparison.a_a);
    assert_eq!(comparison.verdict, Verdict::Neutral);
    assert!(comparison.warnings[0].starts_with("A/A: both sides are the same compiler"));
}

#[test]
fn one_measurement_on_both_sides_differs_nowhere() {
    let run = run(
        BASE,
        &wall_time(),
        &[("syn/check/full", 1.0), ("a/check/full", 0.0)],
    );
    let comparison = compared(&run, &run, &wall_time());
    assert!(
        comparison
            .test_cases
            .iter()
            .all(|case| case.change == Some(0.0))
    );
    assert_eq!(comparison.verdict, Verdict::Neutral);
    assert!(comparison.warnings[0].starts_with("A/A: both sides are the same measurements"));
}
