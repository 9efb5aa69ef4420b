//! `perfleet cancel`.

use clap::Args;
use shared_types::RequestId;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;

/// Cancel a request and its jobs; what was measured stays
#[derive(Debug, Args)]
pub(super) struct CancelCommand {
    /// The request
    id: RequestId,
    #[command(flatten)]
    json: JsonOption,
}

impl CancelCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let request = place.for_writing().await?.cancel(self.id).await?;
        if self.json.json {
            output::answer_json(&request)?;
        } else {
            output::answer(&format!("the request {} is {}", request.id, request.state))?;
        }
        Ok(Outcome::Done)
    }
}
