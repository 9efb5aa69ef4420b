//! Rows become result documents, one for each run, and places in history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared_types::format::Versioned;
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::result_document::{
    CollectorVersion, MeasuredRun, Measurement, MetricValues, Origin, ResultDocument,
};
use shared_types::test_case::ImportedName;
use shared_types::{
    Artifact, ArtifactId, Backend, ConfigurationId, ConfigurationRecord, Epoch, HistoryPosition,
    JobId, Line, Metric, Replicate, TestCase,
};

use super::Layout;
use super::rows::Row;
use crate::FunctionsError;

/// How many runs are collected before the first of them are stored. Files come sorted by run, so
/// what was not added to for so long is whole; where it is not, the rest of a run becomes a result
/// of its own, and nothing is lost.
const OPEN_RUNS_MAX: usize = 2000;

/// What hosts, targets and hardware of imported results are called, of which nothing is known.
const UNKNOWN: &str = "imported";

/// Collects rows into documents.
pub(super) struct Documents {
    metrics: Vec<Metric>,
    epoch: Epoch,
    open: BTreeMap<(ConfigurationId, ArtifactId), OpenRun>,
    opened: u64,
    values: u64,
    places: Places,
}

/// A run whose rows may not all have been read.
struct OpenRun {
    /// Counts up with each run, so that the oldest can be found.
    number: u64,
    first_time: Timestamp,
    last_time: Timestamp,
    /// For each test case a list of iterations, each with a value for each metric.
    cases: BTreeMap<ImportedName, Vec<Vec<Option<f64>>>>,
}

/// What a file says of the places of artifacts in history.
pub(super) struct Places {
    layout: Layout,
    /// The ordinal of each artifact, and `None` where the file gives none.
    ordinals: BTreeMap<ArtifactId, (Option<i64>, Option<Timestamp>)>,
}

impl Documents {
    pub(super) fn new(layout: Layout, metrics: Vec<Metric>) -> Self {
        let name = match layout {
            Layout::LlvmCompileTime => "llvm-compile-time",
            Layout::RustcTiming2017 => "rustc-timing-2017",
        };
        Self {
            metrics,
            epoch: Epoch::of([&b"import"[..], name.as_bytes()]),
            open: BTreeMap::new(),
            opened: 0,
            values: 0,
            places: Places {
                layout,
                ordinals: BTreeMap::new(),
            },
        }
    }

    pub(super) fn add(&mut self, row: Row) {
        self.values += row.values.iter().flatten().count() as u64;
        self.places.add(&row);
        let number = self.opened;
        let run = self
            .open
            .entry((row.configuration, row.artifact))
            .or_insert_with(|| OpenRun {
                number,
                first_time: row.time,
                last_time: row.time,
                cases: BTreeMap::new(),
            });
        if run.number == number {
            self.opened += 1;
        }
        run.first_time = run.first_time.min(row.time);
        run.last_time = run.last_time.max(row.time);
        run.cases.entry(row.test_case).or_default().push(row.values);
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.len() > OPEN_RUNS_MAX
    }

    /// Values that were added.
    pub(super) fn values(&self) -> u64 {
        self.values
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// The older half of the runs.
    pub(super) fn take_oldest(&mut self) -> Result<Vec<ResultDocument>, FunctionsError> {
        let mut numbers: Vec<u64> = self.open.values().map(|run| run.number).collect();
        numbers.sort_unstable();
        let middle = numbers.get(numbers.len() / 2).copied().unwrap_or(0);
        let young = self
            .open
            .extract_if(.., |_, run| run.number >= middle)
            .collect();
        let old = std::mem::replace(&mut self.open, young);
        self.documents(old)
    }

    /// All runs.
    pub(super) fn take_all(&mut self) -> Result<Vec<ResultDocument>, FunctionsError> {
        let all = std::mem::take(&mut self.open);
        self.documents(all)
    }

    fn documents(
        &self,
        runs: BTreeMap<(ConfigurationId, ArtifactId), OpenRun>,
    ) -> Result<Vec<ResultDocument>, FunctionsError> {
        runs.into_iter()
            .map(|((configuration, artifact), run)| self.document(configuration, artifact, run))
            .collect()
    }

    fn document(
        &self,
        configuration: ConfigurationId,
        artifact: ArtifactId,
        run: OpenRun,
    ) -> Result<ResultDocument, FunctionsError> {
        let measurements: Vec<Measurement> = run
            .cases
            .into_iter()
            .map(|(name, iterations)| self.measurement(&artifact, name, &iterations))
            .collect();
        let measured = MeasuredRun {
            artifact,
            replicate: Replicate::FIRST,
        };
        Ok(ResultDocument {
            format: ResultDocument::VERSION,
            job: job_of(&(&configuration, &measurements), run.last_time)?,
            attempt: Attempt(1),
            origin: Origin::Import,
            record: record(&configuration),
            configuration,
            collector: CollectorVersion {
                name: "perfleet import".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            host: HostFacts::named(UNKNOWN, UNKNOWN),
            started_at: run.first_time,
            finished_at: run.last_time,
            runs: vec![measured],
            interleaved: false,
            metrics: self.metrics.clone(),
            measurements,
            failures: Vec::new(),
            log: None,
            resumed: Vec::new(),
        })
    }

    fn measurement(
        &self,
        artifact: &ArtifactId,
        name: ImportedName,
        iterations: &[Vec<Option<f64>>],
    ) -> Measurement {
        let of_metric = |(place, metric): (usize, &Metric)| MetricValues {
            metric: metric.name.clone(),
            iterations: iterations
                .iter()
                .map(|values| values.get(place).copied().flatten())
                .collect(),
        };
        Measurement {
            artifact: artifact.clone(),
            replicate: Replicate::FIRST,
            test_case: TestCase::Imported { name },
            category: None,
            epoch: self.epoch.clone(),
            values: self
                .metrics
                .iter()
                .enumerate()
                .map(of_metric)
                .filter(|values| values.measured().next().is_some())
                .collect(),
            disturbed: Vec::new(),
            self_profile: None,
        }
    }
}

/// The record of an imported configuration. Its name is all that is known of its flags, and keeps
/// two of them apart.
fn record(id: &ConfigurationId) -> ConfigurationRecord {
    ConfigurationRecord {
        target: UNKNOWN.to_owned(),
        hardware_model: UNKNOWN.to_owned(),
        backend: Backend::Unknown,
        frontend_threads: 1,
        flags: vec![id.to_string()],
    }
}

/// The same content always has the same id, so that importing it twice changes nothing.
pub(super) fn job_of(
    content: &impl Serialize,
    measured_at: Timestamp,
) -> Result<JobId, FunctionsError> {
    let content = serde_json::to_vec(content)
        .map_err(|error| FunctionsError::Defect(format!("a result has no JSON: {error}")))?;
    let digest = Sha256::digest(content);
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let unix_ms = u64::try_from(measured_at.as_millisecond()).unwrap_or(0);
    Ok(JobId::from_parts(unix_ms, &random))
}

impl Places {
    fn add(&mut self, row: &Row) {
        let (ordinal, commit_date) = match self.layout {
            Layout::LlvmCompileTime => (row.main_order, None),
            Layout::RustcTiming2017 => (Some(row.time.as_second()), Some(row.time)),
        };
        let known = self.ordinals.entry(row.artifact.clone()).or_default();
        known.0 = known.0.or(ordinal);
        known.1 = known.1.or(commit_date);
    }

    /// How many artifacts there are.
    pub(super) fn artifacts(&self) -> u64 {
        self.ordinals.len() as u64
    }

    /// The artifacts that have a place, each with its commit date where that is known.
    pub(super) fn placed(&self) -> Vec<Artifact> {
        let mut placed: Vec<(i64, &ArtifactId, Option<Timestamp>)> = self
            .ordinals
            .iter()
            .filter_map(|(id, (ordinal, date))| Some(((*ordinal)?, id, *date)))
            .collect();
        placed.sort();
        let mut with_place = Vec::with_capacity(placed.len());
        for (place, (ordinal, id, date)) in placed.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|before| placed.get(before));
            let parent = before.filter(|(earlier, ..)| self.follows(*earlier, *ordinal));
            let position = HistoryPosition {
                line: Line::Main,
                ordinal: *ordinal,
                parent: parent.map(|(_, parent, _)| (*parent).clone()),
            };
            with_place.push(Artifact {
                history: Some(position),
                commit_date: *date,
                ..Artifact::named((*id).clone())
            });
        }
        with_place
    }

    /// Whether what is at `ordinal` has what is at `earlier` as its parent: positions on a branch
    /// leave no gap, and dates say nothing of gaps.
    fn follows(&self, earlier: i64, ordinal: i64) -> bool {
        match self.layout {
            Layout::LlvmCompileTime => ordinal - earlier == 1,
            Layout::RustcTiming2017 => true,
        }
    }
}
