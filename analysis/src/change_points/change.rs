//! Changes as people are told of them: one for each shift, with its kind and what became of it.

use serde::{Deserialize, Serialize};

use super::segment::Segment;
use super::windows::{BadRun, Reading, Settled, read};

/// From so many values after it on, a step is confirmed.
pub const CONFIRMED_VALUES: usize = 5;

/// From so many values after it on, a level is the new baseline. What goes back earlier is a
/// reversal; what goes back later is a change of its own.
pub const BASELINE_VALUES: usize = 30;

/// A step beside a drift is told of its own from so many deviations on.
const STEP_BESIDE_DRIFT_NOISES: f64 = 4.0;

/// A level is the old one again if what is left of the step is at most this share of it.
const REVERTED_SHARE: f64 = 1.0 / 3.0;

/// One change of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The index of the first value at the new level, of the drift, or of the bad run. A drift that
    /// was there from the first value on has 0.
    pub index: usize,
    /// The earliest index at which it may have happened, with 95 % certainty.
    pub earliest: usize,
    /// The latest index at which it may have happened.
    pub latest: usize,
    /// The level before, in the unit of the values.
    pub before: f64,
    /// The level after; of a bad run, its value.
    pub after: f64,
    /// Its size in standard deviations of the noise. `None` where there is no noise.
    pub noises: Option<f64>,
    /// What happened.
    pub kind: ChangeKind,
    /// What became of it.
    pub state: ChangeState,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Another level from one value to the next.
    Step,
    /// A level that rises or falls all along.
    Drift {
        /// The index after its last value.
        until: usize,
    },
    /// One run far from its neighbours, or two in a row. Not a change of level.
    BadRun {
        /// How many there are.
        runs: usize,
    },
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Too few values came after it.
    Suspected,
    /// It persists.
    Confirmed,
    /// The old level came back.
    Reverted {
        /// The index of the first value at the old level.
        at: usize,
    },
    /// It persisted for so long that later values are held against the new level.
    Accepted,
}

impl Change {
    /// `(after - before) / before`, where that exists.
    pub fn relative(&self) -> Option<f64> {
        crate::significance::relative_change(self.before, self.after)
    }
}

/// The changes of a series, in order. One shift is told once: a step and its early reversal are one
/// change, and so is a drift.
///
/// As [`super::change_points`] says of gaps and of values that are not positive.
pub fn changes(values: &[f64]) -> Vec<Change> {
    changes_of(&read(&Settled::default(), values))
}

/// [`changes`] of the whole series `values`, read on from what was settled before, and what is
/// settled now. The cost is that of a window and of the changes, whatever the length.
pub fn changes_since(settled: &Settled, values: &[f64]) -> (Vec<Change>, Settled) {
    let reading = read(settled, values);
    (changes_of(&reading), reading.settled)
}

fn changes_of(reading: &Reading) -> Vec<Change> {
    let mut changes = Vec::new();
    let segments = &reading.segments;
    let mut told_until = 0;
    for (place, segment) in segments.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| &segments[place]);
        if let Some(before) = before.filter(|before| place > told_until && is_step(before, segment))
        {
            let (state, reversal) = step_state(before, &segments[place..]);
            told_until = place + reversal;
            changes.push(step(before, segment, state));
        }
        if segment.sloped {
            changes.push(drift(segment, segments.get(place + 1)));
        }
    }
    changes.extend(reading.bad_runs.iter().map(bad_run));
    changes.sort_by_key(|change| change.index);
    changes
}

/// Whether the level jumps from one stretch to the next.
fn is_step(before: &Segment, after: &Segment) -> bool {
    let size = (after.first_level - before.last_level).abs();
    let beside_drift = before.sloped || after.sloped;
    !beside_drift || size >= STEP_BESIDE_DRIFT_NOISES * before.noise.max(after.noise)
}

/// What became of the step to the first of `segments`, and how many of the next change points tell
/// of its reversal.
fn step_state(before: &Segment, segments: &[Segment]) -> (ChangeState, usize) {
    let level = &segments[0];
    if level.values >= BASELINE_VALUES {
        return (ChangeState::Accepted, 0);
    }
    let Some(next) = segments.get(1) else {
        let confirmed = level.values >= CONFIRMED_VALUES;
        let state = if confirmed {
            ChangeState::Confirmed
        } else {
            ChangeState::Suspected
        };
        return (state, 0);
    };
    let step = (level.first_level - before.last_level).abs();
    let left = (next.first_level - before.last_level).abs();
    let is_back = left <= REVERTED_SHARE * step && next.values >= CONFIRMED_VALUES;
    if is_back && !level.sloped && !next.sloped {
        return (ChangeState::Reverted { at: next.start }, 1);
    }
    (ChangeState::Confirmed, 0)
}

fn step(before: &Segment, after: &Segment, state: ChangeState) -> Change {
    let size = after.first_level - before.last_level;
    Change {
        index: after.start,
        earliest: after.earliest,
        latest: after.latest,
        before: before.last_level,
        after: after.first_level,
        noises: in_noises(size, before.noise.max(after.noise)),
        kind: ChangeKind::Step,
        state,
    }
}

fn drift(segment: &Segment, next: Option<&Segment>) -> Change {
    let held = next.is_some_and(|next| next.values >= BASELINE_VALUES);
    Change {
        index: segment.start,
        earliest: segment.earliest,
        latest: segment.latest,
        before: segment.first_level,
        after: segment.last_level,
        noises: in_noises(segment.last_level - segment.first_level, segment.noise),
        kind: ChangeKind::Drift { until: segment.end },
        state: if held {
            ChangeState::Accepted
        } else {
            ChangeState::Confirmed
        },
    }
}

fn bad_run(bad_run: &BadRun) -> Change {
    let back = bad_run.next;
    Change {
        index: bad_run.index,
        earliest: bad_run.index,
        latest: bad_run.index,
        before: bad_run.usual,
        after: bad_run.value,
        noises: Some(bad_run.noises),
        kind: ChangeKind::BadRun { runs: bad_run.runs },
        state: back.map_or(ChangeState::Suspected, |at| ChangeState::Reverted { at }),
    }
}

fn in_noises(size: f64, noise: f64) -> Option<f64> {
    let noises = size.abs() / noise;
    noises.is_finite().then_some(noises)
}

#[cfg(test)]
mod tests;
