//! Blocks put one after the other: a stretch of history, and a line for each test case.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_types::object_key::ContentHash;
use shared_types::series::{BlockReference, SeriesArtifact, SeriesBlock};
use shared_types::{ArtifactId, Category, ConfigurationId, Epoch, Metric, TestCase};

use crate::order::sorted;
use crate::url_state::{CompareState, TestCaseFilter, ValueKind};

/// A newest block with fewer artifacts than this is drawn with the one before.
const ARTIFACTS_WORTH_A_CHART: u32 = 30;

/// How much of a line of history is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// The newest block.
    #[default]
    Newest,
    /// Everything.
    All,
    /// The newest block if it holds these ordinals, else the blocks that do.
    Between(i64, i64),
    /// The block that holds the ordinal of an artifact, with the one beside it where the artifact is
    /// near its end: what came shortly before, and what comes next.
    Around(i64),
}

/// The blocks that a stretch needs, oldest first and without a hole.
pub(crate) fn wanted_blocks(blocks: &[BlockReference], stretch: Stretch) -> Vec<ContentHash> {
    let newest = match blocks {
        [.., last] if last.artifacts < ARTIFACTS_WORTH_A_CHART => 2,
        _ => 1,
    };
    let newest = blocks.len().saturating_sub(newest)..blocks.len();
    let holding = |from: i64, to: i64| {
        let begin = blocks.partition_point(|block| block.last_ordinal < from);
        let end = blocks.partition_point(|block| block.first_ordinal <= to);
        begin..end.max(begin)
    };
    let places = match stretch {
        Stretch::All => 0..blocks.len(),
        Stretch::Newest => newest,
        Stretch::Between(from, to) => {
            let holding = holding(from, to);
            if holding.is_empty() || holding.start >= newest.start {
                newest
            } else {
                holding
            }
        }
        Stretch::Around(ordinal) => {
            let holding = holding(ordinal, ordinal);
            match blocks.get(holding.clone()).and_then(<[_]>::first) {
                None => newest,
                Some(block) => {
                    let length = block.last_ordinal - block.first_ordinal;
                    let is_early = ordinal - block.first_ordinal <= length / 8;
                    let begin = holding.start.saturating_sub(usize::from(is_early));
                    let is_last = ordinal == block.last_ordinal;
                    begin..(holding.start + 1 + usize::from(is_last)).min(blocks.len())
                }
            }
        }
    };
    blocks[places]
        .iter()
        .map(|block| block.content_hash.clone())
        .collect()
}

/// A stretch of history under one configuration, in one metric.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct History {
    pub(crate) configuration: ConfigurationId,
    pub(crate) metric: Metric,
    /// Oldest first.
    pub(crate) artifacts: Vec<SeriesArtifact>,
    /// One for each test case, by name.
    pub(crate) lines: Vec<TestCaseLine>,
}

/// What was measured of one test case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TestCaseLine {
    pub(crate) test_case: TestCase,
    pub(crate) category: Option<Category>,
    /// One column for each epoch, as long as the stretch. `None` where nothing was measured. Epochs
    /// are never joined: what was measured is not the same.
    pub(crate) epochs: Vec<Vec<Option<f64>>>,
}

/// What was measured of each test case in each epoch.
type Columns = BTreeMap<(TestCase, Epoch), (Option<Category>, Vec<Option<f64>>)>;

impl History {
    /// Puts blocks of one configuration and metric one after the other. `None` where there is none.
    pub(crate) fn of(blocks: &[Arc<SeriesBlock>]) -> Option<Self> {
        let first = blocks.first()?;
        let mut columns = Columns::new();
        let mut artifacts = Vec::new();
        let places: usize = blocks.iter().map(|block| block.artifacts.len()).sum();
        for block in blocks {
            let begin = artifacts.len();
            artifacts.extend(block.artifacts.iter().cloned());
            for series in &block.series {
                let key = (series.test_case.clone(), series.epoch.clone());
                let (category, column) = columns
                    .entry(key)
                    .or_insert_with(|| (series.category, vec![None; places]));
                *category = category.or(series.category);
                for (place, value) in series.minimum.iter().enumerate() {
                    column[begin + place] = *value;
                }
            }
        }
        Some(Self {
            configuration: first.configuration.clone(),
            metric: first.metric.clone(),
            artifacts,
            lines: lines(columns),
        })
    }

    /// Where two of its artifacts, by their places, are compared in its metric.
    pub(crate) fn comparison_address(&self, base: usize, head: usize) -> String {
        let state = CompareState {
            configuration: Some(self.configuration.clone()),
            metric: Some(self.metric.name.clone()),
            ..CompareState::of(&self.artifacts[base].id, &self.artifacts[head].id)
        };
        state.address()
    }

    /// The place of an artifact.
    pub(crate) fn place_of(&self, artifact: &ArtifactId) -> Option<usize> {
        self.artifacts.iter().position(|it| it.id == *artifact)
    }

    /// The place of the artifact with an ordinal.
    pub(crate) fn place_at(&self, ordinal: i64) -> Option<usize> {
        self.artifacts.iter().position(|it| it.ordinal == ordinal)
    }

    /// The line of a test case.
    pub(crate) fn line(&self, test_case: &TestCase) -> Option<&TestCaseLine> {
        self.lines.iter().find(|it| it.test_case == *test_case)
    }

    /// The change of all test cases together from the point that each began with: the geometric mean
    /// at each place, relative. It shows where to look; it is not a result.
    pub(crate) fn mean_change(&self) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0_u32); self.artifacts.len()];
        for column in self.lines.iter().flat_map(|line| &line.epochs) {
            let Some(first) = column.iter().flatten().copied().find(|value| *value > 0.0) else {
                continue;
            };
            for (sum, value) in sums.iter_mut().zip(column) {
                if let Some(value) = value.filter(|value| *value > 0.0) {
                    *sum = (sum.0 + (value / first).ln(), sum.1 + 1);
                }
            }
        }
        let mean =
            |(sum, count): (f64, u32)| (count > 0).then(|| (sum / f64::from(count)).exp_m1());
        sums.into_iter().map(mean).collect()
    }

    /// The places of the test cases that a filter admits.
    pub(crate) fn admitted(&self, filter: &TestCaseFilter) -> Vec<usize> {
        (0..self.lines.len())
            .filter(|place| {
                let line = &self.lines[*place];
                filter.admits(&line.test_case, line.category)
            })
            .collect()
    }

    /// The places between two ordinals.
    pub(crate) fn view(&self, from: Option<i64>, to: Option<i64>) -> (f64, f64) {
        let last = self.artifacts.len().saturating_sub(1);
        let first_place = from.map_or(0, |from| {
            self.artifacts
                .partition_point(|artifact| artifact.ordinal < from)
        });
        let last_place = to.map_or(last, |to| {
            self.artifacts
                .partition_point(|artifact| artifact.ordinal <= to)
                .saturating_sub(1)
        });
        if first_place < last_place {
            (first_place as f64, last_place as f64)
        } else {
            // One artifact, or an address that was made for another line of history.
            (-0.5, last as f64 + 0.5)
        }
    }
}

fn lines(columns: Columns) -> Vec<TestCaseLine> {
    let mut lines: Vec<TestCaseLine> = Vec::new();
    for ((test_case, _), (category, column)) in columns {
        match lines.last_mut() {
            Some(line) if line.test_case == test_case => line.epochs.push(column),
            _ => lines.push(TestCaseLine {
                test_case,
                category,
                epochs: vec![column],
            }),
        }
    }
    let named: Vec<(String, TestCaseLine)> = lines
        .into_iter()
        .map(|line| (line.test_case.name().to_ascii_lowercase(), line))
        .collect();
    sorted(named, |one, other| one.0.cmp(&other.0))
        .into_iter()
        .map(|(_, line)| line)
        .collect()
}

impl TestCaseLine {
    /// The columns as they are drawn. Not a number where nothing was measured.
    pub(crate) fn columns(&self, kind: ValueKind) -> Vec<Vec<f64>> {
        self.epochs
            .iter()
            .map(|column| {
                let shown = shown_as(kind, column);
                let values = column.iter();
                values.map(|it| it.map_or(f64::NAN, &shown)).collect()
            })
            .collect()
    }

    /// What was measured at a place, with the last place before at which the same was measured.
    pub(crate) fn point(&self, place: usize) -> Option<Point> {
        self.epochs.iter().find_map(|column| {
            let value = (*column.get(place)?)?;
            let before = column[..place]
                .iter()
                .enumerate()
                .rev()
                .find_map(|(place, value)| Some((place, (*value)?)));
            Some(Point {
                place,
                value,
                before,
            })
        })
    }

    /// The points, newest first.
    pub(crate) fn points(&self) -> impl Iterator<Item = Point> + '_ {
        let places = self.epochs.first().map_or(0, Vec::len);
        (0..places).rev().filter_map(|place| self.point(place))
    }
}

/// How a value of a column is shown. Not a number where that cannot be said.
fn shown_as(kind: ValueKind, column: &[Option<f64>]) -> impl Fn(f64) -> f64 + use<> {
    let mut measured: Vec<f64> = column.iter().flatten().copied().collect();
    let reference = match kind {
        ValueKind::Raw => None,
        ValueKind::FromFirst => measured.first().copied(),
        ValueKind::Normalised => {
            measured.sort_by(f64::total_cmp);
            measured.get(measured.len() / 2).copied()
        }
    };
    move |value| match (kind, reference) {
        (ValueKind::Raw, _) => value,
        (ValueKind::FromFirst, Some(first)) if first != 0.0 => value / first - 1.0,
        (ValueKind::Normalised, Some(median)) if median != 0.0 => value / median,
        (ValueKind::FromFirst | ValueKind::Normalised, _) => f64::NAN,
    }
}

/// A measured point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) place: usize,
    pub(crate) value: f64,
    /// The place and value of the point before, in the same epoch.
    pub(crate) before: Option<(usize, f64)>,
}

impl Point {
    /// The relative change from the point before.
    pub(crate) fn change(&self) -> Option<f64> {
        let (_, before) = self.before?;
        (before != 0.0).then(|| self.value / before - 1.0)
    }
}

/// The day of an artifact, or its name where its day is not known.
pub(crate) fn date_or_name(artifact: &SeriesArtifact) -> String {
    match artifact.commit_date {
        Some(date) => date.to_string().chars().take(10).collect(),
        None => artifact.id.short(),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::series::SeriesColumns;
    use shared_types::{FormatVersion, Line, Unit};

    use super::*;

    fn artifact(ordinal: i64) -> SeriesArtifact {
        SeriesArtifact {
            id: format!("{ordinal:040x}").parse().unwrap(),
            ordinal,
            commit_date: None,
            hosts: Vec::new(),
            setups: Vec::new(),
        }
    }

    type Named<'a> = (&'a str, &'a [u8], &'a [Option<f64>]);

    fn block(first: i64, series: &[Named]) -> Arc<SeriesBlock> {
        let places = series.first().map_or(0, |(_, _, values)| values.len()) as i64;
        Arc::new(SeriesBlock {
            format: FormatVersion::V1_0,
            configuration: "c1".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            line: Line::Main,
            artifacts: (first..first + places).map(artifact).collect(),
            series: series
                .iter()
                .map(|(name, epoch, values)| SeriesColumns {
                    test_case: TestCase::Imported {
                        name: name.parse().unwrap(),
                    },
                    epoch: Epoch::of([*epoch]),
                    category: None,
                    minimum: values.to_vec(),
                    median: values.to_vec(),
                    iterations: vec![1; values.len()],
                })
                .collect(),
        })
    }

    fn reference(artifacts: u32) -> BlockReference {
        BlockReference {
            content_hash: ContentHash::of(&artifacts.to_le_bytes()),
            first_ordinal: 0,
            last_ordinal: 1,
            artifacts,
        }
    }

    #[test]
    fn the_newest_stretch_is_one_block_unless_it_has_only_just_begun() {
        let full = [reference(256), reference(199)];
        assert_eq!(wanted_blocks(&full, Stretch::Newest).len(), 1);
        let begun = [reference(256), reference(255), reference(3)];
        assert_eq!(wanted_blocks(&begun, Stretch::Newest).len(), 2);
        assert_eq!(wanted_blocks(&begun, Stretch::All).len(), 3);
        assert!(wanted_blocks(&[], Stretch::Newest).is_empty());
    }

    /// Four blocks of a hundred ordinals each, named by their place.
    fn line_of_blocks() -> Vec<BlockReference> {
        (0..4)
            .map(|place| BlockReference {
                content_hash: ContentHash::of(&[place as u8]),
                first_ordinal: place * 100,
                last_ordinal: place * 100 + 99,
                artifacts: 100,
            })
            .collect()
    }

    fn wanted(stretch: Stretch) -> Vec<usize> {
        let blocks = line_of_blocks();
        let place = |hash: &ContentHash| blocks.iter().position(|it| it.content_hash == *hash);
        let wanted = wanted_blocks(&blocks, stretch);
        wanted.iter().filter_map(place).collect()
    }

    #[test]
    fn a_stretch_within_the_newest_block_takes_that_and_an_old_one_takes_its_own() {
        assert_eq!(wanted(Stretch::Between(310, 320)), [3]);
        assert_eq!(wanted(Stretch::Between(150, 320)), [1, 2, 3]);
        assert_eq!(wanted(Stretch::Between(50, 120)), [0, 1]);
        assert_eq!(wanted(Stretch::Between(900, 950)), [3]);
    }

    #[test]
    fn around_an_artifact_is_what_came_before_it_and_what_comes_next() {
        assert_eq!(wanted(Stretch::Around(250)), [2]);
        assert_eq!(wanted(Stretch::Around(203)), [1, 2]);
        assert_eq!(wanted(Stretch::Around(299)), [2, 3]);
        assert_eq!(wanted(Stretch::Around(399)), [3]);
        assert_eq!(wanted(Stretch::Around(0)), [0]);
    }

    #[test]
    fn normalised_values_lie_around_one_and_the_mean_of_all_begins_at_zero() {
        let history = History::of(&[block(
            0,
            &[
                ("a", b"1", &[Some(2.0), Some(4.0), Some(8.0)]),
                ("b", b"1", &[Some(10.0), None, Some(10.0)]),
            ],
        )])
        .unwrap();
        let columns = history.lines[0].columns(ValueKind::Normalised);
        assert_eq!(columns[0], [0.5, 1.0, 2.0]);
        let means: Vec<f64> = history.mean_change().into_iter().flatten().collect();
        assert!(
            means[0].abs() < 1e-12 && (means[1] - 1.0).abs() < 1e-12,
            "{means:?}"
        );
        assert!((means[2] - 1.0).abs() < 1e-12, "{means:?}");
    }

    #[test]
    fn a_test_case_that_a_block_lacks_has_a_gap_there() {
        let history = History::of(&[
            block(0, &[("b", b"1", &[Some(1.0), None])]),
            block(2, &[("a", b"1", &[Some(5.0)]), ("b", b"1", &[Some(3.0)])]),
        ])
        .unwrap();
        assert_eq!(history.artifacts.len(), 3);
        assert_eq!(history.lines[0].epochs, [[None, None, Some(5.0)]]);
        assert_eq!(history.lines[1].epochs, [[Some(1.0), None, Some(3.0)]]);
        let point = history.lines[1].point(2).unwrap();
        assert_eq!(point.before, Some((0, 1.0)));
        assert_eq!(point.change(), Some(2.0));
    }

    #[test]
    fn another_epoch_is_another_line_and_no_predecessor() {
        let history = History::of(&[block(
            0,
            &[
                ("a", b"1", &[Some(1.0), None]),
                ("a", b"2", &[None, Some(9.0)]),
            ],
        )])
        .unwrap();
        assert_eq!(history.lines.len(), 1);
        assert_eq!(history.lines[0].epochs.len(), 2);
        assert_eq!(history.lines[0].point(1).unwrap().before, None);
    }

    #[test]
    fn values_from_the_first_begin_at_zero() {
        let history =
            History::of(&[block(0, &[("a", b"1", &[None, Some(2.0), Some(3.0)])])]).unwrap();
        let columns = history.lines[0].columns(ValueKind::FromFirst);
        assert!(columns[0][0].is_nan());
        assert_eq!(columns[0][1..], [0.0, 0.5]);
    }

    #[test]
    fn a_stretch_of_the_address_is_shown_and_nonsense_shows_everything() {
        let history = History::of(&[block(10, &[("a", b"1", &[Some(1.0); 5])])]).unwrap();
        assert_eq!(history.view(Some(11), Some(13)), (1.0, 3.0));
        assert_eq!(history.view(None, Some(12)), (0.0, 2.0));
        assert_eq!(history.view(Some(900), Some(950)), (-0.5, 4.5));
    }
}
