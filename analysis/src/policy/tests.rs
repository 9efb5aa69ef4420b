mod families;
mod reading;

use proptest::prelude::*;
use shared_types::Metric;

use super::*;
use crate::comparison::{SeriesHistory, compare};
use crate::rustc_perf::RustcPerfRule;
use crate::sample_runs::{BASE, HEAD, instructions, run, wall_time};

/// What a configuration measured: a change of each of three test cases, in percent.
struct Measured {
    configuration: ConfigurationId,
    tier: Tier,
    comparisons: Vec<Comparison>,
    again: bool,
}

fn measured(configuration: &str, tier: Tier, metric: &Metric, percents: &[f64]) -> Measured {
    let names = ["a/check/full", "b/check/full", "c/check/full"];
    let of = |percents: &[f64]| -> Vec<(&str, f64)> {
        let values = percents
            .iter()
            .map(|percent| 1000.0 * (1.0 + percent / 100.0));
        names.into_iter().zip(values).collect()
    };
    let mut base = run(BASE, metric, &of(&vec![0.0; percents.len()]));
    let mut head = run(HEAD, metric, &of(percents));
    let configuration: ConfigurationId = configuration.parse().unwrap();
    base.configuration = configuration.clone();
    head.configuration = configuration.clone();
    let none = SeriesHistory::none();
    let comparison = compare(&base, &head, &metric.name, &none, &RustcPerfRule).unwrap();
    Measured {
        configuration,
        tier,
        comparisons: vec![comparison],
        again: false,
    }
}

fn waiting(configuration: &str, tier: Tier) -> Measured {
    Measured {
        configuration: configuration.parse().unwrap(),
        tier,
        comparisons: Vec::new(),
        again: false,
    }
}

fn decided(policy: &Policy, all: &[Measured]) -> Decision {
    let answers: Vec<Answer<'_>> = all
        .iter()
        .map(|measured| Answer {
            configuration: &measured.configuration,
            tier: measured.tier,
            comparisons: measured.comparisons.iter().collect(),
            measured_again: measured.again,
        })
        .collect();
    decide(policy, &answers)
}

fn by_default(all: &[Measured]) -> Decision {
    decided(&Policy::default(), all)
}

const X86: &str = "x86_64-zen4-llvm-t1";
const ARM: &str = "aarch64-n1-llvm-t1";

#[test]
fn a_conflict_names_the_trade_and_who_decides_and_is_never_averaged_away() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[-1.2, 0.0]),
        measured(ARM, Tier::Gating, &instructions(), &[0.8, 0.0]),
    ]);
    assert_eq!(decision.verdict, Verdict::Conflict);
    assert!(decision.blocks);
    assert_eq!(decision.decided_by.as_deref(), Some("the maintainers"));
    assert_eq!(
        decision.sentence,
        "instructions:u -1.2 % on x86_64-zen4-llvm-t1, instructions:u +0.8 % on \
         aarch64-n1-llvm-t1: needs a decision, because a gain on one gating configuration does not \
         make up for a loss on another; the maintainers decide."
    );
}

#[test]
fn one_gating_configuration_that_got_worse_blocks() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[2.0, 1.0]),
        measured(ARM, Tier::Gating, &instructions(), &[0.0, 0.0]),
    ]);
    assert_eq!(decision.verdict, Verdict::Regressed);
    assert!(decision.blocks);
    assert_eq!(
        decision.sentence,
        "Slower or larger: instructions:u +1.5 % on x86_64-zen4-llvm-t1; the maintainers decide."
    );
}

#[test]
fn better_everywhere_or_not_worse_is_better() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[-2.0]),
        measured(ARM, Tier::Gating, &instructions(), &[0.0]),
    ]);
    assert_eq!(decision.verdict, Verdict::Improved);
    assert!(!decision.blocks);
    assert_eq!(decision.decided_by, None);
}

#[test]
fn before_all_gating_configurations_have_answered_there_is_no_verdict() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[-2.0]),
        waiting(ARM, Tier::Gating),
        waiting("other", Tier::Advisory),
    ]);
    assert_eq!(decision.verdict, Verdict::Incomplete);
    assert!(!decision.blocks);
    assert_eq!(
        decision.sentence,
        "Not yet known: aarch64-n1-llvm-t1 has not answered yet."
    );
}

#[test]
fn what_is_already_against_a_change_is_said_before_all_have_answered() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[2.0]),
        waiting(ARM, Tier::Gating),
        waiting("third", Tier::Gating),
    ]);
    assert_eq!(decision.verdict, Verdict::Incomplete);
    assert!(decision.blocks);
    assert_eq!(
        decision.sentence,
        "Not yet known: aarch64-n1-llvm-t1, third have not answered yet. Already against it: \
         instructions:u +2 % on x86_64-zen4-llvm-t1; the maintainers decide."
    );
}

#[test]
fn a_conflict_does_not_wait_for_the_rest() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[-2.0]),
        measured(ARM, Tier::Gating, &instructions(), &[2.0]),
        waiting("third", Tier::Gating),
    ]);
    assert_eq!(decision.verdict, Verdict::Conflict);
}

#[test]
fn a_configuration_that_could_compare_nothing_has_not_answered() {
    let decision = by_default(&[measured(X86, Tier::Gating, &instructions(), &[0.0])]);
    assert_eq!(decision.verdict, Verdict::Neutral);
    let mut nothing = measured(X86, Tier::Gating, &instructions(), &[0.0]);
    nothing.comparisons[0].verdict = Verdict::Incomplete;
    nothing.comparisons[0].test_cases.clear();
    let decision = by_default(&[nothing]);
    assert_eq!(decision.verdict, Verdict::Incomplete);
    assert_eq!(
        decision.sentence,
        "Not yet known: x86_64-zen4-llvm-t1 has no test case that could be compared."
    );
}

#[test]
fn advisory_and_experimental_configurations_inform_and_never_block() {
    for tier in [Tier::Advisory, Tier::Experimental] {
        let decision = by_default(&[
            measured(X86, Tier::Gating, &instructions(), &[-2.0]),
            measured(ARM, tier, &instructions(), &[9.0]),
        ]);
        assert_eq!(decision.verdict, Verdict::Improved);
        assert!(!decision.blocks);
        let informed = format!("For information: {ARM} regressed (instructions:u +9 %); {tier}");
        assert!(
            decision.sentence.contains(&informed),
            "{}",
            decision.sentence
        );
    }
}

#[test]
fn without_a_gating_configuration_nothing_is_decided() {
    let decision = by_default(&[measured(X86, Tier::Advisory, &instructions(), &[5.0])]);
    assert_eq!(decision.verdict, Verdict::Neutral);
    assert!(!decision.blocks);
    assert!(
        decision
            .sentence
            .starts_with("No gating configuration takes part")
    );
    assert_eq!(by_default(&[]).verdict, Verdict::Neutral);
}

#[test]
fn improvements_and_regressions_within_one_configuration_are_mixed_and_no_conflict() {
    let decision = by_default(&[
        measured(X86, Tier::Gating, &instructions(), &[-5.0, 5.0]),
        measured(ARM, Tier::Gating, &instructions(), &[-5.0]),
    ]);
    assert_eq!(decision.verdict, Verdict::Mixed);
    assert!(decision.blocks);
}

#[test]
fn metrics_of_one_configuration_are_joined() {
    let mut both = measured(X86, Tier::Gating, &instructions(), &[-5.0]);
    let wall = measured(X86, Tier::Gating, &wall_time(), &[5.0]);
    both.comparisons.extend(wall.comparisons);
    assert_eq!(by_default(&[both]).verdict, Verdict::Mixed);
}

#[test]
fn changes_below_the_limit_of_the_policy_do_not_count() {
    let policy = Policy {
        limits: vec![Limit {
            metric: Some(instructions().name),
            category: None,
            smallest_change: 0.01,
        }],
        ..Policy::default()
    };
    let below = [measured(X86, Tier::Gating, &instructions(), &[0.9, 0.9])];
    assert_eq!(decided(&policy, &below).verdict, Verdict::Neutral);
    let one_above = [measured(X86, Tier::Gating, &instructions(), &[0.9, 1.1])];
    let decision = decided(&policy, &one_above);
    assert_eq!(decision.verdict, Verdict::Regressed);
    let metric = &decision.opinions[0].metrics[0];
    assert!((metric.mean_regression.unwrap() - 0.011).abs() < 1e-9);
    assert_eq!(metric.left_out[0].reason, LeftOutReason::BelowLimit);
    assert_eq!(metric.left_out[0].limit, Some(0.01));
    let other_metric = [measured(X86, Tier::Gating, &wall_time(), &[0.9, 0.9])];
    assert_eq!(decided(&policy, &other_metric).verdict, Verdict::Regressed);
}

#[test]
fn a_metric_that_the_policy_does_not_ask_for_does_not_count() {
    let policy = Policy {
        metrics: vec![instructions().name],
        ..Policy::default()
    };
    let mut both = measured(X86, Tier::Gating, &instructions(), &[0.0]);
    let wall = measured(X86, Tier::Gating, &wall_time(), &[50.0]);
    both.comparisons.extend(wall.comparisons);
    assert_eq!(decided(&policy, &[both]).verdict, Verdict::Neutral);
    let wall_alone = measured(X86, Tier::Gating, &wall_time(), &[50.0]);
    assert_eq!(decided(&policy, &[wall_alone]).verdict, Verdict::Incomplete);
}

#[test]
fn the_policy_may_name_another_tier() {
    let policy = Policy {
        tiers: [(ARM.parse().unwrap(), Tier::Experimental)].into(),
        ..Policy::default()
    };
    let decision = decided(
        &policy,
        &[
            measured(X86, Tier::Gating, &instructions(), &[0.0]),
            measured(ARM, Tier::Gating, &instructions(), &[9.0]),
        ],
    );
    assert_eq!(decision.verdict, Verdict::Neutral);
    assert_eq!(decision.opinions[1].tier, Tier::Experimental);
}

/// A tier, and an answer: none yet, or a change of one test case in percent.
fn answers() -> impl Strategy<Value = Vec<(usize, Option<f64>)>> {
    let percent = prop_oneof![Just(0.0), -90.0f64..-1.0, 1.0f64..90.0];
    prop::collection::vec((0..3usize, prop::option::of(percent)), 0..6)
}

fn of_answers(answers: &[(usize, Option<f64>)]) -> Vec<Measured> {
    answers
        .iter()
        .enumerate()
        .map(|(number, (tier, percent))| {
            let name = format!("configuration-{number}");
            let tier = Tier::ALL[*tier];
            match percent {
                Some(percent) => measured(&name, tier, &instructions(), &[*percent]),
                None => waiting(&name, tier),
            }
        })
        .collect()
}

proptest! {
    #[test]
    fn the_order_of_answers_does_not_change_the_verdict(answers in answers()) {
        let mut turned = answers.clone();
        turned.reverse();
        let one = by_default(&of_answers(&answers));
        let other = by_default(&of_answers(&turned));
        prop_assert_eq!(one.verdict, other.verdict);
        prop_assert_eq!(one.blocks, other.blocks);
    }

    #[test]
    fn what_does_not_gate_never_changes_verdict_or_block(answers in answers()) {
        let gating: Vec<_> = answers
            .iter()
            .copied()
            .filter(|(tier, _)| Tier::ALL[*tier] == Tier::Gating)
            .collect();
        let with_all = by_default(&of_answers(&answers));
        let alone = by_default(&of_answers(&gating));
        prop_assert_eq!(with_all.verdict, alone.verdict);
        prop_assert_eq!(with_all.blocks, alone.blocks);
        prop_assert_eq!(with_all.opinions.len(), answers.len());
    }

    #[test]
    fn opposite_gating_verdicts_are_always_a_conflict(answers in answers()) {
        let says = |better: bool| answers.iter().any(|(tier, percent)| {
            Tier::ALL[*tier] == Tier::Gating
                && percent.is_some_and(|percent| if better { percent < 0.0 } else { percent > 0.0 })
        });
        let decision = by_default(&of_answers(&answers));
        prop_assert_eq!(decision.verdict == Verdict::Conflict, says(true) && says(false));
        prop_assert_eq!(decision.blocks, says(false));
    }
}
