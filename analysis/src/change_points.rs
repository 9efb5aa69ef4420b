//! Change points: where a series takes another level or begins to drift.
//!
//! Optimal partitioning of a series into stretches that are level or sloped. The scale of the noise
//! is estimated robustly and widened where noise correlates from run to run; outliers are drawn in
//! beforehand; and a change must hold against the spread of its own two sides afterwards.
//!
//! A long series is read through overlapping windows, so that the cost of a new value is bounded,
//! and so that what lies far enough behind never changes again: see [`Settled`].

mod change;
mod dating;
mod noise;
mod partition;
mod scale;
mod segment;
mod windows;

pub use change::{
    BASELINE_VALUES, CONFIRMED_VALUES, Change, ChangeKind, ChangeState, changes, changes_since,
};
pub use segment::{Segment, segments};
pub use windows::{Settled, WINDOW_VALUES};

/// The shortest stretch that counts as a level, in values. A change has to persist this long.
pub const SEGMENT_VALUES_MIN: usize = 3;

/// The shortest stretch at the end of a series, where a change may have only begun to persist.
pub const TIP_VALUES_MIN: usize = 2;

/// The places in `values` at which a new level or a drift begins: the index of its first value,
/// ascending and never 0.
///
/// Values that are not finite are gaps: they are skipped, and the indices of the others stay. A
/// level has at least [`SEGMENT_VALUES_MIN`] values, the last one [`TIP_VALUES_MIN`]; a series of less
/// than twice [`SEGMENT_VALUES_MIN`] has no change point. Where the values are positive they are judged by ratios, else by differences.
pub fn change_points(values: &[f64]) -> Vec<usize> {
    let segments = segments(values);
    segments
        .iter()
        .skip(1)
        .map(|segment| segment.start)
        .collect()
}

#[cfg(test)]
mod tests;
