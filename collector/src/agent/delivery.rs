//! Bringing objects into the store, for as long as it takes.

use std::time::Duration;

use shared_types::ObjectKey;
use store::{Objects, StoreError};
use tokio::sync::watch;

use super::Agent;
use super::spool::{Spool, Spooled};
use crate::CollectorError;

/// Delivers all that is spooled, and tries again for as long as it takes, or until the agent is to
/// stop or to make room for another program: what is left then is delivered by the next collector on
/// this folder.
pub(super) async fn deliver_all(agent: &Agent, stop: &mut watch::Receiver<bool>) {
    let mut backoff = Backoff::new();
    loop {
        let Err(error) = deliver_each(agent).await else {
            return;
        };
        agent.telemetry.delivery_failed();
        let wait = backoff.next_wait();
        eprintln!(
            "note: a result waits on this disk, and delivering it is tried again in {} s: {error}",
            wait.as_secs()
        );
        let mut update = agent.update.clone();
        tokio::select! {
            goes_on = pause(wait, stop) => if !goes_on {
                return;
            },
            () = becomes_true(update.as_mut()) => return,
        }
    }
}

/// Waits until something is wanted; for ever, where nobody can want it.
async fn becomes_true(wanted: Option<&mut watch::Receiver<bool>>) {
    if let Some(wanted) = wanted
        && wanted.wait_for(|wanted| *wanted).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

async fn deliver_each(agent: &Agent) -> Result<(), CollectorError> {
    for spooled in agent.spool.undelivered()? {
        let Spooled { key, path } = &spooled;
        let bytes = std::fs::read(path).map_err(CollectorError::io("read", path))?;
        // A key that is taken holds what an earlier trial has put there.
        agent.ports.objects.put_once(key, &bytes).await?;
        agent.telemetry.delivered();
        // While the result was on the way, the journal was all there was beside it.
        if let ObjectKey::Result { job, .. } = key {
            agent.forget_journal(*job);
        }
        agent.spool.forget(&spooled)?;
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
    let mut backoff = Backoff::new();
    loop {
        let Err(error) = spool.keep(key, bytes) else {
            return true;
        };
        let wait = backoff.next_wait();
        eprintln!(
            "note: a result cannot be kept, which is tried again in {} s: {error}",
            wait.as_secs()
        );
        if !pause(wait, stop).await {
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
    let mut backoff = Backoff::new();
    while let Err(error) = store_once(objects, key, bytes).await {
        let wait = backoff.next_wait();
        eprintln!(
            "note: {key} cannot be stored, which is tried again in {} s: {error}",
            wait.as_secs()
        );
        if !pause(wait, stop).await {
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

/// Waits. Returns false where there is no time to wait.
async fn pause(wait: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(wait) => true,
        _ = stop.wait_for(|stopped| *stopped) => false,
    }
}

/// How long is waited between trials: twice as long each time, a minute at most, for ever.
#[derive(Debug)]
struct Backoff {
    next: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(60);

    fn new() -> Self {
        Self { next: Self::FIRST }
    }

    fn next_wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(Self::LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_a_network_cost_a_trial_a_minute_and_its_return_is_seen_within_one() {
        let mut backoff = Backoff::new();
        let days = Duration::from_secs(5 * 24 * 60 * 60);
        let (mut waited, mut trials) = (Duration::ZERO, 0_u64);
        while waited < days {
            let wait = backoff.next_wait();
            assert!(wait <= Duration::from_secs(60));
            waited += wait;
            trials += 1;
        }
        assert!(trials <= days.as_secs() / 60 + 10, "{trials}");
    }
}
