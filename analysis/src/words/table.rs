//! The table of a comparison, for terminals.

use std::fmt::Write;

use shared_types::Metric;
use shared_types::comparison::{
    CategorySummary, ChangeSummary, ComparedTestCase, Comparison, MissingTestCase,
};

use super::columns;
use super::numbers::{counted, percent, share, value};
use crate::beside::{Beside, Says};
use crate::direction::is_regression;

/// Up to so many test cases all are listed; of more, only those with a relevant change.
const ROWS_WITHOUT_CHANGE_MAX: usize = 60;

/// A comparison as a table, one line for each test case: the relevant changes first, the largest
/// at the top. Ends with a line break.
pub fn table(comparison: &Comparison) -> String {
    lines(comparison, None)
}

/// The same with one more column: what another method says. Where the two disagree the test case is
/// listed, relevant or not, and marked with `!`.
pub fn table_beside(both: &Beside) -> String {
    let mut text = lines(&both.comparison, Some(both));
    let disagree = match both.disagree.len() {
        0 => "the two agree on every test case".to_owned(),
        count => format!(
            "the two disagree on {}, marked with `!`",
            counted(count, "test case")
        ),
    };
    let _ = writeln!(
        text,
        "beside: {} says {}, {} says {}; {disagree}",
        both.comparison.method, both.comparison.verdict, both.method, both.verdict
    );
    text
}

fn lines(comparison: &Comparison, both: Option<&Beside>) -> String {
    let mut text = format!(
        "{} · {} · {}\n{}\n",
        comparison.configuration, comparison.metric, comparison.method, comparison.headline
    );
    let mut rows: Vec<Row<'_>> = comparison
        .test_cases
        .iter()
        .enumerate()
        .map(|(place, case)| Row::of(place, case, both))
        .collect();
    rows.sort_by(|Row { case: one, .. }, Row { case: other, .. }| {
        let size = |case: &ComparedTestCase| case.change.map_or(0.0, f64::abs);
        other
            .relevant
            .cmp(&one.relevant)
            .then(size(other).total_cmp(&size(one)))
            .then(one.name.cmp(&other.name))
    });
    let total = rows.len();
    if total > ROWS_WITHOUT_CHANGE_MAX {
        rows.retain(|row| row.case.relevant || row.disagree);
    }
    let beside = both.map(|both| both.method.as_str());
    text.push_str(&aligned(&comparison.metric_details, beside, &rows));
    let hidden = total - rows.len();
    if hidden > 0 {
        let _ = writeln!(
            text,
            "  … and {} without a relevant change",
            counted(hidden, "test case")
        );
    }
    for (part, summary) in comparison.summary.parts() {
        let _ = writeln!(text, "{}", summary_line(part.as_str(), summary));
    }
    for explanation in &comparison.explanations {
        let _ = writeln!(text, "in common: {}", explanation.sentence);
    }
    text.push_str(&missing_lines(&comparison.missing));
    for warning in &comparison.warnings {
        let _ = writeln!(text, "note: {warning}");
    }
    text
}

/// A line of the table.
struct Row<'a> {
    case: &'a ComparedTestCase,
    beside: Option<Says>,
    disagree: bool,
}

impl<'a> Row<'a> {
    fn of(place: usize, case: &'a ComparedTestCase, both: Option<&Beside>) -> Self {
        Self {
            case,
            beside: both.and_then(|both| both.says.get(place).copied().flatten()),
            disagree: both.is_some_and(|both| both.disagree.contains(&case.name)),
        }
    }
}

/// Names to the left, numbers to the right.
fn aligned(metric: &Metric, beside: Option<&str>, rows: &[Row<'_>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head = [
        "test case",
        "base",
        "head",
        "change",
        "threshold",
        "",
        "size",
        beside.unwrap_or_default(),
    ];
    let lines: Vec<[String; 8]> = std::iter::once(head.map(str::to_owned))
        .chain(rows.iter().map(|row| cells(metric, row)))
        .collect();
    columns::aligned(&lines, |column| (1..=4).contains(&column))
}

fn cells(metric: &Metric, line: &Row<'_>) -> [String; 8] {
    let row = line.case;
    let (word, size) = match row.change {
        Some(change) if row.relevant => (
            if is_regression(metric, change) {
                "worse"
            } else {
                "better"
            },
            row.magnitude.as_str(),
        ),
        _ => ("", ""),
    };
    [
        row.name.clone(),
        value(row.base, metric.unit),
        value(row.head, metric.unit),
        row.change.map_or_else(|| "from zero".to_owned(), percent),
        row.threshold.map(share).unwrap_or_default(),
        word.to_owned(),
        size.to_owned(),
        line.beside
            .map(|says| beside_cell(says, line.disagree))
            .unwrap_or_default(),
    ]
}

fn beside_cell(says: Says, disagree: bool) -> String {
    let change = says.change.map_or_else(|| "from zero".to_owned(), percent);
    let mark = if disagree { " !" } else { "" };
    format!("{change} {}{mark}", says.word.as_str())
}

pub(super) fn summary_line(name: &str, summary: &CategorySummary) -> String {
    let part = |changes: &ChangeSummary, what: &str| match changes.mean {
        Some(mean) => format!("{} {what} (mean {})", changes.count, percent(mean)),
        None => format!("{} {what}", changes.count),
    };
    let mean = summary.all.mean.map_or_else(String::new, |mean| {
        format!(", mean of all {}", percent(mean))
    });
    format!(
        "{name}: {}: {}, {}{mean}",
        counted(summary.test_cases as usize, "test case"),
        part(&summary.improvements, "better"),
        part(&summary.regressions, "worse"),
    )
}

pub(super) fn missing_lines(missing: &[MissingTestCase]) -> String {
    let mut text = String::new();
    for case in missing {
        let reason = case.reason.as_deref().unwrap_or("the reason is not known");
        let _ = writeln!(text, "not compared: {}: {reason}", case.name);
    }
    text
}

#[cfg(test)]
mod tests;
