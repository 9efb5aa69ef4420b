//! The iterations of one unit: base and head in turn, so that what disturbs the host for a while
//! disturbs both.

use shared_types::Scenario;
use shared_types::result_document::MeasuredRun;
use shared_types::self_profile::SelfProfile;

use super::counting::PreparedCounter;
use super::metrics::Sample;
use super::observer::Observer;
use super::problem::Stop;
use super::raw_profiles::RawProfiles;
use super::round_loop::{CaseResult, MeasuredCase, measure_rounds};
use super::rounds::{RoundPlan, Turns};
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
    pub(super) case: CaseResult,
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
            case: CaseResult::default(),
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
            (plan.counter, result.case.fastest_s(), &result.case.problem)
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
            Ok(count) => self.scenarios[scenario].case.instructions = count,
            Err(Stop::CalledOff) => return Err(CollectorError::CalledOff),
            Err(Stop::Problem(problem)) => progress.note(&format!(
                "{name}: instructions are left out, since counting failed: {} {}",
                problem.message, problem.output
            )),
        }
        Ok(())
    }
}

/// One scenario of one run.
struct ScenarioOfSide<'s, 'a> {
    side: &'s mut Side<'a>,
    scenario: usize,
}

impl MeasuredCase for ScenarioOfSide<'_, '_> {
    fn name(&self) -> String {
        self.side.name(&self.side.scenarios[self.scenario].scenario)
    }

    fn measure(&mut self) -> Result<Sample, Stop> {
        let scenario = &self.side.scenarios[self.scenario].scenario;
        self.side.leaf.measure(scenario)
    }

    fn result(&self) -> &CaseResult {
        &self.side.scenarios[self.scenario].case
    }

    fn result_mut(&mut self) -> &mut CaseResult {
        &mut self.side.scenarios[self.scenario].case
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
        let each = sides.iter_mut();
        let mut of_scenario: Vec<_> = each.map(|side| ScenarioOfSide { side, scenario }).collect();
        measure_rounds(&mut of_scenario, (plan.rounds, &mut turns), progress)?;
        count(sides, scenario, plan, progress)?;
        record_self_profiles(sides, scenario, plan, progress)?;
    }
    Ok(())
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
        if result.case.problem.is_some() {
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
