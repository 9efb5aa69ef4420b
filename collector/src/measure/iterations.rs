//! The iterations of one unit: base and head in turn, so that what disturbs the host for a while
//! disturbs both.

use shared_types::Scenario;
use shared_types::result_document::MeasuredRun;

use super::counting::PreparedCounter;
use super::job::Observer;
use super::metrics::Sample;
use super::problem::{Problem, Stop};
use super::scenario_run::LeafRun;
use crate::CollectorError;

/// One run's part in a unit.
pub(super) struct Side<'a> {
    pub(super) run: MeasuredRun,
    pub(super) leaf: LeafRun<'a>,
    pub(super) scenarios: Vec<ScenarioResult>,
}

/// What came of one scenario for one run.
pub(super) struct ScenarioResult {
    pub(super) scenario: Scenario,
    pub(super) samples: Vec<Option<Sample>>,
    pub(super) instructions: Option<u64>,
    pub(super) problem: Option<Problem>,
}

/// How a unit is measured.
#[derive(Clone, Copy)]
pub(super) struct IterationPlan<'a> {
    pub(super) iterations: u32,
    pub(super) counter: Option<&'a PreparedCounter>,
    pub(super) count_below_s: f64,
}

impl<'a> Side<'a> {
    pub(super) fn new(run: MeasuredRun, leaf: LeafRun<'a>, scenarios: &[Scenario]) -> Self {
        let result = |scenario: &Scenario| ScenarioResult {
            scenario: scenario.clone(),
            samples: Vec::new(),
            instructions: None,
            problem: None,
        };
        Self {
            run,
            leaf,
            scenarios: scenarios.iter().map(result).collect(),
        }
    }

    fn name(&self, scenario: &Scenario) -> String {
        let unit = self.leaf.unit;
        format!(
            "{}/{}/{scenario} by {}",
            unit.benchmark.name, unit.profile, self.run.artifact
        )
    }

    /// Measures one iteration of one scenario. A scenario that failed once is not tried again.
    fn iterate(
        &mut self,
        scenario: usize,
        progress: &mut Observer<'_>,
    ) -> Result<(), CollectorError> {
        let result = &self.scenarios[scenario];
        progress.current(self.name(&result.scenario));
        let outcome = match result.problem {
            Some(_) => None,
            None => Some(self.leaf.measure(&result.scenario)),
        };
        let result = &mut self.scenarios[scenario];
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

    /// Counts the instructions of one scenario. Without a count the metric is absent, and the log
    /// says why.
    fn count(
        &mut self,
        scenario: usize,
        plan: IterationPlan<'_>,
        progress: &mut Observer<'_>,
    ) -> Result<(), CollectorError> {
        let result = &self.scenarios[scenario];
        let name = self.name(&result.scenario);
        let (Some(counter), Some(fastest_s)) = (plan.counter, result.fastest_s()) else {
            return Ok(());
        };
        if result.problem.is_some() {
            return Ok(());
        }
        let metric = counter.metric();
        if fastest_s >= plan.count_below_s {
            progress.note(&format!(
                "{name}: {metric} is left out, since it takes {fastest_s:.1} s without counting \
                 and the limit (--count-below) is {} s",
                plan.count_below_s
            ));
            return Ok(());
        }
        progress.current(format!("{name}, counting instructions"));
        match self.leaf.count(&result.scenario, counter) {
            Ok(None) => progress.note(&format!(
                "{name}: {metric} is left out, nothing was counted"
            )),
            Ok(count) => self.scenarios[scenario].instructions = count,
            Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
            Err(Stop::Problem(problem)) => progress.note(&format!(
                "{name}: {metric} is left out, since counting failed: {} {}",
                problem.message, problem.output
            )),
        }
        Ok(())
    }
}

impl ScenarioResult {
    fn fastest_s(&self) -> Option<f64> {
        let times = self
            .samples
            .iter()
            .flatten()
            .map(|sample| sample.wall_time_s);
        times.min_by(f64::total_cmp)
    }
}

/// Measures scenario by scenario: all iterations of all sides, then the count of instructions where
/// that takes a run of its own.
///
/// # Errors
/// When the work was called off. What cannot be measured is kept in the results.
pub(super) fn measure(
    sides: &mut [Side<'_>],
    plan: IterationPlan<'_>,
    progress: &mut Observer<'_>,
) -> Result<(), CollectorError> {
    let scenarios = sides.first().map_or(0, |side| side.scenarios.len());
    for scenario in 0..scenarios {
        for iteration in 0..plan.iterations {
            for side in order(sides.len(), iteration) {
                sides[side].iterate(scenario, progress)?;
            }
        }
        for side in sides.iter_mut() {
            side.count(scenario, plan, progress)?;
        }
    }
    Ok(())
}

/// Who measures first takes turns, so that being first is no advantage.
fn order(sides: usize, iteration: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sides).collect();
    if iteration % 2 == 1 {
        order.reverse();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_and_head_take_turns_in_being_first() {
        assert_eq!(
            [order(2, 0), order(2, 1), order(2, 2)],
            [[0, 1], [1, 0], [0, 1]]
        );
        assert_eq!(order(1, 1), [0]);
    }
}
