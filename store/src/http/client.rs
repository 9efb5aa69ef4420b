//! The collector's side.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared_types::ObjectKey;

use super::contract::{Answer, Operation, WAIT_MS_MAX, WireBytes, WireObject, unreadable};
use super::{ROUTE, TOKEN_HEADER};
use crate::{
    CollectorPorts, Delivery, ETag, ObjectPage, Objects, PutOutcome, Queue, QueueDepth, QueueName,
    Receipt, StoreError,
};

/// The largest answer that is read, in bytes: results are far smaller.
const ANSWER_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// How long a request may take beyond what the server waits.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// The ports of a server.
#[derive(Clone)]
pub struct HttpPorts {
    agent: ureq::Agent,
    address: String,
    token: String,
}

impl HttpPorts {
    /// The ports of the server at `server` (`http://host:port`), used with this token.
    pub fn new(server: &str, token: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(REQUEST_TIMEOUT))
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            address: format!("{}{ROUTE}", server.trim_end_matches('/')),
            token: token.to_owned(),
        }
    }

    /// The same, as ports.
    pub fn into_ports(self) -> CollectorPorts {
        let queue: Arc<dyn Queue> = Arc::new(self.clone());
        let objects: Arc<dyn Objects> = Arc::new(self);
        CollectorPorts { queue, objects }
    }

    async fn call(&self, operation: Operation) -> Result<Answer, StoreError> {
        let action = format!("asking {}/{}", self.address, operation.route());
        let ports = self.clone();
        let in_words = action.clone();
        let answer = tokio::task::spawn_blocking(move || ports.post(&operation))
            .await
            .unwrap_or_else(|error| Err(error.to_string()))
            .map_err(|reason| StoreError::Unavailable { action, reason })?;
        match answer {
            Answer::Failed { failure } => Err(failure.into_error(&in_words)),
            answer => Ok(answer),
        }
    }

    fn post(&self, operation: &Operation) -> Result<Answer, String> {
        let request = serde_json::to_vec(operation).map_err(|error| error.to_string())?;
        let mut response = self
            .agent
            .post(format!("{}/{}", self.address, operation.route()))
            .header(TOKEN_HEADER, &self.token)
            .header("content-type", "application/json")
            .send(&request[..])
            .map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()
            .map_err(|error| error.to_string())?;
        if !status.is_success() {
            let said: String = String::from_utf8_lossy(&body).chars().take(300).collect();
            return Err(format!("the server answered {status}: {said}"));
        }
        serde_json::from_slice(&body)
            .map_err(|error| unreadable("the server's answer", &error).to_string())
    }

    fn unexpected(&self) -> StoreError {
        StoreError::Unavailable {
            action: format!("asking {}", self.address),
            reason: "the server answered another question: upgrade the older of the two sides"
                .to_owned(),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn outcome(stored: bool) -> PutOutcome {
    if stored {
        PutOutcome::Stored
    } else {
        PutOutcome::AlreadyThere
    }
}

#[async_trait]
impl Queue for HttpPorts {
    async fn send(&self, queue: &QueueName, body: &str) -> Result<(), StoreError> {
        let (queue, body) = (queue.into(), body.to_owned());
        self.call(Operation::Send { queue, body }).await.map(drop)
    }

    async fn receive(
        &self,
        queue: &QueueName,
        limit: usize,
        lease: Duration,
        wait: Duration,
    ) -> Result<Vec<Delivery>, StoreError> {
        let operation = Operation::Receive {
            queue: queue.into(),
            limit,
            lease_ms: milliseconds(lease),
            wait_ms: milliseconds(wait).min(WAIT_MS_MAX),
        };
        match self.call(operation).await? {
            Answer::Deliveries { deliveries } => {
                Ok(deliveries.into_iter().map(Into::into).collect())
            }
            _ => Err(self.unexpected()),
        }
    }

    async fn extend(
        &self,
        queue: &QueueName,
        receipt: &Receipt,
        lease: Duration,
    ) -> Result<(), StoreError> {
        let operation = Operation::Extend {
            queue: queue.into(),
            receipt: receipt.0.clone(),
            lease_ms: milliseconds(lease),
        };
        self.call(operation).await.map(drop)
    }

    async fn delete(&self, queue: &QueueName, receipt: &Receipt) -> Result<(), StoreError> {
        let (queue, receipt) = (queue.into(), receipt.0.clone());
        let operation = Operation::Delete { queue, receipt };
        self.call(operation).await.map(drop)
    }

    async fn reject(
        &self,
        queue: &QueueName,
        delivery: &Delivery,
        reason: &str,
    ) -> Result<(), StoreError> {
        let operation = Operation::Reject {
            queue: queue.into(),
            delivery: delivery.into(),
            reason: reason.to_owned(),
        };
        self.call(operation).await.map(drop)
    }

    async fn depth(&self, queue: &QueueName) -> Result<QueueDepth, StoreError> {
        let queue = queue.into();
        match self.call(Operation::Depth { queue }).await? {
            Answer::Depth {
                waiting,
                leased,
                dead,
            } => Ok(QueueDepth {
                waiting,
                leased,
                dead,
            }),
            _ => Err(self.unexpected()),
        }
    }
}

#[async_trait]
impl Objects for HttpPorts {
    async fn put_once(&self, key: &ObjectKey, bytes: &[u8]) -> Result<PutOutcome, StoreError> {
        let (key, bytes) = (key.clone(), WireBytes(bytes.to_vec()));
        match self.call(Operation::PutOnce { key, bytes }).await? {
            Answer::Stored { stored } if stored.len() == 1 => Ok(outcome(stored[0])),
            _ => Err(self.unexpected()),
        }
    }

    async fn put_many_once(
        &self,
        objects: Vec<(ObjectKey, Vec<u8>)>,
    ) -> Result<Vec<PutOutcome>, StoreError> {
        let objects = objects
            .into_iter()
            .map(|(key, bytes)| WireObject {
                key,
                bytes: WireBytes(bytes),
            })
            .collect();
        match self.call(Operation::PutManyOnce { objects }).await? {
            Answer::Stored { stored } => Ok(stored.into_iter().map(outcome).collect()),
            _ => Err(self.unexpected()),
        }
    }

    async fn replace(
        &self,
        key: &ObjectKey,
        expected: Option<&ETag>,
        bytes: &[u8],
    ) -> Result<Option<ETag>, StoreError> {
        let operation = Operation::Replace {
            key: key.clone(),
            expected: expected.map(|tag| tag.0.clone()),
            bytes: WireBytes(bytes.to_vec()),
        };
        match self.call(operation).await? {
            Answer::Replaced { tag } => Ok(tag.map(ETag)),
            _ => Err(self.unexpected()),
        }
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<(Vec<u8>, ETag)>, StoreError> {
        match self.call(Operation::Get { key: key.clone() }).await? {
            Answer::Object { object } => {
                Ok(object.map(|object| (object.bytes.0, ETag(object.tag))))
            }
            _ => Err(self.unexpected()),
        }
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        let operation = Operation::List {
            prefix: prefix.to_owned(),
            after: after.map(str::to_owned),
            limit,
        };
        match self.call(operation).await? {
            Answer::Keys { keys, next } => Ok(ObjectPage { keys, next }),
            _ => Err(self.unexpected()),
        }
    }
}
