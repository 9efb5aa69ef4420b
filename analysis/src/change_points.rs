//! Change points: where a series takes another level.
//!
//! Optimal partitioning with pruning (PELT: Killick, Fearnhead and Eckley 2012) of a series whose
//! scale is estimated robustly and whose outliers are drawn in beforehand.

/// The shortest stretch that counts as a level, in values. A change has to persist this long.
pub const SEGMENT_VALUES_MIN: usize = 3;

/// The noise that is assumed at least, on the log scale: 0.01 %. Without it any step of a counter
/// that never varies would be infinitely many times its noise.
const NOISE_MIN: f64 = 0.0001;

/// How many standard deviations from the median around it a value is drawn in to.
const OUTLIER_DEVIATIONS: f64 = 3.0;

/// How far to each side the median around a value reaches.
const OUTLIER_REACH: usize = 2;

/// What a change point costs, in units of the noise's variance, times the logarithm of the length.
/// Yao's criterion says 2; more is asked, since nobody looks at a second false alarm.
const PENALTY: f64 = 3.5;

/// The median of absolute values of a normal distribution, in standard deviations.
const NORMAL_MEDIAN_DEVIATION: f64 = 0.674_489_75;

/// The places in `values` at which a new level begins: the index of its first value, ascending and
/// never 0.
///
/// Values that are not finite are gaps: they are skipped, and the indices of the others stay. A
/// level has at least [`SEGMENT_VALUES_MIN`] values, so a series below twice that has no change
/// point. A series of positive values is judged by ratios, any other by differences.
pub fn change_points(values: &[f64]) -> Vec<usize> {
    let (places, measured): (Vec<usize>, Vec<f64>) = values
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, value)| value.is_finite())
        .unzip();
    if measured.len() < 2 * SEGMENT_VALUES_MIN {
        return Vec::new();
    }
    let standardised = standardised(&measured);
    best_partition(&standardised)
        .into_iter()
        .map(|start| places[start])
        .collect()
}

/// The values in units of their noise, outliers drawn in.
fn standardised(values: &[f64]) -> Vec<f64> {
    let by_ratio = values.iter().all(|value| *value > 0.0);
    let (scaled, noise_min): (Vec<f64>, f64) = if by_ratio {
        (values.iter().map(|value| value.ln()).collect(), NOISE_MIN)
    } else {
        // Divided first, so that differences of huge values stay finite.
        let largest = values
            .iter()
            .fold(0.0, |max: f64, value| max.max(value.abs()));
        let largest = if largest > 0.0 { largest } else { 1.0 };
        let scaled = values.iter().map(|value| value / largest);
        (scaled.collect(), NOISE_MIN)
    };
    let noise = noise(&scaled).max(noise_min);
    let centre = median(scaled.clone());
    (0..scaled.len())
        .map(|place| {
            let start = place.saturating_sub(OUTLIER_REACH);
            let end = (place + OUTLIER_REACH + 1).min(scaled.len());
            let around = median(scaled[start..end].to_vec());
            let reach = OUTLIER_DEVIATIONS * noise;
            (scaled[place].clamp(around - reach, around + reach) - centre) / noise
        })
        .collect()
}

/// The standard deviation of the noise, from the differences of neighbours, of which a few changes
/// of level do not disturb the median.
fn noise(values: &[f64]) -> f64 {
    let differences = values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    median(differences.collect()) / (NORMAL_MEDIAN_DEVIATION * std::f64::consts::SQRT_2)
}

/// The median; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return *upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (lower + *upper) / 2.0
}

/// The starts of all segments but the first, for the partition with the least cost: the squares of
/// the distances from each segment's mean, and a penalty for each change point.
fn best_partition(values: &[f64]) -> Vec<usize> {
    let length = values.len();
    let penalty = PENALTY * (length as f64).ln();
    let sums = Sums::of(values);
    // `best[end]`: the least cost of the first `end` values, and where its last segment starts.
    let mut best = vec![(f64::INFINITY, 0); length + 1];
    best[0] = (-penalty, 0);
    let mut candidates: Vec<Candidate> = Vec::new();
    for end in SEGMENT_VALUES_MIN..=length {
        let newest = end - SEGMENT_VALUES_MIN;
        if best[newest].0.is_finite() {
            candidates.push(Candidate::starting_at(newest));
        }
        candidates.retain(|candidate| end < candidate.hopeless_from);
        for candidate in &mut candidates {
            candidate.cost = best[candidate.start].0 + sums.cost(candidate.start, end);
            if candidate.cost + penalty < best[end].0 {
                best[end] = (candidate.cost + penalty, candidate.start);
            }
        }
        // What costs more than the best even without a penalty never becomes the best again, once
        // a segment that starts here can be long enough.
        let least = best[end].0;
        for candidate in &mut candidates {
            if candidate.cost > least {
                let hopeless_from = end + SEGMENT_VALUES_MIN;
                candidate.hopeless_from = candidate.hopeless_from.min(hopeless_from);
            }
        }
    }
    let mut starts = Vec::new();
    let mut end = length;
    while end > 0 {
        end = best[end].1;
        if end > 0 {
            starts.push(end);
        }
    }
    starts.reverse();
    starts
}

/// A place where the last segment may start.
struct Candidate {
    start: usize,
    /// The cost of a last segment from here to the end that is being looked at, and of all before.
    cost: f64,
    /// For ends from here on, another start is always better.
    hopeless_from: usize,
}

impl Candidate {
    fn starting_at(start: usize) -> Self {
        Self {
            start,
            cost: f64::INFINITY,
            hopeless_from: usize::MAX,
        }
    }
}

/// Sums of all values before a place, so that the cost of any segment is found at once.
struct Sums {
    values: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        let running = |term: fn(f64) -> f64| {
            let sums = values.iter().scan(0.0, move |sum, value| {
                *sum += term(*value);
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self {
            values: running(|value| value),
            squares: running(|value| value * value),
        }
    }

    /// The squares of the distances from the mean of the values from `start` to before `end`.
    fn cost(&self, start: usize, end: usize) -> f64 {
        let sum = self.values[end] - self.values[start];
        let squares = self.squares[end] - self.squares[start];
        (squares - sum * sum / (end - start) as f64).max(0.0)
    }
}

#[cfg(test)]
mod tests;
