use shared_types::Replicate;

use super::*;
use crate::sample_runs::{
    BASE, HEAD, document, epoch, fail, instructions, measure, side, test_case, wall_time,
};

fn values<'a>(run: &'a RunValues, name: &str, metric: &str) -> &'a [f64] {
    let wanted = test_case(name);
    let mut cases = run.cases.iter();
    let case = cases.find(|case| case.test_case == wanted).unwrap();
    &case.values[&metric.parse().unwrap()]
}

#[test]
fn replicates_are_pooled_and_one_can_be_taken_alone() {
    let mut first = document("release-1.95.0#1", 1);
    measure(
        &mut first,
        0,
        "syn/check/full",
        &instructions(),
        &[1.0, 2.0],
    );
    let mut second = document("release-1.95.0#2", 2);
    measure(&mut second, 0, "syn/check/full", &instructions(), &[3.0]);
    let documents = [second, first];

    let pooled = pool(&side(BASE), &documents, None).unwrap();
    assert_eq!(
        values(&pooled, "syn/check/full", "instructions:u"),
        [1.0, 2.0, 3.0]
    );
    assert_eq!(pooled.replicates.len(), 2);

    let second = pool(&side("release-1.95.0#2"), &documents, None).unwrap();
    assert_eq!(values(&second, "syn/check/full", "instructions:u"), [3.0]);
    assert_eq!(second.replicates, [Replicate::FIRST.next()]);
}

#[test]
fn the_order_of_documents_and_one_that_comes_twice_make_no_difference() {
    let documents: Vec<ResultDocument> = (1..5)
        .map(|number| {
            let mut document = document(BASE, number);
            let value = f64::from(number);
            measure(
                &mut document,
                0,
                "syn/check/full",
                &instructions(),
                &[value],
            );
            document
        })
        .collect();
    let mut turned = documents.clone();
    turned.reverse();
    turned.push(documents[2].clone());
    assert_eq!(
        pool(&side(BASE), &documents, None).unwrap(),
        pool(&side(BASE), &turned, None).unwrap()
    );
}

#[test]
fn a_metric_that_was_not_measured_is_absent() {
    let mut document = document(BASE, 1);
    measure(&mut document, 0, "syn/check/full", &instructions(), &[1.0]);
    measure(&mut document, 0, "syn/check/full", &wall_time(), &[]);
    let run = pool(&side(BASE), &[document], None).unwrap();
    assert_eq!(run.metrics, [instructions()]);
    assert_eq!(run.cases[0].values.len(), 1);
}

#[test]
fn only_the_runs_of_the_side_are_taken_from_a_job_of_two() {
    let mut both = document(BASE, 1);
    both.runs.push(document(HEAD, 1).runs.remove(0));
    both.interleaved = true;
    measure(&mut both, 0, "syn/check/full", &wall_time(), &[1.0, 1.1]);
    measure(&mut both, 1, "syn/check/full", &wall_time(), &[2.0, 2.1]);
    let head = pool(&side(HEAD), &[both], None).unwrap();
    assert_eq!(values(&head, "syn/check/full", "wall-time"), [2.0, 2.1]);
    let interleaved = &head.cases[0].interleaved[&wall_time().name];
    assert_eq!(interleaved[1].origin.2, 1);
}

#[test]
fn failures_come_with_the_run_that_had_them() {
    let mut document = document(BASE, 1);
    fail(&mut document, "syn", None);
    assert_eq!(
        pool(&side(BASE), &[document], None).unwrap().failures.len(),
        1
    );
}

#[test]
fn a_run_without_results_is_an_error_that_names_it() {
    let error = pool(&side(HEAD), &[document(BASE, 1)], None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no result of `release-1.96.0`: it was not measured, or no result was counted"
    );
}

#[test]
fn another_record_under_the_same_name_is_refused() {
    let mut other = document(BASE, 2);
    other.record.frontend_threads = 4;
    other.record.flags = vec!["-Zthreads=4".to_owned()];
    let error = pool(&side(BASE), &[document(BASE, 1), other], None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "base was measured under `x86_64-llvm-t1` and head under `x86_64-llvm-t1`, and results are \
         compared within one configuration only: they differ in front-end threads (1 and 4), flags \
         (none and -Zthreads=4)"
    );
}

#[test]
fn one_metric_in_two_units_is_refused() {
    let mut one = document(BASE, 1);
    measure(&mut one, 0, "syn/check/full", &wall_time(), &[1.0]);
    let mut other = document(BASE, 2);
    other.metrics[1].unit = shared_types::Unit::Milliseconds;
    measure(&mut other, 0, "syn/check/full", &wall_time(), &[1000.0]);
    let error = pool(&side(BASE), &[one, other], None).unwrap_err();
    assert!(
        matches!(error, AnalysisError::MetricDefinedDifferently { .. }),
        "{error}"
    );
}

#[test]
fn the_epoch_that_was_measured_last_is_last() {
    let mut old = document(BASE, 1);
    measure(&mut old, 0, "syn/check/full", &wall_time(), &[1.0]);
    old.measurements[0].epoch = epoch(9);
    let mut new = document(BASE, 2);
    measure(&mut new, 0, "syn/check/full", &wall_time(), &[2.0]);
    let run = pool(&side(BASE), &[new, old], None).unwrap();
    let epochs: Vec<&Epoch> = run.cases.iter().map(|case| &case.epoch).collect();
    assert_eq!(epochs, [&epoch(9), &epoch(1)]);
}
