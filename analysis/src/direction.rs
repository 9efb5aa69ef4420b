//! The verdict of one configuration: better, worse, both, or neither.

use serde::{Deserialize, Serialize};
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
    join(
        of_category(metric, test_cases, Category::Primary).verdict,
        of_category(metric, test_cases, Category::Secondary).verdict,
    )
}

/// The direction of the relevant changes of one category.
pub fn of_category(
    metric: &Metric,
    test_cases: &[ComparedTestCase],
    category: Category,
) -> Direction {
    let relevant = test_cases
        .iter()
        .filter(|case| case.relevant && category_of(case) == category);
    Direction::of(relevant.filter_map(|case| {
        let regression = is_regression(metric, case.change?);
        Some((regression, case.magnitude))
    }))
}

/// The direction of one category.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CategoryDirection {
    /// The category.
    pub category: Category,
    /// Its direction.
    pub direction: Direction,
}

/// The direction of the relevant changes among `counted`, for each category that any of `all` has.
pub fn by_category(
    metric: &Metric,
    all: &[ComparedTestCase],
    counted: &[ComparedTestCase],
) -> Vec<CategoryDirection> {
    let measured = |category: &Category| all.iter().any(|case| category_of(case) == *category);
    let categories = Category::ALL.iter().copied().filter(measured);
    categories
        .map(|category| CategoryDirection {
            category,
            direction: of_category(metric, counted, category),
        })
        .collect()
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
    Direction::of(changes).verdict
}

/// A direction, and what makes it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Direction {
    /// How many improvements there are.
    pub improvements: u32,
    /// How many of them are of medium size or larger.
    pub large_improvements: u32,
    /// How many regressions there are.
    pub regressions: u32,
    /// How many of them are of medium size or larger.
    pub large_regressions: u32,
    /// The rule that applies.
    pub rule: DirectionRule,
    /// The direction.
    pub verdict: Verdict,
}

/// Which rule makes a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectionRule {
    /// There are no relevant changes.
    NoChange,
    /// All are for the better.
    OnlyImprovements,
    /// All are for the worse.
    OnlyRegressions,
    /// There are larger ones on both sides.
    LargeOnBothSides,
    /// The larger ones are all for the better, and regressions are few.
    LargeImprovementsPrevail,
    /// The larger ones are all for the worse, and improvements are few.
    LargeRegressionsPrevail,
    /// The larger ones are all on one side, and there are many small ones on the other.
    LargeOnOneSideAgainstMany,
    /// All are small, and neither side has nearly all of them.
    SmallOnBothSides,
    /// All are small, and nearly all of them are for the better.
    SmallImprovementsPrevail,
    /// All are small, and nearly all of them are for the worse.
    SmallRegressionsPrevail,
}

impl DirectionRule {
    fn verdict(self) -> Verdict {
        match self {
            Self::NoChange => Verdict::Neutral,
            Self::OnlyImprovements
            | Self::LargeImprovementsPrevail
            | Self::SmallImprovementsPrevail => Verdict::Improved,
            Self::OnlyRegressions
            | Self::LargeRegressionsPrevail
            | Self::SmallRegressionsPrevail => Verdict::Regressed,
            Self::LargeOnBothSides | Self::LargeOnOneSideAgainstMany | Self::SmallOnBothSides => {
                Verdict::Mixed
            }
        }
    }

    /// The rule in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoChange => "no change that counts",
            Self::OnlyImprovements => "all changes that count are for the better",
            Self::OnlyRegressions => "all changes that count are for the worse",
            Self::LargeOnBothSides => {
                "there are changes of medium size or larger for the better and for the worse"
            }
            Self::LargeImprovementsPrevail => {
                "the changes of medium size or larger are all for the better, and fewer than 15 % of \
                 all are for the worse"
            }
            Self::LargeRegressionsPrevail => {
                "the changes of medium size or larger are all for the worse, and at least 85 % of \
                 all are"
            }
            Self::LargeOnOneSideAgainstMany => {
                "the changes of medium size or larger are all on one side, but too many small ones \
                 are on the other"
            }
            Self::SmallOnBothSides => "all are small, and neither side has more than 90 % of them",
            Self::SmallImprovementsPrevail => {
                "all are small, and more than 90 % are for the better"
            }
            Self::SmallRegressionsPrevail => "all are small, and more than 90 % are for the worse",
        }
    }
}

impl Direction {
    /// The direction of a number of relevant changes: whether each is a regression, and how large.
    pub fn of(changes: impl IntoIterator<Item = (bool, Magnitude)>) -> Self {
        let mut sides = [Changes::default(); 2];
        for (regression, magnitude) in changes {
            let side = &mut sides[usize::from(regression)];
            side.count += 1;
            side.medium_or_larger += u32::from(magnitude >= Magnitude::Medium);
        }
        let [improvements, regressions] = sides;
        let rule = rule(improvements, regressions);
        Self {
            improvements: improvements.count,
            large_improvements: improvements.medium_or_larger,
            regressions: regressions.count,
            large_regressions: regressions.medium_or_larger,
            rule,
            verdict: rule.verdict(),
        }
    }
}

fn rule(improvements: Changes, regressions: Changes) -> DirectionRule {
    match (improvements.count, regressions.count) {
        (0, 0) => return DirectionRule::NoChange,
        (_, 0) => return DirectionRule::OnlyImprovements,
        (0, _) => return DirectionRule::OnlyRegressions,
        _ => {}
    }
    let all = f64::from(regressions.count) + f64::from(improvements.count);
    let share = f64::from(regressions.count) / all;
    let large = (
        improvements.medium_or_larger > 0,
        regressions.medium_or_larger > 0,
    );
    match large {
        (true, true) => DirectionRule::LargeOnBothSides,
        (true, false) if share < REGRESSIONS_BESIDE_LARGE_IMPROVEMENTS => {
            DirectionRule::LargeImprovementsPrevail
        }
        (false, true) if share >= REGRESSIONS_THAT_PREVAIL => {
            DirectionRule::LargeRegressionsPrevail
        }
        (true, false) | (false, true) => DirectionRule::LargeOnOneSideAgainstMany,
        (false, false) if MIXED_AMONG_SMALL_CHANGES.contains(&share) => {
            DirectionRule::SmallOnBothSides
        }
        (false, false) if share < 0.5 => DirectionRule::SmallImprovementsPrevail,
        (false, false) => DirectionRule::SmallRegressionsPrevail,
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Changes {
    count: u32,
    medium_or_larger: u32,
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
