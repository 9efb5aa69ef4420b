//! `perfleet status`: what goes on, and what went wrong.

use clap::Args;
use shared_types::api::Status;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output, status_text};
use crate::FunctionsError;

/// Show queues, collectors, requests, and what went wrong
#[derive(Debug, Args)]
pub(super) struct StatusCommand {
    #[command(flatten)]
    json: JsonOption,
}

impl StatusCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let status: Status = place.for_reading().await?.get("status").await?;
        if self.json.json {
            output::answer_json(&status)?;
        } else {
            output::answer(&status_text::describe(&status))?;
        }
        Ok(Outcome::Done)
    }
}
