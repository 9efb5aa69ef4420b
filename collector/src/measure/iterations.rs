//! The iterations of one unit: base and head in turn, so that what disturbs the host for a while
//! disturbs both.

use shared_types::Scenario;
use shared_types::result_document::MeasuredRun;

use super::counting::PreparedCounter;
use super::metrics::Sample;
use super::observer::Observer;
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
        if let Some(Ok(sample)) = &outcome {
            self.note_absent_counts(scenario, sample, progress);
        }
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

    /// A count that was shared with something else is absent, and the log says why, once for each
    /// metric of a scenario.
    fn note_absent_counts(&self, scenario: usize, sample: &Sample, progress: &mut Observer<'_>) {
        let name = self.name(&self.scenarios[scenario].scenario);
        for (metric, reason) in &sample.not_counted {
            let subject = format!("{name}: {metric} is absent from an iteration");
            progress.note_once(&subject, &reason.to_string());
        }
    }

    /// Whether the instructions of a scenario are to be counted in a run of their own. Where they
    /// are left out, the log says why.
    fn is_to_be_counted(
        &self,
        scenario: usize,
        plan: IterationPlan<'_>,
        progress: &mut Observer<'_>,
    ) -> bool {
        let result = &self.scenarios[scenario];
        let (Some(counter), Some(fastest_s), None) =
            (plan.counter, result.fastest_s(), &result.problem)
        else {
            return false;
        };
        if fastest_s < plan.count_below_s {
            return true;
        }
        progress.note(&format!(
            "{}: {} is left out, since it takes {fastest_s:.1} s without counting and the limit \
             (--count-below) is {} s",
            self.name(&result.scenario),
            counter.metric(),
            plan.count_below_s
        ));
        false
    }

    /// Keeps what was counted. Without a count the metric is absent, and the log says why.
    fn keep_count(
        &mut self,
        scenario: usize,
        counted: Result<Option<u64>, Stop>,
        progress: &mut Observer<'_>,
    ) -> Result<(), CollectorError> {
        let name = self.name(&self.scenarios[scenario].scenario);
        match counted {
            Ok(None) => progress.note(&format!("{name}: instructions were not counted")),
            Ok(count) => self.scenarios[scenario].instructions = count,
            Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
            Err(Stop::Problem(problem)) => progress.note(&format!(
                "{name}: instructions are left out, since counting failed: {} {}",
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
        count(sides, scenario, plan, progress)?;
    }
    Ok(())
}

/// Counts the instructions of a scenario for all sides: at the same time, since neighbours do not
/// change a count, unless the sides share a folder.
fn count(
    sides: &mut [Side<'_>],
    scenario: usize,
    plan: IterationPlan<'_>,
    progress: &mut Observer<'_>,
) -> Result<(), CollectorError> {
    let Some(counter) = plan.counter else {
        return Ok(());
    };
    let mut wanted = Vec::new();
    for (index, side) in sides.iter().enumerate() {
        if side.is_to_be_counted(scenario, plan, progress) {
            let name = side.name(&side.scenarios[scenario].scenario);
            progress.current(format!("{name}, counting instructions"));
            wanted.push((index, side.leaf, side.scenarios[scenario].scenario.clone()));
        }
    }
    let in_turn = |(index, leaf, scenario): &(usize, LeafRun<'_>, Scenario)| {
        (*index, leaf.count(scenario, counter))
    };
    let share_a_folder = match wanted.as_slice() {
        [(_, one, _), (_, other, _)] => one.folder.root == other.folder.root,
        _ => true,
    };
    let counted: Vec<_> = if share_a_folder {
        wanted.iter().map(in_turn).collect()
    } else {
        std::thread::scope(|threads| {
            let started: Vec<_> = wanted
                .iter()
                .map(|one| threads.spawn(move || in_turn(one)))
                .collect();
            // A thread that panicked has counted nothing; the panic is on standard error.
            started
                .into_iter()
                .filter_map(|thread| thread.join().ok())
                .collect()
        })
    };
    for (index, counted) in counted {
        sides[index].keep_count(scenario, counted, progress)?;
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
