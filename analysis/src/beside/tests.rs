use super::*;
use crate::comparison::compare;
use crate::rustc_perf::RustcPerfRule;
use crate::sample_runs::{BASE, HEAD, run, wall_time};
use crate::segment_level::SegmentLevel;
use crate::series_history::SeriesHistory;
use crate::significance::SignificanceMethod;
use crate::words;

/// A slight change, a large one and none, in a metric that is noisy, without any history.
fn by(method: &dyn SignificanceMethod) -> Comparison {
    let metric = wall_time();
    let base = [
        ("serde/check/full", 1.0),
        ("syn/check/full", 1.0),
        ("syn/opt/full", 1.0),
    ];
    let head = [
        ("serde/check/full", 1.007),
        ("syn/check/full", 0.4),
        ("syn/opt/full", 1.0),
    ];
    let (base, head) = (run(BASE, &metric, &base), run(HEAD, &metric, &head));
    let none = SeriesHistory::none();
    compare(&base, &head, &metric.name, &none, method).unwrap()
}

#[test]
fn what_only_one_method_calls_a_change_is_a_disagreement() {
    let both = beside(by(&SegmentLevel), &by(&RustcPerfRule));
    assert_eq!(both.method, "rustc-perf");
    assert_eq!(both.disagree, ["serde/check/full"]);
    let words: Vec<Word> = both.says.iter().flatten().map(|says| says.word).collect();
    assert_eq!(words, [Word::Worse, Word::Better, Word::NoChange]);
}

#[test]
fn a_method_never_disagrees_with_itself() {
    for method in [&SegmentLevel as &dyn SignificanceMethod, &RustcPerfRule] {
        let both = beside(by(method), &by(method));
        assert!(both.disagree.is_empty(), "{:?}", both.disagree);
    }
}

#[test]
fn a_test_case_that_the_other_does_not_have_has_nothing_beside_it() {
    let mut other = by(&RustcPerfRule);
    other.test_cases.remove(0);
    let both = beside(by(&SegmentLevel), &other);
    assert_eq!(both.says[0], None);
    assert!(both.disagree.is_empty());
}

#[test]
fn the_table_shows_both_methods_and_where_they_disagree() {
    let both = beside(by(&SegmentLevel), &by(&RustcPerfRule));
    insta::assert_snapshot!(words::table_beside(&both));
}
