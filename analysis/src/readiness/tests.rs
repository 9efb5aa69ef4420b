use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use shared_types::{Backend, ConfigurationRecord, Replicate};

use super::*;
use crate::policy::GatingRules;

fn configuration(tier: Tier) -> Configuration {
    Configuration {
        id: "aarch64-n1-llvm-t1".parse().unwrap(),
        record: ConfigurationRecord {
            target: "aarch64-unknown-linux-gnu".to_owned(),
            hardware_model: "Neoverse N1".to_owned(),
            backend: Backend::Llvm,
            frontend_threads: 1,
            flags: Vec::new(),
        },
        tier,
    }
}

fn run(day: u32, failures: u32) -> RunOverview {
    RunOverview {
        artifact: "release-1.95.0".parse().unwrap(),
        configuration: "aarch64-n1-llvm-t1".parse().unwrap(),
        replicate: Replicate::FIRST,
        jobs_left: 0,
        measured_at: Some(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * i64::from(day))),
        hosts: vec![format!(
            "n1-{}",
            if day.is_multiple_of(2) { "a" } else { "b" }
        )],
        test_cases: 100,
        failures,
        retracted: None,
    }
}

fn outcomes(count: u32, alarming: u32) -> Vec<AAOutcome> {
    let method = crate::method(crate::DEFAULT_METHOD).unwrap();
    (0..count)
        .map(|number| AAOutcome {
            base: format!("release-1.{number}.0#1").parse().unwrap(),
            head: format!("release-1.{number}.0#2").parse().unwrap(),
            metric: "instructions:u".to_owned(),
            method: crate::DEFAULT_METHOD.to_owned(),
            method_version: method.version().to_owned(),
            hosts: vec!["n1-a".to_owned()],
            test_cases: 100,
            significant: u32::from(number < alarming),
            relevant: 0,
            computed_at: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(i64::from(number)),
        })
        .collect()
}

fn shown(runs: &[RunOverview], a_a_outcomes: &[AAOutcome], tier: Tier) -> Readiness {
    let shown = Shown {
        configuration: &configuration(tier),
        runs,
        a_a_outcomes,
    };
    readiness(&Policy::default(), &shown)
}

fn told(readiness: &Readiness) -> String {
    let mut text = readiness.sentence.clone();
    for criterion in &readiness.criteria {
        let mark = if criterion.met { "yes" } else { "no" };
        let _ = write!(text, "\n{mark} {}: {}", criterion.name, criterion.sentence);
    }
    text
}

#[test]
fn what_a_configuration_lacks_is_said_with_its_numbers() {
    let enough: Vec<RunOverview> = (0..30).map(|day| run(day, u32::from(day == 3))).collect();
    let few: Vec<RunOverview> = [0, 2, 4].map(|day| run(day, 1)).to_vec();
    insta::assert_snapshot!(
        [
            told(&shown(&enough, &outcomes(20, 2), Tier::Advisory)),
            told(&shown(&few, &outcomes(7, 3), Tier::Advisory)),
            told(&shown(&few, &outcomes(20, 0), Tier::Gating)),
            told(&shown(&[], &[], Tier::Experimental)),
        ]
        .join("\n\n")
    );
}

#[test]
fn a_metric_of_the_verdict_that_no_a_a_comparison_was_made_in_is_missed() {
    let policy = Policy {
        metrics: vec![
            "instructions:u".parse().unwrap(),
            "wall-time".parse().unwrap(),
        ],
        ..Policy::default()
    };
    let runs: Vec<RunOverview> = (0..30).map(|day| run(day, 0)).collect();
    let readiness = readiness(
        &policy,
        &Shown {
            configuration: &configuration(Tier::Advisory),
            runs: &runs,
            a_a_outcomes: &outcomes(20, 0),
        },
    );
    assert!(!readiness.ready);
    assert_eq!(
        readiness.criteria[1].sentence,
        "no A/A comparison in wall-time, 20 are wanted"
    );
}

proptest! {
    /// Whatever is measured, it is ready just where each thing is met, and asking for more never
    /// makes it ready.
    #[test]
    fn stricter_rules_make_nothing_ready(
        days in 0u32..40, failing in 0u32..9, comparisons in 0u32..20, alarming in 0u32..4,
        stricter in (0u32..9, 0u32..9, 0.0f64..0.1, 0u32..3, 0.0f64..0.05)
    ) {
        let runs: Vec<RunOverview> = (0..days).map(|day| run(day, u32::from(day < failing))).collect();
        let outcomes = outcomes(comparisons, alarming);
        let configuration = configuration(Tier::Advisory);
        let shown = Shown { configuration: &configuration, runs: &runs, a_a_outcomes: &outcomes };
        let usual = GatingRules { days_measured: 5, a_a_comparisons: 3, hosts: 1, ..GatingRules::default() };
        let strict = GatingRules {
            days_measured: usual.days_measured + stricter.0,
            a_a_comparisons: usual.a_a_comparisons + stricter.1,
            largest_false_alarm_rate: usual.largest_false_alarm_rate - stricter.2,
            hosts: usual.hosts + stricter.3,
            largest_failed_share: usual.largest_failed_share - stricter.4,
        };
        let by = |gating| readiness(&Policy { gating, ..Policy::default() }, &shown);
        let (usual, strict) = (by(usual), by(strict));
        prop_assert_eq!(usual.ready, usual.criteria.iter().all(|one| one.met));
        prop_assert!(usual.ready || !strict.ready);
    }
}
