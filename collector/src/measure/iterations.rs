//! The iterations of one unit: base and head in turn, so that what disturbs the host for a while
//! disturbs both.

use analysis::repetition::Disturbance;
use shared_types::Scenario;
use shared_types::result_document::{DisturbedIteration, MeasuredRun};
use shared_types::self_profile::SelfProfile;

use super::counting::PreparedCounter;
use super::metrics::Sample;
use super::observer::Observer;
use super::problem::{Problem, Stop};
use super::raw_profiles::RawProfiles;
use super::rounds::{Next, RoundPlan, Rounds, Turns};
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
    pub(super) disturbed: Vec<DisturbedIteration>,
    pub(super) problem: Option<Problem>,
    /// Where the compiler's time went, and the number of the raw profile.
    pub(super) self_profile: Option<(SelfProfile, u32)>,
}

/// How a unit is measured.
#[derive(Clone, Copy)]
pub(super) struct IterationPlan<'a> {
    pub(super) rounds: RoundPlan,
    /// Whether each side is compiled once before anything is measured.
    pub(super) warm_up: bool,
    /// Decides who measures first.
    pub(super) seed: u64,
    pub(super) counter: Option<&'a PreparedCounter>,
    pub(super) count_below_s: f64,
    /// Where raw self-profiles are kept, where they are wanted.
    pub(super) self_profiles: Option<&'a RawProfiles>,
}

impl<'a> Side<'a> {
    pub(super) fn new(run: MeasuredRun, leaf: LeafRun<'a>, scenarios: &[Scenario]) -> Self {
        let result = |scenario: &Scenario| ScenarioResult {
            scenario: scenario.clone(),
            samples: Vec::new(),
            instructions: None,
            disturbed: Vec::new(),
            problem: None,
            self_profile: None,
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

    /// Compiles once without measuring. What fails here fails again where it is told.
    fn warm_up(&mut self, progress: &mut Observer<'_>) -> Result<(), CollectorError> {
        let unit = self.leaf.unit;
        progress.current(format!(
            "{}/{} by {}, warming up",
            unit.benchmark.name, unit.profile, self.run.artifact
        ));
        match self.leaf.warm_up() {
            Err(Stop::CalledOff) => Err(CollectorError::CalledOff),
            Ok(()) | Err(Stop::Problem(_)) => Ok(()),
        }
    }

    /// Keeps which iterations of a scenario do not count, and says so in the log.
    fn keep_disturbed(
        &mut self,
        scenario: usize,
        disturbed: Vec<Option<Disturbance>>,
        progress: &mut Observer<'_>,
    ) {
        let name = self.name(&self.scenarios[scenario].scenario);
        let found = disturbed.into_iter().zip(0..);
        for (why, iteration) in found.filter_map(|(why, iteration)| Some((why?, iteration))) {
            progress.note(&format!(
                "{name}: iteration {iteration} does not count: {why}"
            ));
            self.scenarios[scenario].disturbed.push(DisturbedIteration {
                iteration,
                reason: why.to_string(),
            });
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
    if plan.warm_up {
        for side in sides.iter_mut() {
            side.warm_up(progress)?;
        }
    }
    let mut turns = Turns::new(plan.seed);
    for scenario in 0..scenarios {
        measure_rounds(sides, scenario, (plan.rounds, &mut turns), progress)?;
        count(sides, scenario, plan, progress)?;
        record_self_profiles(sides, scenario, plan, progress)?;
    }
    Ok(())
}

/// Measures a scenario round by round until it is enough.
fn measure_rounds(
    sides: &mut [Side<'_>],
    scenario: usize,
    (plan, turns): (RoundPlan, &mut Turns),
    progress: &mut Observer<'_>,
) -> Result<(), CollectorError> {
    let mut round = 0;
    loop {
        let samples = sides.iter();
        let rounds = Rounds::of(samples.map(|side| side.scenarios[scenario].samples.as_slice()));
        match plan.next(&rounds) {
            Next::Go => {}
            ending => {
                for (side, disturbed) in sides.iter_mut().zip(plan.disturbed(&rounds)) {
                    side.keep_disturbed(scenario, disturbed, progress);
                }
                if ending == Next::OutOfBudget {
                    note_budget(sides, scenario, round, progress);
                }
                return Ok(());
            }
        }
        if round >= plan.iterations() {
            progress.expect_more(sides.len() as u64);
        }
        for side in turns.order(sides.len(), round) {
            sides[side].iterate(scenario, progress)?;
        }
        round += 1;
    }
}

fn note_budget(sides: &[Side<'_>], scenario: usize, rounds: u32, progress: &mut Observer<'_>) {
    if let Some(side) = sides.first() {
        let name = side.name(&side.scenarios[scenario].scenario);
        progress.note(&format!(
            "{name}: {rounds} rounds were measured, and neither enough undisturbed ones nor the \
             precision that was asked for was reached: the host is too noisy for it"
        ));
    }
}

/// Lets each side record where its time goes, one after the other, since neighbours change that.
/// Without a profile there is none in the result, and the log says why.
fn record_self_profiles(
    sides: &mut [Side<'_>],
    scenario: usize,
    plan: IterationPlan<'_>,
    progress: &mut Observer<'_>,
) -> Result<(), CollectorError> {
    let Some(profiles) = plan.self_profiles else {
        return Ok(());
    };
    for side in sides {
        let result = &side.scenarios[scenario];
        if result.problem.is_some() {
            continue;
        }
        let name = side.name(&result.scenario);
        progress.current(format!("{name}, recording a self-profile"));
        match profiles.record(&side.leaf, &result.scenario) {
            Ok(recorded) => side.scenarios[scenario].self_profile = Some(recorded),
            Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
            Err(Stop::Problem(problem)) => progress.note(&format!(
                "{name}: the self-profile is left out: {} {}",
                problem.message, problem.output
            )),
        }
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
