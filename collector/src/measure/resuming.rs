//! Units that an earlier attempt at the same job has finished.

use std::path::Path;
use std::time::UNIX_EPOCH;

use jiff::Timestamp;
use shared_types::format::Versioned;
use shared_types::object_key::ContentHash;
use shared_types::result_document::{FailureKind, ResultDocument, ResumedUnit};
use shared_types::{FormatVersion, Metric, ObjectKey};

use super::PROTOCOL;
use super::job::JobMeasuring;
use super::unit_of_job::UnitOfJob;
use crate::journal::{Conditions, FinishedUnit, Found};
use crate::toolchain::Toolchain;

/// How the libraries begin that a compiler consists of.
const COMPILER_LIBRARY: &str = "librustc_driver";

/// Where a job stood before a unit was measured.
#[derive(Debug)]
pub(super) struct Mark {
    started_at: Timestamp,
    conditions: Conditions,
    measurements: usize,
    failures: usize,
    log: usize,
    profiles: usize,
}

impl JobMeasuring<'_> {
    /// Puts what an earlier attempt has finished of a unit into the result, and says whether there was
    /// such.
    pub(super) fn take_from_journal(&mut self, unit: UnitOfJob<'_>) -> bool {
        let Some(journal) = &self.journal else {
            return false;
        };
        let name = unit.name();
        let found = journal.find(&unit.identity(), &self.conditions(unit));
        let reason = match found {
            Found::Nothing => return false,
            Found::Finished(finished) => match self.take(*finished, unit) {
                Ok(()) => return true,
                Err(reason) => reason,
            },
            Found::Unusable(reason) => reason,
        };
        self.observer.note(&format!(
            "{name} is measured anew, since what an earlier attempt had finished cannot be used: \
             {reason}"
        ));
        false
    }

    fn take(&mut self, finished: FinishedUnit, unit: UnitOfJob<'_>) -> Result<(), String> {
        let document = merged(&self.document, &finished)?;
        if let Some(profiles) = &self.self_profiles {
            profiles.take(finished.profiles.iter().map(|profile| profile.number));
        }
        self.document = document;
        self.observer.note(&format!(
            "{} was finished by attempt {} at {} and is not measured again. What that attempt said:",
            finished.name, finished.attempt, finished.finished_at
        ));
        for line in finished.log.lines() {
            self.observer.note(line);
        }
        self.observer.skip(unit.compilations(self.job));
        Ok(())
    }

    /// Where the job stands before `unit` is measured.
    pub(super) fn mark(&self, unit: UnitOfJob<'_>) -> Mark {
        Mark {
            started_at: Timestamp::now(),
            conditions: self.conditions(unit),
            measurements: self.document.measurements.len(),
            failures: self.document.failures.len(),
            log: self.observer.log.len(),
            profiles: self.self_profiles.as_ref().map_or(0, |kept| kept.len()),
        }
    }

    /// Keeps what came of a unit since `mark`. What failed for a reason that may pass is left to the
    /// next attempt. A disk that refuses costs no more than that a unit may be measured again.
    pub(super) fn keep_in_journal(&mut self, unit: UnitOfJob<'_>, mark: Mark) {
        let Some(journal) = &self.journal else {
            return;
        };
        let failures = self.document.failures[mark.failures..].to_vec();
        let may_pass = |kind| matches!(kind, FailureKind::Host | FailureKind::Unavailable);
        if failures.iter().any(|failure| may_pass(failure.kind)) {
            return;
        }
        let measurements = self.document.measurements[mark.measurements..].to_vec();
        let names: Vec<_> = measurements
            .iter()
            .flat_map(|measured| &measured.values)
            .map(|values| values.metric.clone())
            .collect();
        let is_named = |metric: &&Metric| names.contains(&metric.name);
        let metrics = self.document.metrics.iter().filter(is_named).cloned();
        let profiles = self.self_profiles.as_ref();
        let kept = profiles.map_or(Ok(Vec::new()), |profiles| {
            profiles.kept_since(mark.profiles)
        });
        let kept = kept.and_then(|profiles| {
            journal.keep(&FinishedUnit {
                format: FormatVersion::V1_0,
                unit: unit.identity(),
                name: unit.name(),
                attempt: self.document.attempt,
                started_at: mark.started_at,
                finished_at: Timestamp::now(),
                conditions: mark.conditions,
                metrics: metrics.collect(),
                measurements,
                failures,
                log: self.observer.log[mark.log..].to_owned(),
                profiles,
            })
        });
        if let Err(error) = kept {
            self.observer.note(&format!(
                "{} would be measured again by another attempt: {error}",
                unit.name()
            ));
        }
    }

    /// What must be the same for the parts of one result. When the host was started is not among it:
    /// all that a unit compares was measured without a break, and a host that lost its power is what
    /// a journal is for.
    fn conditions(&self, unit: UnitOfJob<'_>) -> Conditions {
        let bench = self.bench;
        let facts = &self.document.host;
        let mut conditions: Conditions = facts.setup().settings.into_iter().collect();
        let mut add = |name: &str, value: String| conditions.add(name, value);
        add("host", facts.name.clone());
        add("processor", facts.cpu_model.clone().unwrap_or_default());
        add("collector", bench.collector.name.clone());
        add("collector's version", bench.collector.version.clone());
        add("measuring protocol", PROTOCOL.to_owned());
        add("wish", hash_of(&self.wish()));
        add("options", hash_of(&format!("{:?}", bench.options)));
        let counting = format!("{:?} {:?}", bench.counter, bench.executor.counters());
        add("counting", hash_of(&counting));
        let sandbox = bench.executor.sandbox();
        let confined = format!("{} {:?}", sandbox.confinement, sandbox.limits_in_force());
        add("confinement", hash_of(&confined));
        if let Some(inputs) = unit.inputs(&bench.suite) {
            add("benchmark", hash_of(&inputs));
        }
        for run in &self.job.runs {
            let toolchain = self.toolchains.get(&run.artifact);
            let build = toolchain.map_or_else(|| "missing".to_owned(), build_of);
            add(&format!("toolchain {}", run.artifact), build);
        }
        conditions
    }

    /// What the job asks for, apart from its units.
    fn wish(&self) -> String {
        let job = self.job;
        format!(
            "{:?} {:?} {} {:?} {} {} {:?}",
            job.record,
            job.runs,
            job.iterations,
            job.precision,
            job.self_profile,
            job.time_limit_s,
            job.trust
        )
    }
}

fn hash_of(text: &str) -> String {
    ContentHash::of(text.as_bytes()).as_str()[..12].to_owned()
}

/// Which build of a compiler this is. One that was built again on this machine keeps its version and
/// its place, and not the length and the time of its files.
fn build_of(toolchain: &Toolchain) -> String {
    let mut files = vec![toolchain.rustc.clone()];
    for folder in ["lib", "bin"] {
        let entries = std::fs::read_dir(toolchain.sysroot.join(folder));
        let paths = entries.into_iter().flatten();
        files.extend(
            paths
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    name.starts_with(COMPILER_LIBRARY)
                }),
        );
    }
    files.sort();
    let files: Vec<String> = files.iter().map(|path| state_of(path)).collect();
    hash_of(&format!("{}\n{}", toolchain.version_text, files.join("\n")))
}

fn state_of(path: &Path) -> String {
    let file = std::fs::metadata(path);
    let changed = file.as_ref().ok().and_then(|file| file.modified().ok());
    let since = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    format!(
        "{} {:?} {:?}",
        path.display(),
        file.map(|file| file.len()).ok(),
        since
    )
}

/// The result with a finished unit in it, or why the two do not fit.
fn merged(document: &ResultDocument, finished: &FinishedUnit) -> Result<ResultDocument, String> {
    let mut merged = document.clone();
    for metric in &finished.metrics {
        if !merged.metrics.contains(metric) {
            merged.metrics.push(metric.clone());
        }
    }
    for measurement in &finished.measurements {
        let mut measurement = measurement.clone();
        // Raw profiles are stored under the attempt that delivers them.
        if let Some(profile) = &mut measurement.self_profile
            && let Some(ObjectKey::SelfProfile { job, attempt, .. }) = &mut profile.raw
        {
            *job = document.job;
            *attempt = document.attempt;
        }
        merged.measurements.push(measurement);
    }
    merged.failures.extend(finished.failures.iter().cloned());
    merged.started_at = merged.started_at.min(finished.started_at);
    merged.resumed.push(ResumedUnit {
        unit: finished.name.clone(),
        attempt: finished.attempt,
        finished_at: finished.finished_at,
    });
    merged.check().map_err(|error| error.to_string())?;
    Ok(merged)
}
