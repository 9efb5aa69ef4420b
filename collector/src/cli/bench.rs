//! `collector bench`: two toolchains, no server.

use std::process::ExitCode;

use analysis::comparison::{SeriesHistory, compare, pool};
use analysis::words::{self, Names};
use clap::Args;
use serde::Serialize;
use shared_types::comparison::Comparison;
use shared_types::ids::Attempt;
use shared_types::job::{JobMessage, JobUnit, Precision, Trust};
use shared_types::metric::default_metric;
use shared_types::result_document::{MeasuredRun, MeasuringFailure, ResultDocument};
use shared_types::run::Side;
use shared_types::test_case::ScenarioKind;
use shared_types::{
    Backend, Category, FormatVersion, InvalidInput, JobId, MetricName, Profile, Replicate,
    RequestId, Scenario,
};

use super::place::{Place, rustup};
use super::progress_line::ProgressLine;
use super::toolchain_options::FetchingOptions;
use super::{answer, answer_json};
use crate::CollectorError;
use crate::host::{proposed_configuration, proposed_id};
use crate::measure::Workbench;
use crate::random::random_bytes;
use crate::suite::{Selection, Subset, Suite};
use crate::toolchain::{JobToolchains, Toolchain};

#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    /// What is compared with: a toolchain of rustup, the path of a rustc or of a toolchain, or a
    /// commit (its full sha) or release (`release-1.95.0`), which is fetched if need be
    #[arg(value_name = "TOOLCHAIN_A")]
    base: String,
    /// What is judged
    #[arg(value_name = "TOOLCHAIN_B")]
    head: String,
    /// Only these benchmarks, by name or crate
    #[arg(long, value_delimiter = ',', value_name = "BENCHMARK")]
    include: Vec<String>,
    /// But not these
    #[arg(long, value_delimiter = ',', value_name = "BENCHMARK")]
    exclude: Vec<String>,
    /// Only benchmarks of this category: primary or secondary
    #[arg(long, value_delimiter = ',')]
    category: Vec<Category>,
    /// The profiles: check, debug, opt, doc [default: check,debug,opt; with --quick: check]
    #[arg(long, value_delimiter = ',')]
    profiles: Vec<Profile>,
    /// The scenarios: full, incr-full, incr-unchanged, incr-patched [default: all; with --quick:
    /// full,incr-unchanged]
    #[arg(long, value_delimiter = ',')]
    scenarios: Vec<ScenarioKind>,
    /// Three small benchmarks
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
    /// Threads of the compiler's front end
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: u32,
    /// The code generator: llvm or cranelift
    #[arg(long, default_value_t = Backend::Llvm)]
    backend: Backend,
    /// Further flags of the compiler, one for each time that this is given
    #[arg(long = "flag", value_name = "FLAG", allow_hyphen_values = true)]
    flags: Vec<String>,
    /// The metric of the table [default: the least noisy that was measured]
    #[arg(long)]
    metric: Option<MetricName>,
    /// When a compilation is killed
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    time_limit: u64,
    /// Prints JSON
    #[arg(long)]
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
    let named = |name: &str| arguments.fetching.toolchain(name, &work, &rustup);
    let (base, _base_held) = named(&arguments.base)?;
    let (head, _head_held) = named(&arguments.head)?;
    let sides = Sides::of(&base, &head);
    let job = arguments.job(&bench, &sides)?;
    let toolchains: JobToolchains = [base, head]
        .into_iter()
        .map(|toolchain| (toolchain.artifact.id.clone(), toolchain))
        .collect();
    let mut line = ProgressLine::new();
    let outcome = bench.measure(&job, Attempt(1), &toolchains, &mut |progress| {
        line.show(&progress);
    })?;
    line.end();
    eprint!("{}", outcome.log);
    report(arguments, &sides, outcome.document)
}

/// The two runs of a bench. One toolchain against itself is measured as two replicates.
struct Sides {
    base: MeasuredRun,
    head: MeasuredRun,
    names: Names,
    same: bool,
}

impl Sides {
    fn of(base: &Toolchain, head: &Toolchain) -> Self {
        let same = base.artifact.id == head.artifact.id;
        let title = |toolchain: &Toolchain| {
            let title = toolchain.artifact.title.clone();
            title.unwrap_or_else(|| toolchain.artifact.id.to_string())
        };
        let run = |toolchain: &Toolchain, replicate| MeasuredRun {
            artifact: toolchain.artifact.id.clone(),
            replicate,
        };
        let second = if same {
            Replicate::FIRST.next()
        } else {
            Replicate::FIRST
        };
        Self {
            base: run(base, Replicate::FIRST),
            head: run(head, second),
            names: Names {
                base: title(base),
                head: title(head),
            },
            same,
        }
    }

    fn side(&self, run: &MeasuredRun) -> Side {
        Side {
            artifact: run.artifact.clone(),
            replicate: self.same.then_some(run.replicate),
        }
    }
}

impl BenchArguments {
    fn job(&self, bench: &Workbench, sides: &Sides) -> Result<JobMessage, CollectorError> {
        let mut record = proposed_configuration(&bench.host, self.backend, self.threads);
        record.flags.clone_from(&self.flags);
        let random = random_bytes()?;
        let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        Ok(JobMessage {
            format: FormatVersion::V1_0,
            job: JobId::from_parts(now_ms, &random),
            request: RequestId::from_parts(now_ms, &random),
            first_attempt: Attempt(1),
            configuration: proposed_id(&record)?,
            record,
            runs: vec![sides.base.clone(), sides.head.clone()],
            units: self.units(&bench.suite)?,
            iterations: self.iterations,
            precision: self.precision(),
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

    fn units(&self, suite: &Suite) -> Result<Vec<JobUnit>, CollectorError> {
        let selection = Selection {
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            categories: self.category.clone(),
            subset: (self.quick && self.include.is_empty()).then_some(Subset::Quick),
        };
        let profiles = match (self.profiles.as_slice(), self.quick) {
            ([], true) => &[Profile::Check][..],
            ([], false) => &[Profile::Check, Profile::Debug, Profile::Opt],
            (profiles, _) => profiles,
        };
        let wanted = match (self.scenarios.as_slice(), self.quick) {
            ([], true) => &[ScenarioKind::Full, ScenarioKind::IncrUnchanged],
            ([], false) => ScenarioKind::ALL,
            (scenarios, _) => scenarios,
        };
        let mut units = Vec::new();
        for benchmark in suite.select(&selection)? {
            for profile in profiles {
                let mut scenarios = benchmark.scenarios(*profile, wanted);
                // rustdoc has no incremental compilation.
                let is_doc = matches!(profile, Profile::Doc | Profile::DocJson);
                scenarios.retain(|scenario| !is_doc || *scenario == Scenario::Full);
                if !scenarios.is_empty() {
                    units.push(JobUnit {
                        benchmark: benchmark.name.clone(),
                        profile: *profile,
                        scenarios,
                    });
                }
            }
        }
        if units.is_empty() {
            return Err(CollectorError::NothingSelected);
        }
        Ok(units)
    }
}

/// Hundredths of a percent from a precision in percent, or 0 for `0`.
fn precision(text: &str) -> Result<u32, InvalidInput> {
    match text {
        "0" => Ok(0),
        _ => Precision::basis_points(text),
    }
}

/// The answer as JSON.
#[derive(Serialize)]
struct BenchAnswer<'a> {
    schema: u32,
    comparison: Option<&'a Comparison>,
    failures: &'a [MeasuringFailure],
    result: &'a ResultDocument,
}

fn report(
    arguments: &BenchArguments,
    sides: &Sides,
    document: ResultDocument,
) -> Result<ExitCode, CollectorError> {
    let documents = [document];
    let comparison = comparison(arguments, sides, &documents)?;
    let [document] = &documents;
    if arguments.json {
        answer_json(&BenchAnswer {
            schema: 1,
            comparison: comparison.as_ref(),
            failures: &document.failures,
            result: document,
        })?;
    } else {
        if let Some(comparison) = &comparison {
            answer(&words::table(comparison))?;
        }
        answer(&failure_lines(&document.failures))?;
    }
    Ok(match comparison {
        Some(_) => ExitCode::SUCCESS,
        None => {
            eprintln!("error: nothing could be compared; see the failures");
            ExitCode::FAILURE
        }
    })
}

fn comparison(
    arguments: &BenchArguments,
    sides: &Sides,
    documents: &[ResultDocument; 1],
) -> Result<Option<Comparison>, CollectorError> {
    let [document] = documents;
    let measured = |run: &MeasuredRun| {
        document
            .measurements
            .iter()
            .any(|measurement| measurement.run() == *run)
    };
    if !measured(&sides.base) || !measured(&sides.head) {
        return Ok(None);
    }
    let refused = |error: analysis::AnalysisError| CollectorError::Usage {
        reason: error.to_string(),
    };
    let metric = match &arguments.metric {
        Some(metric) => metric,
        None => match default_metric(&document.metrics) {
            Some(metric) => &metric.name,
            None => return Ok(None),
        },
    };
    let base = pool(&sides.side(&sides.base), documents, None).map_err(refused)?;
    let head = pool(&sides.side(&sides.head), documents, None).map_err(refused)?;
    let method =
        analysis::significance::method(analysis::significance::DEFAULT_METHOD).map_err(refused)?;
    let history = SeriesHistory::none();
    let mut comparison =
        compare(&base, &head, metric, &history, method.as_ref()).map_err(refused)?;
    comparison.headline = words::headline(&comparison, &sides.names);
    Ok(Some(comparison))
}

/// What could not be measured, for people.
pub(super) fn failure_lines(failures: &[MeasuringFailure]) -> String {
    let mut text = String::new();
    for failure in failures {
        let scenario = failure
            .scenario
            .as_ref()
            .map_or_else(String::new, |scenario| format!("/{scenario}"));
        text.push_str(&format!(
            "\nnot measured ({}): {}/{}{scenario}: {}\n",
            failure.kind, failure.benchmark, failure.profile, failure.message
        ));
        for line in failure.output.lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}
