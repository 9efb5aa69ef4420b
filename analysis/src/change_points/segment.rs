//! The stretches between change points, with their levels and noise.

use serde::{Deserialize, Serialize};

use super::noise::{median, robust_mean};
use super::scale::Scaled;
use super::windows::{Settled, WINDOW_VALUES, read};

/// A stretch of a series between two change points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The index of its first value; 0 for the first stretch.
    pub start: usize,
    /// The index after its last value.
    pub end: usize,
    /// The earliest index at which it may have begun, with 95 % certainty.
    pub earliest: usize,
    /// The latest index at which it may have begun.
    pub latest: usize,
    /// The level that it begins with, in the unit of the values. Another than `last_level` only
    /// where it is sloped.
    pub first_level: f64,
    /// The level that it ends with: the robust mean of its last values (at most
    /// [`WINDOW_VALUES`]), or the end of the line through them.
    pub last_level: f64,
    /// One standard deviation of its values around the level, robust, in the unit of the values.
    pub noise: f64,
    /// How many measured values level and noise rest on.
    pub values: usize,
    /// Whether it rises or falls all along: a drift.
    pub sloped: bool,
}

/// The stretches of a series, in order. They cover it without a gap; none of nothing.
///
/// As [`super::change_points`] says of gaps and of values that are not positive.
pub fn segments(values: &[f64]) -> Vec<Segment> {
    read(&Settled::default(), values).segments
}

/// Where a stretch begins, and what the window that settled it saw of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct SegmentStart {
    pub(super) index: usize,
    pub(super) earliest: usize,
    pub(super) latest: usize,
    pub(super) sloped: bool,
}

impl SegmentStart {
    /// The index from which on values are looked at, for the level of this stretch, once it ends at
    /// `from` or later.
    pub(super) fn needs_from(self, from: usize, values: &[f64]) -> usize {
        (self.index..from)
            .rev()
            .filter(|index| values[*index].is_finite())
            .take(WINDOW_VALUES)
            .last()
            .unwrap_or(from)
    }

    /// The stretch from here to before `end`.
    pub(super) fn until(self, end: usize, values: &[f64]) -> Segment {
        let within = values[self.index..end].iter().rev().copied();
        let mut last: Vec<f64> = within
            .filter(|value| value.is_finite())
            .take(WINDOW_VALUES)
            .collect();
        last.reverse();
        let levels = Levels::of(&last, self.sloped);
        Segment {
            start: self.index,
            end,
            earliest: self.earliest,
            latest: self.latest,
            first_level: levels.first,
            last_level: levels.last,
            noise: levels.noise,
            values: last.len(),
            sloped: self.sloped,
        }
    }
}

struct Levels {
    first: f64,
    last: f64,
    noise: f64,
}

impl Levels {
    fn of(values: &[f64], sloped: bool) -> Self {
        let scaled = Scaled::new(values);
        let slope = if sloped { slope(&scaled.values) } else { 0.0 };
        let middle = values.len().saturating_sub(1) as f64 / 2.0;
        let along = scaled.values.iter().enumerate();
        let levelled: Vec<f64> = along
            .map(|(place, value)| value - slope * (place as f64 - middle))
            .collect();
        let (centre, deviation) = robust_mean(&levelled);
        let scale = scaled.scale();
        if deviation == 0.0 && !sloped {
            // The value itself, which the way over the logarithm only nearly gives.
            let level = median(&mut values.to_vec());
            return Self {
                first: level,
                last: level,
                noise: 0.0,
            };
        }
        Self {
            first: scale.back(centre - slope * middle),
            last: scale.back(centre + slope * middle),
            noise: scale.deviation_back(deviation, scale.back(centre)),
        }
    }
}

/// The slope of the line through values, for each place.
fn slope(values: &[f64]) -> f64 {
    let middle = values.len().saturating_sub(1) as f64 / 2.0;
    let (mut along, mut spread) = (0.0, 0.0);
    for (place, value) in values.iter().enumerate() {
        let from_middle = place as f64 - middle;
        along += from_middle * value;
        spread += from_middle * from_middle;
    }
    if spread > 0.0 { along / spread } else { 0.0 }
}
