//! One side of a comparison: all that was measured of a run, pooled over its results.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::host::HostSetup;
use shared_types::ids::Attempt;
use shared_types::result_document::{Measurement, MeasuringFailure, ResultDocument};
use shared_types::run::Side;
use shared_types::self_profile::SelfProfile;
use shared_types::{
    Category, ConfigurationId, ConfigurationRecord, Epoch, HistoryPosition, JobId, Metric,
    MetricName, Replicate, TestCase,
};

use crate::AnalysisError;

/// All that was measured of one side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct RunValues {
    /// The artifact, with all its replicates or one.
    pub side: Side,
    /// The configuration under which it was measured.
    pub configuration: ConfigurationId,
    /// The record of that configuration.
    pub record: ConfigurationRecord,
    /// Every metric that a test case has, by name.
    pub metrics: Vec<Metric>,
    /// What was measured, by test case. A test case that was measured in two epochs is here twice,
    /// the epoch that was measured last behind the other.
    pub cases: Vec<CaseValues>,
    /// The hosts that measured, by name.
    pub hosts: Vec<String>,
    /// How they were set up meanwhile, each set-up once, in order of measuring.
    pub setups: Vec<HostSetup>,
    /// The replicates that are pooled, in order.
    pub replicates: Vec<Replicate>,
    /// The place of the artifact in history, where known.
    pub history: Option<HistoryPosition>,
    /// What could not be measured.
    pub failures: Vec<MeasuringFailure>,
}

/// One test case of a run, in one epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseValues {
    /// What was measured.
    pub test_case: TestCase,
    /// The epoch of its series.
    pub epoch: Epoch,
    /// What the benchmark stands for, where it is of a suite that says so.
    pub category: Option<Category>,
    /// Every iteration that was measured, over all replicates, by metric. Never empty lists.
    pub values: BTreeMap<MetricName, Vec<f64>>,
    /// Those of them that alternated on one host with the iterations of another run.
    pub interleaved: BTreeMap<MetricName, Vec<InterleavedValue>>,
    /// The self-profiles that were recorded, over all replicates.
    pub self_profiles: Vec<SelfProfile>,
}

/// A value that makes a pair with the value of the other run that has the same origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InterleavedValue {
    /// The job, the attempt and the iteration that it comes from.
    pub origin: (JobId, Attempt, u32),
    /// The value, in the unit of the metric.
    pub value: f64,
}

impl RunValues {
    /// The metric of that name, where a test case has it.
    pub fn metric(&self, name: &MetricName) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == *name)
    }
}

/// Pools what `documents` say of `side`: every replicate, or the one that it names. The documents
/// are those that count, of one configuration, in any order; one that comes twice counts once.
///
/// # Errors
/// When no document measures the side, or two were measured under different configurations.
pub fn pool(
    side: &Side,
    documents: &[ResultDocument],
    history: Option<HistoryPosition>,
) -> Result<RunValues, AnalysisError> {
    let documents = in_order_of_measuring(side, documents);
    let Some(first) = documents.first() else {
        return Err(AnalysisError::NothingMeasured {
            side: side.to_string(),
        });
    };
    let mut pooled = Pooled::default();
    for document in &documents {
        check_same_configuration(
            (&first.configuration, &first.record),
            (&document.configuration, &document.record),
        )?;
        pooled.add(side, document)?;
    }
    Ok(RunValues {
        side: side.clone(),
        configuration: first.configuration.clone(),
        record: first.record.clone(),
        metrics: pooled.metrics.into_values().collect(),
        cases: in_order_of_test_cases(pooled.cases),
        hosts: pooled.hosts.into_iter().collect(),
        setups: pooled.setups,
        replicates: pooled.replicates.into_iter().collect(),
        history,
        failures: pooled.failures,
    })
}

/// Refuses what was not measured under one configuration: another name, or another record under
/// the same name.
pub(crate) fn check_same_configuration(
    base: (&ConfigurationId, &ConfigurationRecord),
    head: (&ConfigurationId, &ConfigurationRecord),
) -> Result<(), AnalysisError> {
    if base == head {
        return Ok(());
    }
    let differences = record_differences(base.1, head.1);
    let reason = if differences.is_empty() {
        "their records are equal, so they are two names of one set-up; measure both sides under \
         one of them"
            .to_owned()
    } else {
        format!("they differ in {}", differences.join(", "))
    };
    Err(AnalysisError::DifferentConfigurations {
        base: base.0.clone(),
        head: head.0.clone(),
        reason,
    })
}

fn record_differences(base: &ConfigurationRecord, head: &ConfigurationRecord) -> Vec<String> {
    let flags = |record: &ConfigurationRecord| match record.flags.as_slice() {
        [] => "none".to_owned(),
        flags => flags.join(" "),
    };
    let facts = [
        ("target", base.target.clone(), head.target.clone()),
        (
            "hardware",
            base.hardware_model.clone(),
            head.hardware_model.clone(),
        ),
        (
            "backend",
            base.backend.to_string(),
            head.backend.to_string(),
        ),
        (
            "front-end threads",
            base.frontend_threads.to_string(),
            head.frontend_threads.to_string(),
        ),
        ("flags", flags(base), flags(head)),
    ];
    facts
        .into_iter()
        .filter(|(_, base, head)| base != head)
        .map(|(fact, base, head)| format!("{fact} ({base} and {head})"))
        .collect()
}

/// The documents that have a part in `side`, oldest first, each once. The order makes the answer
/// the same whatever the order in which they came.
fn in_order_of_measuring<'a>(
    side: &Side,
    documents: &'a [ResultDocument],
) -> Vec<&'a ResultDocument> {
    let mut chosen: Vec<&ResultDocument> = documents
        .iter()
        .filter(|document| {
            let mut runs = document.runs.iter();
            runs.any(|run| belongs(side, &run.artifact, run.replicate))
        })
        .collect();
    chosen.sort_by_key(|document| (document.finished_at, document.job, document.attempt));
    chosen.dedup_by_key(|document| (document.job, document.attempt));
    chosen
}

fn belongs(side: &Side, artifact: &shared_types::ArtifactId, replicate: Replicate) -> bool {
    *artifact == side.artifact && side.replicate.is_none_or(|wanted| wanted == replicate)
}

/// By test case; the epoch that was measured last stays behind the others.
fn in_order_of_test_cases(
    cases: BTreeMap<(TestCase, Epoch), (usize, CaseValues)>,
) -> Vec<CaseValues> {
    let mut cases: Vec<(usize, CaseValues)> = cases.into_values().collect();
    cases.sort_by(|one, other| (&one.1.test_case, one.0).cmp(&(&other.1.test_case, other.0)));
    cases.into_iter().map(|(_, case)| case).collect()
}

#[derive(Default)]
struct Pooled {
    metrics: BTreeMap<MetricName, Metric>,
    /// Each with the number of the last document that measured it.
    cases: BTreeMap<(TestCase, Epoch), (usize, CaseValues)>,
    hosts: BTreeSet<String>,
    setups: Vec<HostSetup>,
    replicates: BTreeSet<Replicate>,
    failures: Vec<MeasuringFailure>,
    documents: usize,
}

impl Pooled {
    fn add(&mut self, side: &Side, document: &ResultDocument) -> Result<(), AnalysisError> {
        self.documents += 1;
        self.hosts.insert(document.host.name.clone());
        let setup = document.host.setup();
        if !setup.settings.is_empty() && !self.setups.contains(&setup) {
            self.setups.push(setup);
        }
        for run in &document.runs {
            if belongs(side, &run.artifact, run.replicate) {
                self.replicates.insert(run.replicate);
            }
        }
        for measurement in &document.measurements {
            if belongs(side, &measurement.artifact, measurement.replicate) {
                self.add_measurement(document, measurement)?;
            }
        }
        let failures = document.failures.iter();
        self.failures.extend(
            failures
                .filter(|failure| belongs(side, &failure.artifact, failure.replicate))
                .cloned(),
        );
        Ok(())
    }

    fn add_measurement(
        &mut self,
        document: &ResultDocument,
        measurement: &Measurement,
    ) -> Result<(), AnalysisError> {
        let key = (measurement.test_case.clone(), measurement.epoch.clone());
        let (last_document, case) = self.cases.entry(key).or_insert_with(|| {
            let case = CaseValues {
                test_case: measurement.test_case.clone(),
                epoch: measurement.epoch.clone(),
                category: None,
                values: BTreeMap::new(),
                interleaved: BTreeMap::new(),
                self_profiles: Vec::new(),
            };
            (0, case)
        });
        *last_document = self.documents;
        case.category = measurement.category.or(case.category);
        case.self_profiles.extend(measurement.self_profile.clone());
        for values in &measurement.values {
            let counting = measurement.counting(values);
            if counting.is_empty() {
                continue;
            }
            let metric = described(document, &values.metric)?;
            let known = self.metrics.entry(metric.name.clone());
            if known.or_insert_with(|| metric.clone()) != metric {
                return Err(AnalysisError::MetricDefinedDifferently {
                    metric: metric.name.clone(),
                });
            }
            let all = case.values.entry(metric.name.clone()).or_default();
            all.extend(counting.iter().map(|(_, value)| *value));
            if document.interleaved {
                let interleaved = case.interleaved.entry(metric.name.clone()).or_default();
                interleaved.extend(pair_halves(document, counting));
            }
        }
        Ok(())
    }
}

/// The description of a metric, which a valid document always has.
fn described<'a>(
    document: &'a ResultDocument,
    name: &MetricName,
) -> Result<&'a Metric, AnalysisError> {
    let mut metrics = document.metrics.iter();
    metrics.find(|metric| metric.name == *name).ok_or_else(|| {
        AnalysisError::Invalid(shared_types::InvalidInput::inconsistent(
            "a result",
            format!("it does not describe the metric {name}"),
        ))
    })
}

fn pair_halves(document: &ResultDocument, counting: Vec<(usize, f64)>) -> Vec<InterleavedValue> {
    counting
        .into_iter()
        .filter_map(|(iteration, value)| {
            let iteration = u32::try_from(iteration).ok()?;
            Some(InterleavedValue {
                origin: (document.job, document.attempt, iteration),
                value,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
