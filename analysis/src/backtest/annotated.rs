//! Series whose change points are known by annotation, and the scores by which such series are
//! judged in public: F1 with a margin, and covering.

mod made_up;

pub use made_up::made_up_series;

use super::detectors::Detector;

/// How far from an annotated place a change point may be found, in values.
pub const MARGIN: usize = 5;

/// A series and where it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotatedSeries {
    /// What it is like.
    pub kind: &'static str,
    /// Its values.
    pub values: Vec<f64>,
    /// The places at which something new begins, ascending.
    pub changes: Vec<usize>,
}

/// How well a method does on annotated series, on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnotatedScore {
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// How well the stretches are covered.
    pub covering: f64,
}

/// The mean scores of a method; `None` for the method that never finds anything.
pub fn annotated_score(
    series: &[AnnotatedSeries],
    detector: Option<&dyn Detector>,
) -> AnnotatedScore {
    let mut sum = AnnotatedScore {
        f1: 0.0,
        covering: 0.0,
    };
    for one in series {
        let found = detector.map_or_else(Vec::new, |detector| detector.change_points(&one.values));
        sum.f1 += f1(&found, &one.changes);
        sum.covering += covering(&found, &one.changes, one.values.len());
    }
    let count = series.len().max(1) as f64;
    AnnotatedScore {
        f1: sum.f1 / count,
        covering: sum.covering / count,
    }
}

/// F1 with a margin of [`MARGIN`]. The first index counts as annotated and as found, so that a series
/// without any change has a score. No place is found twice.
pub fn f1(found: &[usize], annotated: &[usize]) -> f64 {
    let with_first = |places: &[usize]| {
        let mut places = [&[0], places].concat();
        places.sort_unstable();
        places.dedup();
        places
    };
    let (mut found, annotated) = (with_first(found), with_first(annotated));
    let found_count = found.len() as f64;
    let mut right = 0.0;
    for place in &annotated {
        let near = found
            .iter()
            .enumerate()
            .min_by_key(|(_, one)| one.abs_diff(*place));
        let near = near.filter(|(_, one)| one.abs_diff(*place) <= MARGIN);
        if let Some((number, _)) = near {
            found.remove(number);
            right += 1.0;
        }
    }
    let (precision, recall) = (right / found_count, right / annotated.len() as f64);
    2.0 * precision * recall / (precision + recall)
}

/// For each annotated stretch the best overlap (shared values by values of either) with a found one,
/// weighed by length.
pub fn covering(found: &[usize], annotated: &[usize], length: usize) -> f64 {
    let stretches = |places: &[usize]| -> Vec<(usize, usize)> {
        let mut bounds = [&[0], places, &[length]].concat();
        bounds.sort_unstable();
        bounds.dedup();
        bounds.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let found = stretches(found);
    let overlap = |one: (usize, usize), other: (usize, usize)| {
        let shared = one.1.min(other.1).saturating_sub(one.0.max(other.0));
        let either = one.1.max(other.1) - one.0.min(other.0);
        if shared > 0 {
            shared as f64 / either as f64
        } else {
            0.0
        }
    };
    let covered = stretches(annotated).into_iter().map(|stretch| {
        let best = found
            .iter()
            .map(|one| overlap(stretch, *one))
            .fold(0.0, f64::max);
        best * (stretch.1 - stretch.0) as f64
    });
    covered.sum::<f64>() / length.max(1) as f64
}

#[cfg(test)]
mod tests;
