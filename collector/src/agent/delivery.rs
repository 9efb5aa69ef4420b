//! Bringing objects into the store, for as long as it takes.

use std::time::Duration;

use shared_types::ObjectKey;
use store::{Objects, StoreError};
use tokio::sync::watch;

use super::spool::{Spool, Spooled};
use crate::CollectorError;

/// How long is waited before the first new trial, and how long at most.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Delivers all that is spooled, and tries again for as long as it takes, or until `stop` is true:
/// what is left then is delivered by the next collector on this folder.
pub(super) async fn deliver_all(
    spool: &Spool,
    objects: &dyn Objects,
    stop: &mut watch::Receiver<bool>,
) {
    let mut wait = BACKOFF.0;
    loop {
        let Err(error) = deliver_each(spool, objects).await else {
            return;
        };
        eprintln!(
            "note: a result waits on this disk, and delivering it is tried again in {} s: {error}",
            wait.as_secs()
        );
        if !pause(&mut wait, stop).await {
            return;
        }
    }
}

async fn deliver_each(spool: &Spool, objects: &dyn Objects) -> Result<(), CollectorError> {
    for spooled in spool.undelivered()? {
        let Spooled { key, path } = &spooled;
        let bytes = std::fs::read(path).map_err(CollectorError::io("read", path))?;
        // A key that is taken holds what an earlier trial has put there.
        objects.put_once(key, &bytes).await?;
        spool.forget(&spooled)?;
    }
    Ok(())
}

/// Keeps an object in the spool, and tries again for as long as it takes: a full disk is emptied
/// some time. Returns whether it is kept.
pub(super) async fn until_kept(
    spool: &Spool,
    object: (&ObjectKey, &[u8]),
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let (key, bytes) = object;
    let mut wait = BACKOFF.0;
    loop {
        let Err(error) = spool.keep(key, bytes) else {
            return true;
        };
        eprintln!(
            "note: a result cannot be kept, which is tried again in {} s: {error}",
            wait.as_secs()
        );
        if !pause(&mut wait, stop).await {
            return false;
        }
    }
}

/// Stores an object, and tries again for as long as it takes.
pub(super) async fn until_stored(
    objects: &dyn Objects,
    key: &ObjectKey,
    bytes: &[u8],
    stop: &mut watch::Receiver<bool>,
) {
    let mut wait = BACKOFF.0;
    while let Err(error) = store_once(objects, key, bytes).await {
        eprintln!(
            "note: {key} cannot be stored, which is tried again in {} s: {error}",
            wait.as_secs()
        );
        if !pause(&mut wait, stop).await {
            return;
        }
    }
}

async fn store_once(
    objects: &dyn Objects,
    key: &ObjectKey,
    bytes: &[u8],
) -> Result<(), StoreError> {
    objects.put_once(key, bytes).await.map(drop)
}

/// Waits, longer each time. Returns false where there is no time to wait.
async fn pause(wait: &mut Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(*wait) => {}
        _ = stop.wait_for(|stopped| *stopped) => return false,
    }
    *wait = (*wait * 2).min(BACKOFF.1);
    true
}
