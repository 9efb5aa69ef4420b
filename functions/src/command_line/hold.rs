//! `perfleet pause`, `resume`, `drain` and `rerun`.

use clap::{Args, Subcommand};
use shared_types::{ConfigurationId, RequestId};

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;

/// Hand out nothing more of a request, or under a configuration; what is handed out is finished
#[derive(Debug, Args)]
pub(super) struct PauseCommand {
    #[command(subcommand)]
    what: Held,
    /// Why
    #[arg(long, global = true, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    json: JsonOption,
}

/// Let a paused request or configuration go on
#[derive(Debug, Args)]
pub(super) struct ResumeCommand {
    #[command(subcommand)]
    what: Held,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Subcommand)]
enum Held {
    /// A request
    Request {
        /// The request
        id: RequestId,
    },
    /// A configuration, for all requests
    Configuration {
        /// The configuration
        id: ConfigurationId,
    },
}

/// Tell a collector to finish its job and take no more, or to take jobs again
#[derive(Debug, Args)]
pub(super) struct DrainCommand {
    /// The collector
    collector: String,
    /// Let it take jobs again
    #[arg(long)]
    end: bool,
}

/// Ask for a request once more, as new replicates
#[derive(Debug, Args)]
pub(super) struct RerunCommand {
    /// The request
    id: RequestId,
    #[command(flatten)]
    json: JsonOption,
}

impl PauseCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_writing().await?;
        let reason = self.reason.as_deref();
        match &self.what {
            Held::Request { id } => {
                let request = access.pause_request(*id, reason).await?;
                let text = format!(
                    "the request {id} is paused: what is being measured of it is finished; \
                     `perfleet resume request {id}` lets it go on"
                );
                answer(&request, &text, self.json)
            }
            Held::Configuration { id } => {
                let scheduling = access.pause_configuration(id, reason).await?;
                let text = format!(
                    "the configuration {id} is paused: what is being measured under it is finished; \
                     `perfleet resume configuration {id}` lets it go on"
                );
                answer(&scheduling, &text, self.json)
            }
        }
    }
}

impl ResumeCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_writing().await?;
        match &self.what {
            Held::Request { id } => {
                let request = access.resume_request(*id).await?;
                answer(&request, &format!("the request {id} goes on"), self.json)
            }
            Held::Configuration { id } => {
                let scheduling = access.resume_configuration(id).await?;
                answer(
                    &scheduling,
                    &format!("the configuration {id} goes on"),
                    self.json,
                )
            }
        }
    }
}

impl DrainCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let access = place.for_writing().await?;
        access.drain(&self.collector, !self.end).await?;
        let name = &self.collector;
        output::answer(&if self.end {
            format!("the collector {name} takes jobs again")
        } else {
            format!(
                "the collector {name} finishes its job and takes no more: `perfleet drain {name} \
                 --end` ends that"
            )
        })?;
        Ok(Outcome::Done)
    }
}

impl RerunCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let request = place.for_writing().await?.rerun(self.id).await?;
        let text = format!(
            "request {}: `perfleet request show {}` tells what became of it",
            request.id, request.id
        );
        answer(&request, &text, self.json)
    }
}

fn answer<T: serde::Serialize>(
    document: &T,
    text: &str,
    json: JsonOption,
) -> Result<Outcome, FunctionsError> {
    if json.json {
        output::answer_json(document)?;
    } else {
        output::answer(text)?;
    }
    Ok(Outcome::Done)
}
