//! What every adapter of [`Index`](crate::Index) must do with what is kept of a configuration by the
//! coordinator itself, and of runs on disturbed hosts.

use shared_types::disturbance::{
    DisturbanceAnswer, DisturbanceFinding, DisturbedRun, DisturbedState,
};
use shared_types::upkeep::{OwnMeasuring, Purpose, Upkeep};

use super::Setting;
use super::examples::{
    artifact_id, at, configuration_id, job, measured_run, progress, request_id, result, with_jobs,
};
use crate::UpkeepIndex;

/// Calls `$define! { … }` with the cases of [`conformance::upkeep`](crate::conformance::upkeep).
#[macro_export]
macro_rules! upkeep_conformance {
    ($define:ident) => {
        $define! { upkeep:
            the_upkeep_is_replaced_by_who_knows_it,
            of_many_that_replace_the_upkeep_at_once_one_does,
            a_disturbed_run_is_replaced_by_who_knows_it,
            disturbed_runs_are_listed_by_configuration,
            the_time_that_was_measured_is_added_up,
        }
    };
}

fn asked(number: u64) -> OwnMeasuring {
    OwnMeasuring {
        request: request_id(number),
        asked_at: at(1),
        purpose: Purpose::AA {
            artifact: artifact_id(1),
        },
    }
}

pub async fn the_upkeep_is_replaced_by_who_knows_it(setting: &Setting) {
    let index = &*setting.store.index;
    let id = configuration_id();
    assert_eq!(index.upkeep(&id).await.unwrap(), None);
    let first = Upkeep::beginning(id.clone(), at(0));
    assert!(index.replace_upkeep(None, &first).await.unwrap());
    // Told again, and by somebody who does not know of it.
    assert!(!index.replace_upkeep(None, &first).await.unwrap());
    let mut second = first.clone();
    second.ask(asked(1));
    assert!(index.replace_upkeep(Some(&first), &second).await.unwrap());
    let mut other = first.clone();
    other.ask(asked(2));
    let late = setting.other.index.replace_upkeep(Some(&first), &other);
    assert!(!late.await.unwrap());
    let found = setting.other.index.upkeep(&id).await.unwrap();
    assert_eq!(found, Some(second));
    assert_eq!(index.upkeep(&"other".parse().unwrap()).await.unwrap(), None);
}

pub async fn of_many_that_replace_the_upkeep_at_once_one_does(setting: &Setting) {
    let first = Upkeep::beginning(configuration_id(), at(0));
    let index = setting.store.index.clone();
    assert!(index.replace_upkeep(None, &first).await.unwrap());
    let tries = (1..=8u64).map(|number| {
        let index = if number % 2 == 0 {
            setting.store.index.clone()
        } else {
            setting.other.index.clone()
        };
        let known = first.clone();
        tokio::spawn(async move {
            let mut new = known.clone();
            new.ask(asked(number));
            index.replace_upkeep(Some(&known), &new).await.unwrap()
        })
    });
    let mut replaced = 0;
    for tried in tries.collect::<Vec<_>>() {
        replaced += u32::from(tried.await.unwrap());
    }
    assert_eq!(replaced, 1);
    let found = index.upkeep(&configuration_id()).await.unwrap().unwrap();
    assert_eq!(found.own_measurings.len(), 1);
}

fn disturbed(configuration: &str, number: u32) -> DisturbedRun {
    DisturbedRun {
        configuration: configuration.parse().unwrap(),
        run: measured_run(number),
        hosts: vec!["host-a".to_owned()],
        found_at: at(5),
        finding: DisturbanceFinding {
            answer: DisturbanceAnswer::Disturbed,
            sentence: "The host was disturbed.".to_owned(),
            shifts: Vec::new(),
            instructions: None,
            still_test_cases: 9,
            counted_test_cases: 10,
        },
        state: DisturbedState::Found,
        rerun: None,
        superseded: None,
        note: None,
    }
}

pub async fn a_disturbed_run_is_replaced_by_who_knows_it(setting: &Setting) {
    let index = &*setting.store.index;
    let found = disturbed("zen4", 1);
    assert!(index.replace_disturbed_run(None, &found).await.unwrap());
    assert!(!index.replace_disturbed_run(None, &found).await.unwrap());
    let mut asked = found.clone();
    asked.state = DisturbedState::RerunAsked;
    let replaced = index.replace_disturbed_run(Some(&found), &asked).await;
    assert!(replaced.unwrap());
    let again = setting
        .other
        .index
        .replace_disturbed_run(Some(&found), &asked);
    assert!(!again.await.unwrap());
    let all = index.disturbed_runs(&found.configuration).await.unwrap();
    assert_eq!(all, [asked]);
}

pub async fn disturbed_runs_are_listed_by_configuration(setting: &Setting) {
    let index = &*setting.store.index;
    for (configuration, number) in [("zen4", 2), ("zen", 1), ("zen4", 1)] {
        let run = disturbed(configuration, number);
        assert!(index.replace_disturbed_run(None, &run).await.unwrap());
    }
    let of = async |id: &str| index.disturbed_runs(&id.parse().unwrap()).await.unwrap();
    assert_eq!(
        of("zen4").await,
        [disturbed("zen4", 1), disturbed("zen4", 2)]
    );
    assert_eq!(of("zen").await, [disturbed("zen", 1)]);
    assert_eq!(of("zen5").await, []);
}

async fn measured_since(index: &dyn UpkeepIndex, second: i64) -> f64 {
    let id = configuration_id();
    index.measured_seconds(&id, at(second)).await.unwrap()
}

pub async fn the_time_that_was_measured_is_added_up(setting: &Setting) {
    let index = &*setting.store.index;
    with_jobs(index, vec![job(1, &[1]), job(2, &[2]), job(3, &[3])]).await;
    // Started at 90, and done at 101 and at 102.
    for (number, attempt) in [(1, 1), (2, 2)] {
        let id = super::examples::job_id(number);
        index.release_job(id, at(80)).await.unwrap();
        let begun = progress(number, attempt, 1);
        index.record_progress(&begun, at(90)).await.unwrap();
        let run = u32::try_from(number).unwrap();
        let done = index.complete_job(&result(number, attempt, &[run])).await;
        done.unwrap();
    }
    assert_eq!(measured_since(index, 0).await, 23.0);
    assert_eq!(measured_since(index, 101).await, 23.0);
    assert_eq!(measured_since(index, 102).await, 12.0);
    assert_eq!(measured_since(index, 103).await, 0.0);
    let other = "other".parse().unwrap();
    assert_eq!(index.measured_seconds(&other, at(0)).await.unwrap(), 0.0);
}
