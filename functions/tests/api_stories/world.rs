//! A server without a socket: the API over a store in a folder of its own, and what collectors do,
//! without collectors.

use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use functions::api::credentials::issue_token;
use functions::api::{ApiRequest, ApiResponse, handle};
use functions::clock::ManualClock;
use functions::{Context, FunctionsError, RandomSource, Settings, compare, ingest};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared_types::events::{CollectorReport, object_created};
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::object_key::ContentHash;
use shared_types::result_document::{
    CollectorVersion, MeasuredRun, Measurement, MeasuringFailure, MetricValues, Origin,
    ResultDocument,
};
use shared_types::self_profile::{QuerySelfTime, SelfProfile};
use shared_types::{
    Backend, Category, Configuration, ConfigurationId, ConfigurationRecord, Epoch, FormatVersion,
    JobId, Metric, ObjectKey, Profile, Replicate, Scenario, TestCase, Tier, Unit,
};
use store::embedded::EmbeddedStore;
use store::{QueueName, TokenRole};
use tempfile::TempDir;

use crate::documentation::{Answered, Documentation};

pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

/// A number that is never the same twice and yet the same in each test run.
struct Counter(std::sync::atomic::AtomicU8);

impl RandomSource for Counter {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), FunctionsError> {
        let next = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bytes.fill(next);
        Ok(())
    }
}

pub(crate) struct World {
    _folder: TempDir,
    pub(crate) context: Context,
    pub(crate) clock: Arc<ManualClock>,
    documentation: Documentation,
    pub(crate) admin: String,
    pub(crate) requester: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW.parse().unwrap()));
        let random = Arc::new(Counter(0.into()));
        let store = EmbeddedStore::open(folder.path()).unwrap();
        let context = Context::with_sources(store, Settings::default(), clock.clone(), random);
        let token = async |person: &str, role| {
            let random = context.random_bytes().unwrap();
            issue_token(
                context.store.index.as_ref(),
                person,
                role,
                &random,
                context.now(),
            )
            .await
            .unwrap()
        };
        let admin = token("ada", TokenRole::Admin).await;
        let requester = token("rob", TokenRole::Request).await;
        Self {
            _folder: folder,
            admin,
            requester,
            context,
            clock,
            documentation: Documentation::read(),
        }
    }

    /// Asks, and holds the answer against the documentation.
    pub(crate) async fn ask(&self, request: &ApiRequest) -> ApiResponse {
        let response = handle(&self.context, request).await;
        let body = plain_body(&response);
        let answer = Answered {
            status: response.status,
            content_type: response.header("content-type"),
            body: &body,
        };
        self.documentation
            .check(&request.method, &request.path, &answer);
        response
    }

    /// Reads what must be there.
    pub(crate) async fn get(&self, path_and_query: &str) -> Value {
        let (status, body) = self.try_get(path_and_query).await;
        assert_eq!(status, 200, "{path_and_query}: {body:#}");
        body
    }

    /// Reads what may be refused.
    pub(crate) async fn try_get(&self, path_and_query: &str) -> (u16, Value) {
        let response = self.ask(&get(path_and_query)).await;
        (response.status, json_body(&response))
    }

    /// Writes with a token.
    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let response = self
            .ask(&ApiRequest {
                method: "POST".to_owned(),
                path: format!("/api/v1/{path}"),
                token: token.map(str::to_owned),
                body: body.to_string().into_bytes(),
                ..ApiRequest::default()
            })
            .await;
        (response.status, json_body(&response))
    }

    /// Registers a configuration by the API.
    pub(crate) async fn register(&self, id: &str) {
        let configuration = serde_json::to_value(configuration(id)).unwrap();
        let (status, body) = self
            .post("configurations", Some(&self.admin), &configuration)
            .await;
        assert_eq!(status, 200, "{body:#}");
    }

    /// Adds releases `1.FIRST.0` to `1.LAST.0`, in order.
    pub(crate) async fn add_releases(&self, first: u32, last: u32) {
        let artifacts: Vec<Value> = (first..=last)
            .map(|minor| {
                json!({
                    "id": format!("release-1.{minor}.0"),
                    "title": format!("rustc 1.{minor}.0"),
                    "history": {
                        "line": "releases",
                        "ordinal": minor,
                        "parent": format!("release-1.{}.0", minor - 1),
                    },
                })
            })
            .collect();
        let (status, body) = self
            .post("artifacts", Some(&self.admin), &json!(artifacts))
            .await;
        assert_eq!(status, 200, "{body:#}");
    }

    /// Measures an artifact: two crates whose wall time is `seconds` and twice that.
    pub(crate) async fn measure(
        &self,
        artifact: &str,
        configuration: &str,
        host: &str,
        seconds: f64,
    ) {
        self.take_in(&document(artifact, configuration, host, seconds))
            .await;
    }

    /// Measures an artifact once more, as another replicate.
    pub(crate) async fn measure_replicate(
        &self,
        (artifact, replicate): (&str, u32),
        configuration: &str,
        host: &str,
        seconds: f64,
    ) {
        let mut document = document(artifact, configuration, host, seconds);
        let replicate = Replicate::try_from(replicate).unwrap();
        // Each is a job of its own, and comes later.
        document.job = JobId::from_parts(
            u64::from(replicate.number()),
            &[replicate.number() as u8; 10],
        );
        document.finished_at += jiff::SignedDuration::from_secs(1);
        for run in &mut document.runs {
            run.replicate = replicate;
        }
        for measurement in &mut document.measurements {
            measurement.replicate = replicate;
        }
        self.take_in(&document).await;
    }

    /// Measures an artifact and where its time went: in each query so many nanoseconds.
    pub(crate) async fn measure_with_queries(
        &self,
        artifact: &str,
        configuration: &str,
        seconds: f64,
        queries: &[(&str, u64)],
    ) {
        let mut document = document(artifact, configuration, "host-1", seconds);
        for measurement in &mut document.measurements {
            let queries = queries
                .iter()
                .map(|(query, self_time_ns)| QuerySelfTime::of(query, *self_time_ns, 3));
            measurement.self_profile = Some(SelfProfile::of(queries.collect()));
        }
        self.take_in(&document).await;
    }

    /// Measures an artifact on a host that tells more of itself than its name.
    pub(crate) async fn measure_on(&self, facts: HostFacts, artifact: &str, configuration: &str) {
        let mut document = document(artifact, configuration, &facts.name, 1.0);
        document.host = facts;
        self.take_in(&document).await;
    }

    /// Measures an artifact, of which something could not be measured.
    pub(crate) async fn measure_with_failure(
        &self,
        artifact: &str,
        configuration: &str,
        failure: MeasuringFailure,
    ) {
        let mut document = document(artifact, configuration, "host-1", 1.0);
        document.failures.push(failure);
        self.take_in(&document).await;
    }

    async fn take_in(&self, document: &ResultDocument) {
        let key = ObjectKey::Result {
            configuration: document.configuration.clone(),
            job: document.job,
            attempt: document.attempt,
        };
        let bytes = zstd::encode_all(serde_json::to_vec(document).unwrap().as_slice(), 1).unwrap();
        self.context
            .store
            .objects
            .put_once(&key, &bytes)
            .await
            .unwrap();
        ingest::handle(&self.context, &object_created(&key))
            .await
            .unwrap();
    }

    /// Makes every comparison that waits to be made.
    pub(crate) async fn compare_all(&self) {
        let queue = &self.context.store.queue;
        let (minute, now) = (Duration::from_secs(60), Duration::ZERO);
        loop {
            let taken = queue.receive(&QueueName::Compare, 10, minute, now).await;
            let taken = taken.unwrap();
            if taken.is_empty() {
                return;
            }
            for delivery in taken {
                let made = compare::handle(&self.context, &delivery.body);
                made.await.unwrap();
                let gone = queue.delete(&QueueName::Compare, &delivery.receipt);
                gone.await.unwrap();
            }
        }
    }

    /// A token for a person.
    pub(crate) async fn token(&self, person: &str, role: TokenRole) -> String {
        let random = self.context.random_bytes().unwrap();
        let (index, now) = (self.context.store.index.as_ref(), self.context.now());
        issue_token(index, person, role, &random, now)
            .await
            .unwrap()
    }

    /// Has a collector say that it is there.
    pub(crate) async fn announce_collector(&self, name: &str, configurations: &[&str]) {
        let report = CollectorReport {
            collector: name.to_owned(),
            version: "0.1.0".to_owned(),
            configurations: configurations
                .iter()
                .map(|id| id.parse().unwrap())
                .collect(),
            host: HostFacts::named("host-1", "x86_64-unknown-linux-gnu"),
            metrics: vec!["wall-time".parse().unwrap()],
            suite: ContentHash::of(b"suite"),
            job: None,
        };
        let index = &self.context.store.index;
        index
            .record_collector(&report, self.context.now())
            .await
            .unwrap();
    }
}

pub(crate) fn get(path_and_query: &str) -> ApiRequest {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    ApiRequest {
        method: "GET".to_owned(),
        path: format!("/api/v1/{path}"),
        query: query.to_owned(),
        ..ApiRequest::default()
    }
}

/// The body as it is before it is compressed.
pub(crate) fn plain_body(response: &ApiResponse) -> Vec<u8> {
    if response.header("content-encoding") != Some("gzip") {
        return response.body.clone();
    }
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut GzDecoder::new(response.body.as_slice()), &mut plain).unwrap();
    plain
}

pub(crate) fn json_body(response: &ApiResponse) -> Value {
    serde_json::from_slice(&plain_body(response)).unwrap()
}

pub(crate) fn record(frontend_threads: u32) -> ConfigurationRecord {
    ConfigurationRecord {
        target: "x86_64-unknown-linux-gnu".to_owned(),
        hardware_model: "test host".to_owned(),
        backend: Backend::Llvm,
        frontend_threads,
        flags: Vec::new(),
    }
}

pub(crate) fn configuration(id: &str) -> Configuration {
    Configuration {
        id: id.parse().unwrap(),
        record: record(1),
        tier: Tier::Gating,
    }
}

fn document(artifact: &str, configuration: &str, host: &str, seconds: f64) -> ResultDocument {
    let run = MeasuredRun {
        artifact: artifact.parse().unwrap(),
        replicate: Replicate::FIRST,
    };
    let measured_at: Timestamp = NOW.parse().unwrap();
    let configuration: ConfigurationId = configuration.parse().unwrap();
    let of_everything = ContentHash::of(format!("{artifact}@{configuration}").as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&of_everything.as_str().as_bytes()[..10]);
    let wall_time = Metric::cost("wall-time".parse().unwrap(), Unit::Seconds);
    let measurements =
        [("syn-2.0.119", 1.0), ("serde-1.0.228", 2.0)].map(|(benchmark, factor)| Measurement {
            artifact: run.artifact.clone(),
            replicate: run.replicate,
            test_case: TestCase::Compile {
                benchmark: benchmark.parse().unwrap(),
                profile: Profile::Check,
                scenario: Scenario::Full,
            },
            category: Some(Category::Primary),
            epoch: Epoch::of([benchmark.as_bytes()]),
            values: vec![MetricValues {
                metric: wall_time.name.clone(),
                iterations: vec![Some(seconds * factor), Some(seconds * factor * 1.001)],
            }],
            disturbed: Vec::new(),
            self_profile: None,
        });
    ResultDocument {
        format: FormatVersion::V1_0,
        job: JobId::from_parts(1, &random),
        attempt: Attempt(1),
        origin: Origin::Import,
        configuration,
        record: record(1),
        collector: CollectorVersion {
            name: "c1".to_owned(),
            version: "0.1.0".to_owned(),
        },
        host: HostFacts::named(host, "x86_64-unknown-linux-gnu"),
        started_at: measured_at,
        finished_at: measured_at,
        runs: vec![run],
        interleaved: false,
        metrics: vec![wall_time],
        measurements: measurements.to_vec(),
        failures: Vec::new(),
        log: None,
        resumed: Vec::new(),
    }
}
