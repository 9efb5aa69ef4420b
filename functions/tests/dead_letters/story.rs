//! What a person does about dead letters, wherever the store is.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use store::conformance::examples;
use store::{QueueDepth, QueueName, Store};

/// `perfleet` on some place.
pub(crate) struct Perfleet {
    /// Arguments that name the place.
    pub(crate) place: Vec<String>,
    /// Its environment.
    pub(crate) variables: Vec<(&'static str, String)>,
}

pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Perfleet {
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_perfleet"))
            .args(&self.place)
            .args(arguments)
            .env_clear()
            .env("USER", "ada")
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Answer {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn done(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }
}

fn jobs() -> QueueName {
    QueueName::Jobs(examples::configuration_id())
}

async fn reject(store: &Store, queue: &QueueName, body: &str, reason: &str) {
    let (lease, wait) = (Duration::from_secs(300), Duration::from_secs(5));
    store.queue.send(queue, body).await.unwrap();
    let deliveries = store.queue.receive(queue, 1, lease, wait).await.unwrap();
    let rejected = store.queue.reject(queue, &deliveries[0], reason).await;
    rejected.unwrap();
}

async fn depth(store: &Store, queue: &QueueName) -> QueueDepth {
    store.queue.depth(queue).await.unwrap()
}

/// The whole story, on a store that is empty.
pub(crate) async fn dead_letters_are_listed_shown_retried_and_discarded(
    perfleet: &Perfleet,
    store: &Store,
) {
    let configuration = examples::configuration("x86_64-llvm-t1");
    let registered = store.index.register_configuration(&configuration).await;
    registered.unwrap();
    assert_eq!(
        perfleet.json(&["dead-letters", "list"]),
        serde_json::json!([])
    );

    let event = r#"{"format":"9.0"}"#;
    reject(store, &QueueName::Events, event, "format 9.0 is unknown").await;
    reject(store, &jobs(), "poison", "it is not JSON").await;
    let listed = perfleet.json(&["dead-letters", "list"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let (of_events, of_jobs) = (&listed[0], &listed[1]);
    assert_eq!(of_events["queue"], "events");
    assert_eq!(of_events["reason"], "format 9.0 is unknown");
    assert_eq!(of_events["deliveries"], 1);
    assert_eq!(of_events["body"], event);
    assert_eq!(of_jobs["queue"], jobs().to_string());
    let text = perfleet.done(&["dead-letters", "list", "--queue", "events"]);
    assert!(text.contains("format 9.0 is unknown"), "{text}");
    assert!(!text.contains("poison"), "{text}");

    let event_id = of_events["id"].as_str().unwrap();
    let job_id = of_jobs["id"].as_str().unwrap();
    let shown = perfleet.done(&["dead-letters", "show", event_id]);
    assert_eq!(
        serde_json::from_str::<Value>(&shown).unwrap()["format"],
        "9.0"
    );
    assert_eq!(perfleet.done(&["dead-letters", "show", job_id]), "poison\n");

    mistakes_change_nothing(perfleet, job_id);
    assert_eq!(depth(store, &jobs()).await.dead, 1);

    perfleet.done(&["dead-letters", "retry", event_id]);
    let events = depth(store, &QueueName::Events).await;
    assert_eq!((events.waiting, events.dead), (1, 0));
    perfleet.done(&["dead-letters", "discard", job_id, "--yes"]);
    assert_eq!(depth(store, &jobs()).await, QueueDepth::default());

    for body in ["one", "two"] {
        reject(store, &QueueName::Compare, body, "no").await;
    }
    let retried = perfleet.json(&["dead-letters", "retry", "--all"]);
    assert_eq!(
        retried,
        serde_json::json!([{ "queue": "compare", "count": 2 }])
    );
    let compared = depth(store, &QueueName::Compare).await;
    assert_eq!((compared.waiting, compared.dead), (2, 0));

    all_is_in_the_book(store, event_id, job_id).await;
}

fn mistakes_change_nothing(perfleet: &Perfleet, id: &str) {
    let unsure = perfleet.run(&["dead-letters", "discard", id]);
    assert_eq!(unsure.code, 2);
    assert!(unsure.stderr.contains("--yes"), "{}", unsure.stderr);
    for arguments in [
        ["dead-letters", "retry", "4711"],
        ["dead-letters", "show", "4711"],
    ] {
        let unknown = perfleet.run(&arguments);
        assert_eq!(unknown.code, 1);
        assert!(unknown.stderr.contains("4711"), "{}", unknown.stderr);
    }
    let elsewhere = perfleet.run(&["dead-letters", "retry", id, "--queue", "github"]);
    assert_eq!(elsewhere.code, 1);
    let no_queue = perfleet.run(&["dead-letters", "list", "--queue", "evnts"]);
    assert_eq!(no_queue.code, 2);
    assert!(no_queue.stderr.contains("ingest"), "{}", no_queue.stderr);
    assert_eq!(perfleet.run(&["dead-letters", "retry"]).code, 2);
}

async fn all_is_in_the_book(store: &Store, event_id: &str, job_id: &str) {
    let audit = store.index.audit(10).await.unwrap();
    let mut told: Vec<String> = audit
        .iter()
        .map(|entry| format!("{} {} {}", entry.person, entry.action, entry.subject))
        .collect();
    told.sort();
    let mut expected = [
        format!("ada dead-letters discard {} {job_id}", jobs()),
        "ada dead-letters retry compare all".to_owned(),
        format!("ada dead-letters retry events {event_id}"),
    ];
    expected.sort();
    assert_eq!(told, expected);
}
