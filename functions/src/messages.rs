//! Messages between the functions: how they are sent, and who handles those of which queue. In
//! `perfleet serve` loops take them from the queues, in the cloud they start a function.

use serde::Serialize;
use shared_types::format::Versioned;
use store::{Delivery, QueueName};

use crate::{Context, FunctionsError, compare, coordinator, github, ingest};

/// What became of a delivery. In each case the message is not to be delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// It was handled.
    Done,
    /// It was handled, and the coordinator may now have something to hand out.
    WorkToHandOut,
    /// It will never be understood, however often it is delivered. It was reported, and lies among
    /// the dead letters of its queue with the reason.
    KeptAside,
}

/// Sends a message to a queue.
///
/// # Errors
/// When the store fails.
pub(crate) async fn send<T: Versioned + Serialize>(
    context: &Context,
    queue: &QueueName,
    message: &T,
) -> Result<(), FunctionsError> {
    let body = serde_json::to_string(message)
        .map_err(|error| FunctionsError::Defect(format!("{} has no JSON: {error}", T::WHAT)))?;
    Ok(context.store.queue.send(queue, &body).await?)
}

/// Handles a delivery from the queue of a function. Whoever calls deletes the message afterwards.
///
/// # Errors
/// When handling it failed for a reason that may pass: it is to be delivered again.
pub async fn handle(
    context: &Context,
    queue: &QueueName,
    delivery: &Delivery,
) -> Result<Handled, FunctionsError> {
    let body = delivery.body.as_str();
    let handled = match queue {
        QueueName::Events => coordinator::handle_event(context, body).await,
        QueueName::Ingest => ingest::handle(context, body).await.map(|()| Handled::Done),
        QueueName::Compare => compare::handle(context, body).await.map(|()| Handled::Done),
        QueueName::Github => github::handle(context, body).await.map(|()| Handled::Done),
        QueueName::Jobs(configuration) => Err(FunctionsError::Defect(format!(
            "a job of {configuration} was given to a function, and jobs are for collectors"
        ))),
    };
    match handled {
        Err(error) if error.is_permanent() => {
            let reason = error.to_string();
            tracing::warn!(%queue, reason, "a message was kept aside");
            let subject = format!("the queue {queue}");
            let index = &context.store.index;
            index
                .report_problem(&subject, &reason, context.now())
                .await?;
            let queues = &context.store.queue;
            queues.reject(queue, delivery, &reason).await?;
            Ok(Handled::KeptAside)
        }
        Err(FunctionsError::GitHub(error)) => {
            // Longer with each delivery, so that twenty of them outlast an outage of hours.
            let pause = error.pause(delivery.receive_count);
            let queues = &context.store.queue;
            if let Err(error) = queues.extend(queue, &delivery.receipt, pause).await {
                tracing::warn!(%queue, %error, "the message will be delivered again too early");
            }
            Err(error.into())
        }
        other => other,
    }
}
