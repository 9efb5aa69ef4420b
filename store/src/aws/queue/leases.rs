//! What this process knows of the leases that it was given.
//!
//! SQS may let a receipt do its work after its lease has ended, while another already has the
//! message. So each process remembers its own leases, by a clock that nobody sets.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Receipt;

/// The longest that SQS leases a message, from its delivery on and with all extensions.
pub(super) const LEASE_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// How long a lease is remembered after its end. Nobody holds on to a receipt for longer than a
/// lease can last.
const REMEMBERED: Duration = LEASE_MAX;

/// The leases that this process was given, by queue and receipt.
#[derive(Default)]
pub(super) struct Leases(Mutex<HashMap<(String, Receipt), Lease>>);

#[derive(Debug, Clone, Copy)]
struct Lease {
    delivered_at: Instant,
    ends_at: Instant,
}

/// What is known of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It was given to another process, or long ago: only SQS can tell.
    Nothing,
    /// Its lease lasts, and can be made to last this long from now.
    Leased {
        /// Until the longest that SQS leases a message.
        extendable: Duration,
    },
    /// Its lease has ended.
    Ended,
}

impl Leases {
    /// A delivery has come just now.
    pub(super) fn begin(&self, queue: &str, receipt: &Receipt, lease: Duration, now: Instant) {
        self.locked().insert(
            (queue.to_owned(), receipt.clone()),
            Lease {
                delivered_at: now,
                ends_at: now + lease,
            },
        );
    }

    /// A lease ends at another time now. One that is not known stays unknown.
    pub(super) fn end_at(&self, queue: &str, receipt: &Receipt, ends_at: Instant) {
        let key = (queue.to_owned(), receipt.clone());
        if let Some(lease) = self.locked().get_mut(&key) {
            lease.ends_at = ends_at;
        }
    }

    pub(super) fn look_up(&self, queue: &str, receipt: &Receipt, now: Instant) -> Known {
        let key = (queue.to_owned(), receipt.clone());
        match self.locked().get(&key) {
            None => Known::Nothing,
            Some(lease) if lease.ends_at <= now => Known::Ended,
            Some(lease) => Known::Leased {
                extendable: (lease.delivered_at + LEASE_MAX).saturating_duration_since(now),
            },
        }
    }

    /// Forgets what ended long ago: a collector runs for months.
    pub(super) fn forget_old(&self, now: Instant) {
        self.locked()
            .retain(|_, lease| now.saturating_duration_since(lease.ends_at) < REMEMBERED);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(String, Receipt), Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(300);
    const SECOND: Duration = Duration::from_secs(1);

    fn receipt() -> Receipt {
        Receipt("r".to_owned())
    }

    fn leased_until(now: Instant, ends_at: Instant) -> Leases {
        let leases = Leases::default();
        leases.begin("a", &receipt(), ends_at - now, now);
        leases
    }

    #[test]
    fn a_lease_ends_by_the_clock_and_an_extended_one_later() {
        let now = Instant::now();
        let leases = leased_until(now, now + LEASE);
        let lasts = |at| matches!(leases.look_up("a", &receipt(), at), Known::Leased { .. });
        assert!(lasts(now + LEASE - SECOND));
        assert!(!lasts(now + LEASE));
        leases.end_at("a", &receipt(), now + 2 * LEASE);
        assert!(lasts(now + 2 * LEASE - SECOND));
        let known = leases.look_up("a", &receipt(), now + 2 * LEASE);
        assert_eq!(known, Known::Ended);
    }

    #[test]
    fn nothing_is_known_of_another_queues_receipt() {
        let now = Instant::now();
        let leases = leased_until(now, now + LEASE);
        assert_eq!(leases.look_up("b", &receipt(), now), Known::Nothing);
        leases.end_at("b", &receipt(), now);
        assert_eq!(leases.look_up("b", &receipt(), now), Known::Nothing);
    }

    #[test]
    fn a_lease_cannot_be_made_to_last_longer_than_sqs_allows() {
        let now = Instant::now();
        let leases = leased_until(now, now + LEASE_MAX);
        let extendable = LEASE_MAX - LEASE;
        let known = leases.look_up("a", &receipt(), now + LEASE);
        assert_eq!(known, Known::Leased { extendable });
    }

    #[test]
    fn leases_that_ended_long_ago_are_forgotten_and_no_others() {
        let now = Instant::now();
        let leases = leased_until(now, now + LEASE);
        leases.forget_old(now + LEASE);
        let known = leases.look_up("a", &receipt(), now + LEASE);
        assert_eq!(known, Known::Ended);
        leases.forget_old(now + LEASE + REMEMBERED);
        assert!(leases.locked().is_empty());
    }
}
