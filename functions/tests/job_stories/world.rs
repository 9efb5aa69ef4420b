//! A store in a folder of its own, a clock that the test moves, and what collectors do.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use functions::clock::ManualClock;
use functions::{
    Context, FunctionsError, Settings, SystemRandom, compare, coordinator, messages, result_objects,
};
use jiff::Timestamp;
use shared_types::api::Page;
use shared_types::collector::{CatalogueEntry, SuiteCatalogue};
use shared_types::comparison::Verdict;
use shared_types::events::{CollectorEvent, CollectorReport, EventMessage, ProgressEvent};
use shared_types::format::Versioned;
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::job::JobMessage;
use shared_types::object_key::ContentHash;
use shared_types::request::{NewRequest, Request};
use shared_types::result_document::{
    CollectorVersion, MeasuredRun, Measurement, MetricValues, Origin, ResultDocument,
};
use shared_types::self_profile::{QuerySelfTime, SelfProfile};
use shared_types::{
    ArtifactId, Backend, Category, Configuration, ConfigurationId, ConfigurationRecord, Epoch,
    FormatVersion, JobId, Metric, ObjectKey, RequestId, TestCase, Tier, Unit,
};
use store::embedded::EmbeddedStore;
use store::{Delivery, PageRequest, QueueName, Store};
use tempfile::TempDir;

pub(crate) const BASE: &str = "release-1.94.0";
pub(crate) const HEAD: &str = "release-1.95.0";
pub(crate) const ONE: &str = "test-llvm-t1";
pub(crate) const TWO: &str = "test-llvm-t2";
const LEASE: Duration = Duration::from_secs(300);

pub(crate) struct World {
    folder: Arc<TempDir>,
    pub(crate) context: Context,
    pub(crate) clock: Arc<ManualClock>,
}

/// A job as a collector received it.
pub(crate) struct Taken {
    pub(crate) message: JobMessage,
    pub(crate) delivery: Delivery,
}

impl Taken {
    pub(crate) fn attempt(&self) -> Attempt {
        Attempt(self.message.first_attempt.0 + self.delivery.receive_count - 1)
    }
}

impl World {
    /// An empty store with two registered configurations.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(folder.path()).unwrap();
        Self::over(store, folder, "2026-03-01T12:00:00Z".parse().unwrap()).await
    }

    /// A store that is empty as yet, at a time, with two registered configurations.
    pub(crate) async fn over(store: Store, folder: TempDir, now: Timestamp) -> Self {
        let clock = Arc::new(ManualClock::at(now));
        let settings = Settings {
            policy_file: Some(folder.path().join("policy.toml")),
            ..Settings::default()
        };
        let context = Context::with_sources(store, settings, clock.clone(), Arc::new(SystemRandom));
        for (id, threads) in [(ONE, 1), (TWO, 2)] {
            let configuration = configuration(id, threads);
            let index = &context.store.index;
            index.register_configuration(&configuration).await.unwrap();
        }
        Self {
            folder: Arc::new(folder),
            context,
            clock,
        }
    }

    /// The same world as another program sees it, which may have other settings.
    pub(crate) fn holding(world: &Self, context: Context) -> Self {
        Self {
            folder: Arc::clone(&world.folder),
            context,
            clock: Arc::clone(&world.clock),
        }
    }

    /// Has a collector store the catalogue of its suite and say that it is there.
    pub(crate) async fn announce(&self, collector: &str, configurations: &[&str]) {
        let benchmarks = ["syn-2.0.119", "serde-1.0.228"];
        self.announce_suite(collector, configurations, &benchmarks)
            .await;
    }

    /// The same with a suite of these benchmarks.
    pub(crate) async fn announce_suite(
        &self,
        collector: &str,
        configurations: &[&str],
        benchmarks: &[&str],
    ) {
        let catalogue = catalogue(benchmarks);
        self.announce_catalogue(collector, configurations, &catalogue)
            .await;
    }

    /// The same with any suite.
    pub(crate) async fn announce_catalogue(
        &self,
        collector: &str,
        configurations: &[&str],
        catalogue: &SuiteCatalogue,
    ) {
        let bytes = serde_json::to_vec(catalogue).unwrap();
        let suite = ContentHash::of(&bytes);
        let key = ObjectKey::Suite {
            content_hash: suite.clone(),
        };
        let objects = &self.context.store.objects;
        objects.put_once(&key, &bytes).await.unwrap();
        self.tell(CollectorEvent::Alive(Box::new(CollectorReport {
            collector: collector.to_owned(),
            version: "0.1.0".to_owned(),
            configurations: configurations
                .iter()
                .map(|id| id.parse().unwrap())
                .collect(),
            host: HostFacts::named("host-1", "x86_64-unknown-linux-gnu"),
            metrics: vec!["wall-time".parse().unwrap()],
            suite,
            job: None,
        })))
        .await;
    }

    /// Sends an event as a collector does.
    pub(crate) async fn tell(&self, event: CollectorEvent) {
        let message = EventMessage {
            format: EventMessage::VERSION,
            at: self.context.now(),
            trace: None,
            event,
        };
        let body = serde_json::to_string(&message).unwrap();
        self.send(&QueueName::Events, &body).await;
    }

    pub(crate) async fn send(&self, queue: &QueueName, body: &str) {
        self.context.store.queue.send(queue, body).await.unwrap();
    }

    /// Asks for head against base, check builds alone.
    pub(crate) async fn ask(&self, base: &str, head: &str, configurations: &[&str]) -> Request {
        let wanted = new_request(base, head, configurations);
        coordinator::create_request(&self.context, &wanted, "ada")
            .await
            .unwrap()
    }

    pub(crate) async fn tick(&self) {
        coordinator::tick(&self.context).await.unwrap();
    }

    /// Takes a job from the queue of a configuration, if one waits there.
    pub(crate) async fn take(&self, configuration: &str) -> Option<Taken> {
        let delivery = self
            .receive(&QueueName::Jobs(configuration.parse().unwrap()))
            .await?;
        Some(Taken {
            message: JobMessage::from_json(delivery.body.as_bytes()).unwrap(),
            delivery,
        })
    }

    pub(crate) async fn receive(&self, queue: &QueueName) -> Option<Delivery> {
        let queues = &self.context.store.queue;
        let mut deliveries = queues
            .receive(queue, 1, LEASE, Duration::ZERO)
            .await
            .unwrap();
        deliveries.pop()
    }

    /// Reports progress of a job.
    pub(crate) async fn progress(&self, taken: &Taken) {
        self.tell(CollectorEvent::Progress(ProgressEvent {
            job: taken.message.job,
            attempt: taken.attempt(),
            collector: "c1".to_owned(),
            done: 1,
            total: 4,
            current: "syn-2.0.119/check/full".to_owned(),
            host: "host-1".to_owned(),
        }))
        .await;
    }

    /// Stores a result and takes the job's message off its queue.
    pub(crate) async fn finish(&self, taken: &Taken, document: &ResultDocument) -> ObjectKey {
        let key = self.store(document).await;
        let queue = QueueName::Jobs(taken.message.configuration.clone());
        let queues = &self.context.store.queue;
        queues
            .delete(&queue, &taken.delivery.receipt)
            .await
            .unwrap();
        key
    }

    pub(crate) async fn store(&self, document: &ResultDocument) -> ObjectKey {
        let key = result_objects::key_of(document);
        let bytes = result_objects::encode(document).unwrap();
        let objects = &self.context.store.objects;
        objects.put_once(&key, &bytes).await.unwrap();
        key
    }

    /// Handles everything that waits in the queues between the functions, as they do.
    pub(crate) async fn work_off(&self) {
        let queues = &self.context.store.queue;
        for queue in [QueueName::Ingest, QueueName::Compare, QueueName::Github] {
            while let Some(delivery) = self.receive(&queue).await {
                let handled = messages::handle(&self.context, &queue, &delivery).await;
                handled.unwrap_or_else(|error| panic!("{queue}: {error}"));
                queues.delete(&queue, &delivery.receipt).await.unwrap();
            }
        }
    }

    /// Measures every job of a configuration that there is, until none is left: a compilation takes
    /// `seconds` times one for base and times `factor` for every other artifact.
    pub(crate) async fn measure_all(&self, configuration: &str, factor: f64) {
        loop {
            self.tick().await;
            let Some(taken) = self.take(configuration).await else {
                break;
            };
            self.progress(&taken).await;
            let document = document(&taken.message, taken.attempt(), |run| {
                if run.artifact.to_string() == BASE {
                    1.0
                } else {
                    factor
                }
            });
            self.finish(&taken, &document).await;
            self.work_off().await;
        }
        self.tick().await;
        self.work_off().await;
    }

    pub(crate) async fn request(&self, id: RequestId) -> Request {
        let index = &self.context.store.index;
        index.request(id).await.unwrap().unwrap()
    }

    /// What was compared for a request: configuration and verdict.
    pub(crate) async fn compared(&self, id: RequestId) -> Vec<(String, Verdict)> {
        let index = &self.context.store.index;
        let references = index.comparisons_of_request(id).await.unwrap();
        references
            .iter()
            .map(|one| (one.configuration.to_string(), one.verdict))
            .collect()
    }

    /// Everything that was reported, `subject: message`.
    pub(crate) async fn problems(&self) -> String {
        let problems = self.context.store.index.problems(100).await.unwrap();
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.subject, problem.message))
            .collect();
        lines.join("\n")
    }

    pub(crate) async fn run_count(&self, configuration: &str) -> usize {
        let id: ConfigurationId = configuration.parse().unwrap();
        let index = &self.context.store.index;
        let Page { items, .. } = index.runs(&id, &PageRequest::first(500)).await.unwrap();
        items.iter().filter(|run| run.measured_at.is_some()).count()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn dead(&self, queue: &QueueName) -> u64 {
        self.context.store.queue.depth(queue).await.unwrap().dead
    }
}

pub(crate) fn configuration(id: &str, frontend_threads: u32) -> Configuration {
    Configuration {
        id: id.parse().unwrap(),
        record: ConfigurationRecord {
            target: "x86_64-unknown-linux-gnu".to_owned(),
            hardware_model: "test host".to_owned(),
            backend: Backend::Llvm,
            frontend_threads,
            flags: Vec::new(),
        },
        tier: Tier::Gating,
    }
}

/// The catalogue of a suite of crates that are compiled.
pub(crate) fn catalogue(benchmarks: &[&str]) -> SuiteCatalogue {
    SuiteCatalogue {
        format: SuiteCatalogue::VERSION,
        benchmarks: benchmarks
            .iter()
            .map(|name| CatalogueEntry {
                name: name.parse().unwrap(),
                category: Category::Primary,
                stable: false,
                patches: Vec::new(),
                excluded: Vec::new(),
            })
            .collect(),
        runtime_groups: Vec::new(),
        toolchain_units: Vec::new(),
    }
}

pub(crate) fn new_request(base: &str, head: &str, configurations: &[&str]) -> NewRequest {
    let json = serde_json::json!({
        "base": base,
        "head": head,
        "configurations": configurations,
        "selection": { "profiles": ["check"], "scenarios": ["full"] },
        "iterations": 2,
    });
    serde_json::from_value(json).unwrap()
}

/// What a collector makes of a job: two metrics of every test case, where `seconds` says how long a
/// run takes.
pub(crate) fn document(
    message: &JobMessage,
    attempt: Attempt,
    seconds: impl Fn(&MeasuredRun) -> f64,
) -> ResultDocument {
    let wall_time = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
    let max_rss = Metric::cost("max-rss".parse().unwrap(), Unit::Kilobytes);
    let mut measurements = Vec::new();
    for run in &message.runs {
        for test_case in test_cases(message) {
            let seconds = seconds(run);
            measurements.push(Measurement {
                artifact: run.artifact.clone(),
                replicate: run.replicate,
                epoch: Epoch::of([test_case.benchmark_or_group().unwrap().as_str().as_bytes()]),
                test_case,
                category: Some(Category::Primary),
                values: vec![
                    MetricValues {
                        metric: wall_time.name.clone(),
                        iterations: vec![Some(seconds), Some(seconds * 1.001)],
                    },
                    MetricValues {
                        metric: max_rss.name.clone(),
                        iterations: vec![Some(1000.0), None],
                    },
                ],
                disturbed: Vec::new(),
                self_profile: message.self_profile.then(|| self_profile(seconds)),
            });
        }
    }
    ResultDocument {
        format: FormatVersion::V1_0,
        job: message.job,
        attempt,
        origin: Origin::Collector,
        configuration: message.configuration.clone(),
        record: message.record.clone(),
        collector: CollectorVersion {
            name: "c1".to_owned(),
            version: "0.1.0".to_owned(),
        },
        host: HostFacts::named("host-1", "x86_64-unknown-linux-gnu"),
        started_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        finished_at: "2026-03-01T12:00:10Z".parse().unwrap(),
        runs: message.runs.clone(),
        interleaved: message.runs.len() == 2,
        metrics: vec![wall_time, max_rss],
        measurements,
        failures: Vec::new(),
        log: None,
        resumed: Vec::new(),
    }
}

/// The test cases of a job: crates that are compiled, and programs that are run.
fn test_cases(message: &JobMessage) -> Vec<TestCase> {
    let compiled = message.units.iter().flat_map(|unit| {
        let scenarios = unit.scenarios.iter();
        scenarios.map(|scenario| TestCase::Compile {
            benchmark: unit.benchmark.clone(),
            profile: unit.profile,
            scenario: scenario.clone(),
        })
    });
    let programs = message
        .runtime_units
        .iter()
        .flat_map(|unit| unit.test_cases());
    compiled.chain(programs).collect()
}

/// A compiler whose type checking takes all the time that it takes more than another.
fn self_profile(seconds: f64) -> SelfProfile {
    let query = |name, seconds: f64| QuerySelfTime::of(name, (seconds * 1e9) as u64, 10);
    SelfProfile::of(vec![
        query("typeck", seconds - 0.5),
        query("mir_borrowck", 0.5),
    ])
}

/// A document of a job that no server made.
pub(crate) fn foreign_document(configuration: &str) -> ResultDocument {
    let id: ConfigurationId = configuration.parse().unwrap();
    let artifact: ArtifactId = HEAD.parse().unwrap();
    let message = serde_json::json!({
        "format": "1.0",
        "job": JobId::from_parts(1, &[7; 10]),
        "request": RequestId::from_parts(1, &[7; 10]),
        "first_attempt": 1,
        "configuration": id,
        "record": configuration_record(configuration),
        "runs": [{ "artifact": artifact, "replicate": 1 }],
        "units": [{ "benchmark": "syn-2.0.119", "profile": "check", "scenarios": ["full"] }],
        "iterations": 2,
        "time_limit_s": 60,
        "trace_id": "t",
    });
    let message = JobMessage::from_json(message.to_string().as_bytes()).unwrap();
    document(&message, Attempt(1), |_| 1.0)
}

fn configuration_record(id: &str) -> ConfigurationRecord {
    let threads = if id == TWO { 2 } else { 1 };
    configuration(id, threads).record
}

/// What a query answers, or why it does not.
pub(crate) async fn compare_query(
    context: &Context,
    sides: &str,
    configuration: &str,
) -> Result<shared_types::comparison::Comparison, FunctionsError> {
    compare::on_demand(
        context,
        &compare::ComparisonQuery {
            configuration: configuration.parse().unwrap(),
            sides: sides.parse().unwrap(),
            metric: None,
            method: None,
        },
    )
    .await
}
