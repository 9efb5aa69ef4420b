use proptest::prelude::*;
use shared_types::RequestId;
use shared_types::result_document::MeasuredRun;
use shared_types::upkeep::OwnMeasuring;

use super::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap()
}

fn artifact() -> ArtifactId {
    "release-1.95.0".parse().unwrap()
}

fn upkeep() -> Upkeep {
    Upkeep::beginning("zen4".parse().unwrap(), at(0))
}

fn ask(upkeep: &mut Upkeep, hours: i64, purpose: Purpose) {
    let number = u64::try_from(upkeep.own_measurings.len()).unwrap();
    upkeep.ask(OwnMeasuring {
        request: RequestId::from_parts(number, &[1; 10]),
        asked_at: at(hours),
        purpose,
    });
}

fn a_a() -> Purpose {
    Purpose::AA {
        artifact: artifact(),
    }
}

fn rerun(seconds: u64) -> Purpose {
    Purpose::Rerun {
        run: MeasuredRun {
            artifact: artifact(),
            replicate: shared_types::Replicate::FIRST,
        },
        seconds,
    }
}

/// Whether one is due, in an idle configuration of so many hosts.
fn is_due(upkeep: &Upkeep, hours: i64, hosts: u32) -> bool {
    let newest = artifact();
    let standing = ConfigurationStanding {
        now: at(hours),
        is_idle: true,
        hosts,
        newest: Some(&newest),
        upkeep,
    };
    a_a_due(&standing, UpkeepRules::default()).is_some()
}

#[test]
fn the_first_is_due_after_a_day_and_each_further_one_a_week_later() {
    let mut upkeep = upkeep();
    assert!(!is_due(&upkeep, 23, 1));
    assert!(is_due(&upkeep, 24, 1));
    ask(&mut upkeep, 30, a_a());
    assert!(!is_due(&upkeep, 30 + 167, 1));
    assert!(is_due(&upkeep, 30 + 168, 1));
}

#[test]
fn two_hosts_are_measured_twice_as_often() {
    let mut upkeep = upkeep();
    ask(&mut upkeep, 0, a_a());
    assert!(!is_due(&upkeep, 83, 2));
    assert!(is_due(&upkeep, 84, 2));
}

#[test]
fn measuring_once_more_is_no_a_a_measuring() {
    let mut upkeep = upkeep();
    ask(&mut upkeep, 20, rerun(60));
    assert!(is_due(&upkeep, 24, 1));
}

#[test]
fn the_budget_is_a_part_of_what_was_measured_and_comes_back_after_a_week() {
    let mut upkeep = upkeep();
    let left = |upkeep: &Upkeep, hours| {
        rerun_seconds_left(at(hours), upkeep, 10_000.0, UpkeepRules::default())
    };
    assert_eq!(left(&upkeep, 0), 1000.0);
    ask(&mut upkeep, 1, rerun(700));
    ask(&mut upkeep, 2, a_a());
    assert_eq!(left(&upkeep, 3), 300.0);
    ask(&mut upkeep, 4, rerun(700));
    assert_eq!(left(&upkeep, 5), 0.0);
    assert_eq!(left(&upkeep, 1 + 168), 300.0);
    assert_eq!(left(&upkeep, 4 + 168), 1000.0);
}

proptest! {
    #[test]
    fn nothing_is_measured_at_the_cost_of_what_people_asked_for(
        hours in 0i64..10_000, hosts in 0u32..9, days in 0u32..400, asked in prop::collection::vec(0i64..10_000, 0..5),
    ) {
        let mut upkeep = upkeep();
        for hour in asked {
            ask(&mut upkeep, hour, a_a());
        }
        let newest = artifact();
        let standing = |is_idle, newest| ConfigurationStanding {
            now: at(hours), is_idle, hosts, newest, upkeep: &upkeep,
        };
        let rules = UpkeepRules { a_a_days: days, ..UpkeepRules::default() };
        prop_assert_eq!(a_a_due(&standing(false, Some(&newest)), rules), None);
        prop_assert_eq!(a_a_due(&standing(true, None), rules), None);
        if hosts == 0 || days == 0 {
            prop_assert_eq!(a_a_due(&standing(true, Some(&newest)), rules), None);
        }
    }

    #[test]
    fn between_two_a_a_measurings_lies_the_interval_however_often_is_asked(
        hosts in 1u32..5, days in 1u32..20, steps in prop::collection::vec(1i64..30, 1..200),
    ) {
        let mut upkeep = upkeep();
        let rules = UpkeepRules { a_a_days: days, ..UpkeepRules::default() };
        let newest = artifact();
        let (mut now, mut last) = (0, None::<i64>);
        for step in steps {
            now += step;
            let standing = ConfigurationStanding {
                now: at(now), is_idle: true, hosts, newest: Some(&newest), upkeep: &upkeep,
            };
            if a_a_due(&standing, rules).is_some() {
                if let Some(last) = last {
                    prop_assert!((now - last) * i64::from(hosts) >= i64::from(days) * 24);
                }
                last = Some(now);
                ask(&mut upkeep, now, a_a());
            } else if let Some(last) = last {
                prop_assert!((now - last) * i64::from(hosts) < i64::from(days) * 24);
            }
        }
    }

    #[test]
    fn the_budget_is_never_overdrawn(
        wanted in prop::collection::vec((1i64..50, 1u64..900), 1..80),
        measured in 0.0..50_000.0f64, percent in 0u32..100,
    ) {
        let mut upkeep = upkeep();
        let rules = UpkeepRules { rerun_percent: percent, ..UpkeepRules::default() };
        let mut now = 0;
        for (step, seconds) in wanted {
            now += step;
            if rerun_seconds_left(at(now), &upkeep, measured, rules) >= seconds as f64 {
                ask(&mut upkeep, now, rerun(seconds));
            }
            let spent: u64 = upkeep.own_measurings.iter().filter_map(|asked| match asked.purpose {
                Purpose::Rerun { seconds, .. } if asked.asked_at > at(now - 168) => Some(seconds),
                _ => None,
            }).sum();
            prop_assert!(spent as f64 <= measured * f64::from(percent) / 100.0 + 1e-6);
        }
    }
}
