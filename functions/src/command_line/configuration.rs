//! `perfleet configuration`: what can be measured.

use std::fmt::Write;

use clap::{Args, Subcommand};
use shared_types::api::{ConfigurationOverview, PAGE_LIMIT_MAX, Page, Readiness};
use shared_types::{Configuration, ConfigurationId};

use super::output::{Expected, JsonOption};
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;

/// Register and list configurations
#[derive(Debug, Args)]
pub(super) struct ConfigurationCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Register configurations, as `collector host --json` prints them; the tier is gating where
    /// none is given
    Add(AddOptions),
    /// List the configurations
    List(ListOptions),
    /// Say whether a configuration has shown what the policy wants before it may become gating
    Readiness(ReadinessOptions),
}

#[derive(Debug, Args)]
struct AddOptions {
    /// The file with one configuration or a list, or `-` for standard input
    file: String,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct ReadinessOptions {
    /// The configuration
    id: ConfigurationId,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct ListOptions {
    #[command(flatten)]
    json: JsonOption,
}

impl ConfigurationCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.action {
            Action::Add(options) => add(place, options).await?,
            Action::List(options) => list(place, options).await?,
            Action::Readiness(options) => show_readiness(place, options).await?,
        }
        Ok(Outcome::Done)
    }
}

const CONFIGURATION: Expected = Expected {
    what: "a configuration",
    wrapped_in: "proposed",
    // Whoever registers a host wants to hear its verdicts.
    default: Some(("tier", "gating")),
};

async fn add(place: &PlaceOptions, options: &AddOptions) -> Result<(), FunctionsError> {
    let configurations: Vec<Configuration> = output::read_documents(&options.file, &CONFIGURATION)?;
    let access = place.for_writing().await?;
    for configuration in &configurations {
        access.register(configuration).await?;
    }
    if options.json.json {
        return output::answer_json(&configurations);
    }
    for configuration in &configurations {
        output::answer(&format!("{} is registered", configuration.id))?;
    }
    Ok(())
}

async fn list(place: &PlaceOptions, options: &ListOptions) -> Result<(), FunctionsError> {
    let path = format!("configurations?limit={PAGE_LIMIT_MAX}");
    let page: Page<ConfigurationOverview> = place.for_reading().await?.get(&path).await?;
    if options.json.json {
        return output::answer_json(&page.items);
    }
    if page.items.is_empty() {
        output::say("none is registered: `perfleet configuration add FILE` registers one");
    }
    let mut text = String::new();
    for overview in &page.items {
        let Configuration { id, record, tier } = &overview.configuration;
        let _ = writeln!(
            text,
            "{id}: {tier}; {} on {}, {}, {} front-end threads; {} runs, {} collectors",
            record.target,
            record.hardware_model,
            record.backend,
            record.frontend_threads,
            overview.runs,
            overview.collectors_alive
        );
    }
    output::answer(&text)
}

async fn show_readiness(
    place: &PlaceOptions,
    options: &ReadinessOptions,
) -> Result<(), FunctionsError> {
    let path = format!("configurations/{}/readiness", options.id);
    let readiness: Readiness = place.for_reading().await?.get(&path).await?;
    if options.json.json {
        return output::answer_json(&readiness);
    }
    output::answer(&readiness_text(&readiness))
}

fn readiness_text(readiness: &Readiness) -> String {
    let mut text = format!("{}\n", readiness.sentence);
    for criterion in &readiness.criteria {
        let mark = if criterion.met { "yes" } else { "no " };
        let _ = writeln!(text, "  {mark} {}", criterion.sentence);
    }
    text
}
