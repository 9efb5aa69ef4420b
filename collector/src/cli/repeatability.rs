//! `collector repeatability`: how good this host is as an instrument, for the project's own
//! benchmarks.

mod recording;

use std::path::PathBuf;
use std::process::ExitCode;

use analysis::repeatability::{
    MetricVariation, RepeatabilitySamples, StepQuestion, StepRow, markdown, smallest_steps,
    variation,
};
use clap::Args;
use serde::Serialize;
use shared_types::format::Versioned;
use shared_types::host::HostFacts;
use shared_types::{Metric, MetricName};

use super::place::{Place, rustup};
use super::{answer, answer_json};
use crate::CollectorError;
use crate::toolchain::Toolchain;

use recording::Recording;

#[derive(Debug, Args)]
pub(super) struct RepeatabilityArguments {
    /// The toolchain, which is measured against itself
    #[arg(default_value = "stable")]
    toolchain: String,
    /// The benchmarks, by name or crate: small ones, since each is compiled often
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "BENCHMARK",
        default_value = "bitflags,itoa,semver,httparse,smallvec,unicode-normalization"
    )]
    benchmarks: Vec<String>,
    /// How many pairs of each benchmark are measured. Instructions that are counted by emulation, which
    /// takes longer, are counted so often in all
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    runs: u32,
    /// Pairs of the jobs of which it is asked what they find
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NUMBER",
        default_value = "3,5,10,20"
    )]
    pairs: Vec<usize>,
    /// How many draws tell how often a step is found
    #[arg(long, default_value_t = StepQuestion::default().draws, value_name = "NUMBER")]
    draws: u64,
    /// Measures nothing, and reads what an earlier call has kept
    #[arg(long, value_name = "FILE", conflicts_with = "keep")]
    samples: Option<PathBuf>,
    /// Keeps what was measured, as JSON
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    host: &'a HostFacts,
    compiler: &'a str,
    load_before: Option<f64>,
    load_after: Option<f64>,
    question: StepQuestion,
    variation: &'a [MetricVariation],
    steps: &'a [StepRow],
}

pub(super) fn run(arguments: &RepeatabilityArguments) -> Result<ExitCode, CollectorError> {
    let samples = match &arguments.samples {
        Some(file) => {
            let json = std::fs::read(file).map_err(CollectorError::io("read", file))?;
            RepeatabilitySamples::from_json(&json)?
        }
        None => arguments.measure()?,
    };
    let question = StepQuestion {
        draws: arguments.draws,
        ..StepQuestion::default()
    };
    let variation = variation(&samples);
    let steps: Vec<StepRow> = judged_metrics(&samples)
        .iter()
        .flat_map(|metric| smallest_steps(&samples, metric, &arguments.pairs, question))
        .collect();
    if arguments.json {
        answer_json(&Answer {
            schema: 1,
            host: &samples.host,
            compiler: &samples.compiler,
            load_before: samples.load_before,
            load_after: samples.load_after,
            question,
            variation: &variation,
            steps: &steps,
        })?;
    } else {
        answer(&markdown(&samples, &variation, &steps, question))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The metrics of which smallest steps are told: wall-time, and each way to count instructions.
fn judged_metrics(samples: &RepeatabilitySamples) -> Vec<Metric> {
    let is_wall_time = |name: &MetricName| name.as_str() == "wall-time";
    let mut metrics = samples.metrics();
    metrics.retain(|metric| is_wall_time(&metric.name) || metric.name.counts_instructions());
    metrics.sort_by_key(|metric| !is_wall_time(&metric.name));
    metrics
}

impl RepeatabilityArguments {
    fn measure(&self) -> Result<RepeatabilitySamples, CollectorError> {
        let toolchain = Toolchain::named(&self.toolchain, &rustup())?;
        let bench = self.place.workbench("repeatability", true)?;
        let samples = Recording::new(bench, &toolchain, self.runs).record(&self.benchmarks)?;
        if let Some(file) = &self.keep {
            let json =
                serde_json::to_vec_pretty(&samples).map_err(|error| CollectorError::Usage {
                    reason: format!("the samples cannot be written as JSON: {error}"),
                })?;
            std::fs::write(file, json).map_err(CollectorError::io("write", file))?;
            eprintln!("what was measured is in {}", file.display());
        }
        Ok(samples)
    }
}
