//! `perfleet triage`: what got worse, and what people decide about it.

mod text;

use analysis::triage::TriageDetail;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use shared_types::api::{NewTriageAct, Page, TriageEntry, TriageReport};
use shared_types::run::SidePair;
use shared_types::triage::{
    CoveredConfigurations, FixReference, IsoWeek, Owner, ReasonCode, TriageState, TriageStep,
    TriageWords, parse_day,
};
use shared_types::{ArtifactId, ConfigurationId};

use super::access::{Access, local_person};
use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, names, output};
use crate::FunctionsError;

/// See what got worse and decide what is to become of it
///
/// What is decided is kept for each pair of compilers, with who decided it and when. Nothing is ever
/// taken away: who changes their mind reopens. docs/triage-policy.md says what is expected of whom.
#[derive(Debug, Args)]
pub(super) struct TriageCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what got worse and waits for somebody, gating configurations first
    List(ListOptions),
    /// Show what every configuration says of a pair, what the policy makes of it, and who did what
    Show(ShowOptions),
    /// Say that somebody looked, and what is to become of it
    Acknowledge(AcknowledgeOptions),
    /// Name the artifact with which it came
    Culprit(CulpritOptions),
    /// Say where it was mended
    Fix(FixOptions),
    /// Say that what was decided does not hold
    Reopen(ReopenOptions),
    /// Print the report of a week, as Markdown
    Report(ReportOptions),
}

#[derive(Debug, Args)]
struct ListOptions {
    /// Only what got worse under this configuration
    #[arg(long)]
    configuration: Option<ConfigurationId>,
    /// Only what is in one of these states [default: untriaged,overdue]
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    state: Vec<TriageState>,
    /// Whatever state it is in
    #[arg(long, conflicts_with = "state")]
    all: bool,
    #[command(flatten)]
    json: JsonOption,
}

/// A pair of compilers.
#[derive(Debug, Args)]
struct PairOptions {
    /// What is compared with
    base: String,
    /// What is judged
    head: String,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct ShowOptions {
    #[command(flatten)]
    pair: PairOptions,
}

#[derive(Debug, Args)]
struct AcknowledgeOptions {
    #[command(flatten)]
    pair: PairOptions,
    /// The configurations that this is said of; may be given more than once
    #[arg(long, required = true, value_name = "ID", value_delimiter = ',')]
    configuration: Vec<ConfigurationId>,
    /// Why: accepted, fix-planned, noise, infrastructure, reverted or other
    #[arg(long)]
    reason: ReasonCode,
    /// Why, in words
    #[arg(long)]
    words: TriageWords,
    /// Who sees to it [default: you]
    #[arg(long)]
    owner: Option<Owner>,
    /// The last day on which it may still be open, such as 2026-12-04 [default for a planned fix: by
    /// the policy]
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    due: Option<Date>,
}

#[derive(Debug, Args)]
struct CulpritOptions {
    #[command(flatten)]
    pair: PairOptions,
    /// The artifact
    artifact: ArtifactId,
    /// How that is known
    #[arg(long)]
    words: Option<TriageWords>,
}

#[derive(Debug, Args)]
struct FixOptions {
    #[command(flatten)]
    pair: PairOptions,
    /// A commit, or the address of a pull request
    by: FixReference,
    /// The configurations that it is mended on [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    configuration: Vec<ConfigurationId>,
}

#[derive(Debug, Args)]
struct ReopenOptions {
    #[command(flatten)]
    pair: PairOptions,
    /// Why
    #[arg(long)]
    words: TriageWords,
    /// The configurations that this is said of [default: all]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    configuration: Vec<ConfigurationId>,
}

#[derive(Debug, Args)]
struct ReportOptions {
    /// The week, such as 2026-W48 [default: this one]
    #[arg(long)]
    week: Option<IsoWeek>,
    #[command(flatten)]
    json: JsonOption,
}

impl TriageCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.action {
            Action::List(options) => list(place, options).await?,
            Action::Show(options) => show(place, &options.pair).await?,
            Action::Report(options) => report(place, options).await?,
            Action::Acknowledge(options) => {
                act(place, &options.pair, options.step()?).await?;
            }
            Action::Culprit(options) => act(place, &options.pair, options.step()).await?,
            Action::Fix(options) => act(place, &options.pair, options.step()?).await?,
            Action::Reopen(options) => act(place, &options.pair, options.step()?).await?,
        }
        Ok(Outcome::Done)
    }
}

impl AcknowledgeOptions {
    fn step(&self) -> Result<TriageStep, FunctionsError> {
        let owner = match &self.owner {
            Some(owner) => owner.clone(),
            None => local_person().parse()?,
        };
        Ok(TriageStep::Acknowledge {
            configurations: self.configuration.clone().try_into()?,
            reason: self.reason,
            words: self.words.clone(),
            owner,
            due: self.due,
        })
    }
}

impl CulpritOptions {
    fn step(&self) -> TriageStep {
        TriageStep::Culprit {
            artifact: self.artifact.clone(),
            words: self.words.clone(),
        }
    }
}

impl FixOptions {
    fn step(&self) -> Result<TriageStep, FunctionsError> {
        Ok(TriageStep::Fix {
            by: self.by.clone(),
            configurations: covered(&self.configuration)?,
        })
    }
}

impl ReopenOptions {
    fn step(&self) -> Result<TriageStep, FunctionsError> {
        Ok(TriageStep::Reopen {
            words: self.words.clone(),
            configurations: covered(&self.configuration)?,
        })
    }
}

/// Those that are named; `None` for all.
fn covered(named: &[ConfigurationId]) -> Result<Option<CoveredConfigurations>, FunctionsError> {
    if named.is_empty() {
        return Ok(None);
    }
    Ok(Some(named.to_vec().try_into()?))
}

impl PairOptions {
    async fn sides(&self, access: &Access) -> Result<SidePair, FunctionsError> {
        Ok(SidePair {
            base: names::side(access, &self.base).await?.parse()?,
            head: names::side(access, &self.head).await?.parse()?,
        })
    }

    fn answer(&self, detail: &TriageDetail) -> Result<(), FunctionsError> {
        if self.json.json {
            output::answer_json(detail)
        } else {
            output::answer(&text::detail(detail))
        }
    }
}

async fn list(place: &PlaceOptions, options: &ListOptions) -> Result<(), FunctionsError> {
    let access = place.for_reading().await?;
    let mut path = "triage?limit=500".to_owned();
    if let Some(configuration) = &options.configuration {
        path.push_str(&format!("&configuration={configuration}"));
    }
    let states: Vec<&str> = match (options.all, options.state.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => vec!["untriaged", "overdue"],
        (false, false) => options.state.iter().map(|state| state.as_str()).collect(),
    };
    if !states.is_empty() {
        path.push_str(&format!("&state={}", names::encoded(&states.join(","))));
    }
    let mut entries: Vec<TriageEntry> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: Page<TriageEntry> = access.get(&format!("{path}{cursor}")).await?;
        entries.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={}", names::encoded(&next)),
            None => break,
        }
    }
    if options.json.json {
        return output::answer_json(&entries);
    }
    if entries.is_empty() {
        output::say("nothing waits: `--all` lists what was decided, too");
    }
    output::answer(&text::entries(&entries))
}

async fn show(place: &PlaceOptions, pair: &PairOptions) -> Result<(), FunctionsError> {
    let access = place.for_reading().await?;
    let sides = names::encoded_pair(&pair.sides(&access).await?);
    let detail: TriageDetail = access.get(&format!("triage/{sides}")).await?;
    pair.answer(&detail)
}

async fn act(
    place: &PlaceOptions,
    pair: &PairOptions,
    act: TriageStep,
) -> Result<(), FunctionsError> {
    let access = place.for_writing().await?;
    let sides = pair.sides(&access).await?;
    let detail = access.act_on_triage(&sides, &NewTriageAct { act }).await?;
    pair.answer(&detail)
}

async fn report(place: &PlaceOptions, options: &ReportOptions) -> Result<(), FunctionsError> {
    let path = match options.week {
        Some(week) => format!("reports/triage?week={week}"),
        None => "reports/triage".to_owned(),
    };
    let report: TriageReport = place.for_reading().await?.get(&path).await?;
    if options.json.json {
        output::answer_json(&report)
    } else {
        output::answer(&report.markdown)
    }
}
