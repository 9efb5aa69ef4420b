//! Comparisons by the pair of sides that they compare, over all configurations: one change is looked
//! at once, whoever found it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shared_types::api::{ComparisonReference, TriageConfiguration, TriageEntry};
use shared_types::comparison::Verdict;
use shared_types::run::SidePair;
use shared_types::triage::{TriageRecord, TriageState};
use shared_types::{ConfigurationId, MetricName, Tier};

use super::standing;
use crate::direction;
use crate::policy::Policy;

/// What all configurations say of one pair of sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The pair.
    pub sides: SidePair,
    /// What each configuration says: gating ones first, then by weight, then by name.
    pub said: Vec<Said>,
}

/// What one configuration says.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The configuration.
    pub configuration: ConfigurationId,
    /// Its tier by the policy.
    pub tier: Tier,
    /// Its verdict, over the metrics that count.
    pub verdict: Verdict,
    /// Its comparisons in these metrics, those that got worse first.
    pub comparisons: Vec<ComparisonReference>,
    /// When it was first found to have changed, else when it was first compared.
    pub found_at: Timestamp,
}

impl Said {
    /// Whether something got worse.
    pub fn got_worse(&self) -> bool {
        is_worse(self.verdict)
    }
}

/// Groups comparisons by their sides. Of several in the same metric of a configuration, the one that
/// was made last stands. A compiler that is compared with itself is not looked at here, nor is a
/// metric that the policy does not ask for. `tiers` are those that configurations are registered
/// with.
pub fn findings(
    policy: &Policy,
    tiers: &BTreeMap<ConfigurationId, Tier>,
    comparisons: impl IntoIterator<Item = ComparisonReference>,
) -> Vec<Finding> {
    let mut groups: BTreeMap<SidePair, BTreeMap<ConfigurationId, Vec<ComparisonReference>>> =
        BTreeMap::new();
    for comparison in comparisons {
        let is_a_a = comparison.base.artifact == comparison.head.artifact;
        if is_a_a || !counts(policy, &comparison) {
            continue;
        }
        let sides = SidePair {
            base: comparison.base.clone(),
            head: comparison.head.clone(),
        };
        let of_pair = groups.entry(sides).or_default();
        let configuration = comparison.configuration.clone();
        of_pair.entry(configuration).or_default().push(comparison);
    }
    let findings = groups.into_iter().map(|(sides, of_pair)| {
        let mut said: Vec<Said> = of_pair
            .into_iter()
            .map(|(configuration, made)| {
                let registered = tiers.get(&configuration).copied();
                let tier = policy.tier(&configuration, registered.unwrap_or(Tier::Experimental));
                said_by(configuration, tier, made)
            })
            .collect();
        said.sort_by(|one, other| {
            let weight = |said: &Said| policy.weights.configuration(&said.configuration);
            let by_tier = one.tier.cmp(&other.tier);
            by_tier
                .then(weight(other).total_cmp(&weight(one)))
                .then(one.configuration.cmp(&other.configuration))
        });
        Finding { sides, said }
    });
    findings.collect()
}

fn counts(policy: &Policy, comparison: &ComparisonReference) -> bool {
    let metric = comparison.metric.parse::<MetricName>();
    metric.is_ok_and(|metric| policy.asks_for(&metric))
}

fn said_by(configuration: ConfigurationId, tier: Tier, mut made: Vec<ComparisonReference>) -> Said {
    let first = |made: &[ComparisonReference], wanted: fn(Verdict) -> bool| {
        let wanted = made.iter().filter(|one| wanted(one.verdict));
        wanted.map(|one| one.computed_at).min()
    };
    let found_at = first(&made, is_worse)
        .or_else(|| first(&made, |verdict| verdict == Verdict::Improved))
        .or_else(|| first(&made, |_| true))
        .unwrap_or(Timestamp::MAX);
    made.sort_by_key(|one| (Reverse(one.computed_at), one.input_hash.clone()));
    let mut seen = BTreeSet::new();
    made.retain(|one| seen.insert(one.metric.clone()));
    made.sort_by_key(|one| (!is_worse(one.verdict), one.metric.clone()));
    let verdicts = made.iter().map(|one| one.verdict);
    let verdict = verdicts.reduce(joined).unwrap_or(Verdict::Incomplete);
    Said {
        configuration,
        tier,
        verdict,
        comparisons: made,
        found_at,
    }
}

fn joined(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Incomplete, told) | (told, Verdict::Incomplete) => told,
        (one, other) => direction::join(one, other),
    }
}

fn is_worse(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Regressed | Verdict::Mixed)
}

impl Finding {
    /// Whether some configuration got worse.
    pub fn got_worse(&self) -> bool {
        self.said.iter().any(Said::got_worse)
    }

    /// Whether some configuration got worse or better.
    pub fn changed(&self) -> bool {
        self.got_worse() || self.said.iter().any(|one| one.verdict == Verdict::Improved)
    }

    /// Whether one gating configuration improved and another did not get away unharmed: then the
    /// policy is to be asked whether they contradict each other.
    pub fn may_be_conflict(&self) -> bool {
        let mut gating = self.said.iter().filter(|one| one.tier == Tier::Gating);
        let improved = gating.clone().any(|one| one.verdict == Verdict::Improved);
        improved && gating.any(Said::got_worse)
    }

    /// What `configuration` says.
    pub fn of(&self, configuration: &ConfigurationId) -> Option<&Said> {
        let mut said = self.said.iter();
        said.find(|one| one.configuration == *configuration)
    }

    /// When it was found first: to have got worse, where it did.
    pub fn found_at(&self) -> Timestamp {
        let worse = self.said.iter().filter(|one| one.got_worse());
        let first = worse.map(|one| one.found_at).min();
        first
            .or_else(|| self.said.iter().map(|one| one.found_at).min())
            .unwrap_or(Timestamp::MAX)
    }

    /// The finding as it is listed, with where it stands at `now` by what people did. `None` where no
    /// configuration says anything. Whether gating configurations contradict each other is not known
    /// here.
    pub fn entry(
        &self,
        policy: &Policy,
        record: Option<&TriageRecord>,
        now: Timestamp,
    ) -> Option<TriageEntry> {
        let most_important = self
            .said
            .iter()
            .find(|one| one.got_worse())
            .or_else(|| self.said.first())?;
        let comparison = most_important.comparisons.first()?.clone();
        let configurations: Vec<TriageConfiguration> = self
            .said
            .iter()
            .map(|one| TriageConfiguration {
                configuration: one.configuration.clone(),
                tier: one.tier,
                verdict: one.verdict,
                comparisons: one.comparisons.clone(),
                standing: one
                    .got_worse()
                    .then(|| standing(policy, record, &one.configuration, one.found_at, now)),
            })
            .collect();
        let states = configurations
            .iter()
            .filter_map(|one| one.standing.as_ref());
        let made = self.said.iter().flat_map(|one| &one.comparisons);
        let request = made
            .filter_map(|one| Some((one.computed_at, one.request?)))
            .max();
        Some(TriageEntry {
            comparison,
            base: self.sides.base.clone(),
            head: self.sides.head.clone(),
            state: states
                .map(|standing| standing.state)
                .min()
                .unwrap_or(TriageState::Fixed),
            tier: most_important.tier,
            conflict: false,
            sentence: None,
            found_at: self.found_at(),
            configurations,
            culprit: record.and_then(|record| record.culprit().cloned()),
            request: request.map(|(_, request)| request),
            pull_request: None,
        })
    }
}

/// The order of the inbox: what waits for somebody before what does not, what gates before what does
/// not, then the newest.
pub fn inbox_order(entries: &mut [TriageEntry]) {
    entries.sort_by_key(|entry| {
        (
            !entry.state.is_open(),
            entry.tier,
            Reverse(entry.found_at),
            entry.base.clone(),
            entry.head.clone(),
        )
    });
}

#[cfg(test)]
mod tests;
