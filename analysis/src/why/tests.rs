use proptest::prelude::*;
use shared_types::format::Versioned;
use shared_types::series::{SeriesArtifact, SeriesBlock, SeriesColumns};
use shared_types::{Line, Tier};

use super::*;
use crate::policy::{Answer as PolicyAnswer, Decision, Limit, Policy, Weights, decide};
use crate::run_values::pool;
use crate::rustc_perf::RustcPerfRule;
use crate::sample_runs::{
    BASE, HEAD, commit, document, epoch, instructions, measure, run, side, test_case, wall_time,
};
use crate::segment_level::SegmentLevel;
use crate::significance::{Evidence, History, HistoryPoint, Sample};

const CASES: [&str; 3] = [
    "serde/check/full",
    "syn/check/full",
    "syn/opt/incr-unchanged",
];

/// What each of `CASES` measured of 40 artifacts: all around 1000, each a little noisy.
fn history(metric: &Metric) -> SeriesHistory {
    let numbers = 0..40_u32;
    let noise = |number: u32, case: u32| f64::from((number * 7 + case * 5) % 11) / 5.0 - 1.0;
    let columns = |case: u32| -> Vec<Option<f64>> {
        let values = numbers.clone().map(|number| 1000.0 + noise(number, case));
        values.map(Some).collect()
    };
    let series = CASES.iter().zip(0..);
    let block = SeriesBlock {
        format: SeriesBlock::VERSION,
        configuration: "x86_64-llvm-t1".parse().unwrap(),
        metric: metric.clone(),
        line: Line::Main,
        artifacts: numbers
            .clone()
            .map(|number| SeriesArtifact {
                id: commit(number),
                ordinal: i64::from(number),
                commit_date: None,
                hosts: vec!["host-a".to_owned()],
                setups: Vec::new(),
            })
            .collect(),
        series: series
            .map(|(name, case)| SeriesColumns {
                test_case: test_case(name),
                epoch: epoch(1),
                category: None,
                minimum: columns(case),
                median: columns(case),
                iterations: numbers.clone().map(|_| 3).collect(),
            })
            .collect(),
    };
    let predecessors: Vec<_> = numbers.rev().map(commit).collect();
    SeriesHistory::assemble(&[block], &predecessors)
}

fn measured(artifact: &str, metric: &Metric, values: &[(&str, &[f64])]) -> RunValues {
    let mut document = document(artifact, 1);
    for (name, iterations) in values {
        measure(&mut document, 0, name, metric, iterations);
    }
    pool(&side(artifact), &[document], None).unwrap()
}

fn base_and_head(metric: &Metric) -> (RunValues, RunValues) {
    let base = measured(
        BASE,
        metric,
        &[
            (CASES[0], &[1000.2, 1000.4, 1000.9]),
            (CASES[1], &[1000.0, 1000.1, 1000.3]),
            (CASES[2], &[999.5, 1000.0, 1000.5]),
        ],
    );
    let head = measured(
        HEAD,
        metric,
        &[
            (CASES[0], &[1000.1, 1000.3, 1001.0]),
            (CASES[1], &[1030.0, 1030.4, 1030.9]),
            (CASES[2], &[1002.5, 1003.0, 1003.5]),
        ],
    );
    (base, head)
}

fn explained(
    metric: &Metric,
    method: &dyn SignificanceMethod,
    asked: Option<&str>,
) -> ComparisonExplanation {
    explained_with(metric, method, &history(metric), asked).unwrap()
}

fn explained_with(
    metric: &Metric,
    method: &dyn SignificanceMethod,
    history: &SeriesHistory,
    asked: Option<&str>,
) -> Result<ComparisonExplanation, AnalysisError> {
    let (base, head) = base_and_head(metric);
    let comparison = crate::compare(&base, &head, &metric.name, history, method).unwrap();
    let made_of = MadeOf {
        base: &base,
        head: &head,
        history,
        method,
    };
    match asked {
        None => Ok(explain(&comparison)),
        Some(asked) => explain_test_case(&comparison, made_of, asked),
    }
}

#[test]
fn a_comparison_says_why_in_words_that_a_stranger_understands() {
    let explanation = explained(&instructions(), &SegmentLevel, None);
    insta::assert_snapshot!(comparison_text(&explanation));
}

#[test]
fn a_test_case_is_told_step_by_step() {
    let explanation = explained(&instructions(), &SegmentLevel, Some("syn/check"));
    insta::assert_snapshot!(comparison_text(&explanation));
}

#[test]
fn the_reference_rule_can_be_asked_why_too() {
    let overview = explained(&wall_time(), &RustcPerfRule, None);
    let in_full = explained(&wall_time(), &RustcPerfRule, Some("syn/check/full"));
    insta::assert_snapshot!(format!(
        "{}\n=====\n{}",
        comparison_text(&overview),
        comparison_text(&in_full)
    ));
}

#[test]
fn without_a_history_the_reference_rule_says_that_its_threshold_is_the_default() {
    let none = SeriesHistory::none();
    let asked = Some("serde/check/full");
    let explanation = explained_with(&instructions(), &RustcPerfRule, &none, asked).unwrap();
    let threshold = |step: &&Step| step.what == "threshold";
    let step = explanation.test_cases[0]
        .working
        .iter()
        .find(threshold)
        .unwrap();
    assert_eq!(step.value, Some(0.002));
    assert!(step.because.starts_with("the default"), "{step:?}");
}

#[test]
fn a_test_case_that_is_not_there_or_not_one_is_refused_with_what_to_do() {
    let refused = |asked: &str| {
        let none = SeriesHistory::none();
        let refused = explained_with(&instructions(), &SegmentLevel, &none, Some(asked));
        refused.unwrap_err().to_string()
    };
    assert_eq!(
        refused("syn/"),
        "`syn/` could be any of syn/check/full, syn/opt/incr-unchanged: write more of its name"
    );
    assert_eq!(
        refused("regex"),
        "no test case of this comparison is called `regex` or has that in its name: the table of \
         the comparison lists those there are"
    );
}

#[test]
fn an_explanation_survives_json() {
    for asked in [None, Some(CASES[1])] {
        let explanation = explained(&instructions(), &SegmentLevel, asked);
        let json = serde_json::to_string(&explanation).unwrap();
        let read: ComparisonExplanation = serde_json::from_str(&json).unwrap();
        assert_eq!(read, explanation);
    }
}

/// A comparison under a configuration: each case's change in percent.
fn comparison(
    configuration: &str,
    metric: &Metric,
    method: &dyn SignificanceMethod,
    percents: [f64; 3],
) -> Comparison {
    let of = |artifact: &str, percents: [f64; 3]| {
        let values: Vec<(&str, f64)> = CASES
            .iter()
            .zip(percents)
            .map(|(name, percent)| (*name, 1000.0 * (1.0 + percent / 100.0)))
            .collect();
        let mut run = run(artifact, metric, &values);
        run.configuration = configuration.parse().unwrap();
        run
    };
    let (base, head) = (of(BASE, [0.0; 3]), of(HEAD, percents));
    crate::compare(&base, &head, &metric.name, &history(metric), method).unwrap()
}

fn decision(policy: &Policy, all: &[(Tier, Vec<Comparison>)]) -> Decision {
    let answers: Vec<PolicyAnswer<'_>> = all
        .iter()
        .map(|(tier, comparisons)| PolicyAnswer {
            configuration: &comparisons[0].configuration,
            tier: *tier,
            comparisons: comparisons.iter().collect(),
            measured_again: false,
        })
        .collect();
    decide(policy, &answers)
}

#[test]
fn a_conflict_says_why_down_to_each_test_case_that_counts_and_each_that_does_not() {
    let (zen4, n1) = ("x86_64-zen4-llvm-t1", "aarch64-n1-llvm-t1");
    let policy = Policy {
        decides: "the compiler performance team".to_owned(),
        weights: Weights {
            configurations: [(zen4.parse().unwrap(), 2.0)].into(),
            ..Weights::default()
        },
        limits: vec![Limit {
            metric: Some(instructions().name),
            category: None,
            smallest_change: 0.015,
        }],
        ..Policy::default()
    };
    let decision = decision(
        &policy,
        &[
            (
                Tier::Gating,
                vec![
                    comparison(zen4, &instructions(), &SegmentLevel, [-2.4, -1.2, 0.0]),
                    comparison(zen4, &wall_time(), &SegmentLevel, [0.0, 0.0, 0.0]),
                ],
            ),
            (
                Tier::Gating,
                vec![comparison(
                    n1,
                    &instructions(),
                    &RustcPerfRule,
                    [0.0, 1.8, 0.0],
                )],
            ),
            (
                Tier::Advisory,
                vec![comparison(
                    "aarch64-n1-llvm-t4",
                    &instructions(),
                    &SegmentLevel,
                    [0.0, 3.0, 0.0],
                )],
            ),
            (
                Tier::Experimental,
                vec![comparison(
                    "x86_64-zen4-clif-t1",
                    &instructions(),
                    &SegmentLevel,
                    [9.0, 9.0, 9.0],
                )],
            ),
        ],
    );
    assert_eq!(decision.verdict, Verdict::Conflict);
    insta::assert_snapshot!(decision_text(&decision));
}

#[test]
fn a_neutral_decision_says_what_it_rests_on() {
    let decision = decision(
        &Policy::default(),
        &[(
            Tier::Gating,
            vec![comparison(
                "c",
                &wall_time(),
                &SegmentLevel,
                [0.1, -0.2, 0.15],
            )],
        )],
    );
    assert_eq!(decision.verdict, Verdict::Neutral);
    insta::assert_snapshot!(decision_text(&decision));
}

#[test]
fn a_decision_survives_json() {
    let all = [(
        Tier::Gating,
        vec![comparison(
            "c",
            &instructions(),
            &SegmentLevel,
            [2.0, -2.0, 0.0],
        )],
    )];
    let decision = decision(&Policy::default(), &all);
    let json = serde_json::to_string(&decision).unwrap();
    assert_eq!(serde_json::from_str::<Decision>(&json).unwrap(), decision);
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        8 => 900.0..1100.0_f64,
        1 => Just(0.0),
        1 => -5.0..5.0_f64,
        1 => prop::sample::select(vec![f64::MIN_POSITIVE, f64::MAX, 1000.0]),
    ];
    prop::collection::vec(value, 1..5)
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let point =
        (900.0..1100.0_f64, any::<bool>()).prop_map(|(value, on_hosts_of_head)| HistoryPoint {
            minimum: value,
            median: value,
            iterations: 3,
            on_hosts_of_head,
        });
    let places = prop::collection::vec(prop::option::weighted(0.95, point), 0..40);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (values(), values(), places, flags).prop_map(
        |(base, head, places, (paired, on_one, incremental))| {
            let pairs = base.iter().copied().zip(head.iter().copied());
            Evidence {
                pairs: if paired { pairs.collect() } else { Vec::new() },
                base: Sample {
                    iterations: base,
                    replicates: 1,
                },
                head: Sample {
                    iterations: head,
                    replicates: 1,
                },
                history: History::of(places),
                on_one_host: on_one,
                incremental,
            }
        },
    )
}

proptest! {
    #[test]
    fn the_steps_of_a_test_case_lead_to_its_judgement(
        cases in prop::collection::vec(evidence(), 1..6),
    ) {
        for name in significance::method_names() {
            let method = significance::method(name).unwrap();
            let judgements = method.judge(&wall_time(), &cases);
            for (place, judgement) in judgements.iter().enumerate() {
                let working = method.working(&wall_time(), &cases, place);
                prop_assert!(!working.is_empty());
                for (what, value) in [
                    ("p", judgement.p),
                    ("q", judgement.q),
                    ("threshold", judgement.threshold),
                ] {
                    let step = working.iter().find(|step| step.what == what);
                    prop_assert_eq!(step.and_then(|step| step.value), value, "{} {}", name, what);
                }
            }
            prop_assert!(method.working(&wall_time(), &cases, cases.len()).is_empty());
        }
    }
}
