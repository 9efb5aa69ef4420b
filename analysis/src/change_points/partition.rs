//! The partition of a window into level and sloped stretches that costs least.

use super::{SEGMENT_VALUES_MIN, TIP_VALUES_MIN};

/// What a change point costs, in units of the noise's variance, times the logarithm of the number
/// of values. Yao's criterion says 2; more is asked, since nobody looks at a second false alarm.
pub(super) const PENALTY: f64 = 3.5;

/// What a slope costs more than a level, in the same unit.
pub(super) const SLOPE_PENALTY: f64 = 3.0;

/// The shortest stretch that counts as a drift, in values. What rises faster is a step.
pub(super) const SLOPED_VALUES_MIN: usize = 15;

/// How many standard errors the levels on both sides of a change have to be apart at least, by the
/// spread of their own values: in normal noise, once in ten thousand.
const APART_MIN: f64 = 3.89;

/// How many values the assumed spread of a side counts as, beside its own.
const ASSUMED_VALUES: f64 = 5.0;

/// One stretch of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Its first value.
    pub(super) start: usize,
    /// The first value after it.
    pub(super) end: usize,
    /// Whether it rises or falls all along.
    pub(super) sloped: bool,
}

/// The best partition of values in units of their noise: the least sum of squared distances from
/// the levels and slopes, and of the penalties for changes and slopes. Without the changes that do
/// not hold against the spread of their own two sides.
pub(super) fn stretches(standardised: &[f64]) -> Vec<Stretch> {
    let mut found = best_partition(standardised);
    while let Some(weakest) = weakest_change(standardised, &found) {
        found[weakest].end = found[weakest + 1].end;
        found.remove(weakest + 1);
    }
    found
}

/// The partition that costs least, the whole as one level if it is too short for two.
pub(super) fn best_partition(values: &[f64]) -> Vec<Stretch> {
    let length = values.len();
    if length < 2 * SEGMENT_VALUES_MIN {
        let whole = Stretch {
            start: 0,
            end: length,
            sloped: false,
        };
        return vec![whole];
    }
    let costs = Costs::new(values);
    // `best[end]`: the least cost of the first `end` values, and where its last stretch starts.
    let mut best = vec![(f64::INFINITY, 0); length + 1];
    best[0] = (-costs.penalty, 0);
    for end in SEGMENT_VALUES_MIN..=length {
        let shortest = if end == length {
            TIP_VALUES_MIN
        } else {
            SEGMENT_VALUES_MIN
        };
        let least = costs.least_to(end, shortest, &best);
        best[end] = (least.0 + costs.penalty, least.1);
    }
    let mut stretches = Vec::new();
    let mut end = length;
    while end > 0 {
        let start = best[end].1;
        let sloped = costs.of(start, end).is_sloped();
        stretches.push(Stretch { start, end, sloped });
        end = start;
    }
    stretches.reverse();
    stretches
}

/// The cost of one stretch without the penalty for its change point.
#[derive(Debug, Clone, Copy)]
pub(super) struct StretchCost {
    level: f64,
    sloped: f64,
}

impl StretchCost {
    pub(super) fn least(self) -> f64 {
        self.level.min(self.sloped)
    }

    fn is_sloped(self) -> bool {
        self.sloped < self.level
    }
}

/// Sums of all values before a place, so that the cost of any stretch is found at once.
pub(super) struct Costs {
    sums: Vec<Sum>,
    by_length: Vec<ByLength>,
    /// What a change point costs.
    pub(super) penalty: f64,
    slope_penalty: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    value: f64,
    square: f64,
    place_times_value: f64,
}

/// What depends on a stretch's length alone.
#[derive(Debug, Clone, Copy)]
struct ByLength {
    /// One by the length.
    share: f64,
    /// One by the sum of the squared distances of the places from their middle; 0 where a stretch
    /// is too short to be sloped.
    slope_share: f64,
}

impl Costs {
    pub(super) fn new(values: &[f64]) -> Self {
        let mut sum = Sum::default();
        let mut sums = vec![sum];
        for (place, value) in values.iter().enumerate() {
            sum.value += value;
            sum.square += value * value;
            sum.place_times_value += place as f64 * value;
            sums.push(sum);
        }
        let by_length = |length: usize| {
            let long = length as f64;
            let spread = long * (long * long - 1.0) / 12.0;
            let may_slope = length >= SLOPED_VALUES_MIN;
            ByLength {
                share: if length > 0 { 1.0 / long } else { 0.0 },
                slope_share: if may_slope { 1.0 / spread } else { 0.0 },
            }
        };
        let logarithm = (values.len().max(1) as f64).ln();
        Self {
            sums,
            by_length: (0..=values.len()).map(by_length).collect(),
            penalty: PENALTY * logarithm,
            slope_penalty: SLOPE_PENALTY * logarithm,
        }
    }

    /// The least cost of the values before `end`, whose last stretch starts where `best` has a cost
    /// of all before; and that start. The last stretch has `shortest` values or more. The one loop
    /// in which the time goes.
    fn least_to(&self, end: usize, shortest: usize, best: &[(f64, usize)]) -> (f64, usize) {
        let starts = end + 1 - shortest;
        let after = self.sums[end];
        let lengths = self.by_length[shortest..=end].iter().rev();
        let befores = best[..starts].iter().zip(&self.sums[..starts]).zip(lengths);
        let mut least = (f64::INFINITY, 0);
        let mut middle = end as f64 / 2.0 - 0.5;
        for (start, ((best, before), length)) in befores.enumerate() {
            let cost = best.0 + self.between(*before, after, middle, *length).least();
            if cost < least.0 {
                least = (cost, start);
            }
            middle += 0.5;
        }
        least
    }

    /// The cost of the stretch from `start` to before `end`, as a level and as a slope.
    pub(super) fn of(&self, start: usize, end: usize) -> StretchCost {
        let middle = (start + end) as f64 / 2.0 - 0.5;
        let length = self.by_length[end - start];
        self.between(self.sums[start], self.sums[end], middle, length)
    }

    #[inline]
    fn between(&self, before: Sum, after: Sum, middle: f64, length: ByLength) -> StretchCost {
        let sum = after.value - before.value;
        let level = (after.square - before.square - sum * sum * length.share).max(0.0);
        let along = after.place_times_value - before.place_times_value - middle * sum;
        let explained = along * along * length.slope_share;
        StretchCost {
            level,
            sloped: (level - explained).max(0.0) + self.slope_penalty,
        }
    }
}

/// The change between two levels that holds least against the spread of its own two sides, where
/// one does not hold: the place of the stretch before it.
fn weakest_change(values: &[f64], stretches: &[Stretch]) -> Option<usize> {
    let apart = stretches
        .windows(2)
        .map(|pair| levels_apart(values, pair[0], pair[1]));
    let (weakest, apart) = apart
        .enumerate()
        .min_by(|one, other| one.1.total_cmp(&other.1))?;
    (apart < APART_MIN).then_some(weakest)
}

/// How many standard errors two levels are apart; infinitely many if one of them is a slope.
fn levels_apart(values: &[f64], one: Stretch, other: Stretch) -> f64 {
    if one.sloped || other.sloped {
        return f64::INFINITY;
    }
    let (one, one_error) = mean_and_error(&values[one.start..one.end]);
    let (other, other_error) = mean_and_error(&values[other.start..other.end]);
    (one - other).abs() / (one_error + other_error).sqrt()
}

/// The mean of values and the square of its standard error. The spread is never taken to be less
/// than the noise of the whole window, which is 1.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let variance = (squares + ASSUMED_VALUES) / (count - 1.0 + ASSUMED_VALUES);
    (mean, variance.max(1.0) / count)
}

#[cfg(test)]
mod tests;
