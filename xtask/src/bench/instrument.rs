//! How good this machine is as an instrument: how much what the collector measures varies, how small
//! a change it finds, and what measuring costs.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;
use serde::Deserialize;

use super::{Figure, print, understood};
use crate::command::{self, say};
use crate::error::Error;
use crate::programs::Programs;
use crate::workspace::Workspace;

/// What is measured of the instrument.
#[derive(Debug, Args)]
pub(super) struct InstrumentOptions {
    /// Instead of everything else: how much what the collector measures varies on this machine, the
    /// smallest change that it finds, and what measuring costs
    #[arg(long, conflicts_with = "cloud")]
    instrument: bool,
    /// Pairs of each benchmark, for that
    #[arg(long, default_value_t = 20)]
    runs: u32,
    /// The benchmarks, for that
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "bitflags,itoa,semver,httparse,smallvec,unicode-normalization"
    )]
    benchmarks: Vec<String>,
    /// Measures nothing anew, and computes from what an earlier call has kept: by default
    /// `target/bench-samples/repeatability.json`
    #[arg(long, value_name = "FILE", requires = "instrument")]
    samples: Option<PathBuf>,
}

impl InstrumentOptions {
    /// Whether nothing else is wanted.
    pub(super) fn is_alone(&self) -> bool {
        self.instrument
    }
}

/// Prints how much the metrics vary and the smallest steps, and unless the samples are old ones, the
/// overhead of each benchmark.
pub(super) fn run(
    workspace: &Workspace,
    programs: &Programs,
    toolchain: &str,
    options: &InstrumentOptions,
) -> Result<(), Error> {
    let mut repeatability = Command::new(&programs.collector);
    repeatability.arg("repeatability");
    if let Some(samples) = &options.samples {
        return command::run(repeatability.arg("--samples").arg(samples));
    }
    // Apart from what other parts of the bench remove when they begin.
    let folder = workspace.target().join("bench-samples");
    std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    say("bench", "how much what is measured varies");
    command::run(
        repeatability
            .arg(toolchain)
            .args(["--benchmarks", &options.benchmarks.join(",")])
            .args(["--runs", &options.runs.to_string()])
            .arg("--keep")
            .arg(folder.join("repeatability.json")),
    )?;
    println!();
    let mut figures = Vec::new();
    for benchmark in &options.benchmarks {
        figures.extend(overhead(programs, toolchain, benchmark, options.runs)?);
    }
    print(&figures);
    Ok(())
}

/// What measuring one benchmark costs over the bare compiler.
pub(super) fn overhead(
    programs: &Programs,
    toolchain: &str,
    benchmark: &str,
    pairs: u32,
) -> Result<[Figure; 2], Error> {
    #[derive(Deserialize)]
    struct Overhead {
        benchmark: String,
        iterations: u32,
        bare_median_s: f64,
        collected_median_s: f64,
        ratio_median: f64,
        reported_ratio_median: f64,
    }
    say(
        "bench",
        &format!("the collector's overhead over the bare rustc, {benchmark}"),
    );
    let json = command::capture(
        Command::new(&programs.collector)
            .args(["overhead", toolchain, "--json"])
            .args(["--benchmark", benchmark])
            .args(["--iterations", &pairs.to_string()]),
    )?;
    let measured: Overhead = understood(&json)?;
    Ok([
        Figure {
            what: "collector's overhead, from start to end",
            value: format!("{:.3} times the bare rustc", measured.ratio_median),
            beside: format!(
                "median of {} pairs of {}: {:.3} s beside {:.3} s",
                measured.iterations,
                measured.benchmark,
                measured.collected_median_s,
                measured.bare_median_s
            ),
        },
        Figure {
            what: "what it reports as wall-time",
            value: format!("{:.3} times the bare rustc", measured.reported_ratio_median),
            beside: "the same pairs".to_owned(),
        },
    ])
}
