//! What an agent tells the rest of the system. That it cannot be told is no reason to stop working.

use std::sync::Arc;

use jiff::Timestamp;
use shared_types::FormatVersion;
use shared_types::events::{CollectorEvent, CollectorReport, EventMessage, ProgressEvent};
use shared_types::ids::Attempt;
use shared_types::job::JobMessage;
use shared_types::{ConfigurationId, RequestId};
use store::{Queue, QueueName, StoreError};

/// How much of a message that was not understood is told, in characters.
const SHORTENED_MESSAGE: usize = 500;

/// Sends events under a collector's name.
pub(super) struct Messenger {
    queue: Arc<dyn Queue>,
    collector: String,
}

impl Messenger {
    pub(super) fn new(queue: Arc<dyn Queue>, collector: String) -> Self {
        Self { queue, collector }
    }

    pub(super) async fn alive(&self, report: CollectorReport) {
        self.tell(None, CollectorEvent::Alive(Box::new(report)))
            .await;
    }

    pub(super) async fn progress(&self, trace: RequestId, mut progress: ProgressEvent) {
        progress.collector.clone_from(&self.collector);
        self.tell(Some(trace), CollectorEvent::Progress(progress))
            .await;
    }

    pub(super) async fn refused(
        &self,
        configuration: &ConfigurationId,
        reason: &str,
        message: &str,
    ) {
        let refused = CollectorEvent::Refused {
            collector: self.collector.clone(),
            configuration: configuration.clone(),
            reason: reason.to_owned(),
            message: message.chars().take(SHORTENED_MESSAGE).collect(),
        };
        self.tell(None, refused).await;
    }

    /// Tells of a real failure.
    ///
    /// # Errors
    /// When the store fails: then the job must be delivered again.
    pub(super) async fn attempt_failed(
        &self,
        message: &JobMessage,
        attempt: Attempt,
        reason: &str,
    ) -> Result<(), StoreError> {
        let failed = CollectorEvent::AttemptFailed {
            job: message.job,
            attempt,
            collector: self.collector.clone(),
            reason: reason.to_owned(),
        };
        self.send(Some(message.request), failed).await
    }

    async fn tell(&self, trace: Option<RequestId>, event: CollectorEvent) {
        if let Err(error) = self.send(trace, event).await {
            eprintln!("note: an event could not be sent: {error}");
        }
    }

    async fn send(
        &self,
        trace: Option<RequestId>,
        event: CollectorEvent,
    ) -> Result<(), StoreError> {
        let message = EventMessage {
            format: FormatVersion::V1_0,
            at: Timestamp::now(),
            trace,
            event,
        };
        let body = serde_json::to_string(&message).map_err(|error| StoreError::Unavailable {
            action: "writing an event".to_owned(),
            reason: error.to_string(),
        })?;
        self.queue.send(&QueueName::Events, &body).await
    }
}
