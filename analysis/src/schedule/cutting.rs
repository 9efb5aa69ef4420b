//! A request is cut into jobs.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use shared_types::collector::SuiteCatalogue;
use shared_types::job::{JOB_SECONDS_MAX, JOBS_MAX, Job, JobState, JobUnit, MESSAGE_BYTES_MAX};
use shared_types::job_units::{RuntimeUnit, ToolchainUnit};
use shared_types::request::Request;
use shared_types::result_document::MeasuredRun;
use shared_types::{ConfigurationId, JobId};

use super::durations::{MeasuredDurations, Repeats};
use super::{JOB_SECONDS_WANTED, WantedUnit, units};
use crate::AnalysisError;

/// What the units of a message may take of it, in bytes; the rest is for everything else in it.
const UNITS_BYTES_MAX: usize = MESSAGE_BYTES_MAX * 3 / 4;

/// What is shorter is not cut for the sake of more hosts, in seconds: each job costs its collector
/// the fetching of a toolchain.
const JOB_SECONDS_MIN: f64 = 5.0 * 60.0;

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
    /// The host that measured most of it last.
    pub preferred_host: Option<String>,
}

impl PlannedJob {
    fn of(runs: &[MeasuredRun], preferred_host: Option<String>) -> Self {
        Self {
            runs: runs.to_vec(),
            units: Vec::new(),
            runtime_units: Vec::new(),
            toolchain_units: Vec::new(),
            seconds_expected: 0.0,
            preferred_host,
        }
    }

    /// The job that is to be kept, of which nothing has been done.
    pub fn into_job(
        self,
        id: JobId,
        request: &Request,
        configuration: &ConfigurationId,
        now: Timestamp,
    ) -> Job {
        Job {
            id,
            request: request.id,
            configuration: configuration.clone(),
            runs: self.runs,
            units: self.units,
            runtime_units: self.runtime_units,
            toolchain_units: self.toolchain_units,
            iterations: request.iterations,
            precision: request.precision,
            self_profile: request.self_profile,
            time_limit_s: request.time_limit_s,
            seconds_expected: Some(self.seconds_expected.ceil() as u64),
            preferred_host: self.preferred_host,
            state: JobState::Pending,
            releases: 0,
            failures: Vec::new(),
            attempts: Vec::new(),
            progress: None,
            created_at: now,
            queued_at: None,
            started_at: None,
            finished_at: None,
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

/// Cuts a request into the jobs of one configuration, [`JOBS_MAX`] at most, for `hosts` hosts that
/// could measure them now. Units stay in the order of the suite, one is never cut, and no job has
/// units of several kinds. Jobs take 30
/// minutes at most, or as much more as makes them few enough; there are as many as give each host
/// the same share, and the longest of them is as short as that allows. The runs of a paired request
/// share their jobs; else the jobs of base come first and those of head follow. Of the base of a
/// request that only fills in what base lacks, units that `base_has` are left out.
///
/// # Errors
/// When the selection names benchmarks that the suite does not have, or leaves nothing, when one
/// unit alone takes longer than a job may, or when even jobs as long as may be are too many.
pub fn cut(
    request: &Request,
    catalogue: &SuiteCatalogue,
    durations: &MeasuredDurations,
    hosts: u32,
    base_has: &[WantedUnit],
) -> Result<Vec<PlannedJob>, AnalysisError> {
    let all = units(catalogue, &request.selection)?;
    let parts = parts(request, &all, base_has);
    let repeats = Repeats {
        // As long as it may take, so that no job outlives its lease.
        iterations_max: request.precision.map_or(request.iterations, |precision| {
            precision.iterations_max.max(request.iterations)
        }),
        iterations: request.iterations,
        recordings: u32::from(request.self_profile),
    };
    let mut jobs = Vec::new();
    for (runs, units) in &parts {
        let lengths = lengths(units, durations, repeats, runs.len())?;
        for shard in even_shards(&lengths, JOBS_MAX / parts.len(), hosts)? {
            let of_shard = &lengths[shard];
            let mut job = PlannedJob::of(runs, preferred_host(of_shard, durations));
            for length in of_shard {
                job.add(length.unit, length.seconds);
            }
            jobs.push(job);
        }
    }
    Ok(jobs)
}

/// Which runs are measured together, and which units of them.
fn parts(
    request: &Request,
    all: &[WantedUnit],
    base_has: &[WantedUnit],
) -> Vec<(Vec<MeasuredRun>, Vec<WantedUnit>)> {
    if request.paired {
        return vec![(request.runs().cloned().collect(), all.to_vec())];
    }
    let mut parts = Vec::new();
    if let Some(base) = &request.base {
        let mut lacking = all.to_vec();
        if request.backfill {
            // A unit whole or not at all: its incremental scenarios depend on each other.
            lacking.retain(|unit| !unit.is_within(base_has));
        }
        if !lacking.is_empty() {
            parts.push((vec![base.clone()], lacking));
        }
    }
    parts.push((vec![request.head.clone()], all.to_vec()));
    parts
}

/// A unit, and what it takes of a job.
struct Length<'a> {
    unit: &'a WantedUnit,
    seconds: f64,
    bytes: usize,
}

fn lengths<'a>(
    units: &'a [WantedUnit],
    durations: &MeasuredDurations,
    repeats: Repeats,
    runs: usize,
) -> Result<Vec<Length<'a>>, AnalysisError> {
    let length = |unit: &'a WantedUnit| {
        let seconds = durations.seconds_of_a_run(unit, repeats) * runs as f64;
        if seconds > JOB_SECONDS_MAX as f64 {
            return Err(AnalysisError::UnitTooLong {
                benchmark: unit.name(),
                seconds_expected: seconds as u64,
                seconds_max: JOB_SECONDS_MAX,
            });
        }
        Ok(Length {
            unit,
            seconds,
            bytes: unit.message_bytes(),
        })
    };
    units.iter().map(length).collect()
}

/// Where to cut: ranges of units, `shards_max` at most.
fn even_shards(
    lengths: &[Length<'_>],
    shards_max: usize,
    hosts: u32,
) -> Result<Vec<Range<usize>>, AnalysisError> {
    let mut seconds_wanted = JOB_SECONDS_WANTED;
    let least = loop {
        let shards = filled(lengths, seconds_wanted).len();
        if shards <= shards_max {
            break shards;
        }
        if seconds_wanted >= JOB_SECONDS_MAX as f64 {
            return Err(AnalysisError::TooManyJobs {
                jobs: shards * (JOBS_MAX / shards_max),
                jobs_max: JOBS_MAX,
            });
        }
        seconds_wanted = (seconds_wanted * 1.5).min(JOB_SECONDS_MAX as f64);
    };
    let all: f64 = lengths.iter().map(|length| length.seconds).sum();
    let worth_cutting = (all / JOB_SECONDS_MIN) as usize;
    let for_each_host = least.next_multiple_of(hosts.max(1) as usize);
    let wanted = for_each_host.min(worth_cutting).min(shards_max).max(least);
    Ok(filled(
        lengths,
        least_seconds(lengths, seconds_wanted, wanted),
    ))
}

/// The least that the longest of `shards` shards can take, in seconds, `enough` being known to do.
fn least_seconds(lengths: &[Length<'_>], enough: f64, shards: usize) -> f64 {
    let (mut too_little, mut enough) = (0.0, enough);
    // To a second: what is saved by less is lost in the noise.
    while enough - too_little > 1.0 {
        let middle = f64::midpoint(too_little, enough);
        if filled(lengths, middle).len() <= shards {
            enough = middle;
        } else {
            too_little = middle;
        }
    }
    enough
}

/// Fills one shard after the other with up to `seconds`. A unit that takes longer is one of its own.
fn filled(lengths: &[Length<'_>], seconds: f64) -> Vec<Range<usize>> {
    let mut shards: Vec<Range<usize>> = Vec::new();
    let (mut seconds_in_last, mut bytes_in_last) = (0.0, 0);
    for (place, length) in lengths.iter().enumerate() {
        match shards.last_mut() {
            Some(last)
                if lengths[last.start].unit.kind() == length.unit.kind()
                    && seconds_in_last + length.seconds <= seconds
                    && bytes_in_last + length.bytes <= UNITS_BYTES_MAX =>
            {
                last.end = place + 1;
                seconds_in_last += length.seconds;
                bytes_in_last += length.bytes;
            }
            _ => {
                shards.push(place..place + 1);
                (seconds_in_last, bytes_in_last) = (length.seconds, length.bytes);
            }
        }
    }
    shards
}

/// The host that measured most of a shard's time last.
fn preferred_host(shard: &[Length<'_>], durations: &MeasuredDurations) -> Option<String> {
    let mut seconds: BTreeMap<&str, f64> = BTreeMap::new();
    for length in shard {
        if let Some(last) = durations.last(length.unit) {
            *seconds.entry(&last.host).or_default() += length.seconds;
        }
    }
    let most = seconds
        .into_iter()
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    most.map(|(host, _)| host.to_owned())
}

#[cfg(test)]
mod tests;
