//! `collector bench`: two toolchains or more, no server.

mod parts;
mod report;
mod self_profiles;
mod sides;

use std::process::ExitCode;

use clap::Args;
use shared_types::ids::Attempt;
use shared_types::job::{JobMessage, Precision, Trust};
use shared_types::result_document::ResultDocument;
use shared_types::test_case::ScenarioKind;
use shared_types::{
    Backend, BenchmarkKind, ConfigurationRecord, FormatVersion, InvalidInput, JobId, MetricName,
    Profile, RequestId,
};

use super::category_options::CategoryOptions;
use super::place::{Place, rustup};
use super::progress_line::ProgressLine;
use super::toolchain_options::FetchingOptions;
use crate::CollectorError;
use crate::host::{proposed_configuration, proposed_id};
use crate::measure::Workbench;
use crate::random::random_bytes;
use crate::toolchain::{JobToolchains, Toolchain};

use parts::{Part, parts};
use report::{Format, Measured, report};
use sides::Sides;

#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    /// Two or more: the first is what each other one is compared with, in a table of its own. A
    /// toolchain of rustup, the path of a rustc or of a toolchain, or an artifact: a commit (its full
    /// sha) or release (`release-1.95.0`), which is fetched if need be, or `local-NAME-SHORTSHA` of this
    /// machine
    #[arg(value_name = "TOOLCHAIN", num_args = 2.., required = true)]
    toolchains: Vec<String>,
    /// The kinds of benchmarks: compile (crates that are compiled), runtime (programs that are run),
    /// toolchain (sizes of its components, and builds of much code); several make a table for each
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "KIND",
        default_value = "compile"
    )]
    kinds: Vec<BenchmarkKind>,
    /// Only these benchmarks, by name or crate; a program by its name or its group
    #[arg(long, value_delimiter = ',', value_name = "BENCHMARK")]
    include: Vec<String>,
    /// But not these
    #[arg(long, value_delimiter = ',', value_name = "BENCHMARK")]
    exclude: Vec<String>,
    #[command(flatten)]
    categories: CategoryOptions,
    /// The profiles: check, debug, opt, doc, doc-json, clippy [default: check,debug,opt; with
    /// --quick: check]
    #[arg(long, value_delimiter = ',')]
    profiles: Vec<Profile>,
    /// The scenarios: full, incr-full, incr-unchanged, incr-patched [default: all; with --quick:
    /// full,incr-unchanged]
    #[arg(long, value_delimiter = ',')]
    scenarios: Vec<ScenarioKind>,
    /// Three small crates; of programs, one of each group; of toolchains, the sizes
    #[arg(long)]
    quick: bool,
    /// How often each test case is compiled by each toolchain
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    iterations: u32,
    /// Go on measuring a test case until half of the interval of its change in time is at most so many
    /// percent; 0 for no more than the iterations
    #[arg(long, default_value = "1", value_name = "PERCENT", value_parser = precision)]
    precision: u32,
    /// But no further than so many iterations [default: three times the iterations; with --quick: the
    /// iterations]
    #[arg(long, value_name = "NUMBER")]
    iterations_max: Option<u32>,
    /// Threads of the compiler's front end; several (`1,4`) make a table for each, never compared with
    /// each other
    #[arg(
        long,
        default_value = "1",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u32).range(1..=256)
    )]
    threads: Vec<u32>,
    /// The code generator: llvm or cranelift; both (`llvm,cranelift`) make a table for each
    #[arg(
        long,
        visible_alias = "backends",
        default_value = "llvm",
        value_delimiter = ','
    )]
    backend: Vec<Backend>,
    /// What is compiled for: the triple of a target, `wasm32-unknown-unknown`, whose standard library
    /// the toolchains have; several make a table for each [default: this host]
    #[arg(long, value_delimiter = ',', value_name = "TARGET")]
    target: Vec<String>,
    /// Further flags of the compiler, one for each time that this is given
    #[arg(long = "flag", value_name = "FLAG", allow_hyphen_values = true)]
    flags: Vec<String>,
    /// The metric of the table [default: the least noisy that was measured]
    #[arg(long)]
    metric: Option<MetricName>,
    /// Compile each test case once more, apart from what is measured, and record which queries of the
    /// compiler take its time, so that an explanation of a change can name them
    #[arg(long)]
    self_profile: bool,
    /// When a compilation is killed
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    time_limit: u64,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    fetching: FetchingOptions,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &BenchArguments) -> Result<ExitCode, CollectorError> {
    // Whoever names two compilers on the command line of their own machine vouches for them.
    let bench = arguments.place.workbench("bench", true)?;
    let work = arguments.place.work_directory();
    let rustup = rustup().asking_in(bench.executor.sandbox());
    let mut toolchains = Vec::new();
    // What is fetched is held until everything is measured.
    let mut held = Vec::new();
    for name in &arguments.toolchains {
        let (toolchain, hold) = arguments.fetching.toolchain(name, &work, &rustup)?;
        toolchains.push(toolchain);
        held.push(hold);
    }
    let [base, heads @ ..] = toolchains.as_slice() else {
        return Err(CollectorError::Usage {
            reason: "name two toolchains or more".to_owned(),
        });
    };
    let parts = parts(arguments, &bench)?;
    let mut all = Vec::new();
    for record in arguments.records(&bench) {
        for head in heads {
            for part in &parts {
                let sides = Sides::of(base, head);
                let job = arguments.job(&bench, &record, &sides, part)?;
                let document = measure(&bench, &job, [base, head])?;
                let metric = arguments.metric_of(part, &document, parts.len());
                all.push(Measured::new(sides, document, metric.as_ref())?);
            }
        }
    }
    drop(held);
    report(&all, arguments.format())
}

impl BenchArguments {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// The configurations: every target with every code generator and every number of threads.
    fn records(&self, bench: &Workbench) -> Vec<ConfigurationRecord> {
        let targets = match self.target.as_slice() {
            [] => std::slice::from_ref(&bench.host.target),
            targets => targets,
        };
        let mut records: Vec<ConfigurationRecord> = Vec::new();
        for target in targets {
            for backend in &self.backend {
                for threads in &self.threads {
                    let record = ConfigurationRecord {
                        target: target.clone(),
                        flags: self.flags.clone(),
                        ..proposed_configuration(&bench.host, *backend, *threads)
                    };
                    if !records.contains(&record) {
                        records.push(record);
                    }
                }
            }
        }
        records
    }

    /// The metric of a table: what was asked for, where there are several tables only in those that
    /// have it, else what the table itself wants.
    fn metric_of(
        &self,
        part: &Part,
        document: &ResultDocument,
        tables: usize,
    ) -> Option<MetricName> {
        let is_there = |asked: &&MetricName| {
            let mut metrics = document.metrics.iter();
            tables == 1 || metrics.any(|metric| metric.name == **asked)
        };
        let asked = self.metric.as_ref().filter(is_there);
        asked.or(part.metric.as_ref()).cloned()
    }

    /// The job of a part, which never leaves this program.
    fn job(
        &self,
        bench: &Workbench,
        record: &ConfigurationRecord,
        sides: &Sides,
        part: &Part,
    ) -> Result<JobMessage, CollectorError> {
        let random = random_bytes()?;
        let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        Ok(JobMessage {
            format: FormatVersion::V1_0,
            job: JobId::from_parts(now_ms, &random),
            request: RequestId::from_parts(now_ms, &random),
            first_attempt: Attempt(1),
            configuration: proposed_id(record, &bench.host.target)?,
            record: record.clone(),
            runs: vec![sides.base.clone(), sides.head.clone()],
            units: part.units.clone(),
            runtime_units: part.runtime_units.clone(),
            toolchain_units: part.toolchain_units.clone(),
            iterations: self.iterations,
            precision: self.precision(),
            self_profile: self.self_profile,
            time_limit_s: self.time_limit,
            trace_id: "bench".to_owned(),
            trust: Some(Trust::Trusted),
        })
    }

    fn precision(&self) -> Option<Precision> {
        let factor = if self.quick { 1 } else { Precision::FACTOR };
        let usual = self.iterations.saturating_mul(factor);
        let iterations_max = self.iterations_max.unwrap_or(usual);
        (self.precision > 0).then_some(Precision {
            half_width_basis_points: self.precision,
            iterations_max,
        })
    }
}

/// Measures two toolchains under one configuration, their iterations in turn.
fn measure(
    bench: &Workbench,
    job: &JobMessage,
    toolchains: [&Toolchain; 2],
) -> Result<ResultDocument, CollectorError> {
    let toolchains: JobToolchains = toolchains
        .into_iter()
        .map(|toolchain| (toolchain.artifact.id.clone(), toolchain.clone()))
        .collect();
    let mut line = ProgressLine::new();
    let outcome = bench.measure(job, Attempt(1), &toolchains, &mut |progress| {
        line.show(&progress);
    })?;
    line.end();
    eprint!("{}", outcome.log);
    let mut document = outcome.document;
    self_profiles::keep(&bench.work, &mut document, &outcome.self_profiles)?;
    Ok(document)
}

/// Hundredths of a percent from a precision in percent, or 0 for `0`.
fn precision(text: &str) -> Result<u32, InvalidInput> {
    match text {
        "0" => Ok(0),
        _ => Precision::basis_points(text),
    }
}
