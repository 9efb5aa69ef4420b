//! The whole time of a line of history, of which only some blocks are loaded.

use shared_types::series::BlockReference;

use crate::numbers;

/// Where artifacts lie along the whole of a line, from 0 (the oldest) to 1 (the newest). Every artifact
/// takes the same room. Within a block, artifacts are taken to be evenly apart: only their number is
/// known before the block is loaded.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Timeline {
    stretches: Vec<Stretch>,
    artifacts: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Stretch {
    first: i64,
    last: i64,
    /// Artifacts before it, and in it.
    before: f64,
    artifacts: f64,
}

impl Timeline {
    /// The timeline of blocks, oldest first.
    pub(crate) fn of(blocks: &[BlockReference]) -> Self {
        let mut timeline = Self::default();
        for block in blocks.iter().filter(|block| block.artifacts > 0) {
            timeline.stretches.push(Stretch {
                first: block.first_ordinal,
                last: block.last_ordinal,
                before: timeline.artifacts,
                artifacts: f64::from(block.artifacts),
            });
            timeline.artifacts += f64::from(block.artifacts);
        }
        timeline
    }

    /// How many artifacts there are.
    pub(crate) fn artifacts(&self) -> u64 {
        self.artifacts as u64
    }

    /// Where an artifact is; 0 to 1.
    pub(crate) fn share_of(&self, ordinal: i64) -> f64 {
        let Some(stretch) = self
            .stretches
            .iter()
            .find(|stretch| ordinal <= stretch.last)
            .or_else(|| self.stretches.last())
        else {
            return 0.0;
        };
        let within = if stretch.last > stretch.first {
            let length = (stretch.last - stretch.first) as f64;
            numbers::within((ordinal - stretch.first) as f64 / length, 0.0, 1.0)
        } else {
            0.0
        };
        // In the middle of its room, so that no two artifacts are at one place.
        (stretch.before + 0.5 + within * (stretch.artifacts - 1.0)) / self.artifacts
    }

    /// The ordinal at a share of the whole.
    pub(crate) fn ordinal_at(&self, share: f64) -> Option<i64> {
        let place = numbers::within(share, 0.0, 1.0) * self.artifacts;
        let stretch = self
            .stretches
            .iter()
            .find(|stretch| place <= stretch.before + stretch.artifacts)
            .or_else(|| self.stretches.last())?;
        let within = (place - stretch.before - 0.5) / (stretch.artifacts - 1.0).max(1.0);
        let length = (stretch.last - stretch.first) as f64;
        Some(stretch.first + (numbers::within(within, 0.0, 1.0) * length).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_types::object_key::ContentHash;

    use super::*;

    fn timeline(blocks: &[(i64, i64, u32)]) -> Timeline {
        let blocks: Vec<BlockReference> = blocks
            .iter()
            .map(|(first_ordinal, last_ordinal, artifacts)| BlockReference {
                content_hash: ContentHash::of(b"block"),
                first_ordinal: *first_ordinal,
                last_ordinal: *last_ordinal,
                artifacts: *artifacts,
            })
            .collect();
        Timeline::of(&blocks)
    }

    proptest! {
        #[test]
        fn what_lies_at_the_share_of_an_artifact_is_that_artifact(ordinal in 0_i64..=299) {
            let whole = timeline(&[(0, 99, 100), (100, 199, 100), (200, 299, 100)]);
            prop_assert_eq!(whole.ordinal_at(whole.share_of(ordinal)), Some(ordinal));
        }

        #[test]
        fn a_later_artifact_is_never_further_left(a in -50_i64..400, b in -50_i64..400) {
            let whole = timeline(&[(0, 99, 100), (150, 160, 3), (200, 299, 40)]);
            let (early, late) = (a.min(b), a.max(b));
            prop_assert!(whole.share_of(early) <= whole.share_of(late));
            prop_assert!((0.0..=1.0).contains(&whole.share_of(a)));
        }
    }

    #[test]
    fn without_blocks_there_is_nowhere_to_be() {
        assert_eq!(Timeline::of(&[]).ordinal_at(0.5), None);
        assert_eq!(Timeline::of(&[]).share_of(7), 0.0);
    }

    #[test]
    fn one_artifact_is_in_the_middle() {
        assert_eq!(timeline(&[(7, 7, 1)]).share_of(7), 0.5);
    }
}
