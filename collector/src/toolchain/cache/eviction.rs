//! Which toolchains leave a cache that is too large: those that were not used for longest.

use jiff::Timestamp;

/// What matters of a toolchain for its eviction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) bytes: u64,
    pub(super) last_used: Timestamp,
    pub(super) in_use: bool,
}

/// The places in the list of those that are to leave, so that no more than `bytes_max` stay, the
/// one first that was not used for longest. One in use stays, whatever it takes.
pub(super) fn evictions(candidates: &[Candidate], bytes_max: u64) -> Vec<usize> {
    let mut total: u64 = candidates
        .iter()
        .fold(0, |sum, candidate| sum.saturating_add(candidate.bytes));
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|place| candidates[*place].last_used);
    let mut leaving = Vec::new();
    for place in order {
        if total <= bytes_max {
            break;
        }
        if !candidates[place].in_use {
            total = total.saturating_sub(candidates[place].bytes);
            leaving.push(place);
        }
    }
    leaving
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        #[test]
        fn just_as_many_leave_as_must_the_oldest_first_and_none_in_use(
            raw in proptest::collection::vec((0_u64..100, 0_i64..50, any::<bool>()), 0..12),
            bytes_max in 0_u64..600,
        ) {
            let candidates: Vec<Candidate> = raw
                .into_iter()
                .map(|(bytes, second, in_use)| Candidate { bytes, last_used: at(second), in_use })
                .collect();
            let leaving = evictions(&candidates, bytes_max);
            let size = |places: &[usize]| -> u64 {
                let stays = (0..candidates.len()).filter(|place| !places.contains(place));
                stays.map(|place| candidates[place].bytes).sum()
            };
            for place in &leaving {
                prop_assert!(!candidates[*place].in_use);
            }
            let stays_unused = (0..candidates.len())
                .filter(|place| !leaving.contains(place) && !candidates[*place].in_use);
            let oldest_that_stays = stays_unused.map(|place| candidates[place].last_used).min();
            if let Some(oldest) = oldest_that_stays {
                prop_assert!(size(&leaving) <= bytes_max);
                prop_assert!(leaving.iter().all(|place| candidates[*place].last_used <= oldest));
            }
            if let Some((_, all_but_last)) = leaving.split_last() {
                prop_assert!(size(all_but_last) > bytes_max, "one too many leaves");
            }
        }
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_leaves() {
        let candidate = |bytes, second, in_use| Candidate {
            bytes,
            last_used: at(second),
            in_use,
        };
        let candidates = [
            candidate(10, 30, false),
            candidate(10, 10, true),
            candidate(10, 20, false),
        ];
        assert_eq!(evictions(&candidates, 30), [] as [usize; 0]);
        assert_eq!(evictions(&candidates, 20), [2]);
        assert_eq!(evictions(&candidates, 0), [2, 0]);
    }
}
