//! How many rounds of a scenario are measured, and in which order its sides are: decisions alone.

use analysis::repetition::{Activity, Disturbance, disturbances, relative_half_width};
use shared_types::job::{JobMessage, Precision};

use super::metrics::Sample;

/// When a scenario was measured often enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RoundPlan {
    /// Rounds that have to count: each is one iteration of every side.
    iterations: u32,
    precision: Option<Precision>,
    /// Whether a disturbed iteration does not count.
    repeat_disturbed: bool,
    /// How long all iterations of all sides may take together, in seconds, so that another round is
    /// begun beyond those that were asked for. Without it, as long as they take.
    seconds_max: Option<f64>,
}

/// What to do after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Measure another round.
    Go,
    /// It is enough.
    Enough,
    /// It is not enough, and there is no budget left.
    OutOfBudget,
}

impl RoundPlan {
    pub(super) fn of(job: &JobMessage, repeat_disturbed: bool) -> Self {
        Self {
            iterations: job.iterations,
            precision: job.precision,
            repeat_disturbed,
            seconds_max: None,
        }
    }

    /// The plan of a job on an emulated host, where time says nothing: neither how precise a count
    /// is, nor whether anything disturbed it.
    pub(super) fn of_counts(job: &JobMessage) -> Self {
        Self {
            iterations: job.iterations,
            precision: None,
            repeat_disturbed: false,
            seconds_max: None,
        }
    }

    /// The same plan for something that is measured at least so often, whatever was asked for.
    pub(super) fn at_least(self, iterations: u32) -> Self {
        Self {
            iterations: self.iterations.max(iterations),
            ..self
        }
    }

    /// The same plan for something that takes minutes: precision asks for no further round that would
    /// not be over within `seconds` of all rounds together. In minutes something always disturbs, so
    /// that every iteration counts.
    pub(super) fn within(self, seconds: f64) -> Self {
        Self {
            repeat_disturbed: false,
            seconds_max: Some(seconds),
            ..self
        }
    }

    /// The same plan for what is measured once.
    pub(super) fn once(self) -> Self {
        Self {
            iterations: 1,
            precision: None,
            repeat_disturbed: false,
            ..self
        }
    }

    /// The rounds that were asked for.
    pub(super) fn iterations(self) -> u32 {
        self.iterations
    }

    /// Rounds at most: those that precision may ask for, and as many again as were asked for to
    /// replace disturbed ones.
    pub(super) fn rounds_max(self) -> u32 {
        let wanted = self
            .precision
            .map_or(0, |precision| precision.iterations_max);
        wanted.max(self.iterations).saturating_add(self.iterations)
    }

    /// Which iterations of each side do not count, in order.
    pub(super) fn disturbed(self, rounds: &Rounds) -> Vec<Vec<Option<Disturbance>>> {
        if self.repeat_disturbed {
            return rounds.disturbed();
        }
        let sides = rounds.sides.iter();
        sides.map(|side| vec![None; side.len()]).collect()
    }

    /// What to do once some rounds were measured; `rounds` has the samples of every side. A side
    /// that could not be measured in a round has none, and ends the scenario after the rounds that
    /// were asked for.
    pub(super) fn next(self, rounds: &Rounds) -> Next {
        let measured = rounds.count();
        if measured < self.iterations {
            return Next::Go;
        }
        if rounds.failed {
            return Next::Enough;
        }
        let counting = rounds.counting_times(&self.disturbed(rounds));
        let complete = counting.iter().map(|side| side.iter().flatten().count());
        let enough = complete.min().unwrap_or(0) >= self.iterations as usize;
        let wide = self.precision.is_some_and(|precision| {
            let wanted = f64::from(precision.half_width_basis_points) / 1e4;
            relative_half_width(&counting).is_none_or(|half| half > wanted)
        });
        let out_of_time = self
            .seconds_max
            .is_some_and(|most| rounds.seconds_with_another() > most);
        let out_of_precision = self.precision.is_none_or(|precision| {
            out_of_time || measured >= precision.iterations_max.max(self.iterations)
        });
        match (enough, wide) {
            (true, false) => Next::Enough,
            (true, true) if out_of_precision => Next::OutOfBudget,
            _ if measured >= self.rounds_max() => Next::OutOfBudget,
            _ => Next::Go,
        }
    }
}

/// All rounds of a scenario so far.
#[derive(Debug)]
pub(super) struct Rounds {
    /// By side: what was measured in each round.
    sides: Vec<Vec<Option<(f64, Activity)>>>,
    failed: bool,
}

impl Rounds {
    /// The rounds of some sides.
    pub(super) fn of<'a>(sides: impl Iterator<Item = &'a [Option<Sample>]>) -> Self {
        let sides: Vec<Vec<_>> = sides
            .map(|samples| {
                let of_sample = |sample: &Sample| (sample.wall_time_s, sample.activity);
                samples
                    .iter()
                    .map(|it| it.as_ref().map(of_sample))
                    .collect()
            })
            .collect();
        let failed = sides.iter().flatten().any(Option::is_none);
        Self { sides, failed }
    }

    fn count(&self) -> u32 {
        let rounds = self.sides.iter().map(Vec::len).min().unwrap_or(0);
        u32::try_from(rounds).unwrap_or(u32::MAX)
    }

    /// How long all rounds took together, in seconds, if another one took as long as their mean.
    fn seconds_with_another(&self) -> f64 {
        let iterations = self.sides.iter().flatten().flatten();
        let all: f64 = iterations.map(|(time_s, _)| time_s).sum();
        all + all / f64::from(self.count().max(1))
    }

    fn disturbed(&self) -> Vec<Vec<Option<Disturbance>>> {
        let all: Vec<Activity> = self
            .sides
            .iter()
            .flatten()
            .flatten()
            .map(|(_, activity)| *activity)
            .collect();
        let mut answers = disturbances(&all).into_iter();
        let mut of_iteration =
            |measured: &Option<(f64, Activity)>| measured.and_then(|_| answers.next().flatten());
        let sides = self.sides.iter();
        sides
            .map(|side| side.iter().map(&mut of_iteration).collect())
            .collect()
    }

    /// The times of the iterations that count, by side; `None` where one does not.
    fn counting_times(&self, disturbed: &[Vec<Option<Disturbance>>]) -> Vec<Vec<Option<f64>>> {
        let both = self.sides.iter().zip(disturbed);
        both.map(|(side, disturbed)| {
            let iterations = side.iter().zip(disturbed);
            iterations
                .map(|(measured, why)| measured.filter(|_| why.is_none()).map(|(time, _)| time))
                .collect()
        })
        .collect()
    }
}

/// Who measures first in each round: in every two rounds each side once, and which of the two rounds
/// is drawn by lot. So being first is no advantage, and what comes and goes with a period of two
/// rounds favours nobody.
#[derive(Debug)]
pub(super) struct Turns {
    lots: fastrand::Rng,
    reversed: bool,
}

impl Turns {
    /// Lots that are the same for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            lots: fastrand::Rng::with_seed(seed),
            reversed: false,
        }
    }

    /// The order of the sides in a round. Rounds are asked for one after the other, from 0.
    pub(super) fn order(&mut self, sides: usize, round: u32) -> Vec<usize> {
        self.reversed = match round.is_multiple_of(2) {
            true => self.lots.bool(),
            false => !self.reversed,
        };
        let mut order: Vec<usize> = (0..sides).collect();
        if self.reversed {
            order.reverse();
        }
        order
    }
}

#[cfg(test)]
mod tests;
