use shared_types::Metric;

use super::*;
use crate::comparison::{SeriesHistory, compare};
use crate::rustc_perf::RustcPerfRule;
use crate::sample_runs::{BASE, HEAD, instructions, run, wall_time};

fn named() -> Names {
    Names {
        base: "rustc 1.95.0".to_owned(),
        head: "rustc 1.96.0".to_owned(),
    }
}

fn compared(metric: &Metric, base: &str, head: &str, percents: &[f64]) -> Comparison {
    let names: Vec<String> = (0..percents.len())
        .map(|number| format!("crate-{number}/check/full"))
        .collect();
    let values = |change: fn(f64) -> f64| -> Vec<(&str, f64)> {
        let values = percents.iter().map(|percent| change(*percent));
        names.iter().map(String::as_str).zip(values).collect()
    };
    let base = run(base, metric, &values(|_| 1000.0));
    let head = run(head, metric, &values(|percent| 1000.0 + 10.0 * percent));
    let none = SeriesHistory::none();
    compare(&base, &head, &metric.name, &none, &RustcPerfRule).unwrap()
}

fn said(metric: &Metric, percents: &[f64]) -> String {
    headline(&compared(metric, BASE, HEAD, percents), &named())
}

/// The same comparison as if 30 artifacts before base had taught these thresholds.
fn with_history(mut comparison: Comparison, thresholds: &[f64]) -> String {
    for (case, threshold) in comparison.test_cases.iter_mut().zip(thresholds) {
        case.threshold = Some(*threshold);
        case.history = 30;
    }
    headline(&comparison, &named())
}

#[test]
fn better() {
    insta::assert_snapshot!(said(&instructions(), &[-1.0, -1.4, 0.0, 0.1]), @"rustc 1.96.0 is faster than rustc 1.95.0 by its count of instructions: 2 of 4 test cases improved by 1.2 % on average, none got worse. How sure: each of these changes is larger than 0.2 %, the default, since there is no history yet that shows how much noise alone explains.");
}

#[test]
fn worse_in_a_noisy_metric() {
    insta::assert_snapshot!(said(&wall_time(), &[3.0, 0.0]), @"rustc 1.96.0 is slower than rustc 1.95.0 in wall-time: 1 of 2 test cases got worse by 3 %, none improved. How sure: this change is larger than 0.2 %, the default, since there is no history yet that shows how much noise alone explains. Not very sure, then: wall-time often varies by more than that from run to run, so some of this may be noise.");
}

#[test]
fn better_and_worse() {
    insta::assert_snapshot!(said(&instructions(), &[-3.0, 5.0, 4.0]), @"Neither rustc 1.96.0 nor rustc 1.95.0 is better throughout by its count of instructions: 1 of 3 test cases improved by 3 %, 2 got worse by 4.5 % on average. How sure: each of these changes is larger than 0.2 %, the default, since there is no history yet that shows how much noise alone explains.");
}

#[test]
fn no_difference() {
    insta::assert_snapshot!(said(&instructions(), &[-0.05, 0.01]), @"No relevant difference between rustc 1.96.0 and rustc 1.95.0 by its count of instructions: none of 2 test cases changed by more than noise explains and enough to matter (all together -0.02 %). How sure: a change would have counted from 0.2 %, the default, since there is no history yet that shows how much noise alone explains.");
}

#[test]
fn with_a_history_the_threshold_is_explained_by_it() {
    let comparison = compared(&wall_time(), BASE, HEAD, &[-9.0, -8.0]);
    insta::assert_snapshot!(with_history(comparison, &[0.021, 0.048]), @"rustc 1.96.0 is faster than rustc 1.95.0 in wall-time: 2 of 2 test cases improved by 8.5 % on average, none got worse. How sure: each of these changes is larger than 2.1 % to 4.8 %, which is what noise alone explains, as the last 30 compilers before show.");
}

#[test]
fn where_some_have_a_history_it_is_said_how_many_do_not() {
    let comparison = compared(&instructions(), BASE, HEAD, &[-9.0, -8.0]);
    insta::assert_snapshot!(with_history(comparison, &[0.01]), @"rustc 1.96.0 is faster than rustc 1.95.0 by its count of instructions: 2 of 2 test cases improved by 8.5 % on average, none got worse. How sure: each of these changes is larger than 0.2 % to 1 %, which is what noise alone explains; for 1 of them that is the default, since there is no history yet.");
}

#[test]
fn one_compiler_twice() {
    let twice = |percents: &[f64]| {
        let comparison = compared(
            &wall_time(),
            "release-1.95.0#1",
            "release-1.95.0#2",
            percents,
        );
        headline(&comparison, &named())
    };
    insta::assert_snapshot!(twice(&[0.0, 0.0]), @"No change, as it must be: the same compiler was measured twice (rustc 1.96.0). Of 2 test cases, not one differs.");
    insta::assert_snapshot!(twice(&[0.1, 0.0]), @"No change, as it must be: the same compiler was measured twice (rustc 1.96.0). Of 2 test cases, the largest difference is 0.1 %.");
    insta::assert_snapshot!(twice(&[3.1, 0.0]), @"The same compiler was measured twice (rustc 1.96.0), yet 1 of 2 test cases seem to have changed, by up to 3.1 %. That is noise: on this host, do not trust changes of wall-time of that size.");
}

#[test]
fn other_metrics_have_their_own_words() {
    let said_of = |name: &str, percent: f64| {
        let metric = Metric::cost(name.parse().unwrap(), shared_types::Unit::Count);
        let words = Comparative::of(&metric.name);
        let better = if percent < 0.0 {
            words.better
        } else {
            words.worse
        };
        format!("head {better} base{}", words.by)
    };
    assert_eq!(said_of("max-rss", -1.0), "head needs less memory than base");
    assert_eq!(said_of("max-rss", 1.0), "head needs more memory than base");
    assert_eq!(
        said_of("size:metadata", -1.0),
        "head writes less than base (size:metadata)"
    );
    assert_eq!(
        said_of("page-faults", 1.0),
        "head is worse than base in page-faults"
    );
    assert_eq!(
        said_of("cycles:u", -1.0),
        "head is faster than base by its count of cycles"
    );
}
