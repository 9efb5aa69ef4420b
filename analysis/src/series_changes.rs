//! The changes of all series of one metric on one line of history, kept up to date as runs land.
//!
//! What lies far enough behind never changes again ([`Settled`]) and is kept; what is newer is found
//! anew from the last blocks. So a run costs a window and two blocks, however long the history is.
//! A run that lands further back than the last two blocks is the exception: everything is found anew.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shared_types::change_point::{ChangeNature, ChangePoint, ChangeStanding};
use shared_types::format::Versioned;
use shared_types::series::{BlockReference, MetricBlocks, SeriesBlock};
use shared_types::{
    ArtifactId, ConfigurationId, Epoch, FormatVersion, InvalidInput, Line, Metric, TestCase,
};

use crate::AnalysisError;
use crate::change_points::{Change, ChangeKind, ChangeState, Settled, changes_since};

/// By what the changes were found. Those that another version found are found anew.
const METHOD: &str = "partitioning 1";

/// So many of the newest blocks may still get values in between: what lies in them is not settled.
const OPEN_BLOCKS: usize = 2;

/// The changes of every series of a metric on a line, and where to read on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesChanges {
    /// The version of this format.
    pub format: FormatVersion,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The metric.
    pub metric: Metric,
    /// The line of history.
    pub line: Line,
    method: String,
    /// All blocks that were read, the oldest first.
    blocks: Vec<BlockReference>,
    /// How many of `blocks`, from the oldest, hold nothing but settled places.
    settled_blocks: usize,
    /// The artifacts at the places that settled changes name.
    names: BTreeMap<usize, ArtifactId>,
    series: Vec<ChangesOfSeries>,
}

/// The changes of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ChangesOfSeries {
    test_case: TestCase,
    epoch: Epoch,
    /// What is settled of the places in settled blocks.
    settled: Settled,
    /// Whether it has values in blocks that are not settled.
    goes_on: bool,
    changes: Vec<PlacedChange>,
}

/// A change, and its place among all artifacts of the line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PlacedChange {
    place: usize,
    #[serde(flatten)]
    change: ChangePoint,
}

impl Versioned for SeriesChanges {
    const WHAT: &'static str = "the changes of series";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let inconsistent = |reason: &str| Err(InvalidInput::inconsistent(Self::WHAT, reason));
        let Some(settled) = self.blocks.get(..self.settled_blocks) else {
            return inconsistent("more of its blocks are settled than it has");
        };
        let places = places(settled);
        if !self
            .series
            .iter()
            .all(|series| series.settled.is_of(places))
        {
            return inconsistent("what is settled of a series is not of the blocks that it names");
        }
        Ok(())
    }
}

impl SeriesChanges {
    /// Whether these are the changes of what the blocks hold now.
    pub fn are_of(&self, entry: &MetricBlocks) -> bool {
        self.method == METHOD && self.blocks == entry.blocks && self.metric == entry.metric
    }

    /// All changes, the newest first, and where several are of one artifact in the order of their
    /// test cases, each with its place among all artifacts of the line.
    pub fn newest_first(&self) -> Vec<(usize, &ChangePoint)> {
        let mut seen = BTreeSet::new();
        let all = self.series.iter().flat_map(|series| &series.changes);
        let mut placed: Vec<(usize, &ChangePoint)> = all
            .map(|placed| (placed.place, &placed.change))
            // The new epoch of a test case may begin where its old one changes.
            .filter(|(place, change)| seen.insert((*place, change.test_case.as_str())))
            .collect();
        placed.sort_by(|(place, change), (other_place, other)| {
            let by_name = change.test_case.cmp(&other.test_case);
            other_place.cmp(place).then(by_name)
        });
        placed
    }
}

/// Changes that are brought up to date with a manifest's entry: says which blocks it takes to do so.
#[derive(Debug)]
pub struct Update {
    configuration: ConfigurationId,
    entry: MetricBlocks,
    /// What is known and still holds.
    known: Option<SeriesChanges>,
}

impl Update {
    /// From what is known so far, which may be nothing, or of a history that has changed since.
    pub fn new(
        configuration: &ConfigurationId,
        entry: &MetricBlocks,
        known: Option<SeriesChanges>,
    ) -> Self {
        let known = known.filter(|known| {
            let settled = &known.blocks[..known.settled_blocks];
            known.method == METHOD
                && known.metric == entry.metric
                && entry.blocks.starts_with(settled)
        });
        Self {
            configuration: configuration.clone(),
            entry: entry.clone(),
            known,
        }
    }

    /// The blocks to read first: those that are not settled.
    pub fn open_blocks(&self) -> &[BlockReference] {
        &self.entry.blocks[self.settled_blocks()..]
    }

    /// The blocks before the open ones that are needed, too, once those were read.
    ///
    /// # Errors
    /// When a block is not what its reference says.
    pub fn blocks_before(&self, open: &[SeriesBlock]) -> Result<&[BlockReference], AnalysisError> {
        let settled = self.settled_blocks();
        let Some(known) = &self.known else {
            return Ok(&[]);
        };
        let columns = Columns::new(&self.entry.blocks, open)?;
        let needed = known
            .series
            .iter()
            .filter(|series| columns.touches(series))
            .map(|series| series.settled.needs_from())
            .min();
        let first = needed.map_or(settled, |place| block_of(&self.entry.blocks, place));
        Ok(&self.entry.blocks[first.min(settled)..settled])
    }

    /// The changes as they are now, from the blocks that [`Self::blocks_before`] and
    /// [`Self::open_blocks`] name, the oldest first.
    ///
    /// # Errors
    /// When a block is not what its reference says.
    pub fn apply(self, blocks: &[SeriesBlock]) -> Result<SeriesChanges, AnalysisError> {
        let columns = Columns::new(&self.entry.blocks, blocks)?;
        let settled_blocks = self
            .settled_blocks()
            .max(self.entry.blocks.len().saturating_sub(OPEN_BLOCKS));
        let reading = Reading {
            metric: &self.entry.metric,
            settled_places: places(&self.entry.blocks[..settled_blocks]),
            advances: settled_blocks > self.settled_blocks(),
            open_from: places(&self.entry.blocks[..self.settled_blocks()]),
            columns,
        };
        let (old_names, known) = match self.known {
            Some(known) => (known.names, known.series),
            None => (BTreeMap::new(), Vec::new()),
        };
        let (series, names) = reading.read(old_names, known);
        Ok(SeriesChanges {
            format: SeriesChanges::VERSION,
            configuration: self.configuration,
            metric: self.entry.metric,
            line: self.entry.line,
            method: METHOD.to_owned(),
            blocks: self.entry.blocks,
            settled_blocks,
            names,
            series,
        })
    }

    fn settled_blocks(&self) -> usize {
        self.known.as_ref().map_or(0, |known| known.settled_blocks)
    }
}

/// How many artifacts some blocks hold.
fn places(blocks: &[BlockReference]) -> usize {
    blocks.iter().map(|block| block.artifacts as usize).sum()
}

/// The block that holds a place.
fn block_of(blocks: &[BlockReference], place: usize) -> usize {
    let mut end = 0;
    blocks
        .iter()
        .take_while(|block| {
            end += block.artifacts as usize;
            end <= place
        })
        .count()
}

type SeriesKey = (TestCase, Epoch);

/// The last blocks as columns over all places of the line; not a number where nothing was measured
/// or read.
struct Columns<'a> {
    /// The place of the first artifact that was read.
    first: usize,
    /// The place behind the last artifact.
    end: usize,
    artifacts: Vec<&'a ArtifactId>,
    values: BTreeMap<SeriesKey, Vec<f64>>,
}

impl<'a> Columns<'a> {
    fn new(
        references: &[BlockReference],
        blocks: &'a [SeriesBlock],
    ) -> Result<Self, AnalysisError> {
        let unread = references.len().checked_sub(blocks.len());
        let unread =
            unread.ok_or_else(|| not_as_referred("there are more than were referred to"))?;
        for (block, reference) in blocks.iter().zip(&references[unread..]) {
            if block.artifacts.len() != reference.artifacts as usize {
                return Err(not_as_referred("it holds another number of artifacts"));
            }
        }
        let first = places(&references[..unread]);
        let end = places(references);
        let mut values: BTreeMap<SeriesKey, Vec<f64>> = BTreeMap::new();
        let mut start = first;
        for block in blocks {
            for series in &block.series {
                let key = (series.test_case.clone(), series.epoch.clone());
                let column = values.entry(key).or_insert_with(|| vec![f64::NAN; end]);
                for (value, place) in series.median.iter().zip(start..) {
                    column[place] = value.unwrap_or(f64::NAN);
                }
            }
            start += block.artifacts.len();
        }
        let artifacts = blocks.iter().flat_map(|block| &block.artifacts);
        Ok(Self {
            first,
            end,
            artifacts: artifacts.map(|artifact| &artifact.id).collect(),
            values,
        })
    }

    /// Whether a series has, or had, values in open blocks.
    fn touches(&self, series: &ChangesOfSeries) -> bool {
        let key = (series.test_case.clone(), series.epoch.clone());
        series.goes_on || self.values.contains_key(&key)
    }

    fn artifact(&self, place: usize) -> Option<&'a ArtifactId> {
        let artifact = self.artifacts.get(place.checked_sub(self.first)?);
        artifact.copied()
    }
}

fn not_as_referred(reason: &str) -> AnalysisError {
    AnalysisError::Block {
        reason: reason.to_owned(),
    }
}

/// One reading of the open blocks.
struct Reading<'a> {
    metric: &'a Metric,
    columns: Columns<'a>,
    /// From which place on blocks were not settled before.
    open_from: usize,
    /// Up to which place blocks are settled now.
    settled_places: usize,
    /// Whether that is further than before.
    advances: bool,
}

impl Reading<'_> {
    fn read(
        &self,
        old_names: BTreeMap<usize, ArtifactId>,
        known: Vec<ChangesOfSeries>,
    ) -> (Vec<ChangesOfSeries>, BTreeMap<usize, ArtifactId>) {
        let mut known: BTreeMap<SeriesKey, ChangesOfSeries> = known
            .into_iter()
            .map(|series| ((series.test_case.clone(), series.epoch.clone()), series))
            .collect();
        let name_of = |place: usize| {
            let read = self.columns.artifact(place);
            read.or_else(|| old_names.get(&place))
        };
        // What was measured in open blocks and no longer is has to be read once more, too.
        let gone = known.iter().filter(|(_, series)| series.goes_on);
        let gone: Vec<SeriesKey> = gone
            .map(|(key, _)| key.clone())
            .filter(|key| !self.columns.values.contains_key(key))
            .collect();
        let nothing = vec![f64::NAN; self.columns.end];
        let gone = gone.iter().map(|key| (key, &nothing));
        for (key, values) in self.columns.values.iter().chain(gone) {
            let measured_since = values[self.open_from..]
                .iter()
                .any(|value| value.is_finite());
            let before = known.get(key);
            if !measured_since && before.is_none_or(|before| !before.goes_on) {
                continue;
            }
            let settled = before.map_or_else(Settled::default, |before| before.settled.clone());
            let series = self.read_series(key, values, settled, &name_of);
            known.insert(key.clone(), series);
        }
        let names = known
            .values()
            .flat_map(|series| series.settled.indices())
            .filter_map(|place| Some((place, name_of(place)?.clone())))
            .collect();
        (known.into_values().collect(), names)
    }

    fn read_series<'n>(
        &self,
        (test_case, epoch): &SeriesKey,
        values: &[f64],
        before: Settled,
        name_of: &impl Fn(usize) -> Option<&'n ArtifactId>,
    ) -> ChangesOfSeries {
        let settled = if self.advances {
            changes_since(&before, &values[..self.settled_places]).1
        } else {
            before
        };
        let (found, _) = changes_since(&settled, values);
        let standing = found.iter().rposition(is_standing);
        let changes = found.iter().enumerate().filter_map(|(number, change)| {
            let mut point = self.point(test_case, change, name_of)?;
            point.stands = standing == Some(number);
            Some(PlacedChange {
                place: change.index,
                change: point,
            })
        });
        let open = &values[self.settled_places..];
        ChangesOfSeries {
            test_case: test_case.clone(),
            epoch: epoch.clone(),
            changes: changes.collect(),
            goes_on: open.iter().any(|value| value.is_finite()),
            settled,
        }
    }

    /// A change with the artifacts at its places. Every place that a change names was read, now or
    /// when it was settled.
    fn point<'n>(
        &self,
        test_case: &TestCase,
        change: &Change,
        name_of: &impl Fn(usize) -> Option<&'n ArtifactId>,
    ) -> Option<ChangePoint> {
        let until = match (change.kind, change.state) {
            (_, ChangeState::Reverted { at }) => Some(at),
            (ChangeKind::Drift { until }, _) => Some(until),
            (ChangeKind::Step | ChangeKind::BadRun { .. }, _) => None,
        };
        Some(ChangePoint {
            artifact: name_of(change.index)?.clone(),
            earliest: name_of(change.earliest)?.clone(),
            latest: name_of(change.latest)?.clone(),
            test_case: test_case.name(),
            metric: self.metric.name.clone(),
            nature: nature(change.kind),
            state: state(change.state),
            until: until.and_then(name_of).cloned(),
            before: change.before,
            after: change.after,
            change: change.relative().filter(|change| change.is_finite()),
            noises: change.noises,
            stands: false,
        })
    }
}

/// Whether a series may be today where a change brought it.
fn is_standing(change: &Change) -> bool {
    let is_level = !matches!(change.kind, ChangeKind::BadRun { .. });
    is_level && !matches!(change.state, ChangeState::Reverted { .. })
}

fn nature(kind: ChangeKind) -> ChangeNature {
    match kind {
        ChangeKind::Step => ChangeNature::Step,
        ChangeKind::Drift { .. } => ChangeNature::Drift,
        ChangeKind::BadRun { .. } => ChangeNature::BadRun,
    }
}

fn state(state: ChangeState) -> ChangeStanding {
    match state {
        ChangeState::Suspected => ChangeStanding::Suspected,
        ChangeState::Confirmed => ChangeStanding::Confirmed,
        ChangeState::Reverted { .. } => ChangeStanding::Reverted,
        ChangeState::Accepted => ChangeStanding::Accepted,
    }
}

#[cfg(test)]
mod tests;
