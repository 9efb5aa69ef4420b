//! What a person reads who has measured two compilers and wants to know where they differ: a table
//! of fixed columns, the surest changes first, and a line that sums up each category.

use std::fmt::Write;

use shared_types::comparison::{
    Answer, CategorySummary, ComparedTestCase, Comparison, SummaryPart,
};
use shared_types::{Metric, Unit};

use super::columns;
use super::headline::Names;
use super::numbers::{counted, percent, value};
use super::table::{missing_lines, summary_line};
use crate::direction::is_regression;

/// Up to so many test cases all are listed; of more, only those that got worse or better. Files for
/// programs always have all.
const ROWS_WITHOUT_CHANGE_MAX: usize = 60;

const COLUMNS: [&str; 6] = ["test case", "base", "head", "change", "interval", "verdict"];

/// What is said of one test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Head costs more, beyond noise and enough to matter.
    Worse,
    /// Head costs less, beyond noise and enough to matter.
    Better,
    /// More measurements are needed.
    NotYetKnown,
    /// Whatever the difference is, it is too small to matter.
    Same,
}

impl Word {
    /// What is said of a row of a comparison in `metric`.
    pub fn of(metric: &Metric, case: &ComparedTestCase) -> Self {
        match (case.change, case.answer) {
            (Some(change), _) if case.relevant && is_regression(metric, change) => Self::Worse,
            (Some(_), _) if case.relevant => Self::Better,
            (_, Some(Answer::Same | Answer::Different)) => Self::Same,
            // Real, and too small for a person to look at.
            (_, None) if case.significant => Self::Same,
            (_, Some(Answer::NotYetKnown) | None) => Self::NotYetKnown,
        }
    }

    /// The word as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::NotYetKnown => "not yet known",
            Self::Same => "same",
        }
    }

    fn is_change(self) -> bool {
        matches!(self, Self::Worse | Self::Better)
    }
}

/// A comparison for a terminal, with a line break at its end.
pub fn bench_text(comparison: &Comparison, names: &Names) -> String {
    let mut text = format!(
        "{} · {} · {} → {}\n{}\n",
        comparison.configuration, comparison.metric, names.base, names.head, comparison.headline
    );
    let (rows, hidden) = shown_rows(comparison);
    if !rows.is_empty() {
        let lines: Vec<[String; 6]> = std::iter::once(COLUMNS.map(str::to_owned))
            .chain(rows.iter().map(|row| cells(comparison, row)))
            .collect();
        text.push_str(&columns::aligned(&lines, |column| {
            (1..=3).contains(&column)
        }));
    }
    text.push_str(&hidden_line(hidden, "  "));
    for line in summary_lines(comparison) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str(&remarks(comparison));
    text
}

/// The same as Markdown, for a pull request or a bug report.
pub fn bench_markdown(comparison: &Comparison, names: &Names) -> String {
    let mut text = format!(
        "### {} → {}: {} under {}\n\n{}\n\n",
        escaped(&names.base),
        escaped(&names.head),
        comparison.metric,
        comparison.configuration,
        escaped(&comparison.headline)
    );
    let (rows, hidden) = shown_rows(comparison);
    if !rows.is_empty() {
        let _ = writeln!(text, "| {} |", COLUMNS.join(" | "));
        text.push_str("|---|---:|---:|---:|---|---|\n");
        for row in &rows {
            let cells = cells(comparison, row).map(|cell| escaped(&cell));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push('\n');
    }
    text.push_str(&hidden_line(hidden, ""));
    for line in summary_lines(comparison) {
        let _ = writeln!(text, "- {}", escaped(&line));
    }
    for line in remarks(comparison).lines() {
        let _ = writeln!(text, "- {}", escaped(line));
    }
    text
}

/// The first line of [`bench_csv`].
pub const BENCH_CSV_HEAD: &str = "configuration,base artifact,head artifact,metric,unit,test case,base,head,change,interval low,\
     interval high,verdict\n";

/// The rows of a comparison as CSV (RFC 4180), without [`BENCH_CSV_HEAD`], so that several can stand
/// in one file: numbers in full, in the unit of the metric, changes relative (0.01 is 1 %). What is
/// not known is empty.
pub fn bench_csv(comparison: &Comparison) -> String {
    let mut text = String::new();
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for row in sorted_rows(comparison) {
        let case = row.case;
        let fields = [
            comparison.configuration.to_string(),
            comparison.base.to_string(),
            comparison.head.to_string(),
            comparison.metric.clone(),
            comparison.metric_details.unit.to_string(),
            case.name.clone(),
            case.base.to_string(),
            case.head.to_string(),
            number(case.change),
            number(case.low),
            number(case.high),
            row.word.as_str().to_owned(),
        ];
        let fields = fields.map(|field| quoted(&field));
        let _ = writeln!(text, "{}", fields.join(","));
    }
    text
}

struct Row<'a> {
    case: &'a ComparedTestCase,
    word: Word,
}

/// All rows, the surest first: those that changed, then what is not known yet, then what is the same;
/// among them the largest first.
fn sorted_rows(comparison: &Comparison) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = comparison
        .test_cases
        .iter()
        .map(|case| Row {
            case,
            word: Word::of(&comparison.metric_details, case),
        })
        .collect();
    let size = |row: &Row<'_>| row.case.change.map_or(f64::INFINITY, f64::abs);
    rows.sort_by(|one, other| {
        let surest = other.word.is_change().cmp(&one.word.is_change());
        let known = || {
            let unknown = |row: &Row<'_>| row.word == Word::NotYetKnown;
            unknown(other).cmp(&unknown(one))
        };
        surest
            .then_with(known)
            .then_with(|| size(other).total_cmp(&size(one)))
            .then_with(|| one.case.name.cmp(&other.case.name))
    });
    rows
}

/// What is listed for people, and how many are left out.
fn shown_rows(comparison: &Comparison) -> (Vec<Row<'_>>, usize) {
    let mut rows = sorted_rows(comparison);
    let total = rows.len();
    if total > ROWS_WITHOUT_CHANGE_MAX {
        rows.retain(|row| row.word.is_change());
    }
    let hidden = total - rows.len();
    (rows, hidden)
}

fn hidden_line(hidden: usize, indent: &str) -> String {
    match hidden {
        0 => String::new(),
        _ => format!(
            "{indent}… and {} that got neither worse nor better\n",
            counted(hidden, "test case")
        ),
    }
}

fn cells(comparison: &Comparison, row: &Row<'_>) -> [String; 6] {
    let unit: Unit = comparison.metric_details.unit;
    let case = row.case;
    [
        case.name.clone(),
        value(case.base, unit),
        value(case.head, unit),
        case.change.map_or_else(|| "from zero".to_owned(), percent),
        interval(case),
        row.word.as_str().to_owned(),
    ]
}

/// The interval of a change, where the method gives one.
fn interval(case: &ComparedTestCase) -> String {
    match (case.low, case.high) {
        (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
        (Some(low), None) => format!("at least {}", percent(low)),
        (None, Some(high)) => format!("at most {}", percent(high)),
        (None, None) => String::new(),
    }
}

fn summary_lines(comparison: &Comparison) -> Vec<String> {
    let of = |(part, summary): (SummaryPart, &CategorySummary)| {
        let words = comparison.test_cases.iter().filter_map(|case| {
            let is_of_it = SummaryPart::of(&case.test_case, case.category) == part;
            is_of_it.then(|| Word::of(&comparison.metric_details, case))
        });
        let words: Vec<Word> = words.collect();
        let count = |wanted: Word| words.iter().filter(|word| **word == wanted).count();
        format!(
            "{}; {} same, {} not yet known",
            summary_line(part.as_str(), summary),
            count(Word::Same),
            count(Word::NotYetKnown)
        )
    };
    comparison.summary.parts().map(of).collect()
}

fn remarks(comparison: &Comparison) -> String {
    let mut text = String::new();
    for explanation in &comparison.explanations {
        let _ = writeln!(text, "in common: {}", explanation.sentence);
    }
    text.push_str(&missing_lines(&comparison.missing));
    for warning in &comparison.warnings {
        let _ = writeln!(text, "note: {warning}");
    }
    text
}

/// Text that Markdown takes as it is, and that stays in its cell.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' => {
                safe.push('\\');
                safe.push(character);
            }
            '\n' | '\r' => safe.push(' '),
            _ => safe.push(character),
        }
    }
    safe
}

/// A field of CSV.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests;
