use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use shared_types::api::TriageStanding;
use shared_types::triage::{
    CoveredConfigurations, PingReason, ReasonCode, TriageAct, TriageRecord, TriageState,
    TriageStep, end_of,
};
use shared_types::{ConfigurationId, Tier};

use super::{reminder, standing};
use crate::policy::Policy;

fn id(name: &str) -> ConfigurationId {
    name.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn covered(names: &[&str]) -> CoveredConfigurations {
    let ids: Vec<ConfigurationId> = names.iter().map(|name| id(name)).collect();
    ids.try_into().unwrap()
}

fn record(acts: &[(Timestamp, TriageStep)]) -> TriageRecord {
    let sides = "release-1.1.0..release-1.2.0".parse().unwrap();
    let mut record = TriageRecord::beginning(sides, Timestamp::UNIX_EPOCH);
    for (at, what) in acts {
        let act = TriageAct {
            who: "ada".to_owned(),
            at: *at,
            what: what.clone(),
        };
        record.add(act).unwrap();
    }
    record
}

fn acknowledge(names: &[&str], reason: ReasonCode, due: Option<&str>) -> TriageStep {
    TriageStep::Acknowledge {
        configurations: covered(names),
        reason,
        words: "seen".parse().unwrap(),
        owner: "grace".parse().unwrap(),
        due: due.map(|due| due.parse().unwrap()),
    }
}

fn fix() -> TriageStep {
    TriageStep::Fix {
        by: "abcdef0".parse().unwrap(),
        configurations: None,
    }
}

fn reopen() -> TriageStep {
    TriageStep::Reopen {
        words: "it is back".parse().unwrap(),
        configurations: None,
    }
}

const FOUND: &str = "2026-11-02T10:00:00Z";

/// Where it stands under `zen4`, found on 2 November, on a later day.
fn stands(acts: &[(Timestamp, TriageStep)], now: &str) -> TriageStanding {
    let record = record(acts);
    standing(
        &Policy::default(),
        Some(&record),
        &id("zen4"),
        at(FOUND),
        at(now),
    )
}

#[test]
fn what_nobody_looked_at_is_untriaged_and_late_after_three_days() {
    let early = stands(&[], "2026-11-05T10:00:00Z");
    assert_eq!((early.state, early.late), (TriageState::Untriaged, false));
    assert_eq!(early.owner, "the maintainers");
    let late = stands(&[], "2026-11-05T10:00:01Z");
    assert_eq!((late.state, late.late), (TriageState::Untriaged, true));
}

#[test]
fn an_acknowledgement_holds_to_the_end_of_its_day() {
    let acts = [(
        at("2026-11-03T10:00:00Z"),
        acknowledge(&["zen4"], ReasonCode::FixPlanned, Some("2026-11-10")),
    )];
    let held = stands(&acts, "2026-11-10T23:59:59Z");
    assert_eq!(held.state, TriageState::Acknowledged);
    assert_eq!(held.owner, "grace");
    let past = stands(&acts, "2026-11-11T00:00:01Z");
    assert_eq!((past.state, past.late), (TriageState::Overdue, true));
    let reminder = reminder(Tier::Experimental, &past).unwrap();
    assert_eq!(reminder.reason, PingReason::Overdue);
    assert_eq!(reminder.deadline, end_of("2026-11-10".parse().unwrap()));
}

#[test]
fn what_is_accepted_stays_acknowledged_for_ever() {
    let acts = [(
        at("2026-11-03T10:00:00Z"),
        acknowledge(&["zen4"], ReasonCode::Accepted, None),
    )];
    let stands = stands(&acts, "2036-01-01T00:00:00Z");
    assert_eq!(
        (stands.state, stands.late),
        (TriageState::Acknowledged, false)
    );
}

#[test]
fn an_acknowledgement_of_another_configuration_says_nothing() {
    let acts = [(
        at("2026-11-03T10:00:00Z"),
        acknowledge(&["n1"], ReasonCode::Accepted, None),
    )];
    let stands = stands(&acts, "2026-11-03T11:00:00Z");
    assert_eq!(stands.state, TriageState::Untriaged);
}

#[test]
fn what_was_taken_back_or_mended_is_fixed_until_it_is_reopened() {
    let day = at("2026-11-03T10:00:00Z");
    for acts in [
        vec![(day, acknowledge(&["zen4"], ReasonCode::Reverted, None))],
        vec![
            (
                day,
                acknowledge(&["zen4"], ReasonCode::FixPlanned, Some("2026-11-04")),
            ),
            (day, fix()),
        ],
    ] {
        let fixed = stands(&acts, "2026-12-01T00:00:00Z");
        assert_eq!((fixed.state, fixed.late), (TriageState::Fixed, false));
        let again = [acts, vec![(at("2026-11-30T00:00:00Z"), reopen())]].concat();
        let reopened = stands(&again, "2026-12-01T00:00:00Z");
        assert_eq!(
            (reopened.state, reopened.late),
            (TriageState::Untriaged, false)
        );
        assert_eq!(reopened.reason, None);
        assert!(stands(&again, "2026-12-04T00:00:00Z").late);
    }
}

#[test]
fn the_owner_is_who_the_policy_names_for_the_configuration() {
    let text = "version = 1\ndecides = \"compiler\"\n[triage.owners]\nzen4 = \"the zen wizards\"";
    let policy = Policy::parse(text).unwrap();
    let of = |name| standing(&policy, None, &id(name), at(FOUND), at(FOUND)).owner;
    assert_eq!(
        (of("zen4").as_str(), of("n1").as_str()),
        ("the zen wizards", "compiler")
    );
}

#[test]
fn nobody_is_reminded_of_what_does_not_gate_and_was_never_promised() {
    let late = stands(&[], "2026-12-01T00:00:00Z");
    let of = |tier| reminder(tier, &late).map(|reminder| reminder.reason);
    assert_eq!(of(Tier::Gating), Some(PingReason::Untriaged));
    assert_eq!((of(Tier::Advisory), of(Tier::Experimental)), (None, None));
    let early = stands(&[], FOUND);
    assert_eq!(reminder(Tier::Gating, &early), None);
}

fn steps() -> impl Strategy<Value = (Timestamp, TriageStep)> {
    let reason = prop::sample::select(ReasonCode::ALL);
    let name = prop::sample::select(vec!["zen4", "n1"]);
    let due = prop::option::of(prop::sample::select(vec!["2026-11-05", "2026-12-24"]));
    let step = prop_oneof![
        (name, reason, due).prop_map(|(name, reason, due)| acknowledge(&[name], reason, due)),
        Just(fix()),
        Just(reopen()),
    ];
    let minute = (0i64..50_000).prop_map(|minutes| at(FOUND) + SignedDuration::from_mins(minutes));
    (minute, step)
}

proptest! {
    #[test]
    fn a_standing_contradicts_itself_nowhere(
        mut acts in prop::collection::vec(steps(), 0..6), minutes in 0i64..90_000
    ) {
        acts.sort_by_key(|(at, _)| *at);
        let now = at(FOUND) + SignedDuration::from_mins(minutes);
        let record = record(&acts);
        let one = standing(&Policy::default(), Some(&record), &id("zen4"), at(FOUND), now);
        prop_assert!(one.since >= at(FOUND));
        prop_assert!(!one.late || one.deadline.is_some_and(|deadline| deadline < now));
        prop_assert!(one.state != TriageState::Overdue || one.late);
        prop_assert!(one.state != TriageState::Untriaged || one.reason.is_none());
        prop_assert!(one.state != TriageState::Fixed || one.deadline.is_none());
        // What is late is not less late afterwards, as long as nobody does anything.
        let later = now + SignedDuration::from_hours(1);
        let other = standing(&Policy::default(), Some(&record), &id("zen4"), at(FOUND), later);
        prop_assert!(!one.late || other.late);
    }

    #[test]
    fn acts_on_another_configuration_change_nothing(
        mut acts in prop::collection::vec(steps(), 0..6)
    ) {
        acts.sort_by_key(|(at, _)| *at);
        let without: Vec<_> = acts
            .iter()
            .filter(|(_, step)| step.covers(&id("zen4")))
            .cloned()
            .collect();
        let now = "2027-01-01T00:00:00Z";
        prop_assert_eq!(stands(&acts, now), stands(&without, now));
    }
}
