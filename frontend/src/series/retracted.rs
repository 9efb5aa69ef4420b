//! Where results were retracted along a stretch of history: what is shaded, and where the line is cut.

use shared_types::api::ChartEvent;

use super::history::History;

/// How far a shading reaches to both sides of the middle between two artifacts, where all that lay between
/// them was retracted.
const BETWEEN: f64 = 0.42;

/// What is left of retractions on a stretch of history.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Retracted {
    /// What is shaded: the first and the last place.
    pub(crate) shaded: Vec<(f64, f64)>,
    /// The places in front of which the line is cut: what lay between them and the places before them is
    /// gone from the series.
    pub(crate) cuts: Vec<usize>,
}

impl Retracted {
    /// Of all retractions among the events.
    pub(crate) fn of(history: &History, events: &[ChartEvent]) -> Self {
        let mut retracted = Self::default();
        for event in events {
            if let ChartEvent::Retracted {
                first_ordinal,
                last_ordinal,
                ..
            } = event
            {
                retracted.add(history, *first_ordinal, *last_ordinal);
            }
        }
        retracted.cuts.sort_unstable();
        retracted.cuts.dedup();
        retracted
    }

    fn add(&mut self, history: &History, first_ordinal: i64, last_ordinal: i64) {
        let places = history.artifacts.len();
        let before = |ordinal: i64| {
            history
                .artifacts
                .partition_point(|artifact| artifact.ordinal < ordinal)
        };
        let (first, end) = (
            before(first_ordinal),
            before(last_ordinal.saturating_add(1)),
        );
        let is_outside = end == 0 || first == places;
        if is_outside || end < first {
            return;
        }
        let (first_edge, end_edge) = (first as f64 - 0.5, end as f64 - 0.5);
        self.shaded.push(if first == end {
            (first_edge - BETWEEN, first_edge + BETWEEN)
        } else {
            (first_edge, end_edge)
        });
        // An artifact of which something is left is still there, and its line says what is missing.
        let is_gone = |ordinal: i64| history.place_at(ordinal).is_none();
        let cuts = [(first, first_ordinal), (end, last_ordinal)];
        let cuts = cuts.into_iter().filter(|(_, ordinal)| is_gone(*ordinal));
        self.cuts.extend(
            cuts.map(|(place, _)| place)
                .filter(|place| (1..places).contains(place)),
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_types::series::SeriesArtifact;
    use shared_types::{Metric, Unit};

    use super::*;

    fn history(ordinals: &[i64]) -> History {
        let artifacts = ordinals.iter().map(|ordinal| SeriesArtifact {
            id: format!("{ordinal:040x}").parse().unwrap(),
            ordinal: *ordinal,
            commit_date: None,
            hosts: Vec::new(),
            setups: Vec::new(),
        });
        History {
            configuration: "c1".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            artifacts: artifacts.collect(),
            lines: Vec::new(),
        }
    }

    fn retracted(first_ordinal: i64, last_ordinal: i64) -> ChartEvent {
        ChartEvent::Retracted {
            retraction: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
            artifact: format!("{first_ordinal:040x}").parse().unwrap(),
            until: format!("{last_ordinal:040x}").parse().unwrap(),
            first_ordinal,
            last_ordinal,
            sentence: String::new(),
        }
    }

    #[test]
    fn where_nothing_is_left_the_line_is_cut_and_the_shading_stands_between() {
        let found = Retracted::of(&history(&[1, 2, 6, 7]), &[retracted(3, 5)]);
        assert_eq!(found.cuts, [2]);
        assert_eq!(found.shaded, [(1.5 - BETWEEN, 1.5 + BETWEEN)]);
    }

    #[test]
    fn what_is_left_is_shaded_with_the_rest_and_cut_from_what_is_gone() {
        let found = Retracted::of(&history(&[1, 2, 4, 5, 6]), &[retracted(3, 5)]);
        assert_eq!(found.shaded, [(1.5, 3.5)]);
        assert_eq!(found.cuts, [2]);
        let partly = Retracted::of(&history(&[1, 2, 3, 4]), &[retracted(2, 3)]);
        assert_eq!((partly.shaded.len(), partly.cuts.len()), (1, 0));
    }

    #[test]
    fn what_lies_before_or_behind_the_stretch_is_not_on_it() {
        for range in [(1, 9), (14, 20)] {
            let found = Retracted::of(&history(&[10, 11, 12]), &[retracted(range.0, range.1)]);
            assert_eq!(found, Retracted::default(), "{range:?}");
        }
    }

    proptest! {
        #[test]
        fn shadings_and_cuts_are_within_the_stretch(
            ordinals in proptest::collection::btree_set(0_i64..40, 0..20),
            first in -5_i64..45, length in 0_i64..20,
        ) {
            let ordinals: Vec<i64> = ordinals.into_iter().collect();
            let history = history(&ordinals);
            let found = Retracted::of(&history, &[retracted(first, first + length)]);
            for (from, to) in &found.shaded {
                prop_assert!(from < to && *from >= -1.0 && *to <= ordinals.len() as f64);
            }
            for cut in &found.cuts {
                // Whoever was between the two is gone, and was retracted.
                let (before, behind) = (ordinals[cut - 1], ordinals[*cut]);
                prop_assert!(before < first + length && behind > first && behind - before > 1);
            }
        }
    }
}
