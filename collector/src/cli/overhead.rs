//! `collector overhead`: what measuring costs, for the project's own benchmarks.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use shared_types::Profile;

use super::place::{Place, rustup};
use super::{answer, answer_json};
use crate::CollectorError;
use crate::execution::{Ending, Execution};
use crate::suite::Selection;
use crate::toolchain::Toolchain;

#[derive(Debug, Args)]
pub(super) struct OverheadArguments {
    /// The toolchain
    toolchain: String,
    /// The benchmark, by name or crate
    #[arg(long, default_value = "bitflags")]
    benchmark: String,
    /// How often each way is tried
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    iterations: u32,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// The times of the two ways, in seconds from before the start to after the end, as whoever starts
/// them sees it.
#[derive(Debug, Serialize)]
struct Overhead {
    schema: u32,
    benchmark: String,
    iterations: u32,
    bare_median_s: f64,
    collected_median_s: f64,
    /// The median over the pairs of collected divided by bare.
    ratio_median: f64,
    /// The time that the collector reports as `wall-time`, divided by the bare one, in the median.
    reported_ratio_median: f64,
}

pub(super) fn run(arguments: &OverheadArguments) -> Result<ExitCode, CollectorError> {
    let toolchain = Toolchain::named(&arguments.toolchain, &rustup())?;
    let bench = arguments.place.workbench("overhead", true)?;
    let selection = Selection {
        include: vec![arguments.benchmark.clone()],
        ..Selection::default()
    };
    let benchmark = bench.suite.select(&selection)?[0];
    let (mut bare_s, mut collected_s, mut reported_s) = (Vec::new(), Vec::new(), Vec::new());
    for iteration in 0..arguments.iterations {
        let mut ways = [true, false];
        if iteration % 2 == 1 {
            ways.reverse();
        }
        for is_bare in ways {
            let execution = bench.full_execution(benchmark, Profile::Check, &toolchain)?;
            let started = Instant::now();
            if is_bare {
                run_bare(&execution)?;
                bare_s.push(started.elapsed().as_secs_f64());
            } else {
                let report = bench.executor.run(&execution)?;
                collected_s.push(started.elapsed().as_secs_f64());
                check(report.ending == (Ending::Exited { code: 0 }), &execution)?;
                reported_s.push(report.wall_time_ns as f64 / 1e9);
            }
        }
    }
    let ratios = |times: &[f64]| {
        times
            .iter()
            .zip(&bare_s)
            .map(|(one, bare)| one / bare)
            .collect()
    };
    let overhead = Overhead {
        schema: 1,
        benchmark: benchmark.name.to_string(),
        iterations: arguments.iterations,
        ratio_median: median(ratios(&collected_s)),
        reported_ratio_median: median(ratios(&reported_s)),
        collected_median_s: median(collected_s),
        bare_median_s: median(bare_s),
    };
    print(&overhead, arguments.json)
}

fn print(overhead: &Overhead, json: bool) -> Result<ExitCode, CollectorError> {
    if json {
        answer_json(overhead)?;
    } else {
        answer(&format!(
            "{}: bare {:.4} s, by the collector {:.4} s (x {:.3}), reported as wall-time x {:.3}\n",
            overhead.benchmark,
            overhead.bare_median_s,
            overhead.collected_median_s,
            overhead.ratio_median,
            overhead.reported_ratio_median
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn run_bare(execution: &Execution) -> Result<(), CollectorError> {
    let status = Command::new(&execution.program)
        .args(&execution.arguments)
        .env_clear()
        .envs(execution.environment.iter().cloned())
        .current_dir(&execution.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|source| CollectorError::ProgramNotStarted {
            program: execution.program.clone().into(),
            source,
        })?;
    check(status.success(), execution)
}

fn check(succeeded: bool, execution: &Execution) -> Result<(), CollectorError> {
    match succeeded {
        true => Ok(()),
        false => Err(CollectorError::Execution {
            program: execution.program.to_string_lossy().into_owned(),
            reason: "the compiler failed".to_owned(),
        }),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[length / 2],
        length => f64::midpoint(values[length / 2 - 1], values[length / 2]),
    }
}
