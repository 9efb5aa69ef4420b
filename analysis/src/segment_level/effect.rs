//! How far head is from base, and what is known of the noise of that difference.

use super::level::{Level, median};
use super::noise_kind::NoiseKind;
use super::prior::Variance;
use super::tails::Tails;
use crate::significance::{Evidence, HistoryPoint, Sample};

/// So many artifacts that were measured on the hosts of head make a history of their own.
const RUNS_ON_ONE_HOST_MIN: usize = 10;

/// Fewer pairs than these say nothing of their own spread.
const PAIRS_MIN: usize = 2;

/// From how many standard deviations on base is not what its level is.
const FAR_DEVIATIONS: f64 = 3.0;

/// A difference and its noise, before siblings have their say. On the log scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Effect {
    /// Head minus the level of base.
    pub(super) difference: f64,
    /// The value of head.
    pub(super) head: f64,
    /// What was measured of the noise of one run, or of one pair.
    pub(super) noise: Variance,
    /// How heavy the tails of that noise are.
    pub(super) tails: Tails,
    /// How much of one run's variance the difference has.
    pub(super) share: f64,
    /// What comes to that variance.
    pub(super) further_variance: f64,
    /// Head against base alone, where base has a level besides itself.
    pub(super) base_alone: Option<BaseAlone>,
    /// Whether it rests on pairs.
    pub(super) paired: bool,
    /// How many earlier artifacts it rests on.
    pub(super) history: u32,
}

/// Head against the one measurement of base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BaseAlone {
    /// Head minus base.
    pub(super) difference: f64,
    /// How much of one run's variance that has.
    pub(super) share: f64,
    /// Base minus the level of the runs before it.
    from_level: f64,
    /// How much of one run's variance that has.
    from_level_share: f64,
}

impl BaseAlone {
    /// Whether base is not what the runs before it were.
    pub(super) fn is_far(&self, noise: Variance) -> bool {
        let deviation = (noise.variance * self.from_level_share).sqrt();
        self.from_level.abs() > FAR_DEVIATIONS * deviation
    }
}

impl Effect {
    /// What the evidence says, or `None` where a value has no logarithm.
    pub(super) fn estimate(kind: NoiseKind, evidence: &Evidence) -> Option<Self> {
        if evidence.pairs.len() >= PAIRS_MIN {
            return of_pairs(kind, evidence);
        }
        let base = logarithms(&evidence.base.iterations)?;
        let head = logarithms(&evidence.head.iterations)?;
        let head_value = median(evidence.head.iterations.clone()).ln();
        let base_value = median(evidence.base.iterations.clone()).ln();
        let history = usable_history(kind, evidence);
        let series: Vec<f64> = history
            .iter()
            .rev()
            .map(|point| point.median.ln())
            .chain([base_value])
            .collect();
        let (base_runs, head_runs) = (runs(&evidence.base), runs(&evidence.head));
        let level = Level::of(&series, base_runs);
        Some(Self {
            difference: head_value - level.centre,
            head: head_value,
            noise: level.noise,
            tails: level.tails,
            share: 1.0 / head_runs + 1.0 / level.runs,
            further_variance: iterations_variance(&base, &head, &history, level.noise)
                + hosts_variance(kind, evidence),
            base_alone: level.before_base.map(|(centre, count)| BaseAlone {
                difference: head_value - base_value,
                share: 1.0 / head_runs + 1.0 / base_runs,
                from_level: base_value - centre,
                from_level_share: 1.0 / base_runs + 1.0 / count,
            }),
            paired: false,
            history: u32::try_from(history.len()).unwrap_or(u32::MAX),
        })
    }
}

/// Base and head alternated on one host, so what disturbed one disturbed the other, too.
fn of_pairs(kind: NoiseKind, evidence: &Evidence) -> Option<Effect> {
    let differences: Vec<f64> = evidence
        .pairs
        .iter()
        .map(|(base, head)| logarithms(&[*base, *head]).map(|logs| logs[1] - logs[0]))
        .collect::<Option<_>>()?;
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let squares = differences.iter().map(|one| (one - mean).powi(2));
    logarithms(&evidence.head.iterations)?;
    Some(Effect {
        difference: mean,
        head: median(evidence.head.iterations.clone()).ln(),
        noise: Variance {
            variance: squares.sum::<f64>() / (count - 1.0),
            degrees: count - 1.0,
        },
        tails: Tails::default(),
        share: 1.0 / count,
        // Pairs of one job share what that job met with, and another job would meet with other.
        further_variance: kind.smallest_noise().powi(2),
        base_alone: None,
        paired: true,
        history: 0,
    })
}

/// The history on the hosts of head, where the metric depends on the host and there is enough. What
/// has no logarithm is left out: a zero among positive values was not measured.
fn usable_history(kind: NoiseKind, evidence: &Evidence) -> Vec<HistoryPoint> {
    let places = evidence.history.places().iter().flatten();
    let all: Vec<HistoryPoint> = places
        .filter(|point| has_logarithm(point.median))
        .copied()
        .collect();
    let on_host: Vec<HistoryPoint> = all
        .iter()
        .filter(|point| point.on_hosts_of_head)
        .copied()
        .collect();
    if kind.depends_on_host() && on_host.len() >= RUNS_ON_ONE_HOST_MIN {
        on_host
    } else {
        all
    }
}

/// What iterations add to the variance of runs: all of it where no history says how much runs vary;
/// else the part by which head has fewer iterations than runs of the history.
fn iterations_variance(
    base: &[f64],
    head: &[f64],
    history: &[HistoryPoint],
    noise: Variance,
) -> f64 {
    let degrees = base.len() + head.len() - 2;
    if degrees == 0 {
        return 0.0;
    }
    let squares = |values: &[f64]| {
        let middle = values.iter().sum::<f64>() / values.len() as f64;
        values
            .iter()
            .map(|value| (value - middle).powi(2))
            .sum::<f64>()
    };
    let of_one = (squares(base) + squares(head)) / degrees as f64;
    let (base_count, head_count) = (base.len() as f64, head.len() as f64);
    if noise.degrees == 0.0 {
        return of_one * (1.0 / base_count + 1.0 / head_count);
    }
    let usual = median(
        history
            .iter()
            .map(|one| f64::from(one.iterations))
            .collect(),
    );
    let fewer = 1.0 / head_count - 1.0 / usual.max(1.0);
    of_one * fewer.max(0.0)
}

fn hosts_variance(kind: NoiseKind, evidence: &Evidence) -> f64 {
    if evidence.on_one_host {
        return 0.0;
    }
    2.0 * kind.between_hosts().powi(2)
}

fn runs(sample: &Sample) -> f64 {
    f64::from(sample.replicates.max(1))
}

/// The natural logarithms, or `None` where one does not exist.
fn logarithms(values: &[f64]) -> Option<Vec<f64>> {
    let exist = !values.is_empty() && values.iter().all(|value| has_logarithm(*value));
    exist.then(|| values.iter().map(|value| value.ln()).collect())
}

fn has_logarithm(value: f64) -> bool {
    value > 0.0 && value.is_finite()
}
