//! Numbers that no measurement should give, and all that can be missing: every method has an answer
//! to them that can be stored and read, and says nothing that is not known.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use analysis::change_points::{SEGMENT_VALUES_MIN, TIP_VALUES_MIN, change_points};
use analysis::{CaseValues, RunValues, SeriesHistory, compare, method, method_names, words};
use proptest::prelude::*;
use shared_types::comparison::{Answer, ChangeSummary, ComparedTestCase, Comparison, Verdict};
use shared_types::format::Versioned;
use shared_types::series::{SeriesArtifact, SeriesBlock, SeriesColumns};
use shared_types::{
    ArtifactId, Backend, ConfigurationRecord, Epoch, FormatVersion, Line, Metric, Replicate,
    TestCase, Unit,
};

const NAMES: [&str; 4] = ["7zip", "lencod", "bullet", "tramp3d"];

/// So many artifacts are before base at most; the reference rule wants 30 of them.
const HISTORY_MAX: usize = 45;

fn metric(name: &str) -> Metric {
    Metric::cost(name.parse().unwrap(), Unit::Count)
}

fn commit(number: usize) -> ArtifactId {
    format!("{number:040x}").parse().unwrap()
}

fn test_case(name: &str) -> TestCase {
    TestCase::Imported {
        name: name.parse().unwrap(),
    }
}

fn epoch() -> Epoch {
    Epoch::of([&b"one"[..]])
}

/// A run whose test cases have these iterations; a test case without any lacks the metric.
fn run(artifact: &ArtifactId, metric: &Metric, cases: &[Vec<f64>]) -> RunValues {
    let cases = NAMES.iter().zip(cases).map(|(name, iterations)| {
        let values = (!iterations.is_empty()).then(|| (metric.name.clone(), iterations.clone()));
        CaseValues {
            test_case: test_case(name),
            epoch: epoch(),
            category: None,
            values: values.into_iter().collect(),
            interleaved: Default::default(),
            self_profiles: Vec::new(),
        }
    });
    RunValues {
        side: shared_types::run::Side::pooled(artifact.clone()),
        configuration: "x86_64-llvm-t1".parse().unwrap(),
        record: ConfigurationRecord {
            target: "x86_64-unknown-linux-gnu".to_owned(),
            hardware_model: "AMD EPYC 9354P".to_owned(),
            backend: Backend::Llvm,
            frontend_threads: 1,
            flags: Vec::new(),
        },
        metrics: vec![metric.clone()],
        cases: cases.collect(),
        hosts: vec!["host-a".to_owned()],
        setups: Vec::new(),
        replicates: vec![Replicate::FIRST],
        history: None,
        failures: Vec::new(),
    }
}

/// The artifacts before base, each with a value for each test case or a gap.
fn history(metric: &Metric, rows: &[Vec<Option<f64>>]) -> SeriesHistory {
    let artifacts: Vec<SeriesArtifact> = (0..rows.len())
        .map(|number| SeriesArtifact {
            id: commit(number),
            ordinal: number as i64,
            commit_date: None,
            hosts: vec!["host-a".to_owned()],
            setups: Vec::new(),
        })
        .collect();
    let series = NAMES.iter().enumerate().map(|(place, name)| {
        let column: Vec<Option<f64>> = rows
            .iter()
            .map(|row| row.get(place).copied().flatten())
            .collect();
        SeriesColumns {
            test_case: test_case(name),
            epoch: epoch(),
            category: None,
            minimum: column.clone(),
            iterations: column
                .iter()
                .map(|value| u32::from(value.is_some()))
                .collect(),
            median: column,
        }
    });
    let block = SeriesBlock {
        format: FormatVersion::V1_0,
        configuration: "x86_64-llvm-t1".parse().unwrap(),
        metric: metric.clone(),
        line: Line::Main,
        series: series.collect(),
        artifacts,
    };
    let predecessors: Vec<ArtifactId> = (0..rows.len()).rev().map(commit).collect();
    SeriesHistory::assemble(&[block], &predecessors)
}

fn base_id() -> ArtifactId {
    commit(1000)
}

fn head_id() -> ArtifactId {
    commit(1001)
}

/// Any number at all, those that arithmetic stumbles over more often.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.1f64..1e12,
        2 => 99.0f64..101.0,
        2 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, 1.0, -1.0, 100.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX,
            f64::MIN, f64::MIN_POSITIVE, -f64::MIN_POSITIVE, 5e-324, -5e-324, f64::EPSILON,
            9_007_199_254_740_993.0,
        ]),
    ]
}

/// What a result can hold: its format has no infinity, and refuses what is negative.
fn measurable_number() -> impl Strategy<Value = f64> {
    any_number().prop_map(|value| if value.is_finite() { value.abs() } else { 0.0 })
}

fn side(number: impl Strategy<Value = f64>) -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec(number, 0..5), NAMES.len())
}

fn past(number: impl Strategy<Value = f64>) -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
    let row = prop::collection::vec(prop::option::weighted(0.9, number), NAMES.len());
    prop::collection::vec(row, 0..HISTORY_MAX)
}

/// Metrics that methods treat in different ways.
fn any_metric() -> impl Strategy<Value = Metric> {
    prop::sample::select(vec![
        "instructions:u",
        "wall-time",
        "max-rss",
        "size:linked-artifact",
        "another",
    ])
    .prop_map(metric)
}

/// One comparison by each method.
fn compared(
    metric: &Metric,
    base: &[Vec<f64>],
    head: &[Vec<f64>],
    history: &SeriesHistory,
) -> Vec<Comparison> {
    let base = run(&base_id(), metric, base);
    let head = run(&head_id(), metric, head);
    method_names()
        .iter()
        .map(|name| {
            let method = method(name).unwrap();
            compare(&base, &head, &metric.name, history, method.as_ref()).unwrap()
        })
        .collect()
}

fn assert_finite(what: &str, row: &ComparedTestCase, value: Option<f64>) {
    if let Some(value) = value {
        assert!(value.is_finite(), "{what} is {value}: {row:?}");
    }
}

fn assert_share(what: &str, row: &ComparedTestCase, value: Option<f64>) {
    if let Some(value) = value {
        assert!((0.0..=1.0).contains(&value), "{what} is {value}: {row:?}");
    }
}

fn check_row(row: &ComparedTestCase) {
    for (what, value) in [
        ("base", Some(row.base)),
        ("head", Some(row.head)),
        ("change", row.change),
        ("low", row.low),
        ("high", row.high),
        ("threshold", row.threshold),
    ] {
        assert_finite(what, row, value);
    }
    assert_share("p", row, row.p);
    assert_share("q", row, row.q);
    if let (Some(low), Some(high)) = (row.low, row.high) {
        assert!(
            low <= high,
            "the ends of the interval are exchanged: {row:?}"
        );
    }
    assert!(
        row.threshold.is_none_or(|threshold| threshold >= 0.0),
        "{row:?}"
    );
    assert!(
        !row.relevant || row.significant,
        "relevant and no change: {row:?}"
    );
    if let Some(answer) = row.answer {
        assert_eq!(answer == Answer::Different, row.significant, "{row:?}");
    }
    for value in row.base_iterations.iter().chain(&row.head_iterations) {
        assert!(value.is_finite(), "{row:?}");
    }
    assert!(!row.base_iterations.is_empty() && !row.head_iterations.is_empty());
}

fn check_summary(summary: &ChangeSummary) {
    for value in [summary.mean, summary.smallest, summary.largest] {
        assert!(value.is_none_or(f64::is_finite), "{summary:?}");
    }
}

/// What holds of every comparison, whatever went in.
fn check(comparison: &Comparison) {
    comparison.test_cases.iter().for_each(check_row);
    for (_, category) in comparison.summary.parts() {
        check_summary(&category.regressions);
        check_summary(&category.improvements);
        check_summary(&category.all);
    }
    let json = serde_json::to_vec(comparison).unwrap();
    assert_eq!(&Comparison::from_json(&json).unwrap(), comparison);
    let table = words::table(comparison);
    let texts = comparison
        .warnings
        .iter()
        .chain([&comparison.headline, &table]);
    for text in texts {
        let numbers = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        for word in numbers {
            assert!(!matches!(word, "NaN" | "inf"), "people would read: {text}");
        }
    }
}

/// Which test cases have a number on both sides, and so a row; all others are named as missing.
fn comparable<'a>(base: &'a [Vec<f64>], head: &'a [Vec<f64>]) -> Vec<&'a str> {
    let has_number = |values: &[f64]| values.iter().any(|value| value.is_finite());
    let places =
        (0..NAMES.len()).filter(|place| has_number(&base[*place]) && has_number(&head[*place]));
    places.map(|place| NAMES[place]).collect()
}

proptest! {
    #[test]
    fn every_method_answers_to_any_numbers_with_numbers(
        metric in any_metric(),
        base in side(any_number()),
        head in side(any_number()),
        rows in past(any_number()),
    ) {
        for comparison in compared(&metric, &base, &head, &history(&metric, &rows)) {
            check(&comparison);
            let mut found: Vec<&str> =
                comparison.test_cases.iter().map(|row| row.name.as_str()).collect();
            let mut expected = comparable(&base, &head);
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_method_answers_to_what_a_result_can_hold(
        metric in any_metric(),
        base in side(measurable_number()),
        head in side(measurable_number()),
        rows in past(measurable_number()),
    ) {
        for comparison in compared(&metric, &base, &head, &history(&metric, &rows)) {
            check(&comparison);
        }
    }

    /// With a history the two sides are not alike: it is that of base.
    #[test]
    fn exchanging_the_sides_mirrors_every_change(
        metric in any_metric(),
        base in side(measurable_number()),
        head in side(measurable_number()),
    ) {
        let none = SeriesHistory::none();
        let there = compared(&metric, &base, &head, &none);
        let back = compared(&metric, &head, &base, &none);
        for (there, back) in there.iter().zip(&back) {
            for (one, other) in there.test_cases.iter().zip(&back.test_cases) {
                prop_assert_eq!(&one.name, &other.name);
                if let (Some(one_change), Some(other_change)) = (one.change, other.change) {
                    let mirrored = match one_change.partial_cmp(&0.0) {
                        Some(order) => other_change.partial_cmp(&0.0) == Some(order.reverse()),
                        None => false,
                    };
                    prop_assert!(mirrored, "{}: {:?} {:?}", there.method, one, other);
                }
            }
        }
    }

    #[test]
    fn the_same_numbers_on_both_sides_are_no_change(
        metric in any_metric(),
        both in side(any_number()),
    ) {
        for comparison in compared(&metric, &both, &both, &SeriesHistory::none()) {
            for row in &comparison.test_cases {
                prop_assert!(!row.significant, "{}: {:?}", comparison.method, row);
                prop_assert_eq!(row.change, Some(0.0), "{}", comparison.method);
            }
            let expected = if comparison.test_cases.is_empty() {
                Verdict::Incomplete
            } else {
                Verdict::Neutral
            };
            prop_assert_eq!(comparison.verdict, expected);
        }
    }

    /// A value that is no number is as if it had not been measured.
    #[test]
    fn what_is_no_number_changes_nothing(
        metric in any_metric(),
        base in side(measurable_number()),
        head in side(measurable_number()),
        rows in past(measurable_number()),
        place in 0..NAMES.len(),
        no_number in prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ) {
        let (mut with_base, mut with_head) = (base.clone(), head.clone());
        with_base[place].push(no_number);
        with_head[place].insert(0, no_number);
        let without = compared(&metric, &base, &head, &history(&metric, &rows));
        let with = compared(&metric, &with_base, &with_head, &history(&metric, &rows));
        for (without, with) in without.iter().zip(&with) {
            prop_assert_eq!(&without.test_cases, &with.test_cases, "{}", without.method);
        }
    }

    #[test]
    fn a_quiet_series_of_any_level_has_no_change(
        metric in any_metric(),
        level in measurable_number(),
        length in 0..HISTORY_MAX,
        iterations in (1usize..5, 1usize..5),
    ) {
        let rows = vec![vec![Some(level); NAMES.len()]; length];
        let base = vec![vec![level; iterations.0]; NAMES.len()];
        let head = vec![vec![level; iterations.1]; NAMES.len()];
        for comparison in compared(&metric, &base, &head, &history(&metric, &rows)) {
            check(&comparison);
            prop_assert_eq!(comparison.verdict, Verdict::Neutral, "{}", comparison.method);
            for row in &comparison.test_cases {
                prop_assert!(!row.significant, "{}: {:?}", comparison.method, row);
            }
        }
    }

    #[test]
    fn change_points_of_any_numbers_are_places_with_a_level_behind_them(
        values in prop::collection::vec(any_number(), 0..80),
    ) {
        let found = change_points(&values);
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        for place in found {
            prop_assert!(values[place].is_finite());
            let measured = |part: &[f64]| part.iter().filter(|value| value.is_finite()).count();
            prop_assert!(measured(&values[..place]) >= SEGMENT_VALUES_MIN);
            prop_assert!(measured(&values[place..]) >= TIP_VALUES_MIN);
        }
    }
}

/// The value of head in a comparison with a base of zero has no ratio, and must not be taken for no
/// change in silence.
#[test]
fn a_change_from_zero_has_no_size_and_is_not_called_none() {
    let metric = metric("size:linked-artifact");
    let base = vec![vec![0.0]; NAMES.len()];
    let head = vec![vec![5.0]; NAMES.len()];
    for comparison in compared(&metric, &base, &head, &SeriesHistory::none()) {
        check(&comparison);
        for row in &comparison.test_cases {
            assert_eq!((row.base, row.head), (0.0, 5.0), "{}", comparison.method);
            assert_eq!(row.change, None, "{}", comparison.method);
            assert_ne!(row.answer, Some(Answer::Same), "{}", comparison.method);
        }
    }
}

#[test]
fn a_metric_that_one_side_lacks_is_named_as_missing_there() {
    let metric = metric("wall-time");
    let all = vec![vec![1.0]; NAMES.len()];
    let mut lacking = all.clone();
    lacking[2].clear();
    for (base, head) in [(&all, &lacking), (&lacking, &all)] {
        for comparison in compared(&metric, base, head, &SeriesHistory::none()) {
            assert_eq!(comparison.test_cases.len(), NAMES.len() - 1);
            let [missing] = &comparison.missing[..] else {
                panic!("{:?}", comparison.missing);
            };
            assert_eq!(missing.name, NAMES[2]);
            assert_eq!(missing.in_base, !base[2].is_empty());
            assert_eq!(missing.in_head, !head[2].is_empty());
            assert!(
                missing
                    .reason
                    .as_deref()
                    .is_some_and(|reason| reason.contains("wall-time"))
            );
        }
    }
}

#[test]
fn a_different_number_of_iterations_on_each_side_is_no_change_by_itself() {
    let metric = metric("instructions:u");
    let base = vec![vec![100.0]; NAMES.len()];
    let head = vec![vec![100.0; 9]; NAMES.len()];
    for comparison in compared(&metric, &base, &head, &SeriesHistory::none()) {
        check(&comparison);
        assert_eq!(
            comparison.verdict,
            Verdict::Neutral,
            "{}",
            comparison.method
        );
        for row in &comparison.test_cases {
            assert_eq!(
                (row.base_iterations.len(), row.head_iterations.len()),
                (1, 9)
            );
        }
    }
}
