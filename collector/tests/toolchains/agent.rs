//! An agent that gets a job for a commit fetches its compiler by itself and measures it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use collector::agent::{Agent, AgentParts, ApiAddress, IdlePace, ToolchainSources, Until};
use shared_types::events::{CollectorEvent, EventMessage};
use shared_types::format::Versioned;
use shared_types::job::JobMessage;
use shared_types::result_document::{FailureKind, ResultDocument};
use shared_types::{ArtifactId, ObjectKey, Profile};
use store::embedded::open_collector_ports;
use store::{CollectorPorts, QueueName};
use tokio::sync::watch;

use crate::archive_server::Fault;
use crate::archives::of_installed;
use crate::fixture::{Fixture, job, measurement, real_toolchain};
use crate::place::{Place, artifacts, commit};

/// What an agent made of a job.
struct Done {
    result: Option<ResultDocument>,
    events: Vec<CollectorEvent>,
}

/// Runs an agent that has no toolchain but those that it fetches, on a job for this artifact.
async fn done_with(place: &Place, artifact: &ArtifactId) -> Done {
    let fixture = Fixture::new();
    let data = fixture.path("data");
    let ports = open_collector_ports(&data).unwrap();
    let mut job = job(
        &real_toolchain(),
        &[("tiny", Profile::Check, &["full"] as &[&str])],
    );
    job.runs[0].artifact = artifact.clone();
    let body = serde_json::to_string(&job).unwrap();
    let queue = QueueName::Jobs(job.configuration.clone());
    ports.queue.send(&queue, &body).await.unwrap();
    let agent = Agent::new(AgentParts {
        ports: open_collector_ports(&data).unwrap(),
        bench: fixture.bench(),
        configurations: vec![job.configuration.clone()],
        toolchains: ToolchainSources {
            rustup: place.no_rustup(),
            named: BTreeMap::new(),
            cache: Some(Arc::new(place.cache())),
        },
        api: ApiAddress::DataFolder(data),
        pace: IdlePace::LOCAL,
    });
    let (_stop_in, stop) = watch::channel(false);
    agent.run(Until::Idle(Duration::ZERO), stop).await.unwrap();
    Done {
        result: result(&ports, &job).await,
        events: events(&ports).await,
    }
}

async fn result(ports: &CollectorPorts, job: &JobMessage) -> Option<ResultDocument> {
    let key = ObjectKey::Result {
        configuration: job.configuration.clone(),
        job: job.job,
        attempt: job.first_attempt,
    };
    let (bytes, _) = ports.objects.get(&key).await.unwrap()?;
    let json = zstd::decode_all(bytes.as_slice()).unwrap();
    Some(ResultDocument::from_json(&json).unwrap())
}

async fn events(ports: &CollectorPorts) -> Vec<CollectorEvent> {
    let lease = Duration::from_secs(60);
    let mut events = Vec::new();
    loop {
        let received = ports
            .queue
            .receive(&QueueName::Events, 10, lease, Duration::ZERO);
        let received = received.await.unwrap();
        if received.is_empty() {
            return events;
        }
        for delivery in received {
            let message = EventMessage::from_json(delivery.body.as_bytes()).unwrap();
            events.push(message.event);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_for_a_commit_is_measured_with_the_compiler_that_ci_has_built_of_it() {
    let place = Place::new();
    let installed = real_toolchain();
    let sha = installed.artifact.commit_sha.clone().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, archive) in of_installed(&installed, folder.path()) {
        place.server.put(&format!("/builds/{sha}/{name}"), archive);
    }
    let artifact: ArtifactId = sha.parse().unwrap();
    let path = Place::path(&artifact, "rustc");
    place.server.fail(&path, &[Fault::BreakAfter(5_000_000)]);
    let done = done_with(&place, &artifact).await;

    let document = done.result.unwrap();
    assert_eq!(document.failures, []);
    let measured = measurement(&document, "tiny/check/full").unwrap();
    assert_eq!(measured.artifact, artifact);
    let told = done.events.iter().any(|event| {
        matches!(event, CollectorEvent::Progress(progress)
            if progress.current == format!("fetching rustc of {artifact}"))
    });
    assert!(told, "the fleet is told what takes so long");
    assert_eq!(artifacts(&place.cache()), [artifact]);
    let seen = place.server.seen(&path);
    assert_eq!((seen.len(), seen[1].from), (2, Some(5_000_000)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_without_archives_is_a_result_that_says_so() {
    let place = Place::new();
    let done = done_with(&place, &commit(1)).await;
    let failures = done.result.unwrap().failures;
    assert_eq!(failures[0].kind, FailureKind::Unavailable);
    let message = &failures[0].message;
    assert!(message.contains("there are no archives of"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_fails_the_attempt_so_that_the_job_is_tried_again() {
    let place = Place::new();
    place.serve(&commit(1));
    let path = Place::path(&commit(1), "rustc");
    place.server.fail(&path, &[Fault::Status(503); 3]);
    let done = done_with(&place, &commit(1)).await;
    assert_eq!(done.result, None);
    let failed = done.events.iter().find_map(|event| match event {
        CollectorEvent::AttemptFailed { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    assert!(failed.unwrap().contains("HTTP 503"), "{failed:?}");
}
