//! The scores as people read them.

use super::{DetectionScore, STEPS, StepScore};
use crate::backtest::bootstrap::Estimate;

/// The scores as two tables of Markdown: what is found, and what is told without need.
pub fn detection_table(scores: &[DetectionScore]) -> String {
    let mut text = found_table(scores);
    text.push('\n');
    text.push_str(&needless_table(scores));
    text
}

fn found_table(scores: &[DetectionScore]) -> String {
    let steps = STEPS.map(|step| format!("{step}\u{3c3}")).join(" | ");
    let rule = "---:|".repeat(STEPS.len());
    let mut table = format!(
        "Share of steps found (95 % interval) / precision / median delay in values:\n\n| metric | \
         method | false alarms in 1,000 | {steps} |\n|---|---|---:|{rule}\n"
    );
    for score in scores {
        let found: Vec<String> = score.steps.iter().map(found_cell).collect();
        table.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            score.metric.name,
            score.method,
            rate(score.false_alarms_per_1000),
            found.join(" | ")
        ));
    }
    table
}

fn found_cell(step: &StepScore) -> String {
    let Estimate { mean, low, high } = step.recall;
    let delay = step
        .median_delay
        .map_or_else(|| "-".to_owned(), |delay| delay.to_string());
    format!(
        "{:.0} % ({:.0} to {:.0}) / {:.0} % / {delay}",
        100.0 * mean,
        100.0 * low,
        100.0 * high,
        100.0 * step.precision
    )
}

fn needless_table(scores: &[DetectionScore]) -> String {
    let mut table =
        "Alerts for each series, and false alarms in 1,000 values:\n\n| metric | method | \
                     a spike (right: 0) | a drift (right: 1) | a shift that goes back (right: 1) | \
                     correlated residuals | at the tip, as values arrive |\n\
                     |---|---|---:|---:|---:|---:|---:|\n"
            .to_owned();
    for score in scores {
        table.push_str(&format!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {} | {:.1} |\n",
            score.metric.name,
            score.method,
            score.alerts_for_a_spike,
            score.alerts_for_a_drift,
            score.alerts_for_a_shift,
            rate(score.correlated_alarms_per_1000),
            score.tip_alarms_per_1000
        ));
    }
    table
}

fn rate(estimate: Estimate) -> String {
    let Estimate { mean, low, high } = estimate;
    format!("{mean:.2} ({low:.2} to {high:.2})")
}
