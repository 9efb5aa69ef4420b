//! The verdict over configurations. It looks at what each configuration says, never at the numbers
//! of two of them together, and never takes a mean over configurations.
//!
//! Where configurations do meet is the count of questions: so that a request that changes nothing is
//! rarely called a change, the p-values of all gating configurations and verdict metrics are one
//! family. That can only make a verdict more careful; it never sets one configuration off against
//! another.

mod counting;
mod decision;
mod document;
mod family;
mod people;
mod reading;
mod sentences;

pub use decision::{
    ChangeLeftOut, Consequence, CountedChange, Decision, Family, LeftOutReason, MetricOpinion,
    Open, Opinion, Rule,
};
pub use document::{Limit, Policy, Weights};
pub use people::{GatingRules, TriageRules};

use shared_types::comparison::{Comparison, Verdict};
use shared_types::{ConfigurationId, Tier};

use crate::direction;
use family::JudgedFamily;

/// What one configuration has to say of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<'a> {
    /// The configuration.
    pub configuration: &'a ConfigurationId,
    /// Its tier, as it is registered. The policy may name another.
    pub tier: Tier,
    /// Its comparisons, one for each metric. Empty while it has not answered.
    pub comparisons: Vec<&'a Comparison>,
    /// Whether the head was measured again, and the comparisons hold all of its measurements.
    pub measured_again: bool,
}

/// The verdict of `policy` over what all configurations say.
pub fn decide(policy: &Policy, answers: &[Answer<'_>]) -> Decision {
    let mut voices: Vec<Voice<'_>> = answers
        .iter()
        .map(|answer| Voice::of(policy, answer))
        .collect();
    voices.sort_by(Voice::told_before);
    let (gating, beside): (Vec<Voice<'_>>, Vec<Voice<'_>>) = voices
        .into_iter()
        .partition(|voice| voice.tier == Tier::Gating);
    let asked: Vec<Vec<&Comparison>> = gating.iter().map(|one| one.comparisons.clone()).collect();
    let family = JudgedFamily::of(policy, &asked);
    let mut opinions = Vec::with_capacity(answers.len());
    let mut place = 0;
    for voice in &gating {
        let comparisons = voice.comparisons.len();
        opinions.push(voice.opinion(policy, &family, place, None));
        place += comparisons;
    }
    let rule = rule(&opinions);
    let open = open(&opinions);
    let blocks = opinions
        .iter()
        .any(|opinion| opinion.consequence == Consequence::Blocks);
    for voice in &beside {
        let own = JudgedFamily::of(policy, std::slice::from_ref(&voice.comparisons));
        opinions.push(voice.opinion(policy, &own, 0, Some(own.told)));
    }
    let mut decision = Decision {
        verdict: rule.verdict(),
        sentence: String::new(),
        rule,
        blocks,
        decided_by: blocks.then(|| policy.decides.clone()),
        family: family.told,
        open,
        opinions,
    };
    decision.sentence = sentences::decision(policy, &decision);
    decision
}

/// An answer, as the policy hears it.
struct Voice<'a> {
    configuration: &'a ConfigurationId,
    tier: Tier,
    weight: f64,
    /// Those in metrics that count for the verdict, in the order in which the policy names them.
    comparisons: Vec<&'a Comparison>,
    measured_again: bool,
}

impl<'a> Voice<'a> {
    fn of(policy: &Policy, answer: &Answer<'a>) -> Self {
        let place_of = |comparison: &Comparison| {
            let name = &comparison.metric_details.name;
            policy.metrics.iter().position(|metric| metric == name)
        };
        let mut comparisons: Vec<&Comparison> = answer
            .comparisons
            .iter()
            .copied()
            .filter(|comparison| policy.asks_for(&comparison.metric_details.name))
            .collect();
        comparisons.sort_by_key(|comparison| (place_of(comparison), &comparison.metric));
        Self {
            configuration: answer.configuration,
            tier: policy.tier(answer.configuration, answer.tier),
            weight: policy.weights.configuration(answer.configuration),
            comparisons,
            measured_again: answer.measured_again,
        }
    }

    fn told_before(&self, other: &Self) -> std::cmp::Ordering {
        let by_tier = self.tier.cmp(&other.tier);
        by_tier
            .then(other.weight.total_cmp(&self.weight))
            .then(self.configuration.cmp(other.configuration))
    }

    /// What it says, where its comparisons begin at `place` in the family.
    fn opinion(
        &self,
        policy: &Policy,
        family: &JudgedFamily,
        place: usize,
        own_family: Option<Family>,
    ) -> Opinion {
        let metrics: Vec<MetricOpinion> = self
            .comparisons
            .iter()
            .enumerate()
            .map(|(offset, comparison)| {
                let family_q = family.of_comparison(place + offset);
                counting::metric_opinion(policy, comparison, family_q)
            })
            .collect();
        let verdict = joined(&metrics);
        let is_noteworthy = verdict.is_some_and(is_noteworthy);
        let mut opinion = Opinion {
            configuration: self.configuration.clone(),
            tier: self.tier,
            weight: self.weight,
            verdict,
            confirmed: is_noteworthy && self.measured_again,
            consequence: consequence(self.tier, verdict, self.measured_again),
            family: own_family,
            metrics,
            sentence: String::new(),
        };
        opinion.sentence = sentences::opinion(&opinion);
        opinion
    }
}

/// The verdict over all metrics of a configuration; `None` without any.
fn joined(metrics: &[MetricOpinion]) -> Option<Verdict> {
    let verdicts = metrics.iter().map(|metric| metric.verdict);
    verdicts.reduce(|one, other| match (one, other) {
        // A metric without a comparable test case cannot be made up for by another.
        (Verdict::Incomplete, _) | (_, Verdict::Incomplete) => Verdict::Incomplete,
        (one, other) => direction::join(one, other),
    })
}

fn is_noteworthy(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Improved | Verdict::Regressed | Verdict::Mixed
    )
}

fn consequence(tier: Tier, verdict: Option<Verdict>, measured_again: bool) -> Consequence {
    let Some(verdict) = verdict.filter(|verdict| is_noteworthy(*verdict)) else {
        return Consequence::Informs;
    };
    match tier {
        Tier::Gating if verdict == Verdict::Improved => Consequence::Labels,
        Tier::Gating => Consequence::Blocks,
        Tier::Advisory if measured_again => Consequence::Labels,
        Tier::Advisory => Consequence::AwaitsConfirmation,
        Tier::Experimental => Consequence::Informs,
    }
}

/// The rule that applies to what gating configurations say. Opposite verdicts are a conflict
/// whatever the rest says; before all have answered there is no other verdict.
fn rule(gating: &[Opinion]) -> Rule {
    let says = |wanted: Verdict| {
        let mut gating = gating.iter();
        gating.any(|opinion| opinion.verdict == Some(wanted))
    };
    let unanswered =
        |opinion: &Opinion| matches!(opinion.verdict, None | Some(Verdict::Incomplete));
    if gating.is_empty() {
        Rule::NoGatingConfiguration
    } else if says(Verdict::Improved) && says(Verdict::Regressed) {
        Rule::OppositeVerdicts
    } else if gating.iter().any(unanswered) {
        Rule::Unanswered
    } else if says(Verdict::Mixed) {
        Rule::MixedWithinOne
    } else if says(Verdict::Regressed) {
        Rule::OnlyRegressions
    } else if says(Verdict::Improved) {
        Rule::OnlyImprovements
    } else {
        Rule::NoChangeThatCounts
    }
}

fn open(gating: &[Opinion]) -> Option<Open> {
    let metrics = || gating.iter().flat_map(|opinion| &opinion.metrics);
    let open = Open {
        not_yet_known: metrics().map(|metric| metric.not_yet_known).sum(),
        test_cases: metrics().map(|metric| metric.test_cases).sum(),
        up_to: metrics()
            .filter_map(|metric| metric.up_to)
            .max_by(f64::total_cmp),
    };
    (open.not_yet_known > 0).then_some(open)
}

#[cfg(test)]
mod tests;
