//! The explanation of a comparison in parts, for people: what the command line prints and the page
//! shows.

use shared_types::Unit;
use shared_types::comparison::{ComparedTestCase, Verdict};

use super::step::{Step, StepUnit};
use super::{ComparisonExplanation, DisplayFamily, Known, TestCaseExplanation};
use crate::direction::CategoryDirection;
use crate::words::{counted, fine_share, percent, probability, share, signed_share, value};

/// So many test cases are told; the data hold all of them.
const TEST_CASES_TOLD_MAX: usize = 25;

/// A part of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: String,
    /// What kind of part it is.
    pub kind: SectionKind,
    /// What it says, a sentence or a list entry each.
    pub lines: Vec<String>,
    /// How a number came about, where it is about one test case that was asked for.
    pub steps: Vec<ToldStep>,
}

/// What kind of part of an explanation a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// The rules of the method.
    Rules,
    /// What came out.
    Findings,
    /// The test cases that count, a line each.
    TestCases,
    /// One test case with all its steps.
    TestCase,
}

/// A step of computing, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldStep {
    /// What the number is.
    pub what: String,
    /// The number with its unit.
    pub value: String,
    /// How it comes about, or what follows from it.
    pub because: String,
}

/// The parts, in the order in which they are read.
pub fn sections(explanation: &ComparisonExplanation) -> Vec<Section> {
    let mut known = known(&explanation.known);
    known.extend(explanation.family.as_ref().map(false_alarms));
    let mut made = Vec::new();
    made.extend(explanation.directions.iter().map(of_direction));
    made.push(joined(explanation));
    let mut sections = vec![
        Section::of(
            "How this method judges",
            SectionKind::Rules,
            explanation.principle.clone(),
        ),
        Section::of("What is known", SectionKind::Findings, known),
        Section::of("What makes the verdict", SectionKind::Findings, made),
    ];
    sections.extend(test_cases(explanation));
    sections
}

impl Section {
    fn of(title: &str, kind: SectionKind, lines: Vec<String>) -> Self {
        Self {
            title: title.to_owned(),
            kind,
            lines,
            steps: Vec::new(),
        }
    }
}

fn known(known: &Known) -> Vec<String> {
    let mut parts = vec![format!(
        "{} compared: {} more than noise explains, {} of them large enough to matter",
        counted(known.compared as usize, "test case"),
        known.significant,
        known.relevant
    )];
    if known.without_answer < known.compared {
        parts.push(format!("{} known to be the same", known.same));
        parts.push(format!("{} not yet known", known.not_yet_known));
    }
    let mut lines = vec![parts.join(", ")];
    if known.without_answer > 0 {
        lines.push(format!(
            "{} without an answer of `same` or `not yet known`: the method tells neither, so what \
             it does not call a change may be one all the same",
            counted(known.without_answer as usize, "test case")
        ));
    }
    if known.missing > 0 {
        lines.push(format!(
            "{} could not be compared",
            counted(known.missing as usize, "test case")
        ));
    }
    lines
}

fn false_alarms(family: &DisplayFamily) -> String {
    let found = match family.cut_off {
        Some(cut_off) => format!("those with p up to {} are", probability(cut_off)),
        None => "none is".to_owned(),
    };
    format!(
        "{} asked together: at a false-discovery rate of {} (Benjamini-Hochberg) {found} more than \
         noise explains",
        counted(family.questions as usize, "question"),
        share(family.rate)
    )
}

/// How the changes of a category make its direction.
pub(super) fn of_direction(of_category: &CategoryDirection) -> String {
    let CategoryDirection {
        category,
        direction,
    } = of_category;
    let side = |count: u32, large: u32, what: &str| {
        let large = match large {
            0 => String::new(),
            large => format!(" ({large} of medium size or larger)"),
        };
        format!("{count} {what}{large}")
    };
    format!(
        "{category}: {}, {}: {}, so {}",
        side(
            direction.improvements,
            direction.large_improvements,
            "better"
        ),
        side(direction.regressions, direction.large_regressions, "worse"),
        direction.rule.text(),
        direction.verdict
    )
}

fn joined(explanation: &ComparisonExplanation) -> String {
    match (explanation.verdict, explanation.directions.len()) {
        (Verdict::Incomplete, _) => {
            "verdict: incomplete, since there is nothing to compare".to_owned()
        }
        (verdict, 0 | 1) => format!("verdict: {verdict}"),
        (verdict, _) => format!(
            "verdict: {verdict} (neutral gives way; improved and regressed together are mixed)"
        ),
    }
}

fn test_cases(explanation: &ComparisonExplanation) -> Vec<Section> {
    let all = &explanation.test_cases;
    let Some(first) = all.first() else {
        return Vec::new();
    };
    if !first.working.is_empty() {
        let unit = explanation.metric.unit;
        return all.iter().map(|case| in_full(case, unit)).collect();
    }
    let told = all.iter().take(TEST_CASES_TOLD_MAX);
    let mut lines: Vec<String> = told
        .map(|case| format!("{}: {}", case.row.name, numbers(&case.row)))
        .collect();
    let hidden = all.len().saturating_sub(TEST_CASES_TOLD_MAX);
    if hidden > 0 {
        lines.push(format!(
            "\u{2026} and {}",
            counted(hidden, "more test case")
        ));
    }
    vec![Section::of(
        "The test cases that count",
        SectionKind::TestCases,
        lines,
    )]
}

/// The numbers of a test case in one line.
fn numbers(row: &ComparedTestCase) -> String {
    let mut parts = Vec::new();
    if let (Some(low), Some(high)) = (row.low, row.high) {
        parts.push(format!("between {} and {}", percent(low), percent(high)));
    }
    if let Some(threshold) = row.threshold {
        parts.push(format!("counts from {}", share(threshold)));
    }
    if let Some(p) = row.p {
        parts.push(format!("p {}", probability(p)));
    }
    if let Some(q) = row.q {
        parts.push(format!("q {}", probability(q)));
    }
    parts.push(match row.history {
        0 => "no history used".to_owned(),
        history => format!("{history} earlier artifacts"),
    });
    let change = row
        .change
        .map_or_else(|| "from zero".to_owned(), signed_share);
    format!("{change}, {} ({})", row.magnitude, parts.join(", "))
}

fn in_full(case: &TestCaseExplanation, unit: Unit) -> Section {
    let mut lines = vec![numbers(&case.row), case.rule.text().to_owned()];
    for (side, iterations) in [
        ("base", &case.row.base_iterations),
        ("head", &case.row.head_iterations),
    ] {
        let values: Vec<String> = iterations.iter().map(|one| value(*one, unit)).collect();
        lines.push(format!("iterations of {side}: {}", values.join(", ")));
    }
    let steps = case.working.iter().map(|step| ToldStep {
        what: step.what.clone(),
        value: printed(step, unit),
        because: step.because.clone(),
    });
    Section {
        steps: steps.collect(),
        ..Section::of(&case.row.name, SectionKind::TestCase, lines)
    }
}

fn printed(step: &Step, unit: Unit) -> String {
    let Some(number) = step.value else {
        return "none".to_owned();
    };
    match step.unit {
        StepUnit::OfMetric => value(number, unit),
        StepUnit::Share => fine_share(number),
        StepUnit::SignedShare => percent(number),
        StepUnit::Probability => probability(number),
        StepUnit::Number if number.fract() == 0.0 => format!("{number:.0}"),
        StepUnit::Number => format!("{number:.2}"),
    }
}
