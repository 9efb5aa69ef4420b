//! The sections of a report. One that would say nothing is left out, but for the last.

use std::collections::BTreeMap;
use std::fmt::Write;

use shared_types::api::{TriageConfiguration, TriageEntry, TriageStanding};
use shared_types::comparison::Verdict;
use shared_types::triage::{TriageState, day_of};
use shared_types::{ArtifactId, ConfigurationId};

use super::{ReportedConfiguration, ReportedWeek};
use crate::words::counted;

/// So many lines of a table are shown; the rest is counted.
const LINES_MAX: usize = 25;

/// What gating configurations contradict each other in, apart from all else.
pub(super) fn conflicts(reported: &ReportedWeek) -> Option<String> {
    let open_before = reported.carried_over.iter();
    let conflicts: Vec<String> = reported
        .entries
        .iter()
        .chain(open_before)
        .filter(|entry| entry.conflict)
        .map(|entry| {
            let sentence = entry.sentence.as_deref().unwrap_or_default();
            format!(
                "- {} ({}): {sentence}",
                link(reported, entry, &entry.comparison.configuration),
                entry.state
            )
        })
        .collect();
    (!conflicts.is_empty()).then(|| {
        format!(
            "## Conflicts\n\nA gain on one gating configuration does not make up for a loss on \
             another. {} decide.\n\n{}",
            capitalised(&reported.decides),
            conflicts.join("\n")
        )
    })
}

/// What one configuration found in the week.
pub(super) fn of_configuration(
    reported: &ReportedWeek,
    configuration: &ReportedConfiguration,
) -> Option<String> {
    let found: Vec<(&TriageEntry, &TriageConfiguration)> = reported
        .entries
        .iter()
        .filter_map(|entry| {
            let mut all = entry.configurations.iter();
            let own = all.find(|one| one.configuration == configuration.id)?;
            is_told(own.verdict).then_some((entry, own))
        })
        .collect();
    if found.is_empty() {
        return None;
    }
    let mut text = format!(
        "## `{}` ({})\n\n{}\n\n| change | what | stands | who looks | by |\n|---|---|---|---|---|",
        configuration.id,
        configuration.tier,
        counts(found.iter().map(|(_, own)| *own))
    );
    for (entry, own) in found.iter().take(LINES_MAX) {
        let _ = write!(text, "\n{}", line(reported, entry, own));
    }
    if let Some(more @ 1..) = found.len().checked_sub(LINES_MAX) {
        let _ = write!(text, "\n\nAnd {more} more.");
    }
    Some(text)
}

fn is_told(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Improved | Verdict::Regressed | Verdict::Mixed
    )
}

/// How much of what there is, in a sentence.
fn counts<'a>(found: impl Iterator<Item = &'a TriageConfiguration> + Clone) -> String {
    let saying = |verdict| found.clone().filter(move |own| own.verdict == verdict);
    let worse = saying(Verdict::Regressed);
    let standing = |states: &[TriageState]| {
        let all = worse.clone().filter_map(|own| own.standing.as_ref());
        all.filter(|standing| states.contains(&standing.state))
            .count()
    };
    format!(
        "{} ({} untriaged, {} acknowledged, {} overdue, {} fixed), {}, {} mixed.",
        counted(worse.clone().count(), "regression"),
        standing(&[TriageState::Untriaged]),
        standing(&[TriageState::Acknowledged]),
        standing(&[TriageState::Overdue]),
        standing(&[TriageState::Fixed]),
        counted(saying(Verdict::Improved).count(), "improvement"),
        saying(Verdict::Mixed).count(),
    )
}

fn line(reported: &ReportedWeek, entry: &TriageEntry, own: &TriageConfiguration) -> String {
    let change = link(reported, entry, &own.configuration);
    let what = own
        .comparisons
        .first()
        .map_or_else(|| own.verdict.to_string(), |first| cell(&first.headline));
    match &own.standing {
        None => format!("| {change} | {what} | {} | | |", own.verdict),
        Some(standing) => format!(
            "| {change} | {what} | {} | {} | {} |",
            state(standing),
            cell(&standing.owner),
            day(standing)
        ),
    }
}

fn state(standing: &TriageStanding) -> String {
    match standing.reason {
        Some(reason) => format!("{}: {reason}", standing.state),
        None => standing.state.to_string(),
    }
}

fn day(standing: &TriageStanding) -> String {
    let date = standing.deadline.map(|deadline| {
        // The end of a day is the beginning of the next; people say the day that ends.
        let last = deadline - jiff::SignedDuration::from_nanos(1);
        day_of(last)
    });
    match (date, standing.late) {
        (Some(date), true) => format!("**{date}, past**"),
        (Some(date), false) => date.to_string(),
        (None, _) => String::new(),
    }
}

/// What was found before and still waits.
pub(super) fn carried_over(reported: &ReportedWeek) -> Option<String> {
    let waiting = &reported.carried_over;
    if waiting.is_empty() {
        return None;
    }
    let mut text = "## Still open from before\n".to_owned();
    for entry in waiting.iter().take(LINES_MAX) {
        let under: Vec<String> = open(entry)
            .map(|(own, standing)| format!("{} ({})", own.configuration, standing.state))
            .collect();
        let _ = write!(
            text,
            "\n- {}: {}",
            link(reported, entry, &entry.comparison.configuration),
            under.join(", ")
        );
    }
    if let Some(more @ 1..) = waiting.len().checked_sub(LINES_MAX) {
        let _ = write!(text, "\n- and {more} more");
    }
    Some(text)
}

/// Of each person how much waits for them.
pub(super) fn who_is_to_look(reported: &ReportedWeek) -> Option<String> {
    let mut waiting: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for entry in reported.entries.iter().chain(&reported.carried_over) {
        for (_, standing) in open(entry) {
            let counts = waiting.entry(&standing.owner).or_default();
            counts.0 += 1;
            counts.1 += usize::from(standing.late);
        }
    }
    let lines: Vec<String> = waiting
        .into_iter()
        .map(|(owner, (all, late))| {
            let of_these = match late {
                0 => String::new(),
                late => format!(", {late} late"),
            };
            format!(
                "- {}: {}{of_these}",
                cell(owner),
                counted(all, "regression")
            )
        })
        .collect();
    (!lines.is_empty()).then(|| format!("## Who is to look\n\n{}", lines.join("\n")))
}

fn open(entry: &TriageEntry) -> impl Iterator<Item = (&TriageConfiguration, &TriageStanding)> {
    entry.configurations.iter().filter_map(|own| {
        let standing = own.standing.as_ref()?;
        standing.state.is_open().then_some((own, standing))
    })
}

/// How far all of the above can be believed.
pub(super) fn trust(reported: &ReportedWeek) -> String {
    let mut lines = Vec::new();
    for configuration in &reported.configurations {
        let rates = configuration.false_alarms.iter();
        for rate in rates.filter(|rate| rate.host.is_none()) {
            lines.push(format!("- `{}`: {}", configuration.id, rate.sentence));
        }
    }
    if lines.is_empty() {
        lines.push(
            "No compiler was compared with itself yet, so how often noise is called a change is not \
             known."
                .to_owned(),
        );
    }
    format!("## How far to trust this\n\n{}", lines.join("\n"))
}

/// The pair as a link to its comparison under a configuration, or as text where it is not known where the page is.
fn link(reported: &ReportedWeek, entry: &TriageEntry, configuration: &ConfigurationId) -> String {
    let short = |artifact: &ArtifactId| artifact.short();
    let (base, head) = (short(&entry.base.artifact), short(&entry.head.artifact));
    match &reported.page {
        None => format!("`{base}..{head}`"),
        Some(page) => format!(
            "[`{base}..{head}`]({page}/compare?base={}&head={}&configuration={})",
            query_part(&entry.base.to_string()),
            query_part(&entry.head.to_string()),
            query_part(configuration.as_str())
        ),
    }
}

/// A name as the value of a query. Names hold nothing else that would have to be written so.
fn query_part(name: &str) -> String {
    name.replace('#', "%23").replace('+', "%2B")
}

/// A text that does not end the cell of the table that it is put into.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
