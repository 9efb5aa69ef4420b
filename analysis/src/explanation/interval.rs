//! The interval of a common change, over the crates of its group.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// A common change with its interval, on the log scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    /// The common change.
    pub(super) change: f64,
    /// The lower end.
    pub(super) low: f64,
    /// The upper end.
    pub(super) high: f64,
}

/// What one crate says of the common change.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CrateMean {
    /// The sum of weighted changes.
    sum: f64,
    /// The sum of weights: the inverse of the variance of the mean.
    weight: f64,
}

impl CrateMean {
    pub(super) fn add(&mut self, change: f64, variance: f64) {
        self.sum += change / variance;
        self.weight += 1.0 / variance;
    }

    fn mean(self) -> f64 {
        self.sum / self.weight
    }
}

/// From fewer crates than these nothing is known of how they differ.
const CRATES_MIN: usize = 3;

/// The 95 % interval of the common change. Where there are several crates, each has an effect of
/// its own, and the common change is the mean of all that there could be (DerSimonian and Laird
/// 1986, "Meta-analysis in clinical trials", doi:10.1016/0197-2456(86)90046-2, with Student's t over
/// the crates).
pub(super) fn interval(crates: &[CrateMean]) -> Option<Interval> {
    let crates: Vec<CrateMean> = crates
        .iter()
        .copied()
        .filter(|one| one.weight > 0.0)
        .collect();
    if crates.is_empty() {
        return None;
    }
    let between = variance_between(&crates);
    let (mut sum, mut weight) = (0.0, 0.0);
    for one in &crates {
        let of_crate = 1.0 / (1.0 / one.weight + between);
        sum += of_crate * one.mean();
        weight += of_crate;
    }
    let change = sum / weight;
    let reach = quantile(crates.len()) / weight.sqrt();
    Some(Interval {
        change,
        low: change - reach,
        high: change + reach,
    })
}

fn variance_between(crates: &[CrateMean]) -> f64 {
    if crates.len() < CRATES_MIN {
        return 0.0;
    }
    let weights: f64 = crates.iter().map(|one| one.weight).sum();
    let squares: f64 = crates.iter().map(|one| one.weight.powi(2)).sum();
    let mean = crates.iter().map(|one| one.sum).sum::<f64>() / weights;
    let spread: f64 = crates
        .iter()
        .map(|one| one.weight * (one.mean() - mean).powi(2))
        .sum();
    let expected = (crates.len() - 1) as f64;
    let between = (spread - expected) / (weights - squares / weights);
    if between.is_finite() {
        between.max(0.0)
    } else {
        0.0
    }
}

/// How many standard errors a 95 % interval reaches to each side.
fn quantile(crates: usize) -> f64 {
    const OF_NORMAL: f64 = 1.96;
    if crates < CRATES_MIN {
        return OF_NORMAL;
    }
    StudentsT::new(0.0, 1.0, (crates - 1) as f64)
        .map_or(OF_NORMAL, |distribution| distribution.inverse_cdf(0.975))
}
