//! What got worse, over all configurations.

use std::collections::BTreeMap;

use analysis::policy::{Answer, Decision, Policy, decide};
use analysis::triage::{Finding, TriageDetail, findings, inbox_order};
use shared_types::api::{ComparisonReference, PAGE_LIMIT_MAX, TriageEntry};
use shared_types::comparison::{Comparison, Verdict};
use shared_types::run::SidePair;
use shared_types::triage::{TriageRecord, TriageState};
use shared_types::{ConfigurationId, Tier};
use store::PageRequest;

use crate::policy_in_force::policy_in_force;
use crate::{Context, FunctionsError, compare};

/// How many pages of a configuration's comparisons are looked at, the last made first.
const PAGES_MAX: u32 = 2;
/// How many comparisons of a configuration are looked at.
pub(super) const COMPARISONS_MAX: u32 = PAGES_MAX * PAGE_LIMIT_MAX;
/// How many of the records that were changed last are read at once.
const RECORDS_MAX: u32 = 500;

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Those that got worse under this configuration.
    pub configuration: Option<ConfigurationId>,
    /// Those that are in one of these states, under that configuration where one is given. Empty for
    /// all.
    pub states: Vec<TriageState>,
}

impl InboxFilter {
    fn wants(&self, entry: &TriageEntry) -> bool {
        let mut of_interest = entry.configurations.iter().filter(|one| {
            let wanted = self.configuration.as_ref();
            wanted.is_none_or(|wanted| one.configuration == *wanted)
        });
        of_interest.any(|one| {
            let standing = one.standing.as_ref();
            standing.is_some_and(|standing| {
                self.states.is_empty() || self.states.contains(&standing.state)
            })
        })
    }
}

/// All that was found lately, with the policy by which it was.
pub(super) struct Found {
    pub(super) policy: Policy,
    pub(super) tiers: BTreeMap<ConfigurationId, Tier>,
    pub(super) findings: Vec<Finding>,
}

impl Found {
    /// Looks at the last comparisons of each configuration.
    pub(super) async fn gather(context: &Context) -> Result<Self, FunctionsError> {
        let policy = policy_in_force(context).await?;
        let index = &context.store.index;
        let (mut tiers, mut comparisons) = (BTreeMap::new(), Vec::new());
        for configuration in index.configurations().await? {
            comparisons.extend(last_comparisons(context, &configuration.id).await?);
            tiers.insert(configuration.id, configuration.tier);
        }
        let findings = findings(&policy, &tiers, comparisons);
        Ok(Self {
            policy,
            tiers,
            findings,
        })
    }

    /// The one about a pair.
    pub(super) fn about(&self, sides: &SidePair) -> Result<&Finding, FunctionsError> {
        let mut findings = self.findings.iter();
        findings
            .find(|finding| finding.sides == *sides)
            .ok_or_else(|| {
                FunctionsError::NotMeasured(format!(
                    "nothing is known of {sides} among the last {COMPARISONS_MAX} comparisons of \
                     each configuration: `perfleet triage list --all` lists what got worse"
                ))
            })
    }
}

async fn last_comparisons(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Vec<ComparisonReference>, FunctionsError> {
    let mut made = Vec::new();
    let mut page = PageRequest::first(PAGE_LIMIT_MAX);
    for _ in 0..PAGES_MAX {
        let found = context
            .store
            .index
            .comparisons(configuration, &page)
            .await?;
        made.extend(found.items);
        match found.next_cursor {
            Some(next) => page.cursor = Some(next),
            None => break,
        }
    }
    Ok(made)
}

/// What people decided about findings.
pub(super) struct Records(BTreeMap<SidePair, TriageRecord>);

impl Records {
    /// Reads those of some findings.
    pub(super) async fn of(
        context: &Context,
        findings: impl Iterator<Item = &Finding>,
    ) -> Result<Self, FunctionsError> {
        let index = &context.store.index;
        let newest = index.triage_records(RECORDS_MAX).await?;
        let are_all = newest.len() < RECORDS_MAX as usize;
        let mut known: BTreeMap<SidePair, TriageRecord> = newest
            .into_iter()
            .map(|record| (record.sides.clone(), record))
            .collect();
        if !are_all {
            for finding in findings {
                if !known.contains_key(&finding.sides)
                    && let Some(record) = index.triage_record(&finding.sides).await?
                {
                    known.insert(finding.sides.clone(), record);
                }
            }
        }
        Ok(Self(known))
    }

    pub(super) fn about(&self, sides: &SidePair) -> Option<&TriageRecord> {
        self.0.get(sides)
    }
}

/// What got worse lately and is wanted, what waits for somebody first. Whether gating configurations
/// contradict each other is not decided yet: see [`with_decisions`].
///
/// # Errors
/// When the store fails, or the policy cannot be read.
pub async fn entries(
    context: &Context,
    filter: &InboxFilter,
) -> Result<Vec<TriageEntry>, FunctionsError> {
    let found = Found::gather(context).await?;
    let now = context.now();
    let worse = || found.findings.iter().filter(|finding| finding.got_worse());
    let records = Records::of(context, worse()).await?;
    let mut entries: Vec<TriageEntry> = worse()
        .filter_map(|finding| finding.entry(&found.policy, records.about(&finding.sides), now))
        .filter(|entry| filter.wants(entry))
        .collect();
    inbox_order(&mut entries);
    Ok(entries)
}

/// Asks the policy about those entries whose gating configurations may contradict each other.
///
/// # Errors
/// When the store fails, or the policy cannot be read.
pub async fn with_decisions(
    context: &Context,
    entries: &mut [TriageEntry],
) -> Result<(), FunctionsError> {
    let policy = policy_in_force(context).await?;
    for entry in entries {
        let says = |wanted: &[Verdict]| {
            let mut all = entry.configurations.iter();
            all.any(|one| one.tier == Tier::Gating && wanted.contains(&one.verdict))
        };
        if says(&[Verdict::Improved]) && says(&[Verdict::Regressed, Verdict::Mixed]) {
            let decision = decision(context, &policy, entry).await?;
            note(entry, &decision);
        }
    }
    Ok(())
}

fn note(entry: &mut TriageEntry, decision: &Decision) {
    entry.conflict = decision.verdict == Verdict::Conflict;
    entry.sentence = entry.conflict.then(|| decision.sentence.clone());
}

/// What the policy makes of what all configurations say of a pair: that of the request which wanted
/// it, where that asked all of them, else of the comparisons alone.
async fn decision(
    context: &Context,
    policy: &Policy,
    entry: &TriageEntry,
) -> Result<Decision, FunctionsError> {
    if let Some(id) = entry.request
        && let Some(request) = context.store.index.request(id).await?
        && entry
            .configurations
            .iter()
            .all(|one| request.configurations.contains(&one.configuration))
    {
        return compare::request_verdict(context, &request).await;
    }
    let mut made: Vec<Vec<Comparison>> = Vec::with_capacity(entry.configurations.len());
    for one in &entry.configurations {
        let mut comparisons = Vec::with_capacity(one.comparisons.len());
        for reference in &one.comparisons {
            comparisons.extend(compare::kept(context, reference).await?);
        }
        made.push(comparisons);
    }
    let answers: Vec<Answer<'_>> = entry
        .configurations
        .iter()
        .zip(&made)
        .map(|(one, comparisons)| Answer {
            configuration: &one.configuration,
            tier: one.tier,
            comparisons: comparisons.iter().collect(),
            measured_again: false,
        })
        .collect();
    Ok(decide(policy, &answers))
}

/// All that is known of a pair.
///
/// # Errors
/// When nothing is known of it, the store fails, or the policy cannot be read.
pub async fn detail(context: &Context, sides: &SidePair) -> Result<TriageDetail, FunctionsError> {
    let found = Found::gather(context).await?;
    let finding = found.about(sides)?;
    let record = context.store.index.triage_record(sides).await?;
    let entry = finding.entry(&found.policy, record.as_ref(), context.now());
    let Some(mut entry) = entry else {
        return Err(FunctionsError::Defect(format!(
            "nobody says anything of {sides}"
        )));
    };
    let decision = decision(context, &found.policy, &entry).await?;
    note(&mut entry, &decision);
    Ok(TriageDetail {
        entry,
        decision,
        record,
    })
}
