//! Which queue is looked into next, and how long it is waited for.
//!
//! A look into a queue of the cloud costs the same whether it finds something or not, and one that
//! is broken off can take a message with it. So the queues are looked into one after the other,
//! each look waits for its share of a round, and none is broken off.

use std::time::Duration;

/// How often an agent asks for work while there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdlePace {
    /// How long a round over all queues takes while all are empty.
    pub round: Duration,
    /// The least that is waited for one queue.
    pub wait_min: Duration,
    /// How long the server's answer is believed that this collector is not to stop taking jobs.
    pub draining_believed: Duration,
}

impl IdlePace {
    /// Where asking costs next to nothing: on the server's own site.
    pub const LOCAL: Self = Self {
        round: Duration::from_secs(1),
        wait_min: Duration::ZERO,
        draining_believed: Duration::from_secs(10),
    };

    /// Where each call is paid for. SQS lets a receiver wait whole seconds, 20 at most.
    pub const CLOUD: Self = Self {
        round: Duration::from_secs(20),
        wait_min: Duration::from_secs(1),
        draining_believed: Duration::from_secs(60),
    };

    /// How long one of `queues` queues is waited for.
    pub(super) fn wait(&self, queues: usize) -> Duration {
        let queues = u32::try_from(queues.max(1)).unwrap_or(u32::MAX);
        let share = self.round / queues;
        if self.wait_min.is_zero() {
            return share;
        }
        let whole_seconds = u64::try_from(share.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX);
        Duration::from_secs(whole_seconds).max(self.wait_min)
    }
}

/// A way round the queues that is fair: after a job the next queue is first.
#[derive(Debug)]
pub(super) struct Rounds {
    queues: usize,
    wait: Duration,
    next: usize,
    /// Queues that are looked into without waiting: where one has work, the others may have, too.
    quick: usize,
}

/// One look into a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// The place of the queue in the list.
    pub(super) queue: usize,
    /// How long it is waited for.
    pub(super) wait: Duration,
}

impl Rounds {
    pub(super) fn new(queues: usize, pace: &IdlePace) -> Self {
        Self {
            queues,
            wait: pace.wait(queues),
            next: 0,
            quick: queues,
        }
    }

    pub(super) fn next_look(&mut self) -> Look {
        let queue = self.next;
        self.next = (self.next + 1) % self.queues.max(1);
        let wait = match self.quick {
            0 => self.wait,
            _ => Duration::ZERO,
        };
        self.quick = self.quick.saturating_sub(1);
        Look { queue, wait }
    }

    /// The last look found a job.
    pub(super) fn found(&mut self) {
        self.quick = self.queues;
    }

    /// Whether every queue was looked into since the last job.
    pub(super) fn is_complete(&self) -> bool {
        self.quick == 0
    }

    /// How long is waited for one queue, where it is waited for.
    pub(super) fn wait(&self) -> Duration {
        self.wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_S: u64 = 3_600;

    fn looks(rounds: &mut Rounds, count: usize) -> Vec<(usize, u64)> {
        (0..count)
            .map(|_| rounds.next_look())
            .map(|look| (look.queue, look.wait.as_secs()))
            .collect()
    }

    #[test]
    fn a_first_round_does_not_wait_and_later_ones_share_the_wait() {
        let mut rounds = Rounds::new(2, &IdlePace::CLOUD);
        assert!(!rounds.is_complete());
        assert_eq!(looks(&mut rounds, 2), [(0, 0), (1, 0)]);
        assert!(rounds.is_complete());
        assert_eq!(looks(&mut rounds, 3), [(0, 10), (1, 10), (0, 10)]);
    }

    #[test]
    fn after_a_job_the_next_queue_is_first_and_none_is_waited_for() {
        let mut rounds = Rounds::new(3, &IdlePace::CLOUD);
        assert_eq!(looks(&mut rounds, 4), [(0, 0), (1, 0), (2, 0), (0, 7)]);
        rounds.found();
        assert_eq!(looks(&mut rounds, 4), [(1, 0), (2, 0), (0, 0), (1, 7)]);
    }

    #[test]
    fn a_queue_with_much_work_does_not_keep_the_others_waiting() {
        let mut rounds = Rounds::new(3, &IdlePace::CLOUD);
        let mut served = Vec::new();
        for _ in 0..6 {
            served.push(rounds.next_look().queue);
            rounds.found();
        }
        assert_eq!(served, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn an_idle_queue_of_the_cloud_costs_at_most_one_call_in_twenty_seconds() {
        for queues in 1..=10_usize {
            let round_s = IdlePace::CLOUD.wait(queues).as_secs() * queues as u64;
            let calls = HOUR_S.div_ceil(round_s);
            assert!((130..=180).contains(&calls), "{queues}: {calls}");
        }
        assert_eq!(IdlePace::CLOUD.wait(100), Duration::from_secs(1));
        assert_eq!(IdlePace::LOCAL.wait(4), Duration::from_millis(250));
    }
}
