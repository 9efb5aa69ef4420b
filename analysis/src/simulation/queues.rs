//! The queues of configurations, with leases, as far as it matters who gets what when.

use std::collections::BTreeMap;

use shared_types::ids::Attempt;
use shared_types::job::{DELIVERIES_PER_RELEASE, LEASE_SECONDS};
use shared_types::{ConfigurationId, JobId};

/// The length of a lease, in milliseconds.
pub(super) const LEASE_MS: u64 = LEASE_SECONDS * 1000;

#[derive(Debug, Default)]
pub(super) struct Queues {
    messages: BTreeMap<ConfigurationId, Vec<Message>>,
    sent: u64,
}

#[derive(Debug, Clone)]
struct Message {
    number: u64,
    job: JobId,
    first_attempt: u32,
    deliveries: u32,
    visible_at_ms: u64,
}

/// A job as a collector receives it.
#[derive(Debug, Clone)]
pub(super) struct Delivered {
    pub(super) message: u64,
    pub(super) job: JobId,
    pub(super) attempt: Attempt,
}

impl Queues {
    pub(super) fn send(&mut self, id: &ConfigurationId, job: JobId, release: u32, at_ms: u64) {
        self.sent += 1;
        let message = Message {
            number: self.sent,
            job,
            first_attempt: release.saturating_sub(1) * DELIVERIES_PER_RELEASE + 1,
            deliveries: 0,
            visible_at_ms: at_ms,
        };
        self.messages.entry(id.clone()).or_default().push(message);
    }

    /// Takes one of the messages that can be seen: the first, or the one `overtaking` names.
    pub(super) fn receive(
        &mut self,
        id: &ConfigurationId,
        now_ms: u64,
        overtaking: impl FnOnce(usize) -> usize,
    ) -> Option<Delivered> {
        let messages = self.messages.get_mut(id)?;
        messages
            .retain(|one| one.visible_at_ms > now_ms || one.deliveries < DELIVERIES_PER_RELEASE);
        let mut visible: Vec<&mut Message> = messages
            .iter_mut()
            .filter(|one| one.visible_at_ms <= now_ms)
            .collect();
        let which = overtaking(visible.len());
        let message = visible.get_mut(which)?;
        message.deliveries += 1;
        message.visible_at_ms = now_ms + LEASE_MS;
        Some(Delivered {
            message: message.number,
            job: message.job,
            attempt: Attempt(message.first_attempt + message.deliveries - 1),
        })
    }

    pub(super) fn extend(&mut self, id: &ConfigurationId, message: u64, now_ms: u64) {
        let messages = self.messages.get_mut(id).into_iter().flatten();
        for one in messages.filter(|one| one.number == message) {
            one.visible_at_ms = now_ms + LEASE_MS;
        }
    }

    pub(super) fn delete(&mut self, id: &ConfigurationId, message: u64) {
        if let Some(messages) = self.messages.get_mut(id) {
            messages.retain(|one| one.number != message);
        }
    }

    /// How many messages there are, waiting or leased.
    pub(super) fn messages(&self, id: &ConfigurationId) -> u64 {
        self.messages
            .get(id)
            .map_or(0, |messages| messages.len() as u64)
    }
}
