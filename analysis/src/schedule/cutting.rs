//! A request is cut into jobs.

use std::collections::BTreeMap;

use shared_types::collector::SuiteCatalogue;
use shared_types::job::{JOB_SECONDS_MAX, JOBS_MAX, JobUnit, MESSAGE_BYTES_MAX};
use shared_types::job_units::{RuntimeUnit, ToolchainUnit};
use shared_types::request::Request;
use shared_types::result_document::MeasuredRun;
use shared_types::{BenchmarkKind, BenchmarkName, Profile};

use super::wanted_unit::Repeats;
use super::{JOB_SECONDS_WANTED, WantedUnit, units};
use crate::AnalysisError;

/// What a compilation is assumed to take where nothing was measured yet, in seconds. Rather too
/// much than too little: a job that is too short costs a download, one that is too long a lease.
const ASSUMED_SECONDS: f64 = 8.0;

/// How much longer a compilation takes than its own measured time: preparation, copying, and the
/// dependencies.
const SECONDS_BESIDE: f64 = 1.0;

/// What the units of a message may take of it, in bytes; the rest is for everything else in it.
const UNITS_BYTES_MAX: usize = MESSAGE_BYTES_MAX * 3 / 4;

/// How long compilations took when they were last measured under a configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeasuredDurations {
    seconds: BTreeMap<(BenchmarkName, Profile), f64>,
}

/// A job to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedJob {
    /// One run, or base and head to be interleaved.
    pub runs: Vec<MeasuredRun>,
    /// What to compile. A job has units of one kind.
    pub units: Vec<JobUnit>,
    /// Which programs to run.
    pub runtime_units: Vec<RuntimeUnit>,
    /// What to measure of the toolchain itself.
    pub toolchain_units: Vec<ToolchainUnit>,
    /// How long it is expected to take, in seconds.
    pub seconds_expected: f64,
}

impl PlannedJob {
    fn of(runs: &[MeasuredRun]) -> Self {
        Self {
            runs: runs.to_vec(),
            units: Vec::new(),
            runtime_units: Vec::new(),
            toolchain_units: Vec::new(),
            seconds_expected: 0.0,
        }
    }

    fn add(&mut self, unit: &WantedUnit, seconds: f64) {
        self.seconds_expected += seconds;
        match unit {
            WantedUnit::Compile(unit) => self.units.push(unit.clone()),
            WantedUnit::Runtime(unit) => self.runtime_units.push(unit.clone()),
            WantedUnit::Toolchain(unit) => self.toolchain_units.push(unit.clone()),
        }
    }
}

impl MeasuredDurations {
    /// Remembers that one compilation of a benchmark under a profile took `seconds`. Of several,
    /// the longest is kept; what is not a length of time is ignored.
    pub fn remember(&mut self, benchmark: &BenchmarkName, profile: Profile, seconds: f64) {
        if seconds.is_finite() && seconds >= 0.0 {
            let longest = self
                .seconds
                .entry((benchmark.clone(), profile))
                .or_insert(seconds);
            *longest = longest.max(seconds);
        }
    }

    /// What one compilation is expected to take, in seconds, with all that goes on around it.
    fn compilation(&self, unit: &WantedUnit) -> f64 {
        let WantedUnit::Compile(unit) = unit else {
            return ASSUMED_SECONDS;
        };
        let key = (unit.benchmark.clone(), unit.profile);
        self.seconds
            .get(&key)
            .map_or(ASSUMED_SECONDS, |seconds| seconds + SECONDS_BESIDE)
    }
}

/// Cuts a request into the jobs of one configuration, [`JOBS_MAX`] at most: one unit is never cut,
/// no job has units of several kinds, and jobs are filled up to 30 minutes, or up to as much more as makes them few enough. The runs of
/// a paired request share their jobs; else the jobs of base come first and those of head follow.
///
/// # Errors
/// When the selection names benchmarks that the suite does not have, or leaves nothing, when one
/// unit alone takes longer than a job may, or when even jobs as long as may be are too many.
pub fn cut(
    request: &Request,
    catalogue: &SuiteCatalogue,
    durations: &MeasuredDurations,
) -> Result<Vec<PlannedJob>, AnalysisError> {
    let units = units(catalogue, &request.selection)?;
    let runs: Vec<MeasuredRun> = request.runs().cloned().collect();
    let parts: Vec<Vec<MeasuredRun>> = if request.paired {
        vec![runs]
    } else {
        runs.into_iter().map(|run| vec![run]).collect()
    };
    let mut seconds_wanted = JOB_SECONDS_WANTED;
    loop {
        let filling = Filling {
            repeats: Repeats {
                // As long as it may take, so that no job outlives its lease.
                iterations: request.precision.map_or(request.iterations, |precision| {
                    precision.iterations_max.max(request.iterations)
                }),
                recordings: u32::from(request.self_profile),
            },
            durations,
            seconds_wanted,
        };
        let mut jobs = Vec::new();
        for runs in &parts {
            jobs.extend(shards(runs, &units, &filling)?);
        }
        if jobs.len() <= JOBS_MAX {
            return Ok(jobs);
        }
        if seconds_wanted >= JOB_SECONDS_MAX as f64 {
            return Err(AnalysisError::TooManyJobs {
                jobs: jobs.len(),
                jobs_max: JOBS_MAX,
            });
        }
        seconds_wanted = (seconds_wanted * 1.5).min(JOB_SECONDS_MAX as f64);
    }
}

/// How jobs are filled.
struct Filling<'a> {
    repeats: Repeats,
    durations: &'a MeasuredDurations,
    /// How long a job is to take at most, in seconds.
    seconds_wanted: f64,
}

fn shards(
    runs: &[MeasuredRun],
    units: &[WantedUnit],
    filling: &Filling<'_>,
) -> Result<Vec<PlannedJob>, AnalysisError> {
    let mut jobs: Vec<PlannedJob> = Vec::new();
    let mut last: Option<(BenchmarkKind, usize)> = None;
    for unit in units {
        let compilation_s = filling.durations.compilation(unit);
        let of_a_run = unit.seconds_of_a_run(filling.repeats, compilation_s);
        let seconds = of_a_run * runs.len() as f64;
        if seconds > JOB_SECONDS_MAX as f64 {
            return Err(AnalysisError::UnitTooLong {
                benchmark: unit.name(),
                seconds_expected: seconds as u64,
                seconds_max: JOB_SECONDS_MAX,
            });
        }
        let (kind, bytes) = (unit.kind(), unit.message_bytes());
        match (jobs.last_mut(), last) {
            (Some(job), Some((kind_of_last, bytes_in_last)))
                if kind == kind_of_last
                    && job.seconds_expected + seconds <= filling.seconds_wanted
                    && bytes_in_last + bytes <= UNITS_BYTES_MAX =>
            {
                job.add(unit, seconds);
                last = Some((kind, bytes_in_last + bytes));
            }
            _ => {
                let mut job = PlannedJob::of(runs);
                job.add(unit, seconds);
                jobs.push(job);
                last = Some((kind, bytes));
            }
        }
    }
    Ok(jobs)
}

#[cfg(test)]
mod tests;
