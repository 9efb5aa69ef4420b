//! How often and how soon something that failed is tried again.

use std::time::Duration;

/// How often and how soon something that failed is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPace {
    /// How often something is tried without getting any further, before it is given up.
    pub attempts_max: u32,
    /// The pause after the first failure. It doubles with each further one.
    pub pause_min: Duration,
    /// The longest pause.
    pub pause_max: Duration,
}

impl RetryPace {
    /// The pause after so many failures in a row, or `None` where it is to be given up. A server
    /// that names a pause gets it, up to the longest.
    pub(super) fn pause(&self, failures: u32, asked_for: Option<Duration>) -> Option<Duration> {
        if failures >= self.attempts_max {
            return None;
        }
        let doublings = failures.saturating_sub(1).min(31);
        let own = self.pause_min.saturating_mul(1 << doublings);
        Some(own.max(asked_for.unwrap_or_default()).min(self.pause_max))
    }
}

impl Default for RetryPace {
    fn default() -> Self {
        Self {
            attempts_max: 6,
            pause_min: Duration::from_secs(1),
            pause_max: Duration::from_secs(60),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pauses_grow_up_to_the_longest_and_end(failures in 1_u32..100, asked in 0_u64..1_000) {
            let pace = RetryPace::default();
            let asked = Duration::from_secs(asked);
            match pace.pause(failures, Some(asked)) {
                None => prop_assert!(failures >= pace.attempts_max),
                Some(pause) => {
                    prop_assert!(pause >= asked.min(pace.pause_max));
                    prop_assert!((pace.pause_min..=pace.pause_max).contains(&pause));
                    if let Some(next) = pace.pause(failures + 1, Some(asked)) {
                        prop_assert!(next >= pause);
                    }
                }
            }
        }
    }

    #[test]
    fn each_pause_is_twice_the_one_before() {
        let pace = RetryPace::default();
        let pauses: Vec<_> = (1..=6)
            .map(|failures| pace.pause(failures, None).map(|pause| pause.as_secs()))
            .collect();
        assert_eq!(pauses, [Some(1), Some(2), Some(4), Some(8), Some(16), None]);
    }
}
