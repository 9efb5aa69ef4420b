//! Notes a retraction, or that one is taken back, and has it carried out.

use shared_types::RetractionId;
use shared_types::notices::RetractionMoved;
use shared_types::retraction::{NewRetraction, Retraction};
use store::QueueName;

use super::known;
use crate::{Context, FunctionsError, messages};

/// How often taking back is decided again while the retraction is being carried out.
const ATTEMPTS_MAX: usize = 50;

/// Retracts results, in the name of `person`.
///
/// # Errors
/// When the range or the reason makes no sense, or names a configuration that is not there; when the
/// store fails.
pub async fn retract(
    context: &Context,
    wanted: NewRetraction,
    person: &str,
) -> Result<Retraction, FunctionsError> {
    wanted.check()?;
    let range = &wanted.range;
    let of_run = range.run.as_ref().map(|run| &run.run.configuration);
    let index = &context.store.index;
    for id in range.configuration.iter().chain(of_run) {
        if index.configuration(id).await?.is_none() {
            return Err(FunctionsError::NotMeasured(format!(
                "there is no configuration `{id}`: `perfleet configuration list` lists those there \
                 are"
            )));
        }
    }
    let id = context.new_retraction_id()?;
    let new = Retraction::beginning(id, wanted, person.to_owned(), context.now());
    if !index.replace_retraction(None, &new).await? {
        return Err(FunctionsError::Defect(format!(
            "the new id {id} of a retraction was there already"
        )));
    }
    tracing::warn!(retraction = %id, person, range = %new.range, "results were retracted");
    announce(context, id).await;
    Ok(new)
}

/// Takes a retraction back, in the name of `person`: its results count again.
///
/// # Errors
/// When there is none, or it was taken back before; when the store fails.
pub async fn take_back(
    context: &Context,
    id: RetractionId,
    person: &str,
) -> Result<Retraction, FunctionsError> {
    for _ in 0..ATTEMPTS_MAX {
        let known = known(context, id).await?;
        if let Some(before) = &known.taken_back {
            return Err(FunctionsError::Refused(format!(
                "the retraction {id} was taken back by {} already",
                before.by
            )));
        }
        let new = known.taken_back(person.to_owned(), context.now());
        let index = &context.store.index;
        if index.replace_retraction(Some(&known), &new).await? {
            tracing::warn!(retraction = %id, person, "a retraction was taken back");
            announce(context, id).await;
            return Ok(new);
        }
    }
    Err(FunctionsError::Server {
        action: format!("taking the retraction {id} back"),
        reason: "it is being carried out and kept changing; try again".to_owned(),
    })
}

/// What is lost here is found by the reconciliation, so that a failure is no failure of the caller.
async fn announce(context: &Context, id: RetractionId) {
    let message = RetractionMoved::new(id);
    if let Err(error) = messages::send(context, &QueueName::Compare, &message).await {
        tracing::warn!(retraction = %id, %error, "it is carried out with the next reconciliation");
    }
}
