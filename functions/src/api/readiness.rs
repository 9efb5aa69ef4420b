//! `configurations/{id}/readiness`: whether a configuration may become gating.

use shared_types::ConfigurationId;
use shared_types::api::Problem;

use super::parameters::parse_named;
use super::problem;
use super::response::Success;
use crate::{Context, readiness};

pub(super) async fn show(context: &Context, id: &str) -> Result<Success, Problem> {
    let id: ConfigurationId = parse_named("the configuration in the path", id)?;
    let readiness = readiness::of(context, &id)
        .await
        .map_err(problem::of_error)?;
    Success::json(&readiness)
}
