//! `perfleet artifact`: which compilers there are.

use clap::{Args, Subcommand};
use shared_types::Artifact;
use shared_types::api::{ArtifactDetail, PAGE_LIMIT_MAX, Page, RunOverview};

use super::output::{Expected, JsonOption};
use super::place::PlaceOptions;
use super::{Outcome, names, output};
use crate::FunctionsError;

/// Make compilers known, and list them
#[derive(Debug, Args)]
pub(super) struct ArtifactCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make artifacts known, as `collector toolchains --json` prints them, or add to what is known
    /// of them, such as their place in history
    Add(AddOptions),
    /// List artifacts
    List(ListOptions),
    /// Show what is known of an artifact: where and how often it was measured
    Show(ShowOptions),
}

#[derive(Debug, Args)]
struct AddOptions {
    /// The file with one artifact or a list, or `-` for standard input
    file: String,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct ListOptions {
    /// Only those whose name begins so
    #[arg(default_value = "")]
    prefix: String,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct ShowOptions {
    /// The artifact, or the beginning of its name
    artifact: String,
    #[command(flatten)]
    json: JsonOption,
}

impl ArtifactCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.action {
            Action::Add(options) => add(place, options).await?,
            Action::List(options) => list(place, options).await?,
            Action::Show(options) => show(place, options).await?,
        }
        Ok(Outcome::Done)
    }
}

const ARTIFACT: Expected = Expected {
    what: "an artifact",
    wrapped_in: "artifact",
    default: None,
};

async fn add(place: &PlaceOptions, options: &AddOptions) -> Result<(), FunctionsError> {
    let artifacts: Vec<Artifact> = output::read_documents(&options.file, &ARTIFACT)?;
    let access = place.for_writing().await?;
    for batch in artifacts.chunks(PAGE_LIMIT_MAX as usize) {
        access.put_artifacts(batch).await?;
    }
    if options.json.json {
        return output::answer_json(&artifacts);
    }
    for artifact in &artifacts {
        output::answer(&format!("{} is known", artifact.id))?;
    }
    Ok(())
}

async fn list(place: &PlaceOptions, options: &ListOptions) -> Result<(), FunctionsError> {
    let access = place.for_reading().await?;
    let mut artifacts: Vec<Artifact> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut path = format!("artifacts?limit={PAGE_LIMIT_MAX}");
        for (name, value) in [
            ("prefix", Some(options.prefix.as_str())),
            ("cursor", cursor.as_deref()),
        ] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                path.push_str(&format!("&{name}={}", names::encoded(value)));
            }
        }
        let page: Page<Artifact> = access.get(&path).await?;
        artifacts.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if options.json.json {
        return output::answer_json(&artifacts);
    }
    let lines: Vec<String> = artifacts
        .iter()
        .map(|artifact| match &artifact.title {
            Some(title) => format!("{}  {title}", artifact.id),
            None => artifact.id.to_string(),
        })
        .collect();
    output::answer(&lines.join("\n"))
}

async fn show(place: &PlaceOptions, options: &ShowOptions) -> Result<(), FunctionsError> {
    let access = place.for_reading().await?;
    let id = names::artifact(&access, &options.artifact).await?;
    let path = format!("artifacts/{}", names::encoded(&id.to_string()));
    let detail: ArtifactDetail = access.get(&path).await?;
    if options.json.json {
        return output::answer_json(&detail);
    }
    let mut lines = vec![match &detail.artifact.title {
        Some(title) => format!("{id}  {title}"),
        None => id.to_string(),
    }];
    if detail.runs.is_empty() {
        lines.push("  not measured yet: `perfleet request` asks for it".to_owned());
    }
    lines.extend(detail.runs.iter().map(run_line));
    output::answer(&lines.join("\n"))
}

fn run_line(run: &RunOverview) -> String {
    let measured = match (&run.measured_at, run.jobs_left) {
        (None, _) => "not measured yet".to_owned(),
        (Some(at), 0) => format!("measured {at}"),
        (Some(at), left) => format!("measured {at}, {left} jobs left"),
    };
    format!(
        "  {} #{}: {} test cases, {} failures, {measured}, on {}",
        run.configuration,
        run.replicate.number(),
        run.test_cases,
        run.failures,
        run.hosts.join(", ")
    )
}
