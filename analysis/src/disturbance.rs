//! Disturbed hosts: runs in which the times of most test cases shift together, while their
//! instruction counts do not.
//!
//! A machine that is too hot, or that does something else besides, is slower for everything that it
//! measures. Judged one test case at a time that looks like hundreds of regressions. Here the shift
//! that the test cases have in common is tested by itself, against the common shifts of the runs
//! before, and shown. It is never subtracted from anything: a run is either set aside or counts as
//! it was measured.
//!
//! A change of the compiler that costs time costs instructions as well, nearly always. So only the
//! test cases whose instruction counts stayed where they were have a say, and where too few did, or
//! all of them moved a little, the host is not blamed. Without instruction counts nothing is known.

mod columns;
mod common_shift;
mod sentence;

use shared_types::disturbance::{CommonShift, DisturbanceAnswer, DisturbanceFinding};
use shared_types::{Metric, MetricName};

pub use columns::{RunAndWindow, TestCaseColumn};

/// How many artifacts before a run are looked at.
pub const WINDOW_ARTIFACTS: usize = 60;

/// A common shift toward slower is a disturbance from so many standard deviations on. Measured:
/// see `docs/analysis.md`.
const DEVIATIONS_SLOWER: f64 = 3.25;
/// A host is seldom disturbed into being faster: that takes more to be believed.
const DEVIATIONS_FASTER: f64 = 5.0;
/// A common shift below this size does not disturb anything. Relative.
const SHIFT_MIN: f64 = 0.005;
/// So many of the test cases have to shift in one direction.
const TOGETHER_MIN: f64 = 0.75;
/// Of fewer test cases nothing is said: a few may have something in common by chance.
const TEST_CASES_MIN: usize = 5;
/// From fewer earlier runs the noise of a common shift cannot be learnt.
const RUNS_MIN: usize = 12;
/// So many of the test cases have to be where they were in instructions.
const STILL_MIN: f64 = 0.5;
/// Beyond so many of its standard deviations an instruction count has moved.
const DEVIATIONS_OF_COUNTS: f64 = 4.0;
/// Below this size the instruction count of a test case has not moved, however quiet it is.
/// Relative.
const COUNT_MOVES_FROM: f64 = 1e-3;
/// The same for what all instruction counts have in common.
const COUNTS_MOVE_FROM: f64 = 3e-4;

/// Whether a metric is a time: what a disturbed host shifts.
pub fn is_time(metric: &MetricName) -> bool {
    const TIMES: [&str; 6] = [
        "wall-time",
        "pass-time",
        "task-clock",
        "cpu-clock",
        "user-time",
        "cycles",
    ];
    let name = metric.as_str();
    TIMES.contains(&name) || name.starts_with("cycles:")
}

/// The metrics that [`judge`] needs of those that there are.
pub fn needed<'a>(metrics: impl IntoIterator<Item = &'a Metric>) -> Vec<MetricName> {
    let mut names: Vec<MetricName> = metrics
        .into_iter()
        .map(|metric| &metric.name)
        .filter(|name| is_time(name) || name.counts_instructions())
        .cloned()
        .collect();
    names.sort_by(|one, other| (one.preference(), one).cmp(&(other.preference(), other)));
    names.dedup();
    names
}

/// Judges the host of a run by the runs before it.
pub fn judge(measured: &RunAndWindow) -> DisturbanceFinding {
    let counts = common_shift::counts(measured);
    let mut shifts: Vec<CommonShift> = Vec::new();
    let mut lasting = Vec::new();
    for (metric, columns) in measured.of_times() {
        let has_a_say = |case| match &counts {
            // Where the compiler changed, what all have in common is shown and blames no host.
            Some(counts) => counts.have_moved() || counts.is_still(case),
            None => true,
        };
        let have_a_say = columns.iter().filter(|(case, _)| has_a_say(*case));
        let have_a_say: Vec<&TestCaseColumn> = have_a_say.map(|(_, column)| column).collect();
        if let Some(found) = common_shift::of(metric, &have_a_say) {
            if found.has_lasted() {
                lasting.push(found.shift.metric.clone());
            }
            shifts.push(found.shift);
        }
    }
    shifts.sort_by(|one, other| other.deviations.abs().total_cmp(&one.deviations.abs()));
    let shifted: Vec<&CommonShift> = shifts
        .iter()
        .filter(|shift| is_beyond_noise(shift))
        .collect();
    let reason = match &counts {
        _ if shifts.is_empty() => Reason::TooLittle,
        None if shifted.is_empty() => Reason::NothingShifted,
        None => Reason::NoCounts,
        Some(_) if shifted.is_empty() => Reason::NothingShifted,
        Some(counts) if counts.have_moved() => Reason::CountsMoved,
        Some(_) if shifted.iter().all(|shift| lasting.contains(&shift.metric)) => Reason::HasLasted,
        Some(_) => Reason::Disturbed,
    };
    let (still, counted) = counts.as_ref().map_or((0, 0), |counts| counts.numbers());
    let mut finding = DisturbanceFinding {
        answer: reason.answer(),
        sentence: String::new(),
        instructions: counts.map(|counts| counts.shift),
        shifts,
        still_test_cases: still,
        counted_test_cases: counted,
    };
    finding.sentence = sentence::of(&finding, reason);
    finding
}

fn is_beyond_noise(shift: &CommonShift) -> bool {
    let deviations_min = if shift.change > 0.0 {
        DEVIATIONS_SLOWER
    } else {
        DEVIATIONS_FASTER
    };
    shift.deviations.abs() >= deviations_min
        && shift.change.abs() >= SHIFT_MIN
        && shift.together >= TOGETHER_MIN
}

/// Whether two measurings of one artifact shifted alike: the second by more than half of the first,
/// in its direction, in the metric that shifted most.
fn shifted_alike(first: &DisturbanceFinding, again: &DisturbanceFinding) -> bool {
    let Some(shift) = first.shifts.first() else {
        return false;
    };
    let mut of_again = again.shifts.iter();
    let again = of_again.find(|other| other.metric == shift.metric);
    again.is_some_and(|again| again.change / shift.change > 0.5)
}

/// What a second measuring says of the first, whose host was disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterRerun {
    /// The second one counts instead.
    Supersede,
    /// Both show the same, so both count.
    Stand,
    /// Neither tells enough.
    NotKnown,
}

/// Decides which of two measurings of one artifact counts, the first of which was disturbed.
pub fn after_rerun(first: &DisturbanceFinding, again: &DisturbanceFinding) -> AfterRerun {
    if shifted_alike(first, again) {
        AfterRerun::Stand
    } else if again.answer == DisturbanceAnswer::Undisturbed {
        AfterRerun::Supersede
    } else {
        AfterRerun::NotKnown
    }
}

/// What the answer rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Disturbed,
    NothingShifted,
    CountsMoved,
    /// The run before is already there.
    HasLasted,
    NoCounts,
    TooLittle,
}

impl Reason {
    fn answer(self) -> DisturbanceAnswer {
        match self {
            Self::Disturbed => DisturbanceAnswer::Disturbed,
            Self::NothingShifted | Self::CountsMoved | Self::HasLasted => {
                DisturbanceAnswer::Undisturbed
            }
            Self::NoCounts | Self::TooLittle => DisturbanceAnswer::NotKnown,
        }
    }
}

#[cfg(test)]
mod tests;
