use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Two queues, of which one has a running and a waiting job; two collectors, two requests, a problem and a
/// failure.
fn status() -> Status {
    let day = |day: u8| format!("2026-05-{day:02}T00:00:00Z");
    let id = |last: u8| format!("01890a5d-ac96-774b-bcce-b302099a80{last:02}");
    let job = |last: u8, state: &str| {
        json!({
            "id": id(last), "request": id(50), "configuration": "zen4", "iterations": 1, "time_limit_s": 60,
            "runs": [{ "artifact": "release-1.95.0", "replicate": 1 }],
            "units": [{ "benchmark": "syn-2.0.119", "profile": "check", "scenarios": ["full"] }],
            "state": state, "releases": 1, "created_at": day(last),
        })
    };
    let queue = |configuration: &str, running: u32| {
        json!({
            "configuration": configuration, "jobs": [],
            "queue": {
                "pending": 0, "queued": running, "running": running,
                "compilations_done": 0, "compilations_total": 4,
            },
        })
    };
    let mut busy = queue("zen4", 1);
    let mut running = job(2, "running");
    running["progress"] = json!({
        "attempt": 1, "collector": "c1", "host": "host-1", "done": 1, "total": 2, "current": "syn", "at": day(3),
    });
    busy["jobs"] = json!([running, job(1, "queued")]);
    let request = |last: u8, configuration: &str, state: &str| {
        json!({
            "id": id(last), "head": { "artifact": "release-1.95.0", "replicate": 1 },
            "configurations": [configuration], "selection": {}, "paired": false, "iterations": 1,
            "time_limit_s": 60, "requester": "ada", "state": state, "created_at": day(last - 40),
        })
    };
    let collector = |name: &str, host: &str, configuration: &str| {
        json!({
            "collector": {
                "report": {
                    "collector": name, "version": "1", "configurations": [configuration],
                    "host": { "name": host, "target": "x86_64-unknown-linux-gnu" }, "metrics": [],
                    "suite": "0".repeat(32),
                },
                "first_seen_at": day(1), "last_seen_at": day(4), "draining": false,
            },
            "alive": name == "c1",
        })
    };
    serde_json::from_value(json!({
        "now": day(9), "version": "1",
        "configurations": [busy, queue("n1", 0)],
        "collectors": [collector("c1", "host-1", "zen4"), collector("c10", "host-10", "n1")],
        "requests": [request(50, "zen4", "running"), request(51, "n1", "done")],
        "problems": [{ "subject": "collector c10", "message": "is silent", "at": day(5), "count": 1 }],
        "failures": [{
            "job": id(3), "configuration": "n1", "host": "host-10", "at": day(6),
            "failure": {
                "artifact": "release-1.95.0", "replicate": 1, "benchmark": "syn-2.0.119",
                "profile": "check", "kind": "crashed", "message": "it fell over",
            },
        }],
    }))
    .unwrap()
}

fn counts(address: &str) -> [usize; 6] {
    let listed = listed(&status(), &StatusState::parse(address).state);
    [
        listed.queues.len(),
        listed.queues.iter().map(|queue| queue.jobs.len()).sum(),
        listed.collectors.len(),
        listed.requests.len(),
        listed.problems.len(),
        listed.failures.len(),
    ]
}

#[test]
fn each_filter_leaves_what_it_names() {
    assert_eq!(counts(""), [2, 2, 2, 2, 1, 1]);
    assert_eq!(counts("configuration=zen4"), [1, 2, 1, 1, 0, 0]);
    assert_eq!(counts("host=host-1"), [1, 1, 1, 1, 0, 0]);
    assert_eq!(counts("host=c10"), [1, 0, 1, 0, 1, 0]);
    assert_eq!(counts("host=host-10"), [1, 0, 1, 0, 0, 1]);
    assert_eq!(counts("show=running"), [1, 1, 0, 1, 0, 0]);
    assert_eq!(counts("show=waiting"), [1, 1, 1, 0, 0, 0]);
    assert_eq!(counts("show=failed"), [0, 0, 1, 0, 1, 1]);
    assert_eq!(counts("show=ended"), [0, 0, 0, 1, 0, 0]);
    assert_eq!(counts("text=FELL+over"), [0, 0, 0, 0, 0, 1]);
    assert_eq!(counts("text=ada&show=running"), [0, 0, 0, 1, 0, 0]);
}

#[test]
fn what_is_hidden_is_told_by_kind() {
    let words = |address: &str| {
        listed(&status(), &StatusState::parse(address).state)
            .hidden
            .in_words()
    };
    assert_eq!(words("order=newest"), None);
    let told = words("show=ended").unwrap().replace('\u{a0}', " ");
    assert_eq!(
        told,
        "9 rows are hidden: 1 problem, 2 queues, 2 jobs, 2 collectors, 1 request, 1 failure."
    );
}

#[test]
fn rows_can_be_ordered() {
    let requests = |address: &str| -> Vec<String> {
        let listed = listed(&status(), &StatusState::parse(address).state);
        listed
            .requests
            .iter()
            .map(|it| names(&it.configurations))
            .collect()
    };
    assert_eq!(requests("order=newest"), ["n1", "zen4"]);
    assert_eq!(requests("order=name"), ["n1", "zen4"]);
    assert_eq!(requests("order=state"), ["n1", "zen4"]);
    assert_eq!(requests(""), ["zen4", "n1"]);
    let jobs = listed(&status(), &StatusState::parse("order=state").state).queues;
    let zen4 = jobs.iter().find(|queue| !queue.jobs.is_empty()).unwrap();
    assert_eq!(zen4.jobs[0].state, JobState::Queued);
}

#[test]
fn a_name_is_not_found_within_a_longer_one() {
    assert!(is_named_in("collector c1", "c1"));
    assert!(is_named_in("results/v1/zen4/x", "zen4"));
    assert!(!is_named_in("collector c10", "c1"));
    assert!(!is_named_in("zen4-t1", "zen4"));
}

proptest! {
    #[test]
    fn listed_and_hidden_rows_are_all_rows(
        configuration in prop::option::of(prop::sample::select(vec!["zen4", "n1"])),
        shown in prop::sample::select(StatusShown::ALL),
        order in prop::sample::select(StatusOrder::ALL),
        host in prop::sample::select(vec!["", "host-1", "c10"]),
        text in "[a-d0-9 ]{0,3}",
    ) {
        let wanted = StatusState {
            configuration: configuration.map(|id| id.parse().unwrap()),
            shown, host: host.to_owned(), text, order,
        };
        let (all, listed) = (status(), listed(&status(), &wanted));
        let hidden = &listed.hidden;
        prop_assert_eq!(listed.requests.len() + hidden.requests, all.requests.len());
        prop_assert_eq!(listed.collectors.len() + hidden.collectors, all.collectors.len());
        prop_assert_eq!(listed.problems.len() + hidden.problems, all.problems.len());
        prop_assert_eq!(listed.failures.len() + hidden.failures, all.failures.len());
        prop_assert_eq!(listed.queues.len() + hidden.queues, all.configurations.len());
        let jobs: usize = listed.queues.iter().map(|queue| queue.jobs.len()).sum();
        prop_assert_eq!(jobs + hidden.jobs, 2);
    }
}
