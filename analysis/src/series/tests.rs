use proptest::prelude::*;
use shared_types::format::Versioned;
use shared_types::object_key::ContentHash;
use shared_types::series::{BLOCK_ARTIFACTS_MAX, SeriesBlock, SeriesManifest};
use std::collections::BTreeMap;

use super::*;
use crate::sample_runs::{BASE, commit, instructions, run, wall_time};

/// A run of one or two test cases, at a place on the main line.
fn column(number: u32, ordinal: i64, value: f64) -> RunColumn {
    let all = [("syn/check/full", value), ("only-some", value * 2.0)];
    let cases = if number.is_multiple_of(3) {
        &all[..]
    } else {
        &all[..1]
    };
    let run = run(BASE, &instructions(), cases);
    let place = HistoryPosition {
        line: Line::Main,
        ordinal,
        parent: None,
    };
    let mut column = RunColumn::of(&run, &place, None);
    column.artifact = commit(number);
    column
}

/// What is stored: the manifest, and every block that was ever written.
#[derive(Default)]
struct Stored {
    manifest: Option<SeriesManifest>,
    blocks: BTreeMap<ContentHash, Vec<u8>>,
}

impl Stored {
    fn read(&self, hash: &ContentHash) -> SeriesBlock {
        let block = decode_block(&self.blocks[hash]).unwrap();
        block.check().unwrap();
        block
    }

    /// Reads no more than it has to, as the callers do.
    fn merge(&mut self, column: &RunColumn) -> usize {
        let wanted = self
            .manifest
            .as_ref()
            .map(|manifest| blocks_to_read(manifest, column));
        let given: Vec<SeriesBlock> = wanted
            .iter()
            .flatten()
            .map(|hash| self.read(hash))
            .collect();
        let update = merge_run(self.manifest.as_ref(), &given, column).unwrap();
        self.store(update)
    }

    fn store(&mut self, update: SeriesUpdate) -> usize {
        let written = update.blocks.len();
        for block in update.blocks {
            assert_eq!(ContentHash::of(&block.bytes), block.content_hash);
            self.blocks.insert(block.content_hash, block.bytes);
        }
        self.manifest = Some(update.manifest);
        written
    }

    /// All blocks of a metric, in order, checked against the manifest.
    fn current(&self, metric: &Metric) -> Vec<SeriesBlock> {
        let manifest = self.manifest.as_ref().unwrap();
        let mut entries = manifest.metrics.iter();
        let Some(entry) = entries.find(|entry| entry.metric == *metric) else {
            return Vec::new();
        };
        for pair in entry.blocks.windows(2) {
            assert!(
                pair[0].last_ordinal < pair[1].first_ordinal,
                "blocks overlap"
            );
        }
        let blocks = entry.blocks.iter().map(|reference| {
            let block = self.read(&reference.content_hash);
            assert_eq!(block.artifacts.len(), reference.artifacts as usize);
            assert_eq!(block.artifacts[0].ordinal, reference.first_ordinal);
            assert_eq!(
                block.artifacts.last().unwrap().ordinal,
                reference.last_ordinal
            );
            block
        });
        blocks.collect()
    }

    /// The minima of a series over all blocks, by ordinal and artifact.
    fn minima(&self, name: &str) -> Vec<(i64, ArtifactId, f64)> {
        let mut minima = Vec::new();
        for block in self.current(&instructions()) {
            let mut series = block.series.iter();
            let Some(series) = series.find(|series| series.test_case.name() == name) else {
                continue;
            };
            for (artifact, minimum) in block.artifacts.iter().zip(&series.minimum) {
                minima.extend(minimum.map(|value| (artifact.ordinal, artifact.id.clone(), value)));
            }
        }
        minima
    }
}

#[test]
fn a_run_is_merged_and_merging_it_again_changes_nothing() {
    let mut stored = Stored::default();
    assert_eq!(stored.merge(&column(1, 10, 5.0)), 1);
    assert_eq!(stored.merge(&column(2, 20, 6.0)), 1);
    let before = stored.manifest.clone();
    assert_eq!(stored.merge(&column(1, 10, 5.0)), 0);
    assert_eq!(stored.manifest, before);
    assert_eq!(
        stored.minima("syn/check/full"),
        [(10, commit(1), 5.0), (20, commit(2), 6.0)]
    );
}

#[test]
fn a_run_that_is_measured_again_replaces_its_column() {
    let mut stored = Stored::default();
    stored.merge(&column(3, 10, 5.0));
    stored.merge(&column(3, 10, 7.0));
    assert_eq!(stored.minima("only-some"), [(10, commit(3), 14.0)]);
}

#[test]
fn a_metric_that_a_run_no_longer_has_loses_its_column() {
    let mut both = column(1, 10, 5.0);
    both.metrics.push(wall_time());
    both.cases[0]
        .values
        .insert(wall_time().name, vec![0.5, 0.7, 0.6]);
    let mut stored = Stored::default();
    stored.merge(&both);
    let wall = &stored.current(&wall_time())[0].series[0];
    assert_eq!(
        (wall.minimum[0], wall.median[0], wall.iterations[0]),
        (Some(0.5), Some(0.6), 3)
    );
    stored.merge(&column(1, 10, 5.0));
    assert!(stored.current(&wall_time()).is_empty());
    assert_eq!(stored.current(&instructions()).len(), 1);
}

#[test]
fn a_growing_series_fills_its_blocks_and_only_the_last_is_written_again() {
    let mut stored = Stored::default();
    let length = BLOCK_ARTIFACTS_MAX as u32 + 3;
    for number in 0..length {
        assert_eq!(stored.merge(&column(number, i64::from(number), 5.0)), 1);
    }
    let sizes: Vec<usize> = stored
        .current(&instructions())
        .iter()
        .map(|block| block.artifacts.len())
        .collect();
    assert_eq!(sizes, [BLOCK_ARTIFACTS_MAX, 3]);
}

#[test]
fn a_full_block_into_which_an_older_run_comes_is_halved() {
    let columns: Vec<RunColumn> = (0..BLOCK_ARTIFACTS_MAX as u32)
        .map(|number| column(number, i64::from(number) * 2, 5.0))
        .collect();
    let mut stored = Stored::default();
    stored.store(assemble(&columns[0].configuration, &columns).unwrap());
    assert_eq!(stored.current(&instructions()).len(), 1);
    assert_eq!(stored.merge(&column(9999, 101, 6.0)), 2);
    let blocks = stored.current(&instructions());
    assert_eq!(blocks.len(), 2);
    assert_eq!(
        stored.minima("syn/check/full").len(),
        BLOCK_ARTIFACTS_MAX + 1
    );
    assert_eq!(
        stored.minima("syn/check/full")[51],
        (101, commit(9999), 6.0)
    );
}

#[test]
fn artifacts_of_one_ordinal_stay_in_one_block() {
    let columns: Vec<RunColumn> = (0..BLOCK_ARTIFACTS_MAX as u32 + 40)
        .map(|number| column(number, i64::from(number) / 50, 5.0))
        .collect();
    let mut stored = Stored::default();
    stored.store(assemble(&columns[0].configuration, &columns).unwrap());
    let blocks = stored.current(&instructions());
    assert_eq!(
        blocks.len(),
        2,
        "`current` asserts that they do not overlap"
    );
    assert_eq!(blocks[0].artifacts.len(), 250);
}

#[test]
fn an_artifact_that_moved_is_taken_out_of_its_old_place_where_that_is_given() {
    let mut stored = Stored::default();
    stored.merge(&column(1, 10, 5.0));
    let mut released = column(1, 3, 5.0);
    released.line = Line::Releases;
    let manifest = stored.manifest.clone().unwrap();
    let given = stored.current(&instructions());
    let update = merge_run(Some(&manifest), &given, &released).unwrap();
    let lines: Vec<Line> = update
        .manifest
        .metrics
        .iter()
        .map(|entry| entry.line)
        .collect();
    assert_eq!(lines, [Line::Releases]);
}

#[test]
fn a_block_that_is_needed_and_not_given_is_an_error_and_loses_nothing() {
    let mut stored = Stored::default();
    stored.merge(&column(1, 10, 5.0));
    let error = merge_run(stored.manifest.as_ref(), &[], &column(2, 20, 5.0)).unwrap_err();
    assert!(error.to_string().contains("was not given"), "{error}");
}

#[test]
fn a_metric_in_another_unit_is_refused() {
    let mut stored = Stored::default();
    stored.merge(&column(1, 10, 5.0));
    let mut other = column(2, 20, 5.0);
    other.metrics[0].unit = shared_types::Unit::Seconds;
    let given = stored.current(&instructions());
    let error = merge_run(stored.manifest.as_ref(), &given, &other).unwrap_err();
    assert!(matches!(
        error,
        crate::AnalysisError::MetricDefinedDifferently { .. }
    ));
}

#[test]
fn what_is_no_block_is_refused() {
    for bytes in [
        &b""[..],
        b"not gzip",
        &encode_block(&sample_block()).unwrap()[..40],
    ] {
        let error = decode_block(bytes).unwrap_err();
        assert!(
            error.to_string().starts_with("a series block is damaged"),
            "{error}"
        );
    }
}

fn sample_block() -> SeriesBlock {
    let mut stored = Stored::default();
    stored.merge(&column(1, 10, 5.0));
    stored.current(&instructions()).remove(0)
}

#[test]
fn equal_blocks_have_equal_bytes_without_a_time_in_them() {
    let bytes = encode_block(&sample_block()).unwrap();
    assert_eq!(bytes, encode_block(&sample_block()).unwrap());
    assert_eq!(bytes[4..8], [0; 4], "the time of a gzip header");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn runs_in_any_order_and_more_than_once_give_what_one_import_gives(
        arrivals in prop::collection::vec((0u32..40, 1f64..9.0), 1..60)
    ) {
        // Two artifacts share each ordinal.
        let columns: Vec<RunColumn> = arrivals
            .iter()
            .map(|(number, value)| column(*number, i64::from(number / 2), *value))
            .collect();
        let mut one_by_one = Stored::default();
        for column in &columns {
            one_by_one.merge(column);
        }
        let mut at_once = Stored::default();
        at_once.store(assemble(&columns[0].configuration, &columns).unwrap());
        prop_assert_eq!(&one_by_one.manifest, &at_once.manifest);
        for name in ["syn/check/full", "only-some"] {
            prop_assert_eq!(one_by_one.minima(name), at_once.minima(name));
        }
    }

    #[test]
    fn damaged_bytes_never_panic(place in 0usize..400, byte: u8) {
        let mut bytes = encode_block(&sample_block()).unwrap();
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = decode_block(&bytes);
    }
}

proptest! {
    #[test]
    fn what_is_taken_out_leaves_the_values_as_if_it_had_never_been_there(
        mut ordinals in proptest::collection::btree_set(0i64..400, 1..40)
            .prop_map(|ordinals| ordinals.into_iter().collect::<Vec<_>>())
            .prop_shuffle(),
        taken_out in 0usize..40,
    ) {
        let taken_out = ordinals.swap_remove(taken_out % ordinals.len());
        let of = |ordinal: i64| {
            let number = u32::try_from(ordinal).unwrap_or_default();
            column(number, ordinal, ordinal as f64 + 1.0)
        };
        let (mut expected, mut stored) = (Stored::default(), Stored::default());
        stored.merge(&of(taken_out));
        for ordinal in ordinals {
            expected.merge(&of(ordinal));
            stored.merge(&of(ordinal));
        }
        let before = stored.manifest.clone().unwrap();
        let gone = of(taken_out);
        let place = HistoryPosition { line: gone.line, ordinal: gone.ordinal, parent: None };
        let empty = RunColumn::empty(&gone.configuration, &gone.artifact, &place);
        stored.merge(&empty);
        prop_assert_eq!(stored.merge(&empty), 0);
        for name in ["syn/check/full", "only-some"] {
            let values = |stored: &Stored| match stored.manifest {
                Some(_) => stored.minima(name),
                None => Vec::new(),
            };
            prop_assert_eq!(values(&stored), values(&expected));
        }
        // Whoever still has the manifest of before finds every block that it names.
        for entry in &before.metrics {
            for block in &entry.blocks {
                prop_assert!(stored.blocks.contains_key(&block.content_hash));
            }
        }
    }
}
