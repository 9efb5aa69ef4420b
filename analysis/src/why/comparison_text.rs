//! The explanation of a comparison, for people.

use std::fmt::Write;

use shared_types::Unit;
use shared_types::comparison::{ComparedTestCase, Verdict};

use super::step::{Step, StepUnit};
use super::{ComparisonExplanation, DisplayFamily, Known, TestCaseExplanation};
use crate::direction::CategoryDirection;
use crate::words::{counted, fine_share, percent, probability, share, signed_share, value};

/// So many test cases are told in the text; the data hold all of them.
const TEST_CASES_TOLD_MAX: usize = 25;

/// An explanation as text. Ends with a line break.
pub fn text(explanation: &ComparisonExplanation) -> String {
    let mut text = format!(
        "{} · {} · {} (version {})\n{}\n",
        explanation.configuration,
        explanation.metric.name,
        explanation.method,
        explanation.method_version,
        explanation.headline,
    );
    section(&mut text, "How this method judges", |text| {
        for rule in &explanation.principle {
            let _ = writeln!(text, "  - {rule}");
        }
    });
    section(&mut text, "What is known", |text| {
        known(text, &explanation.known);
        if let Some(family) = &explanation.family {
            false_alarms(text, family);
        }
    });
    section(&mut text, "What makes the verdict", |text| {
        for one in &explanation.directions {
            let _ = writeln!(text, "  {}", of_direction(one));
        }
        let _ = writeln!(text, "  {}", joined(explanation));
    });
    test_cases(&mut text, explanation);
    for warning in &explanation.warnings {
        let _ = writeln!(text, "note: {warning}");
    }
    text
}

fn section(text: &mut String, title: &str, write: impl FnOnce(&mut String)) {
    let _ = writeln!(text, "\n{title}");
    write(text);
}

fn known(text: &mut String, known: &Known) {
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
    let _ = writeln!(text, "  {}", parts.join(", "));
    if known.without_answer > 0 {
        let _ = writeln!(
            text,
            "  {} without an answer of `same` or `not yet known`: the method tells neither, so what \
             it does not call a change may be one all the same",
            counted(known.without_answer as usize, "test case")
        );
    }
    if known.missing > 0 {
        let _ = writeln!(
            text,
            "  {} could not be compared",
            counted(known.missing as usize, "test case")
        );
    }
}

fn false_alarms(text: &mut String, family: &DisplayFamily) {
    let found = match family.cut_off {
        Some(cut_off) => format!("those with p up to {} are", probability(cut_off)),
        None => "none is".to_owned(),
    };
    let _ = writeln!(
        text,
        "  {} asked together: at a false-discovery rate of {} (Benjamini-Hochberg) {found} more than \
         noise explains",
        counted(family.questions as usize, "question"),
        share(family.rate)
    );
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

fn test_cases(text: &mut String, explanation: &ComparisonExplanation) {
    let all = &explanation.test_cases;
    let Some(first) = all.first() else {
        return;
    };
    if !first.working.is_empty() {
        for case in all {
            let _ = writeln!(text, "\n{}", case.row.name);
            in_full(text, case, explanation.metric.unit);
        }
        return;
    }
    section(text, "The test cases that count", |text| {
        for case in all.iter().take(TEST_CASES_TOLD_MAX) {
            let _ = writeln!(text, "  {}: {}", case.row.name, numbers(&case.row));
        }
        let hidden = all.len().saturating_sub(TEST_CASES_TOLD_MAX);
        if hidden > 0 {
            let _ = writeln!(text, "  … and {}", counted(hidden, "more test case"));
        }
        let _ = writeln!(
            text,
            "  `--why TEST_CASE` tells how one of all was computed, step by step"
        );
    });
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

fn in_full(text: &mut String, case: &TestCaseExplanation, unit: Unit) {
    let _ = writeln!(text, "  {}", numbers(&case.row));
    let _ = writeln!(text, "  {}", case.rule.text());
    for (side, iterations) in [
        ("base", &case.row.base_iterations),
        ("head", &case.row.head_iterations),
    ] {
        let values: Vec<String> = iterations.iter().map(|one| value(*one, unit)).collect();
        let _ = writeln!(text, "  iterations of {side}: {}", values.join(", "));
    }
    let _ = writeln!(text, "  step by step");
    let width = |steps: &[Step], part: &dyn Fn(&Step) -> String| {
        let widths = steps.iter().map(|step| part(step).chars().count());
        widths.max().unwrap_or(0)
    };
    let number = |step: &Step| printed(step, unit);
    let what = width(&case.working, &|step| step.what.clone());
    let figure = width(&case.working, &number);
    for step in &case.working {
        let _ = writeln!(
            text,
            "    {:<what$}  {:>figure$}  {}",
            step.what,
            number(step),
            step.because
        );
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
