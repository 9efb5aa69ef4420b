//! E-divisive with a t-test, in windows and with weak points merged, as Apache Otava has it.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Detector;

/// How much more lenient the first pass is, so that weak points guard the stronger ones beside them.
const FIRST_PASS: f64 = 10.0;

/// E-divisive (Matteson and James 2014), its permutation test replaced by Student's.
#[derive(Debug, Clone, Copy)]
pub struct EDivisive {
    window: usize,
    p_max: f64,
}

impl EDivisive {
    /// As Apache Otava ships it: windows of 50 values, p at most 0.001.
    pub const OTAVA: Self = Self {
        window: 50,
        p_max: 0.001,
    };

    /// With another limit for p.
    pub fn with_p(p_max: f64) -> Self {
        Self {
            p_max,
            ..Self::OTAVA
        }
    }

    /// Change points of all windows, each beginning half a window or a change point further.
    fn weak_points(self, values: &[f64]) -> Vec<usize> {
        let mut points = Vec::new();
        let mut start = 0;
        while start < values.len() {
            let end = (start + self.window).min(values.len());
            let found = divide(&values[start..end], self.p_max * FIRST_PASS);
            let last = found.last().copied().unwrap_or(0);
            points.extend(found.iter().map(|point| point + start));
            start += last.max(self.window / 2);
        }
        points.sort_unstable();
        points.dedup();
        points
    }
}

impl Detector for EDivisive {
    fn name(&self) -> String {
        format!("E-divisive, t-test, p {:.0e}", self.p_max)
    }

    fn change_points(&self, values: &[f64]) -> Vec<usize> {
        let mut points = self.weak_points(values);
        loop {
            let bounds = [&[0], &points[..], &[values.len()]].concat();
            let tested = bounds.windows(3).map(|three| {
                let (before, after) = (&values[three[0]..three[1]], &values[three[1]..three[2]]);
                p_of_difference(before, after)
            });
            let weakest = tested
                .enumerate()
                .max_by(|one, other| one.1.total_cmp(&other.1));
            match weakest {
                Some((place, p)) if p >= self.p_max => points.remove(place),
                _ => return points,
            };
        }
    }

    fn stricter(&self) -> Option<Box<dyn Detector>> {
        let p_max = self.p_max / 3.0;
        (p_max > 1e-9).then(|| Box::new(Self { p_max, ..*self }) as Box<dyn Detector>)
    }
}

/// Divides values again and again where the divergence is greatest, as long as both sides differ.
fn divide(values: &[f64], p_max: f64) -> Vec<usize> {
    let mut points: Vec<usize> = Vec::new();
    let mut parts = vec![Part::new(values, 0, values.len())];
    loop {
        let best = parts
            .iter()
            .enumerate()
            .max_by(|one, other| one.1.divergence.total_cmp(&other.1.divergence));
        let Some((place, part)) = best else {
            return points;
        };
        let (start, at, end) = (part.start, part.divided_at, part.end);
        if p_of_difference(&values[start..at], &values[at..end]) > p_max {
            return points;
        }
        let halves = [Part::new(values, start, at), Part::new(values, at, end)];
        parts.splice(place..=place, halves);
        points.push(at);
        points.sort_unstable();
    }
}

/// A part of a window and the place at which it is best divided.
struct Part {
    start: usize,
    end: usize,
    divided_at: usize,
    divergence: f64,
}

impl Part {
    fn new(values: &[f64], start: usize, end: usize) -> Self {
        let (at, divergence) = best_division(&values[start..end]);
        Self {
            start,
            end,
            divided_at: start + at,
            divergence,
        }
    }
}

/// The place with the greatest `mn / (m + n) * (2 mean|X - Y| - mean|X - X'| - mean|Y - Y'|)`, over
/// all places and all ends of the right side.
fn best_division(values: &[f64]) -> (usize, f64) {
    let length = values.len();
    // `below[i][j]`: the sum of the distances between the first i and the first j values.
    let mut below = vec![vec![0.0; length + 1]; length + 1];
    for row in 0..length {
        let mut in_row = 0.0;
        for column in 0..length {
            in_row += (values[row] - values[column]).abs();
            below[row + 1][column + 1] = below[row][column + 1] + in_row;
        }
    }
    let mut best = (0, f64::NEG_INFINITY);
    for at in 1..length {
        for end in at + 1..=length {
            let (left, right) = (at as f64, (end - at) as f64);
            let between = below[at][end] - below[at][at];
            let within_left = below[at][at];
            let within_right = below[end][end] - below[at][at] - 2.0 * between;
            let energy = 2.0 * between / (left * right)
                - mean_of_pairs(within_left, left)
                - mean_of_pairs(within_right, right);
            let divergence = left * right / (left + right) * energy;
            if divergence > best.1 {
                best = (at, divergence);
            }
        }
    }
    best
}

fn mean_of_pairs(sum: f64, count: f64) -> f64 {
    if count > 1.0 {
        sum / (count * (count - 1.0))
    } else {
        0.0
    }
}

/// The p of Student's test for equal means. As in the original, spreads are those of the whole and
/// not of a sample.
fn p_of_difference(before: &[f64], after: &[f64]) -> f64 {
    let (left, right) = (before.len() as f64, after.len() as f64);
    if before.is_empty() || after.is_empty() || left + right <= 2.0 {
        return 1.0;
    }
    let ((mean, variance), (other_mean, other_variance)) = (moments(before), moments(after));
    let freedom = left + right - 2.0;
    let pooled = ((left - 1.0) * variance + (right - 1.0) * other_variance) / freedom;
    let error = (pooled * (1.0 / left + 1.0 / right)).sqrt();
    let difference = (mean - other_mean).abs();
    if difference == 0.0 {
        return 1.0;
    }
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(distribution) if error > 0.0 => 2.0 * distribution.sf(difference / error),
        _ => 0.0,
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / count)
}
