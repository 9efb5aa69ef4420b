//! `retractions`: which results were taken back, and what that touches.

use jiff::Timestamp;
use shared_types::RetractionId;
use shared_types::api::Problem;
use shared_types::retraction::{NewRetraction, Retraction, RetractionRange};

use super::paging::page_of;
use super::parameters::{Parameters, parse_body, parse_named};
use super::problem;
use super::response::Success;
use crate::{Context, retraction};

/// All retractions, the newest first.
pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let page = parameters.page()?;
    let index = &context.store.index;
    let mut all = index.retractions().await.map_err(problem::of_store)?;
    all.reverse();
    Success::json(&page_of(all, &page, |one: &Retraction| one.id.to_string())?)
}

/// What a retraction would touch. Nothing is changed.
pub(super) async fn effects(
    context: &Context,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let time = |name: &str| parameters.optional::<Timestamp>(name);
    let range = RetractionRange {
        host: parameters.text("host").map(str::to_owned),
        configuration: parameters.optional("configuration")?,
        run: parameters.optional("run")?,
        from: time("from")?,
        to: time("to")?,
    };
    let effects = retraction::effects(context, &range)
        .await
        .map_err(problem::of_error)?;
    Success::json(&effects)
}

pub(super) async fn create(
    context: &Context,
    body: &[u8],
    person: &str,
) -> Result<(Success, String), Problem> {
    let wanted: NewRetraction = parse_body(body)?;
    let made = retraction::retract(context, wanted, person)
        .await
        .map_err(problem::of_error)?;
    let subject = format!("{}: results {}", made.id, made.range);
    Ok((Success::json(&made)?, subject))
}

pub(super) async fn undo(
    context: &Context,
    id: &str,
    person: &str,
) -> Result<(Success, String), Problem> {
    let id: RetractionId = parse_named("the retraction in the path", id)?;
    let undone = retraction::take_back(context, id, person)
        .await
        .map_err(problem::of_error)?;
    Ok((Success::json(&undone)?, id.to_string()))
}
