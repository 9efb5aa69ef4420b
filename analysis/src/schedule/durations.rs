//! How long units take: as it was measured last, else as it is assumed.

use std::collections::BTreeMap;

use shared_types::job_units::{RUNTIME_ITERATIONS_MIN, ToolchainUnit, WHOLE_BUILD_SECONDS_MAX};
use shared_types::result_document::{Measurement, Origin, ResultDocument};
use shared_types::{BenchmarkName, Profile, TestCase, Unit};

use super::WantedUnit;

/// What a compilation is assumed to take where nothing was measured yet, in seconds. Rather too
/// much than too little: a job that is too short costs a download, one that is too long a lease.
pub(super) const ASSUMED_SECONDS: f64 = 8.0;

/// How much longer a compilation takes than its own measured time: preparation, copying, and the
/// dependencies.
const SECONDS_BESIDE: f64 = 1.0;

/// How long it is assumed to take to build a crate of runtime benchmarks for one run, in seconds.
const RUNTIME_BUILD_SECONDS: f64 = 90.0;

/// How long it is assumed to take to run a program once, its warm-up included, in seconds. Counting
/// its instructions by emulation, which is done once, is a part of it.
const RUNTIME_SECONDS: f64 = 6.0;

/// How far the pace of a group's programs is believed. A host that slept in the middle of a job would
/// else make the next one too long to be cut, and one that had built the programs before would make it
/// take no time.
const PACE_MIN: f64 = 0.1;
const PACE_MAX: f64 = 10.0;

/// How long it is assumed to take to build a program with all that it depends on, in seconds.
const WORKSPACE_SECONDS: f64 = 180.0;

/// How long it is assumed to take to build the compiler, in seconds: so that base and head fit into
/// one job.
const BOOTSTRAP_SECONDS: f64 = 55.0 * 60.0;

/// How long it takes to look at sizes, in seconds.
const SIZES_SECONDS: f64 = 1.0;

/// How often something is done for each test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Iterations that were asked for.
    pub(super) iterations: u32,
    /// Iterations that are measured at most.
    pub(super) iterations_max: u32,
    /// Compilations of each scenario that record something, beside the iterations.
    pub(super) recordings: u32,
}

/// How long units took when they were last measured under a configuration, and on which hosts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeasuredDurations {
    compilations: BTreeMap<(BenchmarkName, Profile), LastMeasured>,
    /// By the component that stands for the whole of a build.
    builds: BTreeMap<String, LastMeasured>,
    /// By group, how many seconds what was assumed to take one took. A result tells the time of a
    /// program's iteration, and not that of building it, of warming up and of counting; but it tells
    /// how long all of it took.
    groups: BTreeMap<BenchmarkName, LastMeasured>,
}

/// How long something took, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct LastMeasured {
    /// In seconds.
    pub seconds: f64,
    /// The host.
    pub host: String,
}

impl MeasuredDurations {
    /// Remembers a compilation of a benchmark under a profile. Of several, the longest is kept; what
    /// is not a length of time is ignored.
    pub fn remember(&mut self, benchmark: &BenchmarkName, profile: Profile, last: LastMeasured) {
        keep_longest(&mut self.compilations, (benchmark.clone(), profile), last);
    }

    /// Remembers everything that a result tells of how long things take.
    pub fn remember_result(&mut self, document: &ResultDocument) {
        if let Some(wall_time) = WallTime::of(document) {
            for measurement in &document.measurements {
                for last in wall_time.values(measurement) {
                    match &measurement.test_case {
                        TestCase::Compile {
                            benchmark, profile, ..
                        } => self.remember(benchmark, *profile, last),
                        TestCase::Toolchain { component } => {
                            keep_longest(&mut self.builds, component.to_string(), last);
                        }
                        // Of a program, the time of an iteration is the least part.
                        TestCase::Runtime { .. } | TestCase::Imported { .. } => {}
                    }
                }
            }
        }
        self.remember_programs(document);
    }

    /// Deals out what a job of programs took in all to its groups, as it was assumed.
    fn remember_programs(&mut self, document: &ResultDocument) {
        let mut iterations: BTreeMap<(_, &BenchmarkName), f64> = BTreeMap::new();
        for measurement in &document.measurements {
            let TestCase::Runtime { group, .. } = &measurement.test_case else {
                return;
            };
            let lengths = measurement.values.iter().map(|it| it.iterations.len());
            *iterations.entry((measurement.run(), group)).or_default() +=
                lengths.max().unwrap_or(0) as f64;
        }
        // What failed or was done before took less than all of it.
        let is_whole = document.failures.is_empty() && document.resumed.is_empty();
        if document.origin != Origin::Collector || !is_whole || iterations.is_empty() {
            return;
        }
        let assumed: f64 = iterations.values().copied().map(runtime_seconds).sum();
        let took = document.finished_at.duration_since(document.started_at);
        let pace = (took.as_secs_f64() / assumed).clamp(PACE_MIN, PACE_MAX);
        for (_, group) in iterations.keys() {
            let last = LastMeasured {
                seconds: pace,
                host: document.host.name.clone(),
            };
            keep_longest(&mut self.groups, (*group).clone(), last);
        }
    }

    /// How long one compilation took, in seconds, where it is known.
    pub fn seconds(&self, benchmark: &BenchmarkName, profile: Profile) -> Option<f64> {
        let last = self.compilations.get(&(benchmark.clone(), profile))?;
        Some(last.seconds)
    }

    /// What is known of a unit.
    pub(super) fn last(&self, unit: &WantedUnit) -> Option<&LastMeasured> {
        match unit {
            WantedUnit::Compile(unit) => {
                let key = (unit.benchmark.clone(), unit.profile);
                self.compilations.get(&key)
            }
            WantedUnit::Runtime(unit) => self.groups.get(&unit.group),
            WantedUnit::Toolchain(unit) => self.builds.get(&unit.name()),
        }
    }

    /// How long a unit is expected to take for one run, in seconds, as long as it may: so that no job
    /// outlives its lease.
    pub(super) fn seconds_of_a_run(&self, unit: &WantedUnit, repeats: Repeats) -> f64 {
        let last = self.last(unit).map(|last| last.seconds);
        let most = f64::from(repeats.iterations_max);
        match unit {
            WantedUnit::Compile(unit) => {
                let compilation = last.map_or(ASSUMED_SECONDS, |seconds| seconds + SECONDS_BESIDE);
                let of_scenario = most + f64::from(repeats.recordings);
                compilation * unit.scenarios.len() as f64 * of_scenario
            }
            WantedUnit::Runtime(unit) => {
                let iterations = f64::from(repeats.iterations_max.max(RUNTIME_ITERATIONS_MIN));
                let all = runtime_seconds(unit.benchmarks.len() as f64 * iterations);
                all * last.unwrap_or(1.0)
            }
            WantedUnit::Toolchain(ToolchainUnit::ComponentSizes) => SIZES_SECONDS,
            WantedUnit::Toolchain(ToolchainUnit::Workspace { .. }) => {
                let build = last.unwrap_or(WORKSPACE_SECONDS);
                let asked_for = build * f64::from(repeats.iterations);
                (build * most).min(WHOLE_BUILD_SECONDS_MAX.max(asked_for))
            }
            WantedUnit::Toolchain(ToolchainUnit::Bootstrap) => last.unwrap_or(BOOTSTRAP_SECONDS),
        }
    }
}

/// How long it is assumed to take to build a group for a run and to measure so many iterations of its
/// programs, in seconds.
fn runtime_seconds(iterations: f64) -> f64 {
    RUNTIME_BUILD_SECONDS + RUNTIME_SECONDS * iterations
}

fn keep_longest<Key: Ord>(known: &mut BTreeMap<Key, LastMeasured>, key: Key, last: LastMeasured) {
    if !last.seconds.is_finite() || last.seconds < 0.0 {
        return;
    }
    let is_longest = known
        .get(&key)
        .is_none_or(|known| known.seconds < last.seconds);
    if is_longest {
        known.insert(key, last);
    }
}

/// The wall-time of a result.
struct WallTime<'a> {
    document: &'a ResultDocument,
    in_seconds: f64,
}

impl<'a> WallTime<'a> {
    const NAME: &'static str = "wall-time";

    fn of(document: &'a ResultDocument) -> Option<Self> {
        let mut metrics = document.metrics.iter();
        let metric = metrics.find(|metric| metric.name.as_str() == Self::NAME)?;
        let in_seconds = match metric.unit {
            Unit::Seconds => 1.0,
            Unit::Milliseconds => 1e-3,
            Unit::Nanoseconds => 1e-9,
            Unit::Count | Unit::Bytes | Unit::Kilobytes | Unit::Megabytes => return None,
        };
        Some(Self {
            document,
            in_seconds,
        })
    }

    fn values<'b>(&'b self, measurement: &'b Measurement) -> impl Iterator<Item = LastMeasured> {
        let values = measurement.values.iter();
        let of_it = values.filter(|values| values.metric.as_str() == Self::NAME);
        of_it
            .flat_map(|values| values.measured())
            .map(|value| LastMeasured {
                seconds: value * self.in_seconds,
                host: self.document.host.name.clone(),
            })
    }
}

#[cfg(test)]
mod tests;
