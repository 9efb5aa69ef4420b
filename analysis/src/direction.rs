//! The verdict of one configuration: better, worse, both, or neither.

use shared_types::comparison::{ComparedTestCase, Magnitude, Verdict};
use shared_types::{Category, Metric};

/// From this share of regressions on, large improvements do not make an improvement.
const REGRESSIONS_BESIDE_LARGE_IMPROVEMENTS: f64 = 0.15;

/// Below this share of regressions, large regressions do not make a regression.
const REGRESSIONS_THAT_PREVAIL: f64 = 0.85;

/// A share of regressions within these limits is mixed where all changes are small.
const MIXED_AMONG_SMALL_CHANGES: std::ops::RangeInclusive<f64> = 0.1..=0.9;

/// The verdict over the relevant changes of a comparison, by the rules of rustc-perf: primary and
/// secondary test cases each have a direction, and the two are joined. Test cases without a
/// category count as primary.
pub fn verdict(metric: &Metric, test_cases: &[ComparedTestCase]) -> Verdict {
    let direction_of = |category: Category| {
        let relevant = test_cases
            .iter()
            .filter(|case| case.relevant && category_of(case) == category);
        direction(relevant.filter_map(|case| {
            let regression = is_regression(metric, case.change?);
            Some((regression, case.magnitude))
        }))
    };
    join(
        direction_of(Category::Primary),
        direction_of(Category::Secondary),
    )
}

/// The category that a test case counts as.
pub fn category_of(case: &ComparedTestCase) -> Category {
    case.category.unwrap_or(Category::Primary)
}

/// Whether `change` is for the worse.
pub fn is_regression(metric: &Metric, change: f64) -> bool {
    if metric.lower_is_better {
        change > 0.0
    } else {
        change < 0.0
    }
}

/// The direction of a number of relevant changes: whether each is a regression, and how large.
pub fn direction(changes: impl IntoIterator<Item = (bool, Magnitude)>) -> Verdict {
    let mut sides = [Changes::default(); 2];
    for (regression, magnitude) in changes {
        let side = &mut sides[usize::from(regression)];
        side.count += 1;
        side.medium_or_larger |= magnitude >= Magnitude::Medium;
    }
    let [improvements, regressions] = sides;
    match (improvements.count, regressions.count) {
        (0, 0) => return Verdict::Neutral,
        (_, 0) => return Verdict::Improved,
        (0, _) => return Verdict::Regressed,
        _ => {}
    }
    let share = regressions.count as f64 / (regressions.count + improvements.count) as f64;
    match (improvements.medium_or_larger, regressions.medium_or_larger) {
        (true, true) => Verdict::Mixed,
        (true, false) if share < REGRESSIONS_BESIDE_LARGE_IMPROVEMENTS => Verdict::Improved,
        (false, true) if share >= REGRESSIONS_THAT_PREVAIL => Verdict::Regressed,
        (true, false) | (false, true) => Verdict::Mixed,
        (false, false) if MIXED_AMONG_SMALL_CHANGES.contains(&share) => Verdict::Mixed,
        (false, false) if share < 0.5 => Verdict::Improved,
        (false, false) => Verdict::Regressed,
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Changes {
    count: usize,
    medium_or_larger: bool,
}

/// The join of two directions: neutral gives way, improved and regressed together are mixed.
pub fn join(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Neutral, verdict) | (verdict, Verdict::Neutral) => verdict,
        (one, other) if one == other => one,
        _ => Verdict::Mixed,
    }
}

#[cfg(test)]
mod tests;
