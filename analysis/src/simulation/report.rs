//! What a simulation showed, beside what cannot be beaten and what rustc-perf's rules make of it.

use std::fmt::Write;

use serde::Serialize;

use super::fixed_assignment::{FixedOutcome, fixed_assignment};
use super::load::Load;
use super::lower_bound::lower_bound_s;
use super::outcome::{Outcome, Quantiles};
use super::{Faults, simulate};

/// What a simulation showed. Lengths of time are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulationReport {
    /// The version of this document.
    pub schema: u32,
    /// What was asked for.
    pub requests: usize,
    /// Collectors.
    pub collectors: usize,
    /// Configurations.
    pub configurations: usize,
    /// What went wrong.
    pub faults: Faults,
    /// The seed.
    pub seed: u64,
    /// What no scheduling can beat, from the first request to the end of the last job.
    pub lower_bound_s: f64,
    /// The makespan over the lower bound: 1 is best.
    pub over_lower_bound: f64,
    /// How long requests took.
    pub latency_s: Quantiles,
    /// What came of it.
    pub outcome: Outcome,
    /// The same load by fixed sets, one request at a time.
    pub fixed_assignment: FixedOutcome,
    /// The makespan of that over the lower bound.
    pub fixed_over_lower_bound: f64,
}

/// Simulates a load, and compares.
pub fn report(load: &Load, faults: Faults, seed: u64) -> SimulationReport {
    let outcome = simulate(load, faults, seed);
    let fixed = fixed_assignment(load);
    let bound_s = lower_bound_s(load);
    SimulationReport {
        schema: 1,
        requests: load.requests.len(),
        collectors: load.collectors.len(),
        configurations: load.configurations.len(),
        faults,
        seed,
        lower_bound_s: bound_s,
        over_lower_bound: outcome.makespan_s / bound_s,
        latency_s: outcome.latency_s(),
        fixed_over_lower_bound: fixed.makespan_s / bound_s,
        outcome,
        fixed_assignment: fixed,
    }
}

/// A report in words.
pub fn describe(report: &SimulationReport) -> String {
    let outcome = &report.outcome;
    let mut text = format!(
        "{} requests, {} jobs, {} collectors of {} configurations, seed {}\n\n",
        report.requests, outcome.jobs, report.collectors, report.configurations, report.seed
    );
    let _ = writeln!(
        text,
        "{:<34} {:>10} {:>12} {:>14} {:>12}",
        "", "makespan", "over bound", "half within", "95 % within"
    );
    row(&mut text, "lower bound", report.lower_bound_s, 1.0, None);
    let latency = Some(report.latency_s);
    row(
        &mut text,
        "perfleet",
        outcome.makespan_s,
        report.over_lower_bound,
        latency,
    );
    let fixed = &report.fixed_assignment;
    row(
        &mut text,
        "fixed sets, one request at a time",
        fixed.makespan_s,
        report.fixed_over_lower_bound,
        Some(fixed.latency_s),
    );
    text.push('\n');
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<46} {value}");
    };
    line(
        "jobs that did not end exactly once",
        outcome.jobs_not_ended_once.to_string(),
    );
    line(
        "results that count, and that are doubled",
        format!("{}, {}", outcome.results_counted, outcome.results_doubled),
    );
    line(
        "jobs that were found lost",
        outcome.jobs_recovered.to_string(),
    );
    line(
        "longest wait beside an idle collector",
        format!("{:.0} s", outcome.idle_beside_work_s),
    );
    line(
        "longest work on what was cancelled",
        format!("{:.0} s", outcome.cancelled_work_s),
    );
    line(
        "heads on the host of their base",
        format!("{:.0} %", outcome.same_host * 100.0),
    );
    let error = outcome.forecast_error;
    line(
        "expected time left against what it was",
        format!(
            "{:+.0} % in the middle, {:+.0} % to {:+.0} % in 90 of 100 cases",
            error.median * 100.0,
            error.low * 100.0,
            error.high * 100.0
        ),
    );
    for violation in &outcome.violations {
        line("must never be", violation.clone());
    }
    text
}

fn row(text: &mut String, name: &str, makespan_s: f64, over: f64, latency: Option<Quantiles>) {
    let hours = |seconds: f64| format!("{:.1} h", seconds / 3600.0);
    let (median, high) = match latency {
        Some(latency) => (hours(latency.median), hours(latency.high)),
        None => (String::new(), String::new()),
    };
    let line = format!(
        "{name:<34} {:>10} {over:>12.2} {median:>14} {high:>12}",
        hours(makespan_s)
    );
    let _ = writeln!(text, "{}", line.trim_end());
}
