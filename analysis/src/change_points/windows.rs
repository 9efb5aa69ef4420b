//! A series read through overlapping windows, so that a new value costs a window and not a history.

use serde::{Deserialize, Serialize};

use super::dating::interval;
use super::noise::{drawn_in, median, medians_around, noise, widening};
use super::partition::{Costs, Stretch, stretches};
use super::scale::Scaled;
use super::segment::{Segment, SegmentStart};

/// How many measured values a window has.
pub const WINDOW_VALUES: usize = 256;

/// How far the next window begins after the last one, in values, where nothing changed.
const STEP_VALUES: usize = 128;

/// What a full window finds among its first so many values is settled: each of them has been seen
/// with at least 64 values after it.
const SETTLED_VALUES: usize = 192;

/// How far before what is settled the next window may still find a change that the last one dated
/// later, in values.
const LOOK_BACK_VALUES: usize = 16;

/// From so many deviations from the median around it on, a value is a bad run.
const BAD_RUN_DEVIATIONS: f64 = 6.0;

/// The most values in a row that are bad runs and not a level.
const BAD_RUNS_MAX: usize = 2;

/// What no later value of a series can change any more, and where to go on.
///
/// As long as values are only added at the end, reading from here gives exactly what reading the
/// whole series gives, and looks at no value further back than [`Settled::needs_from`]. A value
/// that comes late and is put in before that place asks for reading the whole again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Settled {
    /// The index at which the next window begins.
    from: usize,
    /// How many measured values from `from` on are settled already.
    taken: usize,
    needs_from: usize,
    closed: Vec<Segment>,
    open: SegmentStart,
    bad_runs: Vec<BadRun>,
}

impl Settled {
    /// The index of the earliest value that is still looked at.
    pub fn needs_from(&self) -> usize {
        self.needs_from
    }

    /// Every index that a settled change names, in no order, some of them more than once.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        let of_segments = self
            .closed
            .iter()
            .flat_map(|segment| [segment.start, segment.end, segment.earliest, segment.latest]);
        let of_open = [self.open.index, self.open.earliest, self.open.latest];
        let of_bad_runs = self
            .bad_runs
            .iter()
            .flat_map(|bad_run| [Some(bad_run.index), bad_run.next]);
        of_segments.chain(of_open).chain(of_bad_runs.flatten())
    }

    /// Whether this can have been settled of a series of so many places: a copy that was kept may be
    /// damaged.
    pub fn is_of(&self, places: usize) -> bool {
        let in_order = self
            .closed
            .iter()
            .all(|segment| segment.start <= segment.end)
            && self
                .closed
                .windows(2)
                .all(|pair| pair[0].end == pair[1].start)
            && self
                .closed
                .last()
                .is_none_or(|last| last.end == self.open.index);
        in_order
            && self.taken <= WINDOW_VALUES
            && self.needs_from <= self.from
            && self.open.index <= self.from
            && self.from <= places
            && self.indices().all(|index| index <= places)
    }

    /// The settled stretches: all whose end is settled, too.
    pub fn segments(&self) -> &[Segment] {
        &self.closed
    }
}

/// One run, or two in a row, that are far from their neighbours on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct BadRun {
    pub(super) index: usize,
    pub(super) runs: usize,
    /// The index of the first measured value after it.
    pub(super) next: Option<usize>,
    pub(super) value: f64,
    /// The median around it.
    pub(super) usual: f64,
    pub(super) noises: f64,
}

/// All that is known of a series.
pub(super) struct Reading {
    pub(super) segments: Vec<Segment>,
    pub(super) bad_runs: Vec<BadRun>,
    pub(super) settled: Settled,
}

/// Reads on from what is settled to the end of `values`, which is the whole series.
pub(super) fn read(settled: &Settled, values: &[f64]) -> Reading {
    let mut settled = settled.clone();
    let from = settled.from.min(values.len());
    let (indices, measured): (Vec<usize>, Vec<f64>) = (from..values.len())
        .map(|index| (index, values[index]))
        .filter(|(_, value)| value.is_finite())
        .unzip();
    let mut start = 0;
    while measured.len() - start > WINDOW_VALUES {
        let window = Window::new(&measured[start..start + WINDOW_VALUES], &indices[start..]);
        let last_start = settled.take(&window, SETTLED_VALUES, values);
        let next = last_start.max(STEP_VALUES);
        settled.taken = SETTLED_VALUES - next;
        start += next;
        settled.from = indices[start];
        settled.needs_from = settled.open.needs_from(settled.from, values);
    }
    let mut whole = settled.clone();
    if start < measured.len() {
        let window = Window::new(&measured[start..], &indices[start..]);
        whole.take(&window, measured.len() - start, values);
    }
    if !values.is_empty() {
        whole.closed.push(whole.open.until(values.len(), values));
    }
    Reading {
        segments: whole.closed,
        bad_runs: whole.bad_runs,
        settled,
    }
}

impl Settled {
    /// Takes over what `window` finds up to the place `limit` in it. Gives the place of the last
    /// start that was taken, 0 if there was none.
    fn take(&mut self, window: &Window<'_>, limit: usize, values: &[f64]) -> usize {
        let earliest = if self.taken > 0 {
            self.taken.saturating_sub(LOOK_BACK_VALUES)
        } else {
            0
        };
        let mut last_start = 0;
        if self.open.index == window.indices[0] || self.closed.is_empty() && self.from == 0 {
            self.open.sloped = window.stretches[0].sloped;
        }
        for pair in window.stretches.windows(2) {
            let place = pair[1].start;
            if place < earliest || place > limit {
                continue;
            }
            let start = window.start_of(pair[0], pair[1]);
            self.closed.push(self.open.until(start.index, values));
            self.open = start;
            last_start = place;
        }
        let bad_runs = window.bad_runs();
        let new = bad_runs.filter(|(place, _)| (self.taken..limit).contains(place));
        self.bad_runs.extend(new.map(|(_, bad_run)| bad_run));
        last_start
    }
}

/// Some values in a row, all measured, and what is found in them.
struct Window<'a> {
    measured: &'a [f64],
    /// The index of each value in the series, and of those after them.
    indices: &'a [usize],
    medians: Vec<f64>,
    scaled: Scaled,
    noise: f64,
    costs: Costs,
    stretches: Vec<Stretch>,
}

impl<'a> Window<'a> {
    fn new(measured: &'a [f64], indices: &'a [usize]) -> Self {
        let scaled = Scaled::new(measured);
        let noise = noise(&scaled.values);
        let medians = medians_around(&scaled.values);
        let unit = noise * widening(&scaled.values, noise);
        let centre = median(&mut scaled.values.clone());
        let standardised: Vec<f64> = drawn_in(&scaled.values, &medians, noise)
            .iter()
            .map(|value| (value - centre) / unit)
            .collect();
        Self {
            measured,
            indices,
            medians,
            scaled,
            noise,
            costs: Costs::new(&standardised),
            stretches: stretches(&standardised),
        }
    }

    fn start_of(&self, before: Stretch, after: Stretch) -> SegmentStart {
        let (earliest, latest) = interval(&self.costs, before, after);
        SegmentStart {
            index: self.indices[after.start],
            earliest: self.indices[earliest],
            latest: self.indices[latest],
            sloped: after.sloped,
        }
    }

    /// The bad runs, and their places.
    fn bad_runs(&self) -> impl Iterator<Item = (usize, BadRun)> {
        (0..self.measured.len()).filter_map(|place| {
            let side = self.bad_side(place)?;
            let starts_here = place == 0 || self.bad_side(place - 1) != Some(side);
            let runs = (place..self.measured.len())
                .take(BAD_RUNS_MAX + 1)
                .take_while(|place| self.bad_side(*place) == Some(side))
                .count();
            let mut changes = self.stretches.iter().skip(1);
            let near_a_change = changes.any(|stretch| stretch.start.abs_diff(place) <= 2);
            let is_one = starts_here && runs <= BAD_RUNS_MAX && !near_a_change;
            is_one.then(|| (place, self.bad_run(place, runs)))
        })
    }

    /// Whether a value is far above (`true`) or far below the median around it.
    fn bad_side(&self, place: usize) -> Option<bool> {
        let off = self.scaled.values[place] - self.medians[place];
        (off.abs() > BAD_RUN_DEVIATIONS * self.noise).then_some(off > 0.0)
    }

    fn bad_run(&self, place: usize, runs: usize) -> BadRun {
        let off = self.scaled.values[place] - self.medians[place];
        BadRun {
            index: self.indices[place],
            runs,
            next: self.indices.get(place + runs).copied(),
            value: self.measured[place],
            usual: self.scaled.scale().back(self.medians[place]),
            noises: off.abs() / self.noise,
        }
    }
}
