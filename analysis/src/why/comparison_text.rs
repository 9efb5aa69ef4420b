//! The explanation of a comparison, for people who read it on the command line.

use std::fmt::Write;

use super::ComparisonExplanation;
use super::sections::{Section, SectionKind, ToldStep, sections};

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
    for section in sections(explanation) {
        write_section(&mut text, &section);
    }
    for warning in &explanation.warnings {
        let _ = writeln!(text, "note: {warning}");
    }
    text
}

fn write_section(text: &mut String, section: &Section) {
    let _ = writeln!(text, "\n{}", section.title);
    let mark = match section.kind {
        SectionKind::Rules => "- ",
        SectionKind::Findings | SectionKind::TestCases | SectionKind::TestCase => "",
    };
    for line in &section.lines {
        let _ = writeln!(text, "  {mark}{line}");
    }
    if section.kind == SectionKind::TestCases {
        let _ = writeln!(
            text,
            "  `--why TEST_CASE` tells how one of all was computed, step by step"
        );
    }
    if !section.steps.is_empty() {
        write_steps(text, &section.steps);
    }
}

fn write_steps(text: &mut String, steps: &[ToldStep]) {
    let width = |part: &dyn Fn(&ToldStep) -> &str| {
        let widths = steps.iter().map(|step| part(step).chars().count());
        widths.max().unwrap_or(0)
    };
    let what = width(&|step| &step.what);
    let figure = width(&|step| &step.value);
    let _ = writeln!(text, "  step by step");
    for step in steps {
        let _ = writeln!(
            text,
            "    {:<what$}  {:>figure$}  {}",
            step.what, step.value, step.because
        );
    }
}
