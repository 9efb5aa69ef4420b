use proptest::prelude::*;
use shared_types::Tier;
use shared_types::api::{ComparisonReference, TriageConfiguration, TriageStanding};
use shared_types::object_key::ContentHash;
use shared_types::run::SidePair;
use shared_types::triage::{ReasonCode, TriageState};

use super::*;

const ZEN4: &str = "x86_64-zen4-llvm-t1";
const N1: &str = "aarch64-n1-llvm-t1";
const THREADS: &str = "x86_64-zen4-llvm-t4";

fn reference(sides: &str, configuration: &str, verdict: Verdict) -> ComparisonReference {
    let sides: SidePair = sides.parse().unwrap();
    let direction = match verdict {
        Verdict::Improved => "faster",
        _ => "slower",
    };
    ComparisonReference {
        configuration: configuration.parse().unwrap(),
        base: sides.base,
        head: sides.head,
        metric: "instructions:u".to_owned(),
        method: "perfleet".to_owned(),
        input_hash: ContentHash::of(configuration.as_bytes()),
        verdict,
        headline: format!("2 of 40 test cases are {direction} | by 1.2 % on average."),
        request: None,
        computed_at: "2026-11-24T09:00:00Z".parse().unwrap(),
    }
}

fn said(
    sides: &str,
    configuration: &str,
    verdict: Verdict,
    standing: Option<TriageStanding>,
) -> TriageConfiguration {
    TriageConfiguration {
        configuration: configuration.parse().unwrap(),
        tier: if configuration == THREADS {
            Tier::Experimental
        } else {
            Tier::Gating
        },
        verdict,
        comparisons: vec![reference(sides, configuration, verdict)],
        standing,
    }
}

fn standing(state: TriageState, owner: &str, late: bool) -> Option<TriageStanding> {
    let is_acknowledged = matches!(state, TriageState::Acknowledged | TriageState::Overdue);
    Some(TriageStanding {
        state,
        owner: owner.to_owned(),
        since: "2026-11-24T09:00:00Z".parse().unwrap(),
        reason: is_acknowledged.then_some(ReasonCode::FixPlanned),
        deadline: Some("2026-11-28T00:00:00Z".parse().unwrap()),
        late,
    })
}

fn entry(state: TriageState, configurations: Vec<TriageConfiguration>) -> TriageEntry {
    let comparison = configurations[0].comparisons[0].clone();
    TriageEntry {
        base: comparison.base.clone(),
        head: comparison.head.clone(),
        comparison,
        state,
        tier: Tier::Gating,
        conflict: false,
        sentence: None,
        found_at: "2026-11-24T09:00:00Z".parse().unwrap(),
        configurations,
        culprit: None,
        request: None,
        pull_request: None,
    }
}

fn week(page: Option<&str>) -> ReportedWeek {
    let shas = |base: &str, head: &str| format!("{}..{}", base.repeat(20), head.repeat(20));
    let (one, two, three) = (shas("a0", "b0"), shas("c0", "d0"), shas("e0", "f0"));
    let conflict = TriageEntry {
        conflict: true,
        sentence: Some(
            "instructions:u -1.2 % on x86_64-zen4-llvm-t1, instructions:u +0.8 % on \
             aarch64-n1-llvm-t1: needs a decision."
                .to_owned(),
        ),
        ..entry(
            TriageState::Untriaged,
            vec![
                said(&one, ZEN4, Verdict::Improved, None),
                said(
                    &one,
                    N1,
                    Verdict::Regressed,
                    standing(TriageState::Untriaged, "arm maintainers", false),
                ),
            ],
        )
    };
    let regressed = entry(
        TriageState::Acknowledged,
        vec![
            said(
                &two,
                ZEN4,
                Verdict::Regressed,
                standing(TriageState::Acknowledged, "grace", false),
            ),
            said(
                &two,
                THREADS,
                Verdict::Mixed,
                standing(TriageState::Untriaged, "the maintainers", false),
            ),
        ],
    );
    let before = entry(
        TriageState::Overdue,
        vec![said(
            &three,
            ZEN4,
            Verdict::Regressed,
            standing(TriageState::Overdue, "grace", true),
        )],
    );
    let configuration = |id: &str, tier| ReportedConfiguration {
        id: id.parse().unwrap(),
        tier,
        false_alarms: Vec::new(),
    };
    ReportedWeek {
        week: "2026-W48".parse().unwrap(),
        entries: vec![conflict, regressed],
        carried_over: vec![before],
        configurations: vec![
            configuration(ZEN4, Tier::Gating),
            configuration(N1, Tier::Gating),
            configuration(THREADS, Tier::Experimental),
        ],
        decides: "the maintainers".to_owned(),
        page: page.map(str::to_owned),
    }
}

#[test]
fn a_week_is_told_by_configuration_with_conflicts_apart_and_who_is_to_look() {
    insta::assert_snapshot!(markdown(&week(Some("https://perf.example.org"))));
}

#[test]
fn a_week_without_anything_says_so() {
    let quiet = ReportedWeek {
        entries: Vec::new(),
        carried_over: Vec::new(),
        ..week(None)
    };
    insta::assert_snapshot!(markdown(&quiet));
}

#[test]
fn how_often_noise_is_called_a_change_is_told_for_each_configuration() {
    let mut reported = week(None);
    let sentence = "wall-time: 1 of 20 A/A comparisons called something a change";
    reported.configurations[1].false_alarms = vec![FalseAlarmRate {
        metric: "wall-time".to_owned(),
        method: "perfleet".to_owned(),
        method_version: "1".to_owned(),
        host: None,
        comparisons: 20,
        alarming: 1,
        share_alarming: 0.05,
        share_low: 0.0,
        share_high: 0.25,
        test_cases: 2000,
        false_alarms: 1,
        per_thousand: 0.5,
        promised: Some(0.01),
        exceeds_promise: false,
        last_at: "2026-11-24T09:00:00Z".parse().unwrap(),
        sentence: sentence.to_owned(),
    }];
    let markdown = markdown(&reported);
    assert!(
        markdown.ends_with(&format!("- `{N1}`: {sentence}\n")),
        "{markdown}"
    );
}

proptest! {
    #[test]
    fn a_shortened_report_fits_and_says_where_the_rest_is(room in 60usize..4000) {
        let whole = markdown(&week(None));
        let shortened = shortened(&whole, room, "The rest: `perfleet triage report`.");
        prop_assert!(shortened.chars().count() <= room);
        if whole.chars().count() > room {
            prop_assert!(shortened.ends_with("`perfleet triage report`.\n"));
            let kept = shortened.strip_suffix("\nThe rest: `perfleet triage report`.\n").unwrap();
            prop_assert!(whole.starts_with(kept));
        } else {
            prop_assert_eq!(shortened, whole);
        }
    }
}
