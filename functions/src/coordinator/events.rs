//! What collectors report: that they are there, how far they are, and what failed.

use std::time::Duration;

use shared_types::JobId;
use shared_types::events::{CollectorEvent, EventMessage};
use shared_types::format::Versioned;
use shared_types::job::{FAILURES_UNTIL_FAILED, Job, JobFailure};
use shared_types::notices::RunCompleted;
use store::{FailureOutcome, QueueName, StoreError};

use super::request_states;
use crate::messages::{self, Handled};
use crate::{Context, FunctionsError};

/// How many batches of events one tick takes at most, so that a flood of progress does not keep
/// requests waiting.
const BATCHES_MAX: usize = 100;
/// Messages in a batch.
const BATCH: usize = 10;
/// Handling a batch takes milliseconds.
const LEASE: Duration = Duration::from_secs(60);

/// Takes what waits in the events queue. Returns how many events that was.
pub(super) async fn consume(context: &Context) -> Result<u64, FunctionsError> {
    let queue = &context.store.queue;
    let mut events = 0;
    for _ in 0..BATCHES_MAX {
        let deliveries = queue
            .receive(&QueueName::Events, BATCH, LEASE, Duration::ZERO)
            .await?;
        if deliveries.is_empty() {
            break;
        }
        for delivery in deliveries {
            events += 1;
            messages::handle(context, &QueueName::Events, &delivery).await?;
            queue.delete(&QueueName::Events, &delivery.receipt).await?;
        }
    }
    Ok(events)
}

/// Notes one event, and says whether the coordinator may now have something to hand out.
///
/// # Errors
/// When it cannot be read, or the store fails.
#[tracing::instrument(name = "event", skip_all, fields(trace))]
pub async fn handle_event(context: &Context, body: &str) -> Result<Handled, FunctionsError> {
    let message = EventMessage::from_json(body.as_bytes())?;
    // A clock that is ahead must not make a collector that is gone look alive.
    let at = message.at.min(context.now());
    let index = &context.store.index;
    if let Some(request) = message.trace {
        tracing::Span::current().record("trace", request.to_string());
    }
    match message.event {
        CollectorEvent::RequestMoved { request } => {
            request_states::tell_end(context, request).await?;
            Ok(Handled::WorkToHandOut)
        }
        CollectorEvent::Alive(collector) => {
            index.record_collector(&collector, at).await?;
            Ok(Handled::Done)
        }
        CollectorEvent::Progress(progress) => {
            let noted = index.record_progress(&progress, at).await;
            known_job(context, progress.job, &progress.collector, noted).await?;
            Ok(Handled::Done)
        }
        CollectorEvent::AttemptFailed {
            job,
            attempt,
            collector,
            reason,
        } => {
            let failure = JobFailure {
                attempt,
                collector,
                reason,
                at,
            };
            fail_attempt(context, job, &failure).await?;
            Ok(Handled::WorkToHandOut)
        }
        CollectorEvent::Refused {
            collector,
            configuration,
            reason,
            message,
        } => {
            let subject = format!("the queue of {configuration}");
            let problem = format!(
                "{collector} could not understand a job and kept it aside: {reason}. \
                 The message begins: {message}"
            );
            report(context, &subject, &problem).await?;
            Ok(Handled::Done)
        }
    }
}

/// Notes a failed attempt. The third ends the job, and a run that thereby has no jobs left is
/// handed on to be compared with what was measured of it.
pub(super) async fn fail_attempt(
    context: &Context,
    id: JobId,
    failure: &JobFailure,
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let noted = index.record_failure(id, failure).await;
    let Some(outcome) = known_job(context, id, &failure.collector, noted).await? else {
        return Ok(());
    };
    let Some(job) = index.job(id).await? else {
        return Ok(());
    };
    match outcome {
        FailureOutcome::Retry => {
            tracing::warn!(%id, reason = failure.reason, "an attempt failed, the job goes on");
            Ok(())
        }
        // Also where nothing changed: the first delivery may have ended before it announced this.
        FailureOutcome::Failed | FailureOutcome::Unchanged if job.state.is_final() => {
            announce_end(context, &job, failure, outcome).await
        }
        FailureOutcome::Failed | FailureOutcome::Unchanged => Ok(()),
    }
}

async fn announce_end(
    context: &Context,
    job: &Job,
    failure: &JobFailure,
    outcome: FailureOutcome,
) -> Result<(), FunctionsError> {
    if outcome == FailureOutcome::Failed {
        let problem = format!(
            "the job {} of request {} failed {FAILURES_UNTIL_FAILED} times, last on {}: {}. Ask \
             for it once more with `perfleet retry {}`",
            job.id, job.request, failure.collector, failure.reason, job.id
        );
        report(
            context,
            &format!("configuration {}", job.configuration),
            &problem,
        )
        .await?;
    }
    for run in &job.runs {
        let message = RunCompleted::new(job.configuration.clone(), run.clone(), Some(job.request));
        messages::send(context, &QueueName::Compare, &message).await?;
    }
    Ok(())
}

/// What the index said, or `None` for a job that it does not know, which is reported.
async fn known_job<T>(
    context: &Context,
    job: JobId,
    collector: &str,
    noted: Result<T, StoreError>,
) -> Result<Option<T>, FunctionsError> {
    match noted {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::NotFound { .. }) => {
            let problem = format!(
                "{collector} works on the job {job}, which this server never made: it serves the \
                 queues of another server, or the index is older than the queues"
            );
            report(context, &format!("collector {collector}"), &problem).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn report(context: &Context, subject: &str, message: &str) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    Ok(index
        .report_problem(subject, message, context.now())
        .await?)
}
