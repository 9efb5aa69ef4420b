//! Whether a configuration may become gating: what it has shown, against what the policy wants.

use std::collections::BTreeSet;

use shared_types::api::{Criterion, Readiness, RunOverview};
use shared_types::triage::day_of;
use shared_types::upkeep::AAOutcome;
use shared_types::{Configuration, MetricName, Tier};

use crate::false_alarms;
use crate::policy::Policy;
use crate::words::{counted, share};

/// What is known of a configuration.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// Its last runs, in any order.
    pub runs: &'a [RunOverview],
    /// What its A/A comparisons showed.
    pub a_a_outcomes: &'a [AAOutcome],
}

/// Holds what a configuration has shown against what the policy wants of gating ones.
pub fn readiness(policy: &Policy, shown: &Shown<'_>) -> Readiness {
    let measured: Vec<&RunOverview> = shown
        .runs
        .iter()
        .filter(|run| run.measured_at.is_some())
        .collect();
    let criteria = vec![
        days_measured(policy, &measured),
        a_a_comparisons(policy, shown.a_a_outcomes),
        false_alarm_rate(policy, shown.a_a_outcomes),
        hosts(policy, &measured),
        failed_share(policy, &measured),
    ];
    let id = &shown.configuration.id;
    let tier = policy.tier(id, shown.configuration.tier);
    let missing = criteria.iter().filter(|one| !one.met).count();
    let ready = missing == 0;
    Readiness {
        configuration: id.clone(),
        tier,
        ready,
        sentence: sentence(&id.to_string(), tier, missing, criteria.len()),
        criteria,
    }
}

fn sentence(id: &str, tier: Tier, missing: usize, wanted: usize) -> String {
    match (missing, tier) {
        (0, Tier::Gating) => format!("{id} gates, and shows all that the policy wants of it."),
        (0, _) => format!(
            "{id} may become gating: it shows all that the policy wants. Whether it does is decided \
             by people."
        ),
        (_, Tier::Gating) => format!(
            "{id} gates, and lacks {missing} of {wanted} things that the policy wants of it: mend \
             them, or make it advisory."
        ),
        _ => format!("{id} may not become gating yet: it lacks {missing} of {wanted} things."),
    }
}

fn criterion(name: &str, met: bool, sentence: String) -> Criterion {
    Criterion {
        name: name.to_owned(),
        met,
        sentence,
    }
}

fn days_measured(policy: &Policy, measured: &[&RunOverview]) -> Criterion {
    let days: BTreeSet<_> = measured
        .iter()
        .filter_map(|run| run.measured_at)
        .map(day_of)
        .collect();
    let wanted = policy.gating.days_measured as usize;
    criterion(
        "days_measured",
        days.len() >= wanted,
        format!(
            "measured on {}, {wanted} are wanted",
            counted(days.len(), "day")
        ),
    )
}

/// The metrics that count for a verdict and in which there is any A/A comparison, with how many there
/// are of the last, over all hosts, and how many of them alarmed.
fn alarms(policy: &Policy, outcomes: &[AAOutcome]) -> Vec<(String, u32, f64)> {
    let rates = false_alarms::rates(outcomes).into_iter();
    let counts = |metric: &str| {
        metric
            .parse::<MetricName>()
            .is_ok_and(|metric| policy.asks_for(&metric))
    };
    rates
        .filter(|rate| rate.host.is_none() && counts(&rate.metric))
        .map(|rate| (rate.metric, rate.comparisons, rate.share_alarming))
        .collect()
}

fn a_a_comparisons(policy: &Policy, outcomes: &[AAOutcome]) -> Criterion {
    const NAME: &str = "a_a_comparisons";
    let wanted = policy.gating.a_a_comparisons;
    let alarms = alarms(policy, outcomes);
    let unheard: Vec<&str> = policy
        .metrics
        .iter()
        .map(MetricName::as_str)
        .filter(|metric| alarms.iter().all(|(known, ..)| known != metric))
        .collect();
    if let Some(metric) = unheard.first() {
        let sentence = format!("no A/A comparison in {metric}, {wanted} are wanted");
        return criterion(NAME, false, sentence);
    }
    let fewest = alarms.iter().min_by_key(|(_, comparisons, _)| *comparisons);
    let Some((metric, comparisons, _)) = fewest else {
        return criterion(
            NAME,
            false,
            format!("no A/A comparison, {wanted} are wanted"),
        );
    };
    criterion(
        NAME,
        *comparisons >= wanted,
        format!(
            "{} in {metric}, which has the fewest; {wanted} are wanted",
            counted(*comparisons as usize, "A/A comparison")
        ),
    )
}

fn false_alarm_rate(policy: &Policy, outcomes: &[AAOutcome]) -> Criterion {
    const NAME: &str = "largest_false_alarm_rate";
    let limit = policy.gating.largest_false_alarm_rate;
    let alarms = alarms(policy, outcomes);
    let worst = alarms
        .iter()
        .max_by(|(_, _, one), (_, _, other)| one.total_cmp(other));
    match worst {
        None => criterion(
            NAME,
            false,
            "not known before the first A/A comparison".to_owned(),
        ),
        Some((metric, comparisons, rate)) => criterion(
            NAME,
            *rate <= limit,
            format!(
                "of {} in {metric}, {} called something a change; {} at most are allowed",
                counted(*comparisons as usize, "A/A comparison"),
                share(*rate),
                share(limit)
            ),
        ),
    }
}

fn hosts(policy: &Policy, measured: &[&RunOverview]) -> Criterion {
    let hosts: BTreeSet<&str> = measured
        .iter()
        .flat_map(|run| run.hosts.iter().map(String::as_str))
        .collect();
    let wanted = policy.gating.hosts as usize;
    criterion(
        "hosts",
        hosts.len() >= wanted,
        format!(
            "measured by {}, {wanted} are wanted",
            counted(hosts.len(), "host")
        ),
    )
}

fn failed_share(policy: &Policy, measured: &[&RunOverview]) -> Criterion {
    const NAME: &str = "largest_failed_share";
    let limit = policy.gating.largest_failed_share;
    if measured.is_empty() {
        return criterion(NAME, false, "not known before the first run".to_owned());
    }
    let failed = measured.iter().filter(|run| run.failures > 0).count();
    let failed_share = failed as f64 / measured.len() as f64;
    criterion(
        NAME,
        failed_share <= limit,
        format!(
            "in {failed} of {} something could not be measured ({}); {} at most are allowed",
            counted(measured.len(), "run"),
            share(failed_share),
            share(limit)
        ),
    )
}

#[cfg(test)]
mod tests;
