//! The verdict over configurations. It looks at what each configuration says, never at the numbers
//! of two of them together, and never takes a mean over configurations.

mod document;
mod sentences;

pub use document::{Limit, Policy};

use shared_types::comparison::{ComparedTestCase, Comparison, Verdict};
use shared_types::{ConfigurationId, Tier};

use crate::direction;
use crate::summary::changes;

/// What one configuration has to say of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<'a> {
    /// The configuration.
    pub configuration: &'a ConfigurationId,
    /// Its tier, as it is registered. The policy may name another.
    pub tier: Tier,
    /// Its comparisons, one for each metric. Empty while it has not answered.
    pub comparisons: Vec<&'a Comparison>,
}

/// What the policy makes of all answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict in a sentence that says why.
    pub sentence: String,
    /// Whether a gating configuration stands against the change.
    pub blocks: bool,
    /// Who is to decide, where somebody has to.
    pub decided_by: Option<String>,
    /// What each configuration says, in the order of the answers.
    pub opinions: Vec<Opinion>,
}

/// What one configuration says, and whether it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its tier by the policy.
    pub tier: Tier,
    /// Its verdict; `None` while it has not answered.
    pub verdict: Option<Verdict>,
    /// The metric of `change`.
    pub metric: Option<String>,
    /// The geometric mean of the changes that count, of the first metric that has any. Relative:
    /// 0.01 is 1 %.
    pub change: Option<f64>,
    /// The above, in words.
    pub sentence: String,
}

/// The verdict of `policy` over what all configurations say.
pub fn decide(policy: &Policy, answers: &[Answer<'_>]) -> Decision {
    let opinions: Vec<Opinion> = answers
        .iter()
        .map(|answer| opinion(policy, answer))
        .collect();
    let gating: Vec<&Opinion> = opinions
        .iter()
        .filter(|opinion| opinion.tier == Tier::Gating)
        .collect();
    let verdict = verdict(&gating);
    let against =
        |opinion: &&Opinion| matches!(opinion.verdict, Some(Verdict::Regressed | Verdict::Mixed));
    let blocks = gating.iter().any(against);
    let sentence = sentences::decision(policy, verdict, &gating, &opinions);
    Decision {
        verdict,
        sentence,
        blocks,
        decided_by: blocks.then(|| policy.decides.clone()),
        opinions,
    }
}

fn opinion(policy: &Policy, answer: &Answer<'_>) -> Opinion {
    let tier = policy.tier(answer.configuration, answer.tier);
    let mut verdict: Option<Verdict> = None;
    let mut change = None;
    for comparison in &answer.comparisons {
        if !policy.asks_for(&comparison.metric_details.name) {
            continue;
        }
        let counted = counted_cases(policy, comparison);
        let of_metric = if comparison.verdict == Verdict::Incomplete {
            Verdict::Incomplete
        } else {
            direction::verdict(&comparison.metric_details, &counted)
        };
        verdict = Some(match verdict {
            None => of_metric,
            // A metric without a comparable test case cannot be made up for by another.
            Some(Verdict::Incomplete) => Verdict::Incomplete,
            Some(_) if of_metric == Verdict::Incomplete => Verdict::Incomplete,
            Some(verdict) => direction::join(verdict, of_metric),
        });
        if change.is_none() {
            let mean = changes(counted.iter().filter_map(|case| case.change)).mean;
            change = mean.map(|mean| (comparison.metric.clone(), mean));
        }
    }
    let (metric, change) = change.unzip();
    let mut opinion = Opinion {
        configuration: answer.configuration.clone(),
        tier,
        verdict,
        metric,
        change,
        sentence: String::new(),
    };
    opinion.sentence = sentences::opinion(&opinion);
    opinion
}

/// The relevant changes that are not below the policy's limit for them.
fn counted_cases(policy: &Policy, comparison: &Comparison) -> Vec<ComparedTestCase> {
    let counted = comparison.test_cases.iter().filter(|case| {
        let limit = policy.limit(
            &comparison.metric_details.name,
            direction::category_of(case),
        );
        case.relevant && case.change.is_some_and(|change| change.abs() >= limit)
    });
    counted.cloned().collect()
}

/// The verdict over gating configurations. Opposite verdicts are a conflict whatever the rest
/// says; before all have answered there is no other verdict.
fn verdict(gating: &[&Opinion]) -> Verdict {
    let says = |wanted: Verdict| {
        let mut gating = gating.iter();
        gating.any(|opinion| opinion.verdict == Some(wanted))
    };
    if says(Verdict::Improved) && says(Verdict::Regressed) {
        return Verdict::Conflict;
    }
    let unanswered = gating
        .iter()
        .any(|opinion| matches!(opinion.verdict, None | Some(Verdict::Incomplete)));
    if unanswered {
        return Verdict::Incomplete;
    }
    let verdicts = gating.iter().filter_map(|opinion| opinion.verdict);
    verdicts.fold(Verdict::Neutral, direction::join)
}

#[cfg(test)]
mod tests;
