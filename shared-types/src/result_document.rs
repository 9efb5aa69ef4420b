//! The result of one attempt at a job: what a collector puts into object storage.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::host::HostFacts;
use crate::ids::Attempt;
use crate::self_profile::SelfProfile;
use crate::text::word_enum;
use crate::{
    ArtifactId, BenchmarkName, Category, ConfigurationId, ConfigurationRecord, Epoch,
    FormatVersion, InvalidInput, JobId, Metric, MetricName, ObjectKey, Profile, Replicate,
    Scenario, TestCase,
};

/// The result of one attempt at a job, with all iterations and where they came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultDocument {
    /// The version of this format.
    pub format: FormatVersion,
    /// The job.
    pub job: JobId,
    /// Which delivery of it.
    pub attempt: Attempt,
    /// Whether a collector measured this or it was measured elsewhere.
    pub origin: Origin,
    /// The configuration under which was measured.
    pub configuration: ConfigurationId,
    /// Its record, as the collector applied it.
    pub record: ConfigurationRecord,
    /// Who measured.
    pub collector: CollectorVersion,
    /// Where.
    pub host: HostFacts,
    /// When the work began.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub finished_at: Timestamp,
    /// The runs that this is a part of: one, or base and head.
    pub runs: Vec<MeasuredRun>,
    /// Whether the iterations of the runs alternated on the host, so that iteration `i` of one and
    /// of the other make a pair.
    pub interleaved: bool,
    /// Every metric that a measurement names.
    pub metrics: Vec<Metric>,
    /// What was measured.
    pub measurements: Vec<Measurement>,
    /// What could not be measured.
    #[serde(default)]
    pub failures: Vec<MeasuringFailure>,
    /// The log of the attempt, where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<ObjectKey>,
    /// What was measured by earlier attempts of the same collector and not again by this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<ResumedUnit>,
}

/// A unit of a job that an earlier attempt had finished before it was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumedUnit {
    /// What people call it: `syn/check`.
    pub unit: String,
    /// Which attempt measured it.
    pub attempt: Attempt,
    /// When that attempt had finished it.
    #[serde(deserialize_with = "crate::timestamp::read")]
    pub finished_at: Timestamp,
}

word_enum! {
    /// Where a result comes from.
    Origin, "an origin: collector or import" {
        /// A collector of this fleet, for a job.
        Collector => "collector",
        /// Somewhere else; there is no job.
        Import => "import",
    }
}

/// A collector and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectorVersion {
    /// Its name.
    pub name: String,
    /// The version of the program.
    pub version: String,
}

/// A run that was measured, and its replicate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MeasuredRun {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Which measuring of the run.
    pub replicate: Replicate,
}

/// All iterations of one test case of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Which measuring of the run.
    pub replicate: Replicate,
    /// What was measured.
    pub test_case: TestCase,
    /// What the benchmark stands for, where it is of a suite that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// The epoch of the series.
    pub epoch: Epoch,
    /// The values, by metric.
    pub values: Vec<MetricValues>,
    /// Iterations that something else spoilt. Their values are kept, and do not count as long as
    /// there are others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disturbed: Vec<DisturbedIteration>,
    /// Which queries of the compiler take its time, where that was asked for: of one compilation more,
    /// which is not among the iterations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_profile: Option<SelfProfile>,
}

/// An iteration that something else spoilt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisturbedIteration {
    /// Which, from 0.
    pub iteration: u32,
    /// What happened, in words.
    pub reason: String,
}

/// The values of one metric, by iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricValues {
    /// The metric.
    pub metric: MetricName,
    /// The value of each iteration. `None` where this metric was not measured in an iteration.
    pub iterations: Vec<Option<f64>>,
}

impl MetricValues {
    /// The iterations that were measured.
    pub fn measured(&self) -> impl Iterator<Item = f64> + '_ {
        self.iterations.iter().flatten().copied()
    }
}

/// Something that could not be measured, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuringFailure {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Which measuring of the run.
    pub replicate: Replicate,
    /// The benchmark.
    pub benchmark: BenchmarkName,
    /// The profile.
    pub profile: Profile,
    /// The scenario, or none where the benchmark could not even be prepared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Scenario>,
    /// What could not be measured, where it is no compilation. `benchmark` is then the group or the
    /// component, and `profile` is opt, for readers that know compilations alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_case: Option<TestCase>,
    /// What happened.
    pub kind: FailureKind,
    /// What happened, in words that name the command and its end.
    pub message: String,
    /// The last lines that the failing program wrote.
    #[serde(default)]
    pub output: String,
}

impl MeasuringFailure {
    /// The name of what could not be measured, as people read it: `syn-2.0.119/check/incr-full`,
    /// without the scenario where all are concerned.
    pub fn name(&self) -> String {
        let of_compilation = format!("{}/{}", self.benchmark, self.profile);
        match (&self.test_case, &self.scenario) {
            (Some(test_case), _) => test_case.name(),
            (None, Some(scenario)) => format!("{of_compilation}/{scenario}"),
            (None, None) => of_compilation,
        }
    }

    /// Whether this is the reason why `test_case` has no values. One without a scenario is the reason
    /// for all scenarios, and one of a whole build the reason for each of its crates.
    pub fn explains(&self, test_case: &TestCase) -> bool {
        match (&self.test_case, test_case) {
            (
                None,
                TestCase::Compile {
                    benchmark,
                    profile,
                    scenario,
                },
            ) => {
                let failed = self.scenario.as_ref();
                self.benchmark == *benchmark
                    && self.profile == *profile
                    && failed.is_none_or(|failed| failed == scenario)
            }
            (
                Some(TestCase::Toolchain { component: failed }),
                TestCase::Toolchain { component },
            ) => {
                let part = component.as_str().strip_prefix(failed.as_str());
                part.is_some_and(|part| part.is_empty() || part.starts_with(CRATE_OF_A_BUILD))
            }
            (Some(failed), test_case) => failed == test_case,
            (None, _) => false,
        }
    }
}

/// What stands between a build and one of its crates in the name of a component:
/// `workspace-ripgrep-15.2.0.regex_automata`.
pub const CRATE_OF_A_BUILD: &str = ".";

word_enum! {
    /// What happened to something that could not be measured.
    FailureKind, "a kind of failure: build-failed, crashed, timed-out, unavailable or host" {
        /// The compiler refused the benchmark.
        BuildFailed => "build-failed",
        /// The compiler was ended by a signal, or panicked.
        Crashed => "crashed",
        /// The time limit was reached and the process group was killed.
        TimedOut => "timed-out",
        /// The artifact does not have what is needed, such as a backend.
        Unavailable => "unavailable",
        /// Something about the host, such as a full disk.
        Host => "host",
    }
}

impl Versioned for ResultDocument {
    const WHAT: &'static str = "a result";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let inconsistent = |reason: String| Err(InvalidInput::inconsistent(Self::WHAT, reason));
        let runs: BTreeSet<_> = self.runs.iter().collect();
        if runs.is_empty() || runs.len() > 2 || runs.len() < self.runs.len() {
            return inconsistent(format!(
                "it names {} runs, and a job has one or two different ones",
                self.runs.len()
            ));
        }
        let metrics: BTreeSet<_> = self.metrics.iter().map(|metric| &metric.name).collect();
        if metrics.len() < self.metrics.len() {
            return inconsistent("it describes a metric twice".to_owned());
        }
        let mut seen = BTreeSet::new();
        for measurement in &self.measurements {
            let run = measurement.run();
            if !runs.contains(&run) {
                return inconsistent(format!(
                    "it measures {} of a run that it does not name",
                    measurement.test_case
                ));
            }
            if !seen.insert((run, &measurement.test_case)) {
                return inconsistent(format!("it measures {} twice", measurement.test_case));
            }
            measurement.check(&metrics)?;
            if let Some(profile) = &measurement.self_profile {
                profile.check().map_err(|reason| {
                    let reason = format!("the self-profile of {} {reason}", measurement.test_case);
                    InvalidInput::inconsistent(Self::WHAT, reason)
                })?;
            }
        }
        Ok(())
    }
}

impl Measurement {
    /// The run that this is a part of.
    pub fn run(&self) -> MeasuredRun {
        MeasuredRun {
            artifact: self.artifact.clone(),
            replicate: self.replicate,
        }
    }

    /// The iterations of a metric that count: those that were measured and nothing disturbed, or,
    /// where there are none, all that were measured. Each with its number, from 0.
    pub fn counting<'a>(&'a self, values: &'a MetricValues) -> Vec<(usize, f64)> {
        let measured = || {
            let all = values.iterations.iter().enumerate();
            all.filter_map(|(iteration, value)| Some((iteration, (*value)?)))
        };
        let disturbed: BTreeSet<usize> = self
            .disturbed
            .iter()
            .map(|disturbed| disturbed.iteration as usize)
            .collect();
        let undisturbed: Vec<(usize, f64)> = measured()
            .filter(|(iteration, _)| !disturbed.contains(iteration))
            .collect();
        if undisturbed.is_empty() {
            return measured().collect();
        }
        undisturbed
    }

    fn check(&self, metrics: &BTreeSet<&MetricName>) -> Result<(), InvalidInput> {
        let inconsistent =
            |reason: String| Err(InvalidInput::inconsistent(ResultDocument::WHAT, reason));
        let mut seen = BTreeSet::new();
        for values in &self.values {
            if !metrics.contains(&values.metric) {
                return inconsistent(format!("it does not describe the metric {}", values.metric));
            }
            if !seen.insert(&values.metric) {
                return inconsistent(format!(
                    "it gives {} of {} twice",
                    values.metric, self.test_case
                ));
            }
            if values
                .measured()
                .any(|value| !value.is_finite() || value < 0.0)
            {
                return inconsistent(format!(
                    "{} of {} is negative or not a number",
                    values.metric, self.test_case
                ));
            }
        }
        Ok(())
    }
}
