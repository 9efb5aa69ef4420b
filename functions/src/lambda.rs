//! The functions on AWS Lambda: what stands around the handlers there. Each function is a program
//! of its own that runs one of the functions of this module.
//!
//! Settings come from environment variables, which `infra/` sets:
//! [`ENVIRONMENT_VARIABLE`](settings::ENVIRONMENT_VARIABLE) and
//! [`BUCKET_VARIABLE`](settings::BUCKET_VARIABLE); logs go out as JSON, a line for each event.

mod batch;
mod log;
mod page_copy;
mod secrets;
pub mod settings;
mod silence;
mod web;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use store::QueueName;

use crate::announcements::zulip::{self, ZulipSettings};
use crate::github::settings::SETTINGS_VARIABLE;
use crate::ingest::{self, Reach};
use crate::messages::Handled;
use crate::shadow::Shadow;
use crate::{Context, announcements, coordinator, github, shadow, triage};
use batch::{Batch, Deadline};

/// Answers the API, and hands out series and page where no CDN does.
///
/// # Errors
/// When a setting is missing or the runtime fails.
pub async fn run_api() -> Result<(), Error> {
    let context = start().await?;
    web::run(context).await
}

/// Handles what a queue delivers.
///
/// # Errors
/// When a setting is missing or the runtime fails.
pub async fn run_queue(queue: QueueName) -> Result<(), Error> {
    let context = start().await?;
    let (context, queue) = (&context, &queue);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = Deadline::of(event.context.deadline);
        let batch = Batch::parse(event.payload)?;
        let answer = batch.handle(context, queue, deadline).await;
        Ok::<Value, Error>(answer.to_json())
    }))
    .await
}

/// Moves everything on: by the schedule, and after events that give the coordinator something to
/// do.
///
/// # Errors
/// When a setting is missing or the runtime fails.
pub async fn run_coordinator() -> Result<(), Error> {
    let context = start().await?;
    let context = &context;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let deadline = Deadline::of(event.context.deadline);
        coordinate(context, event.payload, deadline).await
    }))
    .await
}

async fn coordinate(context: &Context, payload: Value, deadline: Deadline) -> Result<Value, Error> {
    if !Batch::is_one(&payload) {
        let advanced = coordinator::advance(context).await;
        follow(context, shadow::Reach::Recent).await?;
        // Whatever failed: an alarm that hears nothing of silence stays silent itself.
        silence::tell(context).await?;
        advanced?;
        return Ok(Value::Null);
    }
    let batch = Batch::parse(payload)?;
    let answer = batch.handle(context, &QueueName::Events, deadline).await;
    if answer.any(Handled::WorkToHandOut) {
        // The events were noted. What is not done here is done by the schedule within the minute.
        if let Err(error) = coordinator::advance(context).await {
            tracing::warn!(%error, "not everything could be moved on");
        }
    }
    Ok(answer.to_json())
}

/// Finds what no event told of.
///
/// # Errors
/// When a setting is missing or the runtime fails.
pub async fn run_reconcile() -> Result<(), Error> {
    let context = start().await?;
    let context = &context;
    lambda_runtime::run(service_fn(move |_: LambdaEvent<Value>| async move {
        let reconciled = ingest::reconcile(context, Reach::Recent).await;
        // People are told whatever could not be found.
        triage::announce(context).await?;
        reconciled?;
        follow(context, shadow::Reach::Month).await?;
        Ok::<Value, Error>(Value::Null)
    }))
    .await
}

/// Mirrors what the one that is followed was asked for, in shadow mode, and, where it looks back far,
/// brings the tables up to date. A file is looked at by whoever has it, with `perfleet shadow look`.
/// One that cannot be read is no failure of this function, and is told where people look.
async fn follow(context: &Context, reach: shadow::Reach) -> Result<(), Error> {
    let Some(shadow) = context.shadow.as_ref() else {
        return Ok(());
    };
    if shadow.settings.follows_a_file() {
        return Ok(());
    }
    let followed = async {
        shadow::mirror(context, reach).await?;
        if reach == shadow::Reach::Month {
            shadow::tabulate(context).await?;
        }
        Ok::<(), crate::FunctionsError>(())
    };
    if let Err(error) = followed.await {
        tracing::warn!(%error, "the one that is followed could not be followed");
        let subject = format!("shadow of {}", shadow.settings.name);
        let (index, message) = (&context.store.index, error.to_string());
        index
            .report_problem(&subject, &message, context.now())
            .await?;
    }
    Ok(())
}

/// What every function does first.
async fn start() -> Result<Context, Error> {
    log::start();
    let variable = |name: &str| std::env::var(name).ok();
    let place = settings::place(variable)?;
    let chosen = crate::Settings {
        upkeep: settings::upkeep(variable)?,
        page_url: settings::page_url(variable),
        ..crate::Settings::default()
    };
    let key = secrets::one(variable, zulip::KEY_VARIABLE).await?;
    let zulip = ZulipSettings::read(|name| match name {
        zulip::KEY_VARIABLE => key.clone(),
        other => variable(other),
    })?;
    let context = Context::new(store::aws::open(&place).await, chosen)
        .with_announcements(announcements::by(zulip))
        .with_shadow(settings::shadow(variable)?.map(Shadow::new));
    let Some(document) = variable(SETTINGS_VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(context);
    };
    let secrets = secrets::read(variable).await?;
    Ok(github::configured(context, &document, |name| {
        secrets.get(name).cloned()
    })?)
}
