//! A request is cut into jobs.

use std::collections::BTreeMap;

use shared_types::collector::SuiteCatalogue;
use shared_types::job::{JOB_SECONDS_MAX, JOBS_MAX, JobUnit, MESSAGE_BYTES_MAX};
use shared_types::request::Request;
use shared_types::result_document::MeasuredRun;
use shared_types::{BenchmarkName, Profile, Scenario};

use super::{JOB_SECONDS_WANTED, units};
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
    /// What to measure.
    pub units: Vec<JobUnit>,
    /// How long it is expected to take, in seconds.
    pub seconds_expected: f64,
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
    fn compilation(&self, unit: &JobUnit) -> f64 {
        let key = (unit.benchmark.clone(), unit.profile);
        self.seconds
            .get(&key)
            .map_or(ASSUMED_SECONDS, |seconds| seconds + SECONDS_BESIDE)
    }
}

/// Cuts a request into the jobs of one configuration, [`JOBS_MAX`] at most: one unit is never cut,
/// and jobs are filled up to 30 minutes, or up to as much more as makes them few enough. The runs of
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
            recordings: u32::from(request.self_profile),
            // As long as it may take, so that no job outlives its lease.
            iterations: request.precision.map_or(request.iterations, |precision| {
                precision.iterations_max.max(request.iterations)
            }),
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
    iterations: u32,
    /// Compilations of each scenario that record something, beside the iterations.
    recordings: u32,
    durations: &'a MeasuredDurations,
    /// How long a job is to take at most, in seconds.
    seconds_wanted: f64,
}

fn shards(
    runs: &[MeasuredRun],
    units: &[JobUnit],
    filling: &Filling<'_>,
) -> Result<Vec<PlannedJob>, AnalysisError> {
    let mut jobs: Vec<PlannedJob> = Vec::new();
    let mut bytes_in_last = 0;
    for unit in units {
        let of_scenario = f64::from(filling.iterations) + f64::from(filling.recordings);
        let compilations = unit.scenarios.len() as f64 * of_scenario * runs.len() as f64;
        let seconds = filling.durations.compilation(unit) * compilations;
        if seconds > JOB_SECONDS_MAX as f64 {
            return Err(AnalysisError::UnitTooLong {
                benchmark: format!("{}/{}", unit.benchmark, unit.profile),
                seconds_expected: seconds as u64,
                seconds_max: JOB_SECONDS_MAX,
            });
        }
        let bytes = message_bytes(unit);
        match jobs.last_mut() {
            Some(job)
                if job.seconds_expected + seconds <= filling.seconds_wanted
                    && bytes_in_last + bytes <= UNITS_BYTES_MAX =>
            {
                job.units.push(unit.clone());
                job.seconds_expected += seconds;
                bytes_in_last += bytes;
            }
            _ => {
                bytes_in_last = bytes;
                jobs.push(PlannedJob {
                    runs: runs.to_vec(),
                    units: vec![unit.clone()],
                    seconds_expected: seconds,
                });
            }
        }
    }
    Ok(jobs)
}

/// About how many bytes a unit takes in a message: its words, and the punctuation around them.
fn message_bytes(unit: &JobUnit) -> usize {
    let scenarios = unit.scenarios.iter().map(|scenario| match scenario {
        Scenario::IncrPatched(patch) => patch.as_str().len() + 20,
        _ => 20,
    });
    unit.benchmark.as_str().len() + scenarios.sum::<usize>() + 60
}

#[cfg(test)]
mod tests;
