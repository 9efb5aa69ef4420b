//! Measuring one compiler against itself, again and again.

use std::collections::BTreeMap;
use std::time::Instant;

use analysis::repeatability::{PairSeries, RepeatabilitySamples};
use jiff::Timestamp;
use shared_types::format::Versioned;
use shared_types::ids::Attempt;
use shared_types::job::{JobMessage, JobUnit, Trust};
use shared_types::result_document::{MeasuredRun, Measurement, ResultDocument};
use shared_types::{
    Backend, BenchmarkName, FormatVersion, JobId, MetricName, Profile, Replicate, RequestId,
    Scenario,
};

use crate::CollectorError;
use crate::host::{HostTree, proposed_configuration, proposed_id};
use crate::measure::{InstructionCounter, Workbench};
use crate::random::random_bytes;
use crate::suite::Selection;
use crate::toolchain::{JobToolchains, Toolchain};

/// When a compilation is killed, in seconds.
const TIME_LIMIT_S: u64 = 600;

/// Why instructions are not counted by emulation while times are measured.
const COUNTED_LATER: &str = "they are counted afterwards";

/// One compiler that is measured against itself.
pub(super) struct Recording<'a> {
    bench: Workbench,
    toolchain: &'a Toolchain,
    runs: u32,
}

/// The two runs of the one compiler.
struct Replicates {
    one: MeasuredRun,
    other: MeasuredRun,
}

impl<'a> Recording<'a> {
    /// Will measure `runs` pairs of each benchmark.
    pub(super) fn new(bench: Workbench, toolchain: &'a Toolchain, runs: u32) -> Self {
        Self {
            bench,
            toolchain,
            runs,
        }
    }

    /// Measures every benchmark, one after the other: times in one job of many iterations, then the
    /// instructions where they are counted by emulation, in jobs of one count of either side.
    pub(super) fn record(
        mut self,
        benchmarks: &[String],
    ) -> Result<RepeatabilitySamples, CollectorError> {
        let selection = Selection {
            include: benchmarks.to_vec(),
            ..Selection::default()
        };
        let selected = self.bench.suite.select(&selection)?;
        let names: Vec<BenchmarkName> = selected.iter().map(|it| it.name.clone()).collect();
        let (load_before, started_at) = (load(), Timestamp::now());
        let counter = match &self.bench.counter {
            InstructionCounter::Emulated(_) => Some(std::mem::replace(
                &mut self.bench.counter,
                InstructionCounter::None {
                    reason: COUNTED_LATER.to_owned(),
                },
            )),
            _ => None,
        };
        let mut series = Vec::new();
        for name in &names {
            eprintln!("{name}: {} pairs", self.runs);
            series.extend(self.pairs(name, self.runs, 1)?);
        }
        if let Some(counter) = counter {
            self.bench.counter = counter;
            self.bench.options.warm_up = false;
            let jobs = self.runs.div_ceil(2);
            for name in &names {
                eprintln!("{name}: instructions, {} counts", 2 * jobs);
                let counted = self.pairs(name, 1, jobs)?;
                let is_count = |it: &PairSeries| it.metric.name.counts_instructions();
                series.extend(counted.into_iter().filter(is_count));
            }
        }
        let title = self.toolchain.artifact.title.as_deref();
        Ok(RepeatabilitySamples {
            format: RepeatabilitySamples::VERSION,
            host: self.bench.host.clone(),
            compiler: title.unwrap_or("rustc").to_owned(),
            load_before,
            load_after: load(),
            started_at,
            series,
        })
    }

    /// The pairs of so many jobs of so many iterations, by metric.
    fn pairs(
        &self,
        name: &BenchmarkName,
        iterations: u32,
        jobs: u32,
    ) -> Result<Vec<PairSeries>, CollectorError> {
        // What it depends on is built before the time counts.
        if jobs == 1 {
            self.document(name, 1)?;
        }
        let mut series: BTreeMap<MetricName, PairSeries> = BTreeMap::new();
        let started = Instant::now();
        for _ in 0..jobs {
            let document = self.document(name, iterations)?;
            self.add_pairs(&document, &mut series)?;
        }
        let seconds = started.elapsed().as_secs_f64();
        let seconds_per_pair = seconds / f64::from(iterations * jobs);
        let series = series.into_values();
        Ok(series
            .map(|series| PairSeries {
                seconds_per_pair,
                ..series
            })
            .collect())
    }

    /// Adds what one job measured of both sides in the same iterations.
    fn add_pairs(
        &self,
        document: &ResultDocument,
        series: &mut BTreeMap<MetricName, PairSeries>,
    ) -> Result<(), CollectorError> {
        let replicates = self.replicates();
        let of = |run: &MeasuredRun| {
            let mut measurements = document.measurements.iter();
            measurements.find(|measurement| measurement.run() == *run)
        };
        let (Some(one), Some(other)) = (of(&replicates.one), of(&replicates.other)) else {
            let failure = document.failures.first();
            return Err(CollectorError::Usage {
                reason: failure.map_or_else(
                    || "nothing was measured".to_owned(),
                    |failure| format!("{}: {}", failure.benchmark, failure.message),
                ),
            });
        };
        for metric in &document.metrics {
            let pairs = pairs_of(one, other, &metric.name);
            let known = series.entry(metric.name.clone());
            let known = known.or_insert_with(|| PairSeries {
                test_case: one.test_case.clone(),
                metric: metric.clone(),
                seconds_per_pair: 0.0,
                pairs: Vec::new(),
            });
            known.pairs.extend(pairs);
        }
        Ok(())
    }

    fn replicates(&self) -> Replicates {
        let run = |replicate| MeasuredRun {
            artifact: self.toolchain.artifact.id.clone(),
            replicate,
        };
        Replicates {
            one: run(Replicate::FIRST),
            other: run(Replicate::FIRST.next()),
        }
    }

    fn document(
        &self,
        name: &BenchmarkName,
        iterations: u32,
    ) -> Result<ResultDocument, CollectorError> {
        let job = self.job(name, iterations)?;
        let artifact = self.toolchain.artifact.id.clone();
        let toolchains: JobToolchains = [(artifact, self.toolchain.clone())].into_iter().collect();
        let outcome = self
            .bench
            .measure(&job, Attempt(1), &toolchains, &mut |_| ())?;
        Ok(outcome.document)
    }

    fn job(&self, name: &BenchmarkName, iterations: u32) -> Result<JobMessage, CollectorError> {
        let random = random_bytes()?;
        let now_ms = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
        let record = proposed_configuration(&self.bench.host, Backend::Llvm, 1);
        let Replicates { one, other } = self.replicates();
        Ok(JobMessage {
            format: FormatVersion::V1_0,
            job: JobId::from_parts(now_ms, &random),
            request: RequestId::from_parts(now_ms, &random),
            first_attempt: Attempt(1),
            configuration: proposed_id(&record, &self.bench.host.target)?,
            record,
            runs: vec![one, other],
            units: vec![JobUnit {
                benchmark: name.clone(),
                profile: Profile::Check,
                scenarios: vec![Scenario::Full],
            }],
            runtime_units: Vec::new(),
            toolchain_units: Vec::new(),
            iterations,
            precision: None,
            self_profile: false,
            time_limit_s: TIME_LIMIT_S,
            trace_id: "repeatability".to_owned(),
            trust: Some(Trust::Trusted),
        })
    }
}

/// The values of the iterations that count on both sides.
fn pairs_of(one: &Measurement, other: &Measurement, metric: &MetricName) -> Vec<(f64, f64)> {
    let counting = |measurement: &Measurement| -> BTreeMap<usize, f64> {
        let values = measurement.values.iter();
        let mut values = values.filter(|values| values.metric == *metric);
        let values = values.next();
        let counting = values.map(|values| measurement.counting(values));
        counting.into_iter().flatten().collect()
    };
    let (one, other) = (counting(one), counting(other));
    let both = one.iter();
    both.filter_map(|(iteration, value)| Some((*value, *other.get(iteration)?)))
        .collect()
}

/// How many programs wanted the processor over the last minute, on average.
fn load() -> Option<f64> {
    let text = HostTree::of_this_host().read("proc/loadavg")?;
    text.split(' ').next()?.parse().ok()
}
