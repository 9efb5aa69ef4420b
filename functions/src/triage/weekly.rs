//! The report of a week, from what the index knows.

use analysis::false_alarms;
use analysis::triage::report::{ReportedConfiguration, ReportedWeek, markdown};
use shared_types::ConfigurationId;
use shared_types::api::{TriageEntry, TriageReport};
use shared_types::triage::IsoWeek;

use super::inbox::{Found, Records, with_decisions};
use crate::{Context, FunctionsError};

/// The report of a week, as things stand now.
///
/// # Errors
/// When the store fails, or the policy cannot be read.
pub async fn report(context: &Context, week: IsoWeek) -> Result<TriageReport, FunctionsError> {
    let found = Found::gather(context).await?;
    let now = context.now();
    let begin = week.begin();
    let changed = || found.findings.iter().filter(|finding| finding.changed());
    let records = Records::of(context, changed()).await?;
    let mut listed: Vec<TriageEntry> = changed()
        .filter_map(|finding| finding.entry(&found.policy, records.about(&finding.sides), now))
        .collect();
    listed.sort_by_key(|entry| std::cmp::Reverse(entry.found_at));
    let is_old = |entry: &TriageEntry| entry.found_at < begin;
    let (mut carried_over, mut entries): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_old);
    entries.retain(|entry| week.contains(entry.found_at));
    carried_over.retain(|entry| entry.state.is_open());
    with_decisions(context, &mut entries).await?;
    with_decisions(context, &mut carried_over).await?;
    let reported = ReportedWeek {
        week,
        entries,
        carried_over,
        configurations: configurations(context, &found).await?,
        decides: found.policy.decides.clone(),
        page: context.settings.page_url.clone(),
    };
    Ok(TriageReport {
        week,
        markdown: markdown(&reported),
    })
}

/// The configurations, gating ones first.
async fn configurations(
    context: &Context,
    found: &Found,
) -> Result<Vec<ReportedConfiguration>, FunctionsError> {
    let mut all = Vec::with_capacity(found.tiers.len());
    for (id, registered) in &found.tiers {
        all.push(ReportedConfiguration {
            id: id.clone(),
            tier: found.policy.tier(id, *registered),
            false_alarms: rates(context, id).await?,
        });
    }
    all.sort_by(|one, other| {
        let by_tier = one.tier.cmp(&other.tier);
        by_tier.then(one.id.cmp(&other.id))
    });
    Ok(all)
}

async fn rates(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Vec<shared_types::upkeep::FalseAlarmRate>, FunctionsError> {
    let upkeep = context.store.index.upkeep(id).await?;
    let outcomes = upkeep.map(|upkeep| upkeep.a_a_outcomes);
    Ok(false_alarms::rates(&outcomes.unwrap_or_default()))
}
