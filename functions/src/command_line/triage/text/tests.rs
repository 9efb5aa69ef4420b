use analysis::policy::{Policy, decide};
use shared_types::Tier;
use shared_types::api::ComparisonReference;
use shared_types::comparison::Verdict;
use shared_types::object_key::ContentHash;
use shared_types::run::SidePair;
use shared_types::triage::{Delivery, PingReason, ReasonCode, TriageRecord, TriageState};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn sides() -> SidePair {
    let sides = format!("{}..{}", "a0".repeat(20), "b0".repeat(20));
    sides.parse().unwrap()
}

fn said(
    id: &str,
    tier: Tier,
    verdict: Verdict,
    standing: Option<TriageStanding>,
) -> TriageConfiguration {
    let sides = sides();
    TriageConfiguration {
        configuration: id.parse().unwrap(),
        tier,
        verdict,
        comparisons: vec![ComparisonReference {
            configuration: id.parse().unwrap(),
            base: sides.base,
            head: sides.head,
            metric: "instructions:u".to_owned(),
            method: "perfleet".to_owned(),
            input_hash: ContentHash::of(id.as_bytes()),
            verdict,
            headline: "2 of 40 test cases got worse by 1.2 % on average.".to_owned(),
            request: None,
            computed_at: at("2026-11-24T09:00:00Z"),
        }],
        standing,
    }
}

fn entry() -> TriageEntry {
    let open = TriageStanding {
        state: TriageState::Untriaged,
        owner: "the maintainers".to_owned(),
        since: at("2026-11-24T09:00:00Z"),
        reason: None,
        deadline: Some(at("2026-11-27T09:00:00Z")),
        late: true,
    };
    let promised = TriageStanding {
        state: TriageState::Acknowledged,
        owner: "grace".to_owned(),
        reason: Some(ReasonCode::FixPlanned),
        deadline: Some(at("2026-12-05T00:00:00Z")),
        late: false,
        ..open.clone()
    };
    let configurations = vec![
        said("zen4", Tier::Gating, Verdict::Improved, None),
        said("n1", Tier::Gating, Verdict::Regressed, Some(open)),
        said(
            "emulated",
            Tier::Experimental,
            Verdict::Mixed,
            Some(promised),
        ),
    ];
    let sides = sides();
    TriageEntry {
        comparison: configurations[1].comparisons[0].clone(),
        base: sides.base,
        head: sides.head,
        state: TriageState::Untriaged,
        tier: Tier::Gating,
        conflict: true,
        sentence: Some("a gain on zen4 is a loss on n1: needs a decision.".to_owned()),
        found_at: at("2026-11-24T09:00:00Z"),
        configurations,
        culprit: Some("b0".repeat(20).parse().unwrap()),
        request: None,
        pull_request: None,
    }
}

fn record() -> TriageRecord {
    let acts = [
        TriageStep::Acknowledge {
            configurations: vec!["emulated".parse().unwrap()].try_into().unwrap(),
            reason: ReasonCode::FixPlanned,
            words: "the cache is to be split".parse().unwrap(),
            owner: "grace".parse().unwrap(),
            due: Some("2026-12-04".parse().unwrap()),
        },
        TriageStep::Culprit {
            artifact: "b0".repeat(20).parse().unwrap(),
            words: Some("by bisection".parse().unwrap()),
        },
        TriageStep::Fix {
            by: "https://example.org/pull/1".parse().unwrap(),
            configurations: None,
        },
        TriageStep::Reopen {
            words: "it is back".parse().unwrap(),
            configurations: Some(vec!["n1".parse().unwrap()].try_into().unwrap()),
        },
    ];
    let mut record = TriageRecord::beginning(sides(), at("2026-11-24T09:00:00Z"));
    for what in acts {
        let act = TriageAct {
            who: "ada".to_owned(),
            at: at("2026-11-25T10:00:00Z"),
            what,
        };
        record.add(act).unwrap();
    }
    record.remember(Ping {
        configuration: "n1".parse().unwrap(),
        reason: PingReason::Untriaged,
        deadline: at("2026-11-27T09:00:00Z"),
        owner: "the maintainers".parse().unwrap(),
        delivery: Delivery::default()
            .claimed(at("2026-11-28T10:00:00Z"))
            .unwrap()
            .sent(at("2026-11-28T10:00:01Z")),
    });
    record
}

#[test]
fn the_inbox_is_told_in_lines() {
    insta::assert_snapshot!(entries(&[entry()]));
}

#[test]
fn a_pair_is_told_with_all_that_people_did() {
    let with_record = TriageDetail {
        entry: entry(),
        decision: decide(&Policy::default(), &[]),
        record: Some(record()),
    };
    let without = TriageDetail {
        entry: TriageEntry {
            conflict: false,
            sentence: None,
            ..entry()
        },
        record: None,
        ..with_record.clone()
    };
    insta::assert_snapshot!(format!("{}---\n{}", detail(&with_record), detail(&without)));
}
