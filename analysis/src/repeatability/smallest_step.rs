//! The smallest step that is found reliably: steps of known size are put into draws from recorded
//! samples, and the size is bisected until it is found as often as is wanted.

use serde::Serialize;
use shared_types::Metric;

use super::methods::{Method, MinimumOfTwo, Paired, Step};
use super::samples::{PairSeries, RepeatabilitySamples};
use crate::robust::median;

/// No smaller step is asked for: 0.0001 %.
const SMALLEST: f64 = 1e-6;

/// No larger one: 100 %.
const LARGEST: f64 = 1.0;

/// How often the range of steps is halved, on the scale of logarithms: to within 2 % of the step.
const HALVINGS: u32 = 10;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepQuestion {
    /// The share of such steps that is to be found: 0.95.
    pub power: f64,
    /// The share of test cases without a change that may be called one, for methods that are held
    /// against each other: 0.01.
    pub false_alarms: f64,
    /// How many draws tell how often a step is found. For false alarms there are four times as many
    /// of each test case.
    pub draws: u64,
    /// Makes the draws.
    pub seed: u64,
}

impl Default for StepQuestion {
    fn default() -> Self {
        Self {
            power: 0.95,
            false_alarms: 0.01,
            draws: 500,
            seed: 1,
        }
    }
}

/// The smallest steps that a job of one length finds in one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRow {
    /// The metric.
    pub metric: Metric,
    /// How many pairs of each test case the job measures.
    pub pairs: usize,
    /// How long such a job of all test cases takes, in seconds.
    pub seconds: f64,
    /// What this project's method finds in the pairs of the job.
    pub ours: MethodSteps,
    /// What rustc-perf's rule finds, which compiles each artifact twice however long the job.
    pub reference: MethodSteps,
}

/// What one method finds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodSteps {
    /// As it is in use.
    pub as_it_is: Steps,
    /// The share of test cases without a change that it calls one, as it is in use.
    pub false_alarms: f64,
    /// Made as strict, or as lax, that its false alarms are those of the question.
    pub at_equal_alarms: Steps,
}

/// The smallest step by test case, relative: 0.01 is 1 %. `None` where not even 100 % is found often
/// enough.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Steps {
    /// Of each test case, by name.
    pub by_test_case: Vec<(String, Option<f64>)>,
    /// The median; steps that are not found are the largest.
    pub median: Option<f64>,
}

/// When a method counts as having found something.
#[derive(Debug, Clone, Copy)]
enum Bar {
    /// When it says so itself.
    Own,
    /// When it is louder than that.
    Above(f64),
}

/// The smallest steps in a metric, for jobs of these numbers of pairs. Test cases of which nothing
/// was measured are left out, and lengths below two pairs, which tell nothing of their own noise.
pub fn smallest_steps(
    samples: &RepeatabilitySamples,
    metric: &Metric,
    lengths: &[usize],
    question: StepQuestion,
) -> Vec<StepRow> {
    let mut cases = samples.of_metric(metric);
    cases.retain(|series| !series.pairs.is_empty());
    if cases.is_empty() {
        return Vec::new();
    }
    let reference = MinimumOfTwo {
        metric,
        cases: &cases,
        seed: question.seed,
    };
    let reference = Search::by(&reference, &cases, question).steps();
    let seconds: f64 = cases.iter().map(|series| series.seconds_per_pair).sum();
    let lengths = lengths.iter().filter(|pairs| **pairs >= 2);
    lengths
        .map(|pairs| {
            let ours = Paired {
                metric,
                cases: &cases,
                pairs: *pairs,
                seed: question.seed,
            };
            StepRow {
                metric: metric.clone(),
                pairs: *pairs,
                seconds: seconds * *pairs as f64,
                ours: Search::by(&ours, &cases, question).steps(),
                reference: reference.clone(),
            }
        })
        .collect()
}

struct Search<'a> {
    method: &'a dyn Method,
    cases: &'a [&'a PairSeries],
    question: StepQuestion,
}

impl<'a> Search<'a> {
    fn by(method: &'a dyn Method, cases: &'a [&'a PairSeries], question: StepQuestion) -> Self {
        Self {
            method,
            cases,
            question,
        }
    }

    fn steps(&self) -> MethodSteps {
        let draws = self.question.draws.saturating_mul(4);
        let mut loudness = Vec::new();
        let mut raised = 0_usize;
        for draw in 0..draws {
            // Draws of their own, or the bar would be tried on what it was made of.
            for alarm in self.method.judge_unchanged(u64::MAX - draw) {
                loudness.push(alarm.loudness);
                raised += usize::from(alarm.is_raised);
            }
        }
        let bar = bar(&mut loudness, self.question.false_alarms);
        MethodSteps {
            false_alarms: raised as f64 / loudness.len().max(1) as f64,
            as_it_is: self.of_all(Bar::Own),
            at_equal_alarms: self.of_all(Bar::Above(bar)),
        }
    }

    fn of_all(&self, bar: Bar) -> Steps {
        let by_test_case: Vec<(String, Option<f64>)> = self
            .cases
            .iter()
            .enumerate()
            .map(|(case, series)| (series.test_case.name(), self.smallest(case, bar)))
            .collect();
        let mut sizes: Vec<f64> = by_test_case
            .iter()
            .map(|(_, step)| step.unwrap_or(f64::INFINITY))
            .collect();
        let middle = median(&mut sizes).filter(|step| step.is_finite());
        Steps {
            by_test_case,
            median: middle,
        }
    }

    fn smallest(&self, case: usize, bar: Bar) -> Option<f64> {
        let is_found =
            |size: f64| self.share_found(Step { case, size }, bar) >= self.question.power;
        if !is_found(LARGEST) {
            return None;
        }
        if is_found(SMALLEST) {
            return Some(SMALLEST);
        }
        let (mut missed, mut found) = (SMALLEST.ln(), LARGEST.ln());
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(missed, found);
            if is_found(middle.exp()) {
                found = middle;
            } else {
                missed = middle;
            }
        }
        Some(found.exp())
    }

    fn share_found(&self, step: Step, bar: Bar) -> f64 {
        let found = (0..self.question.draws).filter(|draw| {
            let alarm = self.method.judge(*draw, step);
            match bar {
                Bar::Own => alarm.is_raised,
                Bar::Above(bar) => alarm.loudness > bar,
            }
        });
        found.count() as f64 / self.question.draws.max(1) as f64
    }
}

/// The least bar that at most this share of `loudness` is above.
fn bar(loudness: &mut [f64], share: f64) -> f64 {
    loudness.sort_by(|one, other| other.total_cmp(one));
    let allowed = (share * loudness.len() as f64) as usize;
    let last = loudness.len().saturating_sub(1);
    loudness
        .get(allowed.min(last))
        .copied()
        .unwrap_or(f64::INFINITY)
}
