//! PELT with the settings that it is published with: a normal mean, the modified Bayesian
//! information criterion, levels of one value allowed.

use super::Detector;
use crate::robust::NORMAL_MEDIAN_DEVIATION;

/// Pruned exact linear time (Killick, Fearnhead and Eckley 2012).
#[derive(Debug, Clone, Copy)]
pub struct Pelt {
    /// What a change point costs, in logarithms of the length.
    penalty: f64,
}

impl Pelt {
    /// The default of the R package `changepoint`: a penalty of `3 ln n`, and the logarithm of each
    /// length. The series is in units of its noise, which is taken from neighbours.
    pub const PUBLISHED: Self = Self { penalty: 3.0 };
}

impl Detector for Pelt {
    fn name(&self) -> String {
        format!("PELT, MBIC, penalty {} ln n", self.penalty)
    }

    fn change_points(&self, values: &[f64]) -> Vec<usize> {
        match in_noises(values) {
            Some(standardised) => partition(&standardised, self.penalty),
            None => Vec::new(),
        }
    }

    fn stricter(&self) -> Option<Box<dyn Detector>> {
        let penalty = self.penalty + 0.5;
        (penalty <= 30.0).then(|| Box::new(Self { penalty }) as Box<dyn Detector>)
    }
}

fn in_noises(values: &[f64]) -> Option<Vec<f64>> {
    let first = *values.first()?;
    let mut sizes: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    sizes.sort_by(f64::total_cmp);
    let squares: f64 = sizes.iter().map(|size| size * size).sum();
    let plain = (squares / sizes.len().max(1) as f64).sqrt();
    let robust = sizes.get(sizes.len() / 2)? / NORMAL_MEDIAN_DEVIATION;
    let noise = if robust > 0.0 { robust } else { plain } / std::f64::consts::SQRT_2;
    (noise > 0.0).then(|| values.iter().map(|value| (value - first) / noise).collect())
}

/// The best partition, found without pruning: the series here are short, and the answer is the same.
fn partition(values: &[f64], penalty: f64) -> Vec<usize> {
    let length = values.len();
    let penalty = penalty * (length as f64).ln();
    let mut sums = vec![(0.0, 0.0)];
    for value in values {
        let (sum, squares) = sums[sums.len() - 1];
        sums.push((sum + value, squares + value * value));
    }
    let mut best = vec![(-penalty, 0)];
    for end in 1..=length {
        let cost = |start: usize| {
            let count = (end - start) as f64;
            let sum = sums[end].0 - sums[start].0;
            let squares = sums[end].1 - sums[start].1;
            (squares - sum * sum / count).max(0.0) + count.ln()
        };
        let costs = (0..end).map(|start| (best[start].0 + cost(start) + penalty, start));
        let least = costs.min_by(|one, other| one.0.total_cmp(&other.0));
        best.push(least.unwrap_or((f64::INFINITY, 0)));
    }
    let mut points = Vec::new();
    let mut end = length;
    while end > 0 {
        end = best[end].1;
        if end > 0 {
            points.push(end);
        }
    }
    points.reverse();
    points
}
