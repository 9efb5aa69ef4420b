//! Shadow mode: how the verdicts of an environment stand to those of the one that it follows, and the
//! table that people read.
//!
//! Verdicts of two configurations meet here, and never their numbers: the sizes of a row are shown
//! beside each other, each with its own magnitude.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use shared_types::MetricName;
use shared_types::comparison::Comparison;
use shared_types::format::Versioned;
use shared_types::shadow::{Agreement, ShadowRow, ShadowTable, ShadowTotals, VerdictInBrief};

use crate::words::{counted, percent};

/// A comparison as a table of agreement tells it.
pub fn in_brief(comparison: &Comparison) -> VerdictInBrief {
    let relevant = || comparison.test_cases.iter().filter(|case| case.relevant);
    let larger = |one: &f64, other: &f64| one.abs().total_cmp(&other.abs());
    VerdictInBrief {
        verdict: comparison.verdict,
        relevant: u32::try_from(relevant().count()).unwrap_or(u32::MAX),
        largest_change: relevant().filter_map(|case| case.change).max_by(larger),
        magnitude: relevant().map(|case| case.magnitude).max(),
    }
}

/// How two verdicts stand to each other.
pub fn agreement(theirs: Option<&VerdictInBrief>, ours: Option<&VerdictInBrief>) -> Agreement {
    match (theirs, ours) {
        (None, None) => Agreement::BothMissing,
        (None, Some(_)) => Agreement::TheirsMissing,
        (Some(_), None) => Agreement::OursMissing,
        (Some(theirs), Some(ours)) if theirs.verdict != ours.verdict => Agreement::Differ,
        (Some(theirs), Some(ours)) if theirs.magnitude != ours.magnitude => Agreement::SizeDiffers,
        (Some(_), Some(_)) => Agreement::Agree,
    }
}

/// The metric in which two environments are to be told, of those in which each has a verdict: the
/// least noisy that both have.
pub fn common_metric(theirs: &[MetricName], ours: &[MetricName]) -> Option<MetricName> {
    let common = theirs.iter().filter(|metric| ours.contains(metric));
    common
        .min_by_key(|metric| (metric.preference(), metric.as_str()))
        .cloned()
}

/// The table of a day.
pub fn table(of: &str, day: Date, updated_at: Timestamp, mut rows: Vec<ShadowRow>) -> ShadowTable {
    let order = |row: &ShadowRow| {
        (
            row.request,
            row.configuration.clone(),
            row.their_configuration.clone(),
        )
    };
    rows.sort_by_key(order);
    rows.dedup_by_key(|row| order(row));
    ShadowTable {
        format: ShadowTable::VERSION,
        of: of.to_owned(),
        day,
        updated_at,
        totals: ShadowTotals::of(&rows),
        rows,
    }
}

/// The table for people: what differs first.
pub fn markdown(table: &ShadowTable) -> String {
    let mut text = format!(
        "# Shadow of {}, {}\n\n{}\n",
        escaped(&table.of),
        table.day,
        summary(table)
    );
    if table.rows.is_empty() {
        return text;
    }
    text.push_str(
        "\n| how they stand | base → head | theirs under | ours under | metric | theirs | ours |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut rows: Vec<&ShadowRow> = table.rows.iter().collect();
    rows.sort_by_key(|row| gravity(row.agreement));
    for row in rows {
        let metric = row.metric.as_ref().map_or("", |metric| metric.as_str());
        let _ = writeln!(
            text,
            "| {} | {} → {} | {} | {} | {metric} | {} | {} |",
            row.agreement.in_words(),
            row.base.short(),
            row.head.short(),
            row.their_configuration,
            row.configuration,
            side(row.theirs.as_ref()),
            side(row.ours.as_ref()),
        );
    }
    text
}

fn summary(table: &ShadowTable) -> String {
    let totals = &table.totals;
    let rows = table.rows.len();
    if rows == 0 {
        return "No request was mirrored.".to_owned();
    }
    let mut parts = vec![
        format!("{} agree", totals.agree),
        format!("{} differ in size only", totals.size_differs),
        format!("{} differ", totals.differ),
    ];
    for (count, words) in [
        (totals.ours_missing, "without a verdict of ours"),
        (totals.theirs_missing, "without a verdict of theirs"),
        (totals.both_missing, "without either"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let share = match totals.compared() {
        0 => String::new(),
        compared => format!(
            " Of {} that both judged, {} % have the same verdict.",
            counted(compared as usize, "row"),
            (totals.agree + totals.size_differs) * 100 / compared
        ),
    };
    format!("{}: {}.{share}", counted(rows, "row"), parts.join(", "))
}

/// What is to be looked at first.
fn gravity(agreement: Agreement) -> u8 {
    match agreement {
        Agreement::Differ => 0,
        Agreement::SizeDiffers => 1,
        Agreement::OursMissing => 2,
        Agreement::TheirsMissing => 3,
        Agreement::BothMissing => 4,
        Agreement::Agree => 5,
    }
}

fn side(verdict: Option<&VerdictInBrief>) -> String {
    let Some(brief) = verdict else {
        return "none yet".to_owned();
    };
    let mut text = brief.verdict.to_string();
    if let (Some(change), Some(magnitude)) = (brief.largest_change, brief.magnitude) {
        let _ = write!(
            text,
            ": {} relevant, up to {} ({magnitude})",
            brief.relevant,
            percent(change)
        );
    }
    text
}

/// A name as Markdown shows it and never reads it.
fn escaped(name: &str) -> String {
    let special = |letter: char| matches!(letter, '|' | '*' | '_' | '`' | '[' | ']' | '<' | '\\');
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        if special(letter) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests;
