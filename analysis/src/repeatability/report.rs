//! The figures as tables, in Markdown.

use std::fmt::Write;

use super::samples::RepeatabilitySamples;
use super::smallest_step::{MethodSteps, StepQuestion, StepRow, Steps};
use super::variation::MetricVariation;
use crate::words::{counted, fine_share};

/// Everything: where and how it was measured, and both tables.
pub fn markdown(
    samples: &RepeatabilitySamples,
    variation: &[MetricVariation],
    steps: &[StepRow],
    question: StepQuestion,
) -> String {
    let mut text = circumstances(samples);
    text.push('\n');
    text.push_str(&variation_markdown(variation));
    text.push('\n');
    text.push_str(&steps_markdown(steps, question));
    text
}

fn circumstances(samples: &RepeatabilitySamples) -> String {
    let host = &samples.host;
    let load = |load: Option<f64>| load.map_or("not known".to_owned(), |load| format!("{load:.1}"));
    format!(
        "{} against itself, {}, on {} ({} logical processors); load of the minute before {}, at \
         the end {}\n",
        samples.compiler,
        samples.started_at.strftime("%-d %B %Y"),
        host.cpu_model.as_deref().unwrap_or("an unknown processor"),
        host.logical_cpus
            .map_or("?".to_owned(), |cpus| cpus.to_string()),
        load(samples.load_before),
        load(samples.load_after),
    )
}

/// How much each metric varies. Metrics of which no test case varies share the last row.
pub fn variation_markdown(variation: &[MetricVariation]) -> String {
    let mut text = "| metric | coefficient of variation: median | least | largest | values |\n\
                    |---|---:|---:|---:|---:|\n"
        .to_owned();
    let (varying, constant): (Vec<_>, Vec<_>) = variation.iter().partition(|it| it.largest > 0.0);
    for metric in varying {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} ({}) | {} |",
            metric.metric.name,
            fine_share(metric.median),
            fine_share(metric.least),
            fine_share(metric.largest),
            most_varying(metric),
            metric.values
        );
    }
    if !constant.is_empty() {
        let fewest = constant.iter().map(|it| it.values).min().unwrap_or(0);
        let _ = writeln!(
            text,
            "| {} that never varied: {} | 0 % | 0 % | 0 % | {fewest} |",
            counted(constant.len(), "metric"),
            constant
                .iter()
                .map(|it| it.metric.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    text
}

fn most_varying(metric: &MetricVariation) -> &str {
    let cases = metric.by_test_case.iter();
    cases
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .map_or("", |(name, _)| name)
}

/// The smallest steps that are found, a row for each metric and length of a job.
pub fn steps_markdown(steps: &[StepRow], question: StepQuestion) -> String {
    let mut text = format!(
        "The smallest step that is found in {} of 100 cases: median of the test cases, and the \
         range.\n\n\
         | metric | pairs of a job | it takes | perfleet, {alarms} | perfleet as it is (its false \
         alarms) | rustc-perf's minimum of 2, {alarms} | rustc-perf as it is (its false alarms) |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
        (question.power * 100.0).round(),
        alarms = format!("{} false alarms", fine_share(question.false_alarms)),
    );
    for row in steps {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.metric.name,
            row.pairs,
            duration(row.seconds),
            in_words(&row.ours.at_equal_alarms),
            with_alarms(&row.ours),
            in_words(&row.reference.at_equal_alarms),
            with_alarms(&row.reference),
        );
    }
    text
}

fn with_alarms(method: &MethodSteps) -> String {
    let steps = in_words(&method.as_it_is);
    format!("{steps} ({})", fine_share(method.false_alarms))
}

/// The median step and the range; `over 100 %` where a step is not found.
fn in_words(steps: &Steps) -> String {
    let word = |step: Option<f64>| step.map_or("over 100 %".to_owned(), fine_share);
    let size = |step: &Option<f64>| step.unwrap_or(f64::INFINITY);
    let all = || steps.by_test_case.iter().map(|(_, step)| step);
    let least = all().min_by(|one, other| size(one).total_cmp(&size(other)));
    let largest = all().max_by(|one, other| size(one).total_cmp(&size(other)));
    match (least, largest) {
        (Some(least), Some(largest)) if least != largest => format!(
            "{}, {} to {}",
            word(steps.median),
            word(*least),
            word(*largest)
        ),
        _ => word(steps.median),
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        short if short < 99.5 => format!("{short:.0} s"),
        long => format!("{:.0} min", long / 60.0),
    }
}
