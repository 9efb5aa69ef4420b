use proptest::prelude::*;
use shared_types::request::{RequestState, Selection};
use shared_types::{ArtifactId, Profile};

use super::*;
use crate::schedule::{JOB_SECONDS_WANTED, SILENT_SECONDS_MAX};

fn made(pattern: Pattern, seed: u64) -> MadeLoad {
    MadeLoad {
        pattern,
        days: 1,
        configurations: 2,
        collectors: 2,
        rough_hosts: false,
        benchmarks: 8,
        seed,
    }
}

fn commit(number: u32) -> ArtifactId {
    format!("{number:040x}").parse().unwrap()
}

/// A load of that shape without any request.
fn empty(configurations: u32, collectors: u32) -> Load {
    of_suite(8, configurations, collectors)
}

fn of_suite(benchmarks: u32, configurations: u32, collectors: u32) -> Load {
    let made = MadeLoad {
        benchmarks,
        configurations,
        collectors,
        ..made(Pattern::AtOnce, 7)
    };
    Load {
        requests: Vec::new(),
        ..made.make().unwrap()
    }
}

/// Somebody asks for a commit under all configurations.
fn ask(load: &mut Load, at_s: u64, requester: &str, head: u32) {
    load.requests.push(LoadRequest {
        at_s,
        requester: requester.to_owned(),
        priority: 0,
        base: None,
        head: commit(head),
        parent: None,
        configurations: load
            .configurations
            .iter()
            .map(|one| one.id.clone())
            .collect(),
        selection: Selection::default(),
        paired: false,
        backfill: false,
        iterations: 3,
        cancelled_at_s: None,
        paused: None,
    });
}

fn calm(load: &Load) -> Outcome {
    let outcome = simulate(load, Faults::default(), 1);
    assert_eq!(outcome.violations, [""; 0]);
    assert_eq!(outcome.jobs_not_ended_once, 0);
    outcome
}

#[test]
fn the_same_load_and_seed_give_the_same_outcome() {
    let load = made(Pattern::Days, 3).make().unwrap();
    let one = simulate(&load, Faults::MANY, 5);
    assert_eq!(one, simulate(&load, Faults::MANY, 5));
    assert_ne!(one, simulate(&load, Faults::MANY, 6));
}

#[test]
fn no_job_waits_beside_an_idle_collector_for_longer_than_a_look() {
    let outcome = calm(&made(Pattern::AtOnce, 1).make().unwrap());
    assert!(
        outcome.idle_beside_work_s <= 5.0,
        "{}",
        outcome.idle_beside_work_s
    );
    assert_eq!(outcome.results_doubled + outcome.jobs_recovered, 0);
}

#[test]
fn a_load_that_is_there_at_once_is_done_in_little_more_than_it_takes() {
    let load = made(Pattern::AtOnce, 1).make().unwrap();
    let report = report(&load, Faults::default(), 1);
    let fixed = report.fixed_over_lower_bound;
    assert!(
        report.over_lower_bound >= 1.0,
        "{}",
        report.over_lower_bound
    );
    assert!(
        report.over_lower_bound < fixed,
        "{} {fixed}",
        report.over_lower_bound
    );
}

#[test]
fn no_configuration_waits_for_another() {
    let mut both = empty(2, 2);
    for number in 1..=4 {
        ask(&mut both, 0, "ada", number);
    }
    let first = both.configurations[0].id.clone();
    let mut alone = both.clone();
    for request in &mut alone.requests {
        request.configurations.truncate(1);
    }
    // The collectors of the second come on the third day.
    for collector in &mut both.collectors {
        if !collector.configurations.contains(&first) {
            collector.absences = vec![Span {
                from_s: 0,
                until_s: 200_000,
            }];
        }
    }
    let alone = simulate(&alone, Faults::default(), 1);
    let mut simulation = Simulation::new(&both, Faults::default(), 1);
    simulation.run();
    let ends = simulation.index.jobs.values();
    let of_first = ends.filter(|job| job.configuration == first);
    let last = of_first.filter_map(|job| job.finished_at).max().unwrap();
    let last_s = index::milliseconds(last) as f64 / 1e3;
    assert!(
        (last_s - alone.makespan_s).abs() < 1.0,
        "{last_s} {}",
        alone.makespan_s
    );
}

#[test]
fn a_lost_collector_delays_its_configuration_by_no_more_than_one_job() {
    let mut load = empty(1, 2);
    for number in 1..=6 {
        ask(&mut load, 0, "ada", number);
    }
    let leaves_s = 4000;
    let from_then = Span {
        from_s: leaves_s,
        until_s: 400 * 86_400,
    };
    load.collectors[1].absences = vec![from_then];
    let lost = calm(&load);
    // What the one that stays could have done at best, had the other handed back its work at once.
    let bound = lower_bound_s(&load);
    let slack_s = JOB_SECONDS_WANTED + 300.0 + 60.0;
    let jobs_s = lost.jobs as f64 * (load.seconds_per_job + 2.0);
    assert!(
        lost.makespan_s <= bound + slack_s + jobs_s,
        "{} {bound} {jobs_s}",
        lost.makespan_s
    );
    assert!(
        lost.answers
            .iter()
            .all(|one| one.state == Some(RequestState::Done))
    );
}

#[test]
fn cancelled_work_stops_within_one_extension_of_its_lease() {
    let mut load = empty(1, 3);
    for number in 1..=6 {
        ask(&mut load, 0, "ada", number);
        load.requests[number as usize - 1].cancelled_at_s = (number % 2 == 1).then_some(70);
    }
    let outcome = calm(&load);
    assert!(
        outcome.cancelled_work_s <= 60.0,
        "{}",
        outcome.cancelled_work_s
    );
    let states: Vec<_> = outcome.answers.iter().filter_map(|one| one.state).collect();
    let (cancelled, done) = (RequestState::Cancelled, RequestState::Done);
    assert_eq!(states, [cancelled, done, cancelled, done, cancelled, done]);
}

#[test]
fn what_is_paused_holds_nothing_else_up_and_goes_on_when_it_is_let_go() {
    let mut load = empty(1, 1);
    ask(&mut load, 0, "ada", 1);
    ask(&mut load, 0, "bob", 2);
    load.requests[0].paused = Some(Span {
        from_s: 0,
        until_s: 100_000,
    });
    let outcome = calm(&load);
    let [held, other] = &outcome.answers[..] else {
        panic!("{:?}", outcome.answers);
    };
    assert!(held.latency_s > 100_000.0 && held.state == Some(RequestState::Done));
    assert!(other.latency_s < 50_000.0, "{}", other.latency_s);
}

#[test]
fn a_collector_that_drains_finishes_its_job_and_takes_no_more() {
    let mut load = empty(1, 2);
    for number in 1..=4 {
        ask(&mut load, 0, "ada", number);
    }
    load.collectors[0].drains = vec![Span {
        from_s: 100,
        until_s: 400 * 86_400,
    }];
    let mut simulation = Simulation::new(&load, Faults::default(), 1);
    simulation.run();
    let name = &load.collectors[0].name;
    let by_it = simulation.index.jobs.values().filter(|job| {
        let progress = job.progress.as_ref();
        progress.is_some_and(|progress| progress.collector == *name)
    });
    assert_eq!(by_it.count(), 1);
    assert!(simulation.is_done());
}

#[test]
fn a_small_request_does_not_wait_for_the_whole_of_anothers_large_one() {
    let mut load = empty(1, 1);
    for number in 1..=10 {
        ask(&mut load, 0, "ada", number);
    }
    ask(&mut load, 60, "bob", 99);
    load.requests[10].selection.profiles = vec![Profile::Check];
    let outcome = calm(&load);
    let small = &outcome.answers[10];
    assert!(
        small.latency_s < outcome.makespan_s / 2.0,
        "{}",
        small.latency_s
    );
}

#[test]
fn comparisons_are_measured_on_one_host_more_often_than_by_chance() {
    let mut load = of_suite(40, 1, 3);
    for number in 1..=8 {
        ask(&mut load, 0, "ada", 100 + number);
        load.requests[number as usize - 1].base = Some(commit(number));
    }
    let outcome = calm(&load);
    assert!(outcome.same_host > 0.6, "{}", outcome.same_host);
}

#[test]
fn a_load_is_read_as_it_was_written_and_nonsense_is_refused() {
    use shared_types::format::Versioned;
    let load = made(Pattern::Days, 1).make().unwrap();
    let json = serde_json::to_string(&load).unwrap();
    assert_eq!(Load::from_json(json.as_bytes()).unwrap(), load);
    let mut wrong = load.clone();
    wrong.requests[0].configurations = vec!["other".parse().unwrap()];
    let error = wrong.check().unwrap_err().to_string();
    assert!(error.contains("the configuration other"), "{error}");
    let mut wrong = load;
    wrong.collectors[0].slowness = 0.0;
    assert!(wrong.check().is_err());
}

#[test]
fn a_report_in_words() {
    let load = made(Pattern::Days, 1).make().unwrap();
    let report = report(&load, Faults::MANY, 1);
    insta::assert_snapshot!(describe(&report));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is lost, doubled or late, and whoever vanishes.
    #[test]
    fn every_job_ends_exactly_once_and_the_order_is_kept_whatever_goes_wrong(
        seed in 0u64..1_000_000,
        lost in 0.0f64..0.1,
        doubled in 0.0f64..0.3,
        late in 0.0f64..0.3,
        attempt_fails in 0.0f64..0.2,
        at_once: bool,
        collectors in 1u32..4,
    ) {
        let pattern = if at_once { Pattern::AtOnce } else { Pattern::Days };
        let load = MadeLoad { rough_hosts: true, collectors, ..made(pattern, seed) };
        let load = load.make().unwrap();
        let faults = Faults { lost, doubled, late, attempt_fails };
        let outcome = simulate(&load, faults, seed);
        prop_assert_eq!(&outcome.violations, &Vec::<String>::new());
        prop_assert_eq!(outcome.jobs_not_ended_once, 0);
        prop_assert!(outcome.results_counted <= outcome.jobs);
        prop_assert!(outcome.answers.iter().all(|one| one.state.is_some()));
        prop_assert!(outcome.cancelled_work_s <= 60.0, "{}", outcome.cancelled_work_s);
    }

    /// The bound of docs/scheduling.md, where messages may be doubled and late by two minutes, hosts
    /// are slow and vanish, and none is lost.
    #[test]
    fn no_job_waits_longer_beside_an_idle_collector_than_is_said(
        seed in 0u64..1_000_000,
        doubled in 0.0f64..0.3,
        attempt_fails in 0.0f64..0.2,
    ) {
        let load = MadeLoad { rough_hosts: true, ..made(Pattern::AtOnce, seed) };
        let faults = Faults { doubled, attempt_fails, ..Faults::default() };
        let outcome = simulate(&load.make().unwrap(), faults, seed);
        let bound_s = (SILENT_SECONDS_MAX as u64 + TICK_SECONDS) as f64;
        prop_assert!(outcome.idle_beside_work_s <= bound_s, "{}", outcome.idle_beside_work_s);
    }
}
