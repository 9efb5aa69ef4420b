//! Holds requests and configurations, lets them go, and asks for a request once more.
//!
//! Who holds something says that nothing more of it is handed out. What is handed out already, one
//! job for each collector at most, is finished.

use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::scheduling::{Pause, Scheduling};
use shared_types::{ConfigurationId, RequestId};

use super::{announce, create_request};
use crate::{Context, FunctionsError};

/// How often the scheduling of a configuration is read again where another was faster.
const TRIES_MAX: u32 = 20;

/// Holds a request that is not at its end.
///
/// # Errors
/// [`FunctionsError::NotMeasured`] where there is none, [`FunctionsError::Refused`] where it is held
/// or at its end; else when the store fails.
pub async fn hold_request(
    context: &Context,
    id: RequestId,
    person: &str,
    reason: Option<&str>,
) -> Result<Request, FunctionsError> {
    let known = known_request(context, id).await?;
    if known.state == RequestState::Paused {
        return Err(FunctionsError::Refused(format!(
            "the request {id} is paused already: `perfleet resume request {id}` lets it go on"
        )));
    }
    let why = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    let note = format!("paused by {person}{why}");
    move_request(context, &known, RequestState::Paused, Some(&note)).await
}

/// Lets a request that was held go on.
///
/// # Errors
/// [`FunctionsError::NotMeasured`] where there is none, [`FunctionsError::Refused`] where nobody holds
/// it; else when the store fails.
pub async fn let_request_go(context: &Context, id: RequestId) -> Result<Request, FunctionsError> {
    let known = known_request(context, id).await?;
    if known.state != RequestState::Paused {
        return Err(FunctionsError::Refused(format!(
            "the request {id} is {}, and only a paused one can be resumed",
            known.state
        )));
    }
    // Whether all of it is cut is found out by who cuts.
    move_request(context, &known, RequestState::Waiting, None).await
}

async fn move_request(
    context: &Context,
    known: &Request,
    state: RequestState,
    note: Option<&str>,
) -> Result<Request, FunctionsError> {
    let index = &context.store.index;
    let moved = index
        .set_request_state(known.id, state, note, context.now())
        .await?;
    let now = known_request(context, known.id).await?;
    if !moved {
        return Err(FunctionsError::Refused(format!(
            "the request {} is {} already, and what has ended cannot be paused",
            now.id, now.state
        )));
    }
    announce(context, known.id).await;
    Ok(now)
}

/// Holds a configuration: nothing is handed out under it.
///
/// # Errors
/// [`FunctionsError::NotMeasured`] where there is none, [`FunctionsError::Refused`] where it is held;
/// else when the store fails.
pub async fn hold_configuration(
    context: &Context,
    id: &ConfigurationId,
    pause: Pause,
) -> Result<Scheduling, FunctionsError> {
    change(context, id, |scheduling| {
        if let Some(paused) = &scheduling.paused {
            return Err(FunctionsError::Refused(format!(
                "the configuration `{id}` was paused by {} already: `perfleet resume \
                 configuration {id}` lets it go on",
                paused.by
            )));
        }
        scheduling.paused = Some(pause.clone());
        Ok(())
    })
    .await
}

/// Lets a configuration that was held go on.
///
/// # Errors
/// [`FunctionsError::NotMeasured`] where there is none, [`FunctionsError::Refused`] where nobody holds
/// it; else when the store fails.
pub async fn let_configuration_go(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Scheduling, FunctionsError> {
    change(context, id, |scheduling| {
        if scheduling.paused.take().is_none() {
            return Err(FunctionsError::Refused(format!(
                "the configuration `{id}` is not paused"
            )));
        }
        Ok(())
    })
    .await
}

async fn change(
    context: &Context,
    id: &ConfigurationId,
    change: impl Fn(&mut Scheduling) -> Result<(), FunctionsError>,
) -> Result<Scheduling, FunctionsError> {
    let index = &context.store.index;
    if index.configuration(id).await?.is_none() {
        return Err(FunctionsError::NotMeasured(format!(
            "there is no configuration `{id}`: /api/v1/configurations lists those there are"
        )));
    }
    for _ in 0..TRIES_MAX {
        let known = index.scheduling(id).await?;
        let mut new = known
            .clone()
            .unwrap_or_else(|| Scheduling::beginning(id.clone()));
        change(&mut new)?;
        if index.replace_scheduling(known.as_ref(), &new).await? {
            return Ok(new);
        }
    }
    Err(FunctionsError::Refused(format!(
        "the scheduling of `{id}` changed {TRIES_MAX} times meanwhile: try again"
    )))
}

/// Asks for the same once more, as new replicates, in the name of who asks now.
///
/// # Errors
/// [`FunctionsError::NotMeasured`] where there is no such request; else as for a new one.
pub async fn rerun(
    context: &Context,
    id: RequestId,
    person: &str,
) -> Result<Request, FunctionsError> {
    let known = known_request(context, id).await?;
    let wanted = NewRequest {
        base: known.base.map(|base| base.artifact),
        head: known.head.artifact,
        configurations: known.configurations,
        selection: known.selection,
        paired: known.paired,
        against_parent: false,
        // Whoever measures once more doubts what there is.
        backfill: false,
        iterations: Some(known.iterations),
        precision: known.precision,
        self_profile: known.self_profile,
        time_limit_s: Some(known.time_limit_s),
        priority: known.priority,
        reason: Some(format!("once more, as {id}")),
    };
    create_request(context, &wanted, person).await
}

async fn known_request(context: &Context, id: RequestId) -> Result<Request, FunctionsError> {
    let known = context.store.index.request(id).await?;
    known.ok_or_else(|| {
        FunctionsError::NotMeasured(format!(
            "there is no request `{id}`: `perfleet status` lists those that are open"
        ))
    })
}
