//! The agent on an embedded store: jobs come by a queue, results go into the store.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use collector::agent::{Agent, AgentParts, ApiAddress, IdlePace, ToolchainSources, Until};
use jiff::{SignedDuration, Timestamp};
use shared_types::collector::SuiteCatalogue;
use shared_types::events::{CollectorEvent, EventMessage};
use shared_types::format::Versioned;
use shared_types::job::JobMessage;
use shared_types::result_document::ResultDocument;
use shared_types::{ObjectKey, Profile};
use store::embedded::{open_collector_ports, open_collector_ports_with_clock};
use store::{CollectorPorts, Delivery, QueueDepth, QueueName};
use tokio::sync::watch;

use crate::fixture::{Fixture, job, measurement, real_toolchain, rustup};

pub(crate) const UNIT: [(&str, Profile, &[&str]); 1] = [("tiny", Profile::Check, &["full"])];

pub(crate) fn data_dir(fixture: &Fixture) -> PathBuf {
    fixture.path("data")
}

pub(crate) fn ports(fixture: &Fixture) -> CollectorPorts {
    open_collector_ports(&data_dir(fixture)).unwrap()
}

fn queue_of(job: &JobMessage) -> QueueName {
    QueueName::Jobs(job.configuration.clone())
}

fn result_key(job: &JobMessage, attempt: u32) -> ObjectKey {
    ObjectKey::Result {
        configuration: job.configuration.clone(),
        job: job.job,
        attempt: shared_types::ids::Attempt(attempt),
    }
}

/// Runs an agent until it is idle or told to stop.
async fn run_agent(fixture: &Fixture, job: &JobMessage, stop: watch::Receiver<bool>) {
    run_agent_with(
        fixture,
        job,
        stop,
        ApiAddress::DataFolder(data_dir(fixture)),
    )
    .await;
}

async fn run_agent_with(
    fixture: &Fixture,
    job: &JobMessage,
    stop: watch::Receiver<bool>,
    api: ApiAddress,
) {
    let agent = Agent::new(AgentParts {
        ports: ports(fixture),
        bench: fixture.bench(),
        configurations: vec![job.configuration.clone()],
        toolchains: ToolchainSources {
            rustup: rustup(),
            named: named_toolchain(job),
            cache: None,
        },
        api,
        pace: IdlePace::LOCAL,
    });
    agent.run(Until::Idle(Duration::ZERO), stop).await.unwrap();
}

pub(crate) fn named_toolchain(job: &JobMessage) -> BTreeMap<shared_types::ArtifactId, PathBuf> {
    BTreeMap::from([(job.runs[0].artifact.clone(), real_toolchain().rustc)])
}

pub(crate) async fn send(ports: &CollectorPorts, job: &JobMessage) {
    let body = serde_json::to_string(job).unwrap();
    ports.queue.send(&queue_of(job), &body).await.unwrap();
}

pub(crate) async fn result(
    ports: &CollectorPorts,
    job: &JobMessage,
    attempt: u32,
) -> Option<ResultDocument> {
    let (bytes, _) = ports
        .objects
        .get(&result_key(job, attempt))
        .await
        .unwrap()?;
    let json = zstd::decode_all(bytes.as_slice()).unwrap();
    Some(ResultDocument::from_json(&json).unwrap())
}

pub(crate) async fn events(ports: &CollectorPorts) -> Vec<CollectorEvent> {
    let mut events = Vec::new();
    loop {
        let lease = Duration::from_secs(60);
        let received = ports
            .queue
            .receive(&QueueName::Events, 10, lease, Duration::ZERO);
        let received = received.await.unwrap();
        if received.is_empty() {
            return events;
        }
        for delivery in received {
            events.push(
                EventMessage::from_json(delivery.body.as_bytes())
                    .unwrap()
                    .event,
            );
        }
    }
}

async fn receive(ports: &CollectorPorts, job: &JobMessage) -> Vec<Delivery> {
    let (queue, lease) = (queue_of(job), Duration::from_secs(60));
    let received = ports.queue.receive(&queue, 1, lease, Duration::ZERO);
    received.await.unwrap()
}

pub(crate) fn never_stop() -> watch::Receiver<bool> {
    let (stop_in, stop) = watch::channel(false);
    std::mem::forget(stop_in);
    stop
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_becomes_a_result_and_the_fleet_is_told_how_it_goes() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    send(&ports, &job).await;
    run_agent(&fixture, &job, never_stop()).await;

    let document = result(&ports, &job, 1).await.unwrap();
    assert!(measurement(&document, "tiny/check/full").is_some());
    let log = document.log.unwrap();
    let (log, _) = ports.objects.get(&log).await.unwrap().unwrap();
    let log = String::from_utf8(zstd::decode_all(log.as_slice()).unwrap()).unwrap();
    assert!(log.contains("instructions are not counted"), "{log}");
    assert!(log.contains(&format!("trace={}", job.request)), "{log}");
    assert_eq!(
        ports.queue.depth(&queue_of(&job)).await.unwrap(),
        QueueDepth::default()
    );

    let events = events(&ports).await;
    let [
        CollectorEvent::Alive(report),
        CollectorEvent::Progress(progress),
        ..,
        CollectorEvent::Alive(farewell),
    ] = events.as_slice()
    else {
        panic!("first it is there, then it works, then it says farewell: {events:?}");
    };
    assert_eq!(farewell.job, None);
    assert_eq!(
        report.configurations,
        std::slice::from_ref(&job.configuration)
    );
    assert_eq!(
        (progress.job, progress.collector.as_str()),
        (job.job, "tester")
    );
    let key = ObjectKey::Suite {
        content_hash: report.suite.clone(),
    };
    let (catalogue, _) = ports.objects.get(&key).await.unwrap().unwrap();
    let catalogue = SuiteCatalogue::from_json(&catalogue).unwrap();
    assert_eq!(catalogue.benchmarks[0].patches[0].as_str(), "longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_programs_becomes_a_result_and_the_catalogue_lists_what_such_jobs_may_name() {
    let fixture = Fixture::new();
    fixture.write_group(crate::runtime::MAIN);
    let ports = ports(&fixture);
    let job = crate::runtime::job_of_programs(&["sum"]);
    send(&ports, &job).await;
    run_agent(&fixture, &job, never_stop()).await;

    let document = result(&ports, &job, 1).await.unwrap();
    assert!(measurement(&document, "programs/sum").is_some());
    let mut events = events(&ports).await.into_iter();
    let Some(CollectorEvent::Alive(report)) = events.next() else {
        panic!("first it is there");
    };
    let key = ObjectKey::Suite {
        content_hash: report.suite,
    };
    let (catalogue, _) = ports.objects.get(&key).await.unwrap().unwrap();
    let catalogue = SuiteCatalogue::from_json(&catalogue).unwrap();
    assert_eq!(catalogue.runtime_groups[0].name.as_str(), "programs");
    assert_eq!(catalogue.runtime_groups[0].benchmarks.len(), 2);
    let units: Vec<String> = catalogue
        .toolchain_units
        .iter()
        .map(|unit| unit.name())
        .collect();
    assert_eq!(units, ["component-sizes"]);
}

/// The keys of the raw self-profiles that a result names.
fn raw_profiles(document: &ResultDocument) -> Vec<ObjectKey> {
    let measurements = document.measurements.iter();
    measurements
        .filter_map(|measurement| measurement.self_profile.as_ref()?.raw.clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_raw_self_profile_is_stored_beside_the_result_that_names_it() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let mut job = job(&real_toolchain(), &UNIT);
    job.self_profile = true;
    send(&ports, &job).await;
    run_agent(&fixture, &job, never_stop()).await;

    let document = result(&ports, &job, 1).await.unwrap();
    let [key] = raw_profiles(&document).try_into().unwrap();
    let (stored, _) = ports.objects.get(&key).await.unwrap().unwrap();
    let raw = zstd::decode_all(stored.as_slice()).unwrap();
    let data = analyzeme::ProfilingData::from_paged_buffer(raw, None).unwrap();
    let queries = data.perform_analysis().query_data;
    assert!(queries.iter().any(|query| query.label == "mir_borrowck"));
}

/// A store that was down when the job was done is brought the profile, the log and the result by the
/// next collector on the same disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_raw_self_profile_that_cannot_be_stored_waits_with_its_result() {
    let fixture = Fixture::new();
    let mut job = job(&real_toolchain(), &UNIT);
    job.self_profile = true;
    let objects = data_dir(&fixture).join("objects");
    let first = ports(&fixture);
    send(&first, &job).await;
    drop(first);
    block(&objects.join("self-profile"));
    let (stop, stopped) = watch::channel(false);
    let spool = fixture.path("work/spool");
    let agent = run_agent(&fixture, &job, stopped);
    let watching = async {
        wait_for(|| spool.join("results").exists()).await;
        stop.send(true).unwrap();
    };
    tokio::join!(agent, watching);
    let ports = ports(&fixture);
    assert_eq!(
        result(&ports, &job, 1).await,
        None,
        "a result never comes before its profile"
    );
    std::fs::remove_file(objects.join("self-profile")).unwrap();
    run_agent(&fixture, &job, never_stop()).await;
    let document = result(&ports, &job, 1).await.unwrap();
    for key in raw_profiles(&document) {
        assert!(ports.objects.get(&key).await.unwrap().is_some(), "{key}");
    }
    assert_eq!(raw_profiles(&document).len(), 1);
}

/// Puts a file where a folder would have to be.
fn block(folder: &Path) {
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    std::fs::write(folder, "in the way").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_not_understood_is_kept_aside_and_the_next_is_measured() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    let newer = serde_json::to_string(&job)
        .unwrap()
        .replacen("1.0", "7.0", 1);
    ports.queue.send(&queue_of(&job), &newer).await.unwrap();
    send(&ports, &job).await;
    run_agent(&fixture, &job, never_stop()).await;
    assert!(result(&ports, &job, 1).await.is_some());
    assert_eq!(ports.queue.depth(&queue_of(&job)).await.unwrap().dead, 1);
    let refused = events(&ports)
        .await
        .into_iter()
        .find_map(|event| match event {
            CollectorEvent::Refused { reason, .. } => Some(reason),
            _ => None,
        });
    assert!(refused.unwrap().contains("format version 7.0"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_for_other_hardware_fails_with_the_reason_and_is_not_delivered_again() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let mut job = job(&real_toolchain(), &UNIT);
    job.record.hardware_model = "Cray-1".to_owned();
    send(&ports, &job).await;
    run_agent(&fixture, &job, never_stop()).await;
    assert_eq!(
        ports.queue.depth(&queue_of(&job)).await.unwrap(),
        QueueDepth::default()
    );
    let failed = events(&ports)
        .await
        .into_iter()
        .find_map(|event| match event {
            CollectorEvent::AttemptFailed { reason, .. } => Some(reason),
            _ => None,
        });
    assert!(failed.unwrap().contains("`Cray-1`"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_cannot_be_stored_waits_and_is_delivered_by_the_next_collector() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    send(&ports, &job).await;
    // A file where a folder should be: nothing can be stored below it.
    let obstacle = data_dir(&fixture).join("objects/results");
    std::fs::write(&obstacle, "in the way").unwrap();
    let spooled = fixture
        .path("work/spool")
        .join(result_key(&job, 1).to_string());
    let (stop_in, stop) = watch::channel(false);
    let waiting = spooled.clone();
    let stopper = tokio::spawn(async move {
        wait_for(|| waiting.exists()).await;
        // Long enough for a delivery that must not succeed.
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop_in.send(true).unwrap();
    });
    run_agent(&fixture, &job, stop).await;
    stopper.await.unwrap();
    assert!(spooled.exists(), "the result is kept");

    std::fs::remove_file(&obstacle).unwrap();
    run_agent(&fixture, &job, never_stop()).await;
    assert!(result(&ports, &job, 1).await.is_some());
    assert!(!spooled.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_delivered_again_after_its_result_is_not_measured_again() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    send(&ports, &job).await;
    send(&ports, &job).await;
    run_agent(&fixture, &job, never_stop()).await;
    let page = ports.objects.list("results/", None, 10).await.unwrap();
    assert_eq!(page.keys, [result_key(&job, 1).to_string()]);
    assert_eq!(
        ports.queue.depth(&queue_of(&job)).await.unwrap(),
        QueueDepth::default()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_job_is_not_measured() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    send(&ports, &job).await;
    let api = ApiAddress::Url(server_that_says("{\"state\":\"cancelled\"}"));
    run_agent_with(&fixture, &job, never_stop(), api).await;
    assert_eq!(result(&ports, &job, 1).await, None);
    assert_eq!(
        ports.queue.depth(&queue_of(&job)).await.unwrap(),
        QueueDepth::default()
    );
}

/// A server that gives one answer to every question.
pub(crate) fn server_that_says(json: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4_096]);
            let length = json.len();
            let _ = write!(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n\r\n{json}"
            );
        }
    });
    format!("http://{address}")
}

/// A collector process that measures with a compiler that never ends, and the compiler's process.
struct HangingCollector {
    collector: Child,
    compiler: PathBuf,
}

async fn hanging_collector(fixture: &Fixture, job: &JobMessage) -> HangingCollector {
    let marker = fixture.path("compiler");
    fixture.fake_toolchain(&format!("echo $$ > {}; sleep 1000", marker.display()));
    let artifact = &job.runs[0].artifact;
    let collector = Command::new(env!("CARGO_BIN_EXE_collector"))
        // Its compiler writes where no confined program may.
        .args(["run", "--confinement", "none"])
        .arg("--data-dir")
        .arg(data_dir(fixture))
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .args(["--configuration", job.configuration.as_str()])
        .arg(format!(
            "--toolchain={artifact}={}",
            fixture.path("fake").display()
        ))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let read = || std::fs::read_to_string(&marker).unwrap_or_default();
    wait_for(|| read().ends_with('\n')).await;
    HangingCollector {
        compiler: Path::new("/proc").join(read().trim()),
        collector,
    }
}

fn signal(child: &Child, signal: i32) {
    let process = i32::try_from(child.id()).unwrap();
    // SAFETY: plain numbers. The process is a child that was not waited for.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

async fn wait_for(mut condition: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("what was waited for did not happen within a minute");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_collector_takes_its_compiler_with_it_and_the_job_is_delivered_again() {
    let fixture = Fixture::new();
    let own_ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    send(&own_ports, &job).await;
    let mut hanging = hanging_collector(&fixture, &job).await;
    signal(&hanging.collector, libc::SIGKILL);
    hanging.collector.wait().unwrap();
    wait_for(|| !hanging.compiler.exists()).await;

    assert_eq!(receive(&own_ports, &job).await, []);
    let later: Arc<dyn Fn() -> Timestamp + Send + Sync> =
        Arc::new(|| Timestamp::now() + SignedDuration::from_mins(6));
    let later = open_collector_ports_with_clock(&data_dir(&fixture), later).unwrap();
    let [delivery] = receive(&later, &job).await.try_into().unwrap();
    assert_eq!(delivery.receive_count, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_told_to_stop_gives_its_job_back_at_once() {
    let fixture = Fixture::new();
    let ports = ports(&fixture);
    let job = job(&real_toolchain(), &UNIT);
    send(&ports, &job).await;
    let mut hanging = hanging_collector(&fixture, &job).await;
    signal(&hanging.collector, libc::SIGTERM);
    assert!(hanging.collector.wait().unwrap().success());
    assert!(!hanging.compiler.exists());
    let [delivery] = receive(&ports, &job).await.try_into().unwrap();
    assert_eq!(delivery.receive_count, 2);
}
