//! The server's side: does an operation on the ports that it has itself.

use std::time::Duration;

use shared_types::InvalidInput;

use super::contract::{Answer, Operation, WAIT_MS_MAX, WireBytes, WireContent, unreadable};
use crate::{CollectorPorts, ETag, PutOutcome, Receipt, StoreError};

/// Does the operation that was posted to `route`. Failures of the store are answers too, so that
/// the client knows them by kind.
///
/// # Errors
/// When `json` is no request of that operation.
pub async fn dispatch(
    ports: &CollectorPorts,
    route: &str,
    json: &[u8],
) -> Result<Vec<u8>, InvalidInput> {
    let operation: Operation = serde_json::from_slice(json)
        .map_err(|error| unreadable("a request to the collectors' ports", &error))?;
    if operation.route() != route {
        return Err(InvalidInput::inconsistent(
            "a request to the collectors' ports",
            format!("it was posted to `{route}` and is `{}`", operation.route()),
        ));
    }
    let answer = answer(ports, operation)
        .await
        .unwrap_or_else(|error| Answer::Failed {
            failure: error.into(),
        });
    serde_json::to_vec(&answer).map_err(|error| unreadable("an answer", &error))
}

async fn answer(ports: &CollectorPorts, operation: Operation) -> Result<Answer, StoreError> {
    match operation {
        Operation::PutOnce { .. }
        | Operation::PutManyOnce { .. }
        | Operation::Replace { .. }
        | Operation::Get { .. }
        | Operation::List { .. } => on_objects(ports, operation).await,
        _ => on_queues(ports, operation).await,
    }
}

async fn on_queues(ports: &CollectorPorts, operation: Operation) -> Result<Answer, StoreError> {
    let ports = &ports.queue;
    match operation {
        Operation::Send { queue, body } => ports.send(&queue.into(), &body).await?,
        Operation::Receive {
            queue,
            limit,
            lease_ms,
            wait_ms,
        } => {
            let lease = Duration::from_millis(lease_ms);
            let wait = Duration::from_millis(wait_ms.min(WAIT_MS_MAX));
            let found = ports.receive(&queue.into(), limit, lease, wait).await?;
            let deliveries = found.iter().map(Into::into).collect();
            return Ok(Answer::Deliveries { deliveries });
        }
        Operation::Extend {
            queue,
            receipt,
            lease_ms,
        } => {
            let lease = Duration::from_millis(lease_ms);
            ports
                .extend(&queue.into(), &Receipt(receipt), lease)
                .await?;
        }
        Operation::Delete { queue, receipt } => {
            ports.delete(&queue.into(), &Receipt(receipt)).await?;
        }
        Operation::Reject {
            queue,
            delivery,
            reason,
        } => {
            ports
                .reject(&queue.into(), &delivery.into(), &reason)
                .await?;
        }
        Operation::Depth { queue } => return Ok(ports.depth(&queue.into()).await?.into()),
        _ => {}
    }
    Ok(Answer::Done)
}

async fn on_objects(ports: &CollectorPorts, operation: Operation) -> Result<Answer, StoreError> {
    let ports = &ports.objects;
    match operation {
        Operation::PutOnce { key, bytes } => {
            let outcome = ports.put_once(&key, &bytes.0).await?;
            Ok(Answer::Stored {
                stored: vec![outcome == PutOutcome::Stored],
            })
        }
        Operation::PutManyOnce { objects } => {
            let objects = objects
                .into_iter()
                .map(|object| (object.key, object.bytes.0));
            let outcomes = ports.put_many_once(objects.collect()).await?;
            let stored = outcomes
                .into_iter()
                .map(|outcome| outcome == PutOutcome::Stored)
                .collect();
            Ok(Answer::Stored { stored })
        }
        Operation::Replace {
            key,
            expected,
            bytes,
        } => {
            let expected = expected.map(ETag);
            let tag = ports.replace(&key, expected.as_ref(), &bytes.0).await?;
            Ok(Answer::Replaced {
                tag: tag.map(|tag| tag.0),
            })
        }
        Operation::Get { key } => Ok(Answer::Object {
            object: ports.get(&key).await?.map(|(bytes, tag)| WireContent {
                bytes: WireBytes(bytes),
                tag: tag.0,
            }),
        }),
        Operation::List {
            prefix,
            after,
            limit,
        } => {
            let page = ports.list(&prefix, after.as_deref(), limit).await?;
            Ok(Answer::Keys {
                keys: page.keys,
                next: page.next,
            })
        }
        _ => Ok(Answer::Done),
    }
}
