//! From the values of one artifact to its results, one for each configuration.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared_types::format::Versioned;
use shared_types::host::HostFacts;
use shared_types::ids::Attempt;
use shared_types::result_document::{
    CollectorVersion, MeasuredRun, Measurement, MetricValues, Origin, ResultDocument,
};
use shared_types::{
    ArtifactId, ConfigurationId, ConfigurationRecord, Epoch, JobId, Metric, Replicate, TestCase,
};

use super::artifacts::ExportedArtifact;
use super::failures::ExportedFailure;
use super::measurements::{ValuesOfArtifact, ValuesOfCase};
use super::series::SeriesTable;
use crate::FunctionsError;
use crate::import::documents::job_of;

/// What hosts are called of which nothing is known.
const HOST: &str = "imported";

/// The results of an artifact, and the failures that belong to none of them: to those of which it is
/// not known under which configuration they came, there is a place only where there is one
/// configuration.
pub(super) fn documents(
    artifact: &ExportedArtifact,
    mut values: ValuesOfArtifact,
    failures: Vec<ExportedFailure>,
    series: &SeriesTable,
) -> Result<(Vec<ResultDocument>, Vec<ExportedFailure>), FunctionsError> {
    let only = match series.configurations.keys().collect::<Vec<_>>()[..] {
        [only] => Some(only.clone()),
        _ => match values.keys().collect::<Vec<_>>()[..] {
            [only] => Some(only.clone()),
            _ => None,
        },
    };
    let mut of_configuration: BTreeMap<ConfigurationId, Vec<ExportedFailure>> = BTreeMap::new();
    let mut without_place = Vec::new();
    for failure in failures {
        let known = failure.configuration.clone().or_else(|| only.clone());
        match known.filter(|id| series.configurations.contains_key(id)) {
            Some(id) => of_configuration.entry(id).or_default().push(failure),
            None => without_place.push(failure),
        }
    }
    for id in of_configuration.keys() {
        values.entry(id.clone()).or_default();
    }
    let mut documents = Vec::with_capacity(values.len());
    for (id, cases) in values {
        let Some(record) = series.configurations.get(&id) else {
            continue;
        };
        let failures = of_configuration.remove(&id).unwrap_or_default();
        let document = document(artifact, (&id, record), cases, series);
        let failures = failures.into_iter().map(|failure| failure.failure);
        let document = ResultDocument {
            failures: failures.collect(),
            ..document
        };
        documents.push(with_id_of_content(document)?);
    }
    Ok((documents, without_place))
}

/// The same document under the id that follows from what it says.
pub(super) fn with_id_of_content(
    document: ResultDocument,
) -> Result<ResultDocument, FunctionsError> {
    let content = (
        &document.configuration,
        &document.measurements,
        &document.failures,
    );
    let job = job_of(&content, document.finished_at)?;
    Ok(ResultDocument { job, ..document })
}

fn document(
    artifact: &ExportedArtifact,
    (id, record): (&ConfigurationId, &ConfigurationRecord),
    cases: BTreeMap<TestCase, ValuesOfCase>,
    series: &SeriesTable,
) -> ResultDocument {
    // Exports do not say when something was measured.
    let at = artifact.date.unwrap_or(Timestamp::UNIX_EPOCH);
    let mut metrics: BTreeMap<&str, &Metric> = BTreeMap::new();
    for name in cases.values().flat_map(|case| case.metrics.keys()) {
        if let Some(kept) = series.metrics.get(name) {
            metrics.insert(name.as_str(), &kept.metric);
        }
    }
    let metrics = metrics.into_values().cloned().collect();
    ResultDocument {
        format: ResultDocument::VERSION,
        job: JobId::from_parts(0, &[0; 10]),
        attempt: Attempt(1),
        origin: Origin::Import,
        record: record.clone(),
        configuration: id.clone(),
        collector: CollectorVersion {
            name: "perfleet import".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        host: HostFacts::named(HOST, &record.target),
        started_at: at,
        finished_at: at,
        runs: vec![MeasuredRun {
            artifact: artifact.id.clone(),
            replicate: Replicate::FIRST,
        }],
        interleaved: false,
        metrics,
        measurements: cases
            .into_iter()
            .map(|(test_case, values)| measurement(&artifact.id, test_case, values))
            .collect(),
        failures: Vec::new(),
        log: None,
        resumed: Vec::new(),
    }
}

/// All iterations of a test case: place `i` of every metric is the same one.
fn measurement(artifact: &ArtifactId, test_case: TestCase, values: ValuesOfCase) -> Measurement {
    let mut iterations: Vec<i64> = values
        .metrics
        .values()
        .flat_map(BTreeMap::keys)
        .copied()
        .collect();
    iterations.sort_unstable();
    iterations.dedup();
    let of_metric = |(metric, values): (_, BTreeMap<i64, f64>)| MetricValues {
        metric,
        iterations: iterations
            .iter()
            .map(|iteration| values.get(iteration).copied())
            .collect(),
    };
    Measurement {
        artifact: artifact.clone(),
        replicate: Replicate::FIRST,
        test_case,
        category: values.category,
        epoch: epoch(),
        values: values.metrics.into_iter().map(of_metric).collect(),
        disturbed: Vec::new(),
        self_profile: None,
    }
}

/// Exports tell of no version but that in a benchmark's name, so there is one epoch.
fn epoch() -> Epoch {
    Epoch::of([&b"import"[..], b"rustc-perf"])
}
