//! Measuring one test case round by round, each round an iteration of every side, until it is enough.

use analysis::repetition::Disturbance;
use shared_types::result_document::DisturbedIteration;

use super::metrics::Sample;
use super::observer::Observer;
use super::problem::{Problem, Stop};
use super::rounds::{Next, RoundPlan, Rounds, Turns};
use crate::CollectorError;

/// A test case of one run that can be measured again and again.
pub(super) trait MeasuredCase {
    /// What it is called in progress and log.
    fn name(&self) -> String;

    /// Measures one iteration.
    fn measure(&mut self) -> Result<Sample, Stop>;

    /// What came of it so far.
    fn result(&self) -> &CaseResult;

    /// The same, to be added to.
    fn result_mut(&mut self) -> &mut CaseResult;
}

/// What came of one test case of one run.
#[derive(Debug, Default)]
pub(super) struct CaseResult {
    /// One for each round; none where the iteration failed, or an earlier one had.
    pub(super) samples: Vec<Option<Sample>>,
    /// Instructions, where they were counted in a run of its own.
    pub(super) instructions: Option<u64>,
    pub(super) disturbed: Vec<DisturbedIteration>,
    pub(super) problem: Option<Problem>,
}

impl CaseResult {
    /// The time of the fastest iteration, in seconds.
    pub(super) fn fastest_s(&self) -> Option<f64> {
        let samples = self.samples.iter().flatten();
        let times = samples.map(|sample| sample.wall_time_s);
        times.min_by(f64::total_cmp)
    }
}

/// Measures a test case round by round until it is enough.
///
/// # Errors
/// When the work was called off. What cannot be measured is kept in the results.
pub(super) fn measure_rounds<Case: MeasuredCase>(
    sides: &mut [Case],
    (plan, turns): (RoundPlan, &mut Turns),
    progress: &mut Observer<'_>,
) -> Result<(), CollectorError> {
    let mut round = 0;
    // Without a side no round would ever be enough.
    while !sides.is_empty() {
        let samples = sides.iter().map(|side| side.result().samples.as_slice());
        let rounds = Rounds::of(samples);
        match plan.next(&rounds) {
            Next::Go => {}
            ending => {
                for (side, disturbed) in sides.iter_mut().zip(plan.disturbed(&rounds)) {
                    keep_disturbed(side, disturbed, progress);
                }
                if ending == Next::OutOfBudget {
                    note_budget(sides, round, progress);
                }
                return Ok(());
            }
        }
        if round >= plan.iterations() {
            progress.expect_more(sides.len() as u64);
        }
        for side in turns.order(sides.len(), round) {
            iterate(&mut sides[side], progress)?;
        }
        round += 1;
    }
    Ok(())
}

/// Measures one iteration. A test case that failed once is not tried again.
fn iterate(
    case: &mut impl MeasuredCase,
    progress: &mut Observer<'_>,
) -> Result<(), CollectorError> {
    progress.current(case.name());
    let outcome = match case.result().problem {
        Some(_) => None,
        None => Some(case.measure()),
    };
    if let Some(Ok(sample)) = &outcome {
        note_absent_counts(&case.name(), sample, progress);
    }
    let result = case.result_mut();
    match outcome {
        None => result.samples.push(None),
        Some(Ok(sample)) => result.samples.push(Some(sample)),
        Some(Err(Stop::CalledOff)) => return Err(CollectorError::CalledOff),
        Some(Err(Stop::Problem(problem))) => {
            progress.note(&problem.message);
            result.samples.push(None);
            result.problem = Some(problem);
        }
    }
    progress.step();
    Ok(())
}

/// A count that was shared with something else is absent, and the log says why, once for each metric
/// of a test case.
fn note_absent_counts(name: &str, sample: &Sample, progress: &mut Observer<'_>) {
    for (metric, reason) in &sample.not_counted {
        let subject = format!("{name}: {metric} is absent from an iteration");
        progress.note_once(&subject, &reason.to_string());
    }
}

/// Keeps which iterations do not count, and says so in the log.
fn keep_disturbed(
    case: &mut impl MeasuredCase,
    disturbed: Vec<Option<Disturbance>>,
    progress: &mut Observer<'_>,
) {
    let name = case.name();
    let found = disturbed.into_iter().zip(0..);
    for (why, iteration) in found.filter_map(|(why, iteration)| Some((why?, iteration))) {
        progress.note(&format!(
            "{name}: iteration {iteration} does not count: {why}"
        ));
        case.result_mut().disturbed.push(DisturbedIteration {
            iteration,
            reason: why.to_string(),
        });
    }
}

fn note_budget(sides: &[impl MeasuredCase], rounds: u32, progress: &mut Observer<'_>) {
    if let Some(side) = sides.first() {
        progress.note(&format!(
            "{}: {rounds} rounds were measured, and neither enough undisturbed ones nor the \
             precision that was asked for was reached: the host is too noisy for it",
            side.name()
        ));
    }
}
