//! `perfleet retry`.

use clap::Args;
use shared_types::JobId;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;

/// Ask for a failed job once more
#[derive(Debug, Args)]
pub(super) struct RetryCommand {
    /// The job
    id: JobId,
    #[command(flatten)]
    json: JsonOption,
}

impl RetryCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let detail = place.for_writing().await?.retry(self.id).await?;
        if self.json.json {
            output::answer_json(&detail)?;
        } else {
            output::answer(&format!("the job {} is {}", detail.job, detail.state))?;
        }
        Ok(Outcome::Done)
    }
}
