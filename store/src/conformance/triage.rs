//! What every adapter of [`Index`](crate::Index) must do with what people decided, and with what was
//! announced of it.

use jiff::Timestamp;
use shared_types::run::SidePair;
use shared_types::triage::{
    Delivery, IsoWeek, Ping, PingReason, TriageAct, TriageRecord, TriageStep, WeeklyPost,
};

use super::Setting;
use super::examples::{at, configuration_id};

/// Calls `$define! { … }` with the cases of [`conformance::triage`](crate::conformance::triage).
#[macro_export]
macro_rules! triage_conformance {
    ($define:ident) => {
        $define! { triage:
            a_triage_record_is_replaced_by_who_knows_it,
            of_many_that_act_at_once_one_is_first,
            the_records_that_were_changed_last_are_listed_first,
            a_weekly_post_is_claimed_by_one_alone,
        }
    };
}

fn sides(number: u32) -> SidePair {
    let (base, head) = (number, number + 1);
    format!("release-1.{base}.0#1..release-1.{head}.0#12")
        .parse()
        .unwrap()
}

fn reopened(who: &str, at: Timestamp) -> TriageAct {
    TriageAct {
        who: who.to_owned(),
        at,
        what: TriageStep::Reopen {
            words: "it is back".parse().unwrap(),
            configurations: None,
        },
    }
}

pub async fn a_triage_record_is_replaced_by_who_knows_it(setting: &Setting) {
    let index = &*setting.store.index;
    let pair = sides(1);
    assert_eq!(index.triage_record(&pair).await.unwrap(), None);
    let mut first = TriageRecord::beginning(pair.clone(), at(0));
    first.add(reopened("ada", at(1))).unwrap();
    assert!(index.replace_triage_record(None, &first).await.unwrap());
    // Told again, and by somebody who does not know of it.
    assert!(!index.replace_triage_record(None, &first).await.unwrap());
    let mut second = first.clone();
    second.add(reopened("grace", at(2))).unwrap();
    second.remember(Ping {
        configuration: configuration_id(),
        reason: PingReason::Overdue,
        deadline: at(1),
        owner: "ada".parse().unwrap(),
        delivery: Delivery::default().claimed(at(2)).unwrap(),
    });
    let replaced = index.replace_triage_record(Some(&first), &second).await;
    assert!(replaced.unwrap());
    let late = setting
        .other
        .index
        .replace_triage_record(Some(&first), &second);
    assert!(!late.await.unwrap());
    let found = setting.other.index.triage_record(&pair).await.unwrap();
    assert_eq!(found, Some(second));
    assert_eq!(index.triage_record(&sides(2)).await.unwrap(), None);
}

pub async fn of_many_that_act_at_once_one_is_first(setting: &Setting) {
    let first = TriageRecord::beginning(sides(1), at(0));
    let index = setting.store.index.clone();
    assert!(index.replace_triage_record(None, &first).await.unwrap());
    let tries = (1..=8i64).map(|number| {
        let index = if number % 2 == 0 {
            setting.store.index.clone()
        } else {
            setting.other.index.clone()
        };
        let known = first.clone();
        tokio::spawn(async move {
            let mut new = known.clone();
            new.add(reopened(&format!("person {number}"), at(number)))
                .unwrap();
            let replaced = index.replace_triage_record(Some(&known), &new).await;
            replaced.unwrap()
        })
    });
    let mut replaced = 0;
    for tried in tries.collect::<Vec<_>>() {
        replaced += u32::from(tried.await.unwrap());
    }
    assert_eq!(replaced, 1);
    let found = index.triage_record(&sides(1)).await.unwrap().unwrap();
    assert_eq!(found.acts.len(), 1);
}

pub async fn the_records_that_were_changed_last_are_listed_first(setting: &Setting) {
    let index = &*setting.store.index;
    for (number, second) in [(1, 10), (2, 30), (3, 20)] {
        let record = TriageRecord::beginning(sides(number), at(second));
        assert!(index.replace_triage_record(None, &record).await.unwrap());
    }
    // Whoever acts on the oldest moves it to the front.
    let known = index.triage_record(&sides(1)).await.unwrap().unwrap();
    let mut new = known.clone();
    new.add(reopened("ada", at(40))).unwrap();
    let replaced = index.replace_triage_record(Some(&known), &new).await;
    assert!(replaced.unwrap());
    let listed = async |limit| -> Vec<SidePair> {
        let records = index.triage_records(limit).await.unwrap();
        records.into_iter().map(|record| record.sides).collect()
    };
    assert_eq!(listed(10).await, [sides(1), sides(2), sides(3)]);
    assert_eq!(listed(2).await, [sides(1), sides(2)]);
    assert_eq!(listed(0).await, []);
}

pub async fn a_weekly_post_is_claimed_by_one_alone(setting: &Setting) {
    let index = &*setting.store.index;
    let week: IsoWeek = "2026-W48".parse().unwrap();
    assert_eq!(index.weekly_post(week).await.unwrap(), None);
    let claimed = WeeklyPost {
        delivery: Delivery::default().claimed(at(0)).unwrap(),
        ..WeeklyPost::beginning(week)
    };
    assert!(index.replace_weekly_post(None, &claimed).await.unwrap());
    let other = setting.other.index.replace_weekly_post(None, &claimed);
    assert!(!other.await.unwrap());
    let sent = WeeklyPost {
        delivery: claimed.delivery.sent(at(1)),
        ..claimed.clone()
    };
    let replaced = index.replace_weekly_post(Some(&claimed), &sent).await;
    assert!(replaced.unwrap());
    let found = setting.other.index.weekly_post(week).await.unwrap();
    assert_eq!(found, Some(sent));
    assert_eq!(index.weekly_post(week.previous()).await.unwrap(), None);
}
