use jiff::SignedDuration;
use jiff::civil::Weekday;
use proptest::prelude::*;

use super::*;

fn timestamps() -> impl Strategy<Value = Timestamp> {
    (0i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn covered() -> impl Strategy<Value = CoveredConfigurations> {
    prop::collection::btree_set("[a-z][a-z0-9_-]{0,8}", 1..4).prop_map(|names| {
        let ids: Vec<ConfigurationId> = names.iter().map(|name| name.parse().unwrap()).collect();
        ids.try_into().unwrap()
    })
}

fn words() -> impl Strategy<Value = TriageWords> {
    "[a-zA-Z0-9,.üé]([a-zA-Z0-9 ,.\n]{0,40})".prop_map(|text| text.parse().unwrap())
}

fn steps() -> impl Strategy<Value = TriageStep> {
    let day = (0i32..9999)
        .prop_map(|days| Date::constant(2020, 1, 1).saturating_add(jiff::Span::new().days(days)));
    let reason = prop::sample::select(ReasonCode::ALL);
    let acknowledge = (
        covered(),
        reason,
        words(),
        "[A-Za-z@*]{1,20}",
        prop::option::of(day),
    )
        .prop_map(
            |(configurations, reason, words, owner, due)| TriageStep::Acknowledge {
                configurations,
                reason,
                words,
                owner: owner.parse().unwrap(),
                due,
            },
        );
    let culprit =
        ("[0-9a-f]{40}", prop::option::of(words())).prop_map(|(sha, words)| TriageStep::Culprit {
            artifact: sha.parse().unwrap(),
            words,
        });
    let fix = (
        "[0-9a-f]{7,40}|https://[a-z]{1,9}/[a-z0-9/]{0,9}",
        prop::option::of(covered()),
    )
        .prop_map(|(by, configurations)| TriageStep::Fix {
            by: by.parse().unwrap(),
            configurations,
        });
    let reopen = (words(), prop::option::of(covered())).prop_map(|(words, configurations)| {
        TriageStep::Reopen {
            words,
            configurations,
        }
    });
    prop_oneof![acknowledge, culprit, fix, reopen]
}

fn record(acts: Vec<(Timestamp, TriageStep)>) -> TriageRecord {
    let sides = "release-1.1.0..release-1.2.0".parse().unwrap();
    let mut record = TriageRecord::beginning(sides, Timestamp::UNIX_EPOCH);
    for (at, what) in acts {
        let who = "ada".to_owned();
        record.add(TriageAct { who, at, what }).unwrap();
    }
    record
}

proptest! {
    #[test]
    fn a_record_is_written_and_read_without_loss(
        acts in prop::collection::vec((timestamps(), steps()), 0..6)
    ) {
        let record = record(acts);
        let json = serde_json::to_vec(&record).unwrap();
        prop_assert_eq!(TriageRecord::from_json(&json).unwrap(), record);
    }

    #[test]
    fn a_damaged_record_is_refused_and_never_panics(
        acts in prop::collection::vec((timestamps(), steps()), 1..3), place: usize, byte: u8
    ) {
        let mut json = serde_json::to_vec(&record(acts)).unwrap();
        let place = place % json.len();
        json[place] = byte;
        let _ = TriageRecord::from_json(&json);
        prop_assert!(TriageRecord::from_json(&json[..place]).is_err());
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        if let Ok(words) = text.parse::<TriageWords>() {
            prop_assert_eq!(words.to_string().parse::<TriageWords>().unwrap(), words);
        }
        if let Ok(owner) = text.parse::<Owner>() {
            prop_assert!(!owner.as_str().contains('\n'));
        }
        let _ = text.parse::<FixReference>();
        let _ = text.parse::<IsoWeek>();
        if let Ok(day) = parse_day(&text) {
            prop_assert_eq!(day.to_string(), text);
        }
    }

    #[test]
    fn an_address_ends_no_link_that_it_is_put_into(text in "https?://[a-z].{0,30}") {
        if let Ok(fix) = text.parse::<FixReference>() {
            prop_assert!(!fix.to_string().contains([' ', '(', ')', '<', '>', '\n', '"']));
        }
    }

    #[test]
    fn a_time_is_in_its_week_and_in_no_other(at in timestamps()) {
        let week = IsoWeek::of(at);
        prop_assert!(week.contains(at) && !week.previous().contains(at));
        prop_assert_eq!(week.to_string().parse::<IsoWeek>().unwrap(), week);
        prop_assert_eq!(week.monday().weekday(), Weekday::Monday);
        prop_assert_eq!(week.sunday().weekday(), Weekday::Sunday);
        prop_assert!(week.previous() < week && week.previous().sunday() < week.monday());
    }

    /// However claims, crashes and givings back follow each other, nobody sees it more often than
    /// it may be tried, and what is posted stays so.
    #[test]
    fn an_announcement_is_posted_three_times_at_most(
        steps in prop::collection::vec((0i64..90, 0u8..3), 0..40)
    ) {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut delivery = Delivery::default();
        let mut may_have_been_seen = 0;
        for (minutes, end) in steps {
            now += SignedDuration::from_mins(minutes);
            let Some(claimed) = delivery.claimed(now) else { continue };
            prop_assert!(claimed.claimed(now).is_none(), "two hold it at once");
            delivery = match end {
                0 => claimed.given_back(),
                1 => { may_have_been_seen += 1; claimed }
                _ => { may_have_been_seen += 1; claimed.sent(now) }
            };
            if delivery.sent_at.is_some() {
                prop_assert!(delivery.claimed(now + SignedDuration::from_hours(99)).is_none());
            }
        }
        prop_assert!(may_have_been_seen <= 3);
    }
}

#[test]
fn weeks_are_those_of_iso_8601() {
    let of = |text: &str| IsoWeek::of(text.parse().unwrap()).to_string();
    assert_eq!(of("2026-11-26T12:00:00Z"), "2026-W48");
    assert_eq!(of("2027-01-03T23:59:59Z"), "2026-W53");
    assert_eq!(of("2024-12-30T00:00:00Z"), "2025-W01");
    let week: IsoWeek = "2026-W48".parse().unwrap();
    assert_eq!(week.monday().to_string(), "2026-11-23");
    assert_eq!(week.sunday().to_string(), "2026-11-29");
    for refused in [
        "2026-W54", "2025-W53", "2026-W00", "2026-48", "26-W48", "2026-W4", "2026-W+1",
    ] {
        assert!(refused.parse::<IsoWeek>().is_err(), "{refused}");
    }
}

#[test]
fn what_is_wrong_with_an_act_is_said() {
    let refused = |json: &str| {
        serde_json::from_str::<TriageStep>(json)
            .unwrap_err()
            .to_string()
    };
    let acknowledge = |fields: &str| {
        refused(&format!(
            r#"{{"kind":"acknowledge","words":"w","owner":"o"{fields}}}"#
        ))
    };
    insta::assert_snapshot!(
        [
            refused(r#"{"kind":"forget"}"#),
            acknowledge(r#","reason":"accepted","configurations":[]"#),
            acknowledge(r#","reason":"accepted","configurations":["a","a"]"#),
            acknowledge(r#","reason":"because","configurations":["a"]"#),
            acknowledge(r#","reason":"noise","configurations":["a"],"due":"soon""#),
            acknowledge(r#","reason":"noise","configurations":["a"],"until":"2026-01-01""#),
            refused(r#"{"kind":"reopen","words":"  "}"#),
            refused(r#"{"kind":"fix","by":"javascript:alert(1)"}"#),
            refused(r#"{"kind":"culprit","artifact":"yesterday"}"#),
        ]
        .join("\n---\n")
    );
}

#[test]
fn a_full_record_takes_no_more() {
    let reopen = TriageStep::Reopen {
        words: "again".parse().unwrap(),
        configurations: None,
    };
    let mut record = record(vec![(Timestamp::UNIX_EPOCH, reopen.clone()); ACTS_MAX]);
    let act = TriageAct {
        who: "ada".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        what: reopen,
    };
    assert!(record.add(act).is_err());
    assert_eq!(record.acts.len(), ACTS_MAX);
}
