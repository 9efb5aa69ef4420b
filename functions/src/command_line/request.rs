//! `perfleet request`: asks for measurements, and shows what became of them.

use analysis::policy::Decision;
use analysis::why::decision_text;
use clap::{Args, Subcommand};
use shared_types::api::RequestDetail;
use shared_types::job::Precision;
use shared_types::request::{NewRequest, RequestState, Selection};
use shared_types::test_case::{ScenarioKind, WantedCategory};
use shared_types::{BenchmarkKind, BenchmarkName, ConfigurationId, Profile, RequestId};

use super::access::Access;
use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, names, output, request_progress};
use crate::{FunctionsError, Settings};

/// Ask for a compiler to be measured and compared, or show what became of a request
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RequestCommand {
    #[command(subcommand)]
    subcommand: Option<RequestSubcommand>,
    #[command(flatten)]
    new: NewRequestOptions,
}

#[derive(Debug, Subcommand)]
enum RequestSubcommand {
    /// Show a request: its jobs, comparisons and verdict
    Show(ShowOptions),
}

#[derive(Debug, Args)]
struct ShowOptions {
    /// The request
    id: RequestId,
    /// Say why: which numbers and rules of the policy made its verdict
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct NewRequestOptions {
    /// The compiler to measure: a commit, `release-VERSION`, `local-NAME-SHORTSHA`, or the
    /// beginning of a known one
    #[arg(required = true)]
    head: Option<String>,
    /// The compiler to compare it with; the same again makes an A/A request
    #[arg(long)]
    base: Option<String>,
    /// Under which configuration; may be given several times
    #[arg(
        long,
        required = true,
        value_delimiter = ',',
        value_name = "CONFIGURATION"
    )]
    configuration: Vec<ConfigurationId>,
    /// Kinds of benchmarks to measure: compile, runtime, toolchain [default: compile]
    #[arg(long, value_delimiter = ',', value_name = "KIND")]
    kinds: Vec<BenchmarkKind>,
    /// Benchmarks to measure [default: all]
    #[arg(long, value_delimiter = ',', value_name = "BENCHMARK")]
    include: Vec<BenchmarkName>,
    /// Benchmarks to leave out
    #[arg(long, value_delimiter = ',', value_name = "BENCHMARK")]
    exclude: Vec<BenchmarkName>,
    /// Only benchmarks of these categories: primary, secondary, stable (those that stay at their
    /// versions, for comparing releases)
    #[arg(long, value_delimiter = ',', value_name = "CATEGORY")]
    category: Vec<WantedCategory>,
    /// Profiles to measure: check, debug, opt, doc, doc-json, clippy [default: check,debug,opt,doc]
    #[arg(long, value_delimiter = ',', value_name = "PROFILE")]
    profiles: Vec<Profile>,
    /// Scenarios to measure [default: all]
    #[arg(long, value_delimiter = ',', value_name = "SCENARIO")]
    scenarios: Vec<ScenarioKind>,
    /// Let base and head alternate on one host, so that what disturbs one disturbs the other
    #[arg(long)]
    paired: bool,
    /// Compare it with its parent in history
    #[arg(long, conflicts_with = "base")]
    against_parent: bool,
    /// Measure of the base only what it lacks
    #[arg(long, conflicts_with = "paired")]
    backfill: bool,
    /// Iterations of each test case [default: 3]
    #[arg(long, value_name = "NUMBER")]
    iterations: Option<u32>,
    /// Go on measuring a test case until half of the interval of its time is at most so many percent
    #[arg(long, value_name = "PERCENT", value_parser = Precision::basis_points)]
    precision: Option<u32>,
    /// But no further than so many iterations [default: three times the iterations]
    #[arg(long, value_name = "NUMBER", requires = "precision")]
    iterations_max: Option<u32>,
    /// Compile each test case once more, apart from what is measured, and record which queries of the
    /// compiler take its time, so that an explanation of a change can name them
    #[arg(long)]
    self_profile: bool,
    /// The longest that one compilation may take, in seconds [default: 1800]
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<u64>,
    /// Larger goes first
    #[arg(
        long,
        default_value_t = 0,
        allow_negative_numbers = true,
        value_name = "NUMBER"
    )]
    priority: i32,
    /// Why it is asked for
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait until it is done, and show what came out
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    json: JsonOption,
}

impl RequestCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.subcommand {
            Some(RequestSubcommand::Show(options)) => {
                options.run(place).await?;
                Ok(Outcome::Done)
            }
            None => self.new.run(place).await,
        }
    }
}

impl ShowOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<(), FunctionsError> {
        let access = place.for_reading().await?;
        if !self.why {
            let detail = access.get(&format!("requests/{}", self.id)).await?;
            return print(&detail, self.json);
        }
        let decision: Decision = access.get(&format!("requests/{}/why", self.id)).await?;
        if self.json.json {
            output::answer_json(&decision)
        } else {
            output::answer(&decision_text(&decision))
        }
    }
}

impl NewRequestOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_writing().await?;
        let wanted = self.wanted(&access).await?;
        let request = access.create_request(&wanted).await?;
        if !place.is_served() {
            output::say(
                "nobody works on it yet: start `perfleet serve`, and a collector by `collector run`",
            );
        }
        if !self.wait {
            if self.json.json {
                output::answer_json(&request)?;
            } else {
                output::answer(&format!(
                    "request {}: `perfleet request show {}` tells what became of it",
                    request.id, request.id
                ))?;
            }
            return Ok(Outcome::Done);
        }
        let detail = request_progress::wait(&access, request.id).await?;
        print(&detail, self.json)?;
        Ok(if detail.request.state == RequestState::Done {
            Outcome::Done
        } else {
            Outcome::Failed
        })
    }

    async fn wanted(&self, access: &Access) -> Result<NewRequest, FunctionsError> {
        let head = self.head.as_deref().unwrap_or_default();
        let base = match &self.base {
            Some(base) => Some(names::artifact(access, base).await?),
            None => None,
        };
        Ok(NewRequest {
            base,
            head: names::artifact(access, head).await?,
            configurations: self.configuration.clone(),
            selection: Selection {
                kinds: self.kinds.clone(),
                include: self.include.clone(),
                exclude: self.exclude.clone(),
                categories: self.category.clone(),
                profiles: self.profiles.clone(),
                scenarios: self.scenarios.clone(),
            },
            paired: self.paired,
            against_parent: self.against_parent,
            backfill: self.backfill,
            iterations: self.iterations,
            precision: self.precision(),
            self_profile: self.self_profile,
            time_limit_s: self.time_limit,
            priority: self.priority,
            reason: self.reason.clone(),
        })
    }
}

impl NewRequestOptions {
    fn precision(&self) -> Option<Precision> {
        let iterations = self
            .iterations
            .unwrap_or(Settings::default().default_iterations);
        let usual = iterations.saturating_mul(Precision::FACTOR);
        self.precision.map(|half_width_basis_points| Precision {
            half_width_basis_points,
            iterations_max: self.iterations_max.unwrap_or(usual),
        })
    }
}

fn print(detail: &RequestDetail, json: JsonOption) -> Result<(), FunctionsError> {
    if json.json {
        output::answer_json(detail)
    } else {
        output::answer(&request_progress::describe(detail))
    }
}
