//! Which test cases of a comparison count for a verdict, and why the others do not.

use shared_types::Category;
use shared_types::comparison::{Answer, ComparedTestCase, Comparison, Verdict};

use super::Policy;
use super::decision::{ChangeLeftOut, CountedChange, LeftOutReason, MetricOpinion};
use crate::direction;

/// What a comparison says by the policy. `family_q` is, for each of its test cases, the q-value in
/// the family of the verdict, where its method gives a p-value.
pub(super) fn metric_opinion(
    policy: &Policy,
    comparison: &Comparison,
    family_q: &[Option<f64>],
) -> MetricOpinion {
    let q_of = family_q.iter().copied().chain(std::iter::repeat(None));
    let judged: Vec<Judged<'_>> = comparison
        .test_cases
        .iter()
        .zip(q_of)
        .map(|(case, family_q)| Judged::of(policy, comparison, case, family_q))
        .collect();
    let cases: Vec<ComparedTestCase> = judged
        .iter()
        .filter(|one| one.counts())
        .map(|one| one.case.clone())
        .collect();
    let directions =
        direction::by_category(&comparison.metric_details, &comparison.test_cases, &cases);
    let joined = directions
        .iter()
        .map(|one| one.direction.verdict)
        .fold(Verdict::Neutral, direction::join);
    let open = judged.iter().filter(|one| one.is_open());
    let counted = counted(&judged);
    MetricOpinion {
        metric: comparison.metric.clone(),
        method: comparison.method.clone(),
        method_version: comparison.method_version.clone(),
        base: comparison.base.clone(),
        head: comparison.head.clone(),
        verdict: if comparison.verdict == Verdict::Incomplete {
            Verdict::Incomplete
        } else {
            joined
        },
        directions,
        test_cases: number(judged.iter()),
        same: number(judged.iter().filter(|one| one.is_same())),
        not_yet_known: number(open.clone()),
        up_to: open.filter_map(Judged::may_hide).max_by(f64::total_cmp),
        without_answer: number(judged.iter().filter(|one| one.case.answer.is_none())),
        mean_improvement: mean(policy, &counted, false),
        mean_regression: mean(policy, &counted, true),
        counted,
        left_out: left_out(&judged),
    }
}

struct Judged<'a> {
    case: &'a ComparedTestCase,
    category: Category,
    regression: bool,
    limit: f64,
    has_weight: bool,
    family_q: Option<f64>,
    left_out: Option<LeftOutReason>,
}

impl<'a> Judged<'a> {
    fn of(
        policy: &Policy,
        comparison: &Comparison,
        case: &'a ComparedTestCase,
        family_q: Option<f64>,
    ) -> Self {
        let category = direction::category_of(case);
        let limit = policy.limit(&comparison.metric_details.name, category);
        let has_weight = policy.weights.category(category) > 0.0;
        // The first reason that applies; what the family does not believe is not weighed further.
        let left_out = if family_q.is_some_and(|q| q > policy.false_discovery_rate) {
            Some(LeftOutReason::ChanceInFamily)
        } else if !case.relevant {
            Some(LeftOutReason::TooSmallToMatter)
        } else if !has_weight {
            Some(LeftOutReason::CategoryWithoutWeight)
        } else {
            match case.change {
                None => Some(LeftOutReason::NoSize),
                Some(change) if change.abs() < limit => Some(LeftOutReason::BelowLimit),
                Some(_) => None,
            }
        };
        Self {
            case,
            category,
            regression: case
                .change
                .is_some_and(|change| direction::is_regression(&comparison.metric_details, change)),
            limit,
            has_weight,
            family_q,
            left_out,
        }
    }

    fn counts(&self) -> bool {
        self.left_out.is_none()
    }

    fn is_same(&self) -> bool {
        self.case.answer == Some(Answer::Same)
    }

    /// The largest change that the interval still allows.
    fn may_hide(&self) -> Option<f64> {
        let (low, high) = (self.case.low?, self.case.high?);
        Some(low.abs().max(high.abs()))
    }

    /// Whether more measurements could make it count: it is not known, or the family does not
    /// believe it yet, and its interval reaches what would count.
    fn is_open(&self) -> bool {
        let undecided = self.case.answer == Some(Answer::NotYetKnown)
            || (self.case.relevant && self.left_out == Some(LeftOutReason::ChanceInFamily));
        let reaches = self.may_hide().is_none_or(|size| size >= self.limit);
        undecided && self.has_weight && reaches
    }
}

fn counted(judged: &[Judged<'_>]) -> Vec<CountedChange> {
    let mut counted: Vec<CountedChange> = judged
        .iter()
        .filter(|one| one.counts())
        .filter_map(|one| {
            let case = one.case;
            Some(CountedChange {
                name: case.name.clone(),
                category: one.category,
                change: case.change?,
                regression: one.regression,
                magnitude: case.magnitude,
                low: case.low,
                high: case.high,
                threshold: case.threshold,
                p: case.p,
                family_q: one.family_q,
            })
        })
        .collect();
    counted.sort_by(|one, other| {
        let by_size = other.change.abs().total_cmp(&one.change.abs());
        by_size.then(one.name.cmp(&other.name))
    });
    counted
}

fn left_out(judged: &[Judged<'_>]) -> Vec<ChangeLeftOut> {
    let significant = judged.iter().filter(|one| one.case.significant);
    let mut left_out: Vec<ChangeLeftOut> = significant
        .filter_map(|one| {
            let reason = one.left_out?;
            Some(ChangeLeftOut {
                name: one.case.name.clone(),
                change: one.case.change,
                reason,
                limit: (reason == LeftOutReason::BelowLimit).then_some(one.limit),
                family_q: one
                    .family_q
                    .filter(|_| reason == LeftOutReason::ChanceInFamily),
            })
        })
        .collect();
    left_out.sort_by(|one, other| {
        let size = |left_out: &ChangeLeftOut| left_out.change.map_or(0.0, f64::abs);
        let by_reason = one.reason.cmp(&other.reason);
        by_reason
            .then(size(other).total_cmp(&size(one)))
            .then(one.name.cmp(&other.name))
    });
    left_out
}

/// The geometric mean of one side, each change with the weight of its category.
fn mean(policy: &Policy, counted: &[CountedChange], regressions: bool) -> Option<f64> {
    let mut weighted: Vec<(f64, f64)> = counted
        .iter()
        .filter(|change| change.regression == regressions)
        .map(|one| (one.change.ln_1p(), policy.weights.category(one.category)))
        .collect();
    // In one order whatever the order they came in, so that the mean is the same to the last bit.
    weighted.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let weights: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = weighted.iter().map(|(log, weight)| log * weight).sum();
    let mean = (sum / weights).exp_m1();
    mean.is_finite().then_some(mean)
}

fn number<T>(all: impl Iterator<Item = T>) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}
