//! Triage in words.

use std::fmt::Write;

use analysis::triage::TriageDetail;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use shared_types::api::{TriageConfiguration, TriageEntry, TriageStanding};
use shared_types::triage::{CoveredConfigurations, Ping, TriageAct, TriageStep, day_of};

/// A list, an entry in some lines.
pub(super) fn entries(entries: &[TriageEntry]) -> String {
    let mut text = String::new();
    for entry in entries {
        text.push_str(&title(entry));
        for one in entry
            .configurations
            .iter()
            .filter(|one| one.standing.is_some())
        {
            text.push_str(&configuration(one));
        }
    }
    text
}

/// All that is known of a pair.
pub(super) fn detail(detail: &TriageDetail) -> String {
    let entry = &detail.entry;
    let mut text = title(entry);
    for one in &entry.configurations {
        text.push_str(&configuration(one));
    }
    if !entry.conflict {
        let _ = writeln!(text, "\npolicy: {}", detail.decision.sentence);
    }
    if let Some(request) = entry.request {
        let _ = writeln!(text, "request: {request}");
    }
    let Some(record) = &detail.record else {
        text.push_str("\nnobody did anything about it yet\n");
        return text;
    };
    text.push('\n');
    for one in &record.acts {
        text.push_str(&act(one));
    }
    for one in &record.pings {
        text.push_str(&ping(one));
    }
    text
}

fn title(entry: &TriageEntry) -> String {
    let mut text = format!(
        "{}..{}  {}, found {}",
        entry.base,
        entry.head,
        entry.tier,
        day_of(entry.found_at)
    );
    if let Some(culprit) = &entry.culprit {
        let _ = write!(text, ", came with {culprit}");
    }
    text.push('\n');
    if let Some(sentence) = &entry.sentence {
        let _ = writeln!(text, "  CONFLICT: {sentence}");
    }
    text
}

fn configuration(one: &TriageConfiguration) -> String {
    let mut text = format!("  {} ({}) {}", one.configuration, one.tier, one.verdict);
    if let Some(standing) = &one.standing {
        let _ = write!(text, ": {}", stands(standing));
    }
    text.push('\n');
    if one.standing.is_some()
        && let Some(worst) = one.comparisons.first()
    {
        let _ = writeln!(text, "      {}", worst.headline);
    }
    text
}

fn stands(standing: &TriageStanding) -> String {
    let mut text = standing.state.to_string();
    if let Some(reason) = standing.reason {
        let _ = write!(text, " as {reason}");
    }
    let _ = write!(text, ", {}", standing.owner);
    if let Some(deadline) = standing.deadline {
        let by = last_day(deadline);
        let past = if standing.late { ", which is past" } else { "" };
        let _ = write!(text, ", by {by}{past}");
    }
    text
}

fn act(act: &TriageAct) -> String {
    let what = match &act.what {
        TriageStep::Acknowledge {
            configurations,
            reason,
            words,
            owner,
            due,
        } => {
            let due = due.map_or_else(String::new, |due| format!(" by {due}"));
            format!(
                "acknowledged it as {reason} under {}, {owner} sees to it{due}: {words}",
                listed(configurations)
            )
        }
        TriageStep::Culprit { artifact, words } => {
            let words = words
                .as_ref()
                .map_or_else(String::new, |words| format!(": {words}"));
            format!("says that it came with {artifact}{words}")
        }
        TriageStep::Fix { by, configurations } => {
            format!("says that {by} mends it{}", under(configurations.as_ref()))
        }
        TriageStep::Reopen {
            words,
            configurations,
        } => format!("reopened it{}: {words}", under(configurations.as_ref())),
    };
    format!("{} {} {what}\n", day_of(act.at), act.who)
}

fn ping(ping: &Ping) -> String {
    let when = ping.delivery.sent_at.or(ping.delivery.claimed_at);
    let when = when.map_or_else(String::new, |at| format!("{} ", day_of(at)));
    let whether = match ping.delivery.sent_at {
        Some(_) => "",
        None => ", not known to have been posted",
    };
    format!(
        "{when}reminder to {}{whether}: {} under {}\n",
        ping.owner, ping.reason, ping.configuration
    )
}

fn under(configurations: Option<&CoveredConfigurations>) -> String {
    configurations.map_or_else(String::new, |covered| format!(" under {}", listed(covered)))
}

fn listed(covered: &CoveredConfigurations) -> String {
    let names: Vec<&str> = covered.iter().map(|id| id.as_str()).collect();
    names.join(", ")
}

/// The day that a deadline ends: the end of a day is the beginning of the next.
fn last_day(deadline: Timestamp) -> Date {
    day_of(deadline - SignedDuration::from_nanos(1))
}

#[cfg(test)]
mod tests;
