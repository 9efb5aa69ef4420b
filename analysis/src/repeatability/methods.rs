//! The methods that are held against each other, each on draws from the same samples.

use shared_types::Metric;

use super::samples::PairSeries;
use crate::backtest::random::SeededNumbers;
use crate::rustc_perf::{ALWAYS_VERY_SMALL, HISTORY, RustcPerfRule};
use crate::segment_level::SegmentLevel;
use crate::significance::{Evidence, History, HistoryPoint, Judgement, Sample, SignificanceMethod};

/// How often rustc-perf compiles each test case: of the iterations that it makes, so many count.
pub(super) const REFERENCE_ITERATIONS: usize = 2;

/// What a method says of one draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alarm {
    /// The louder, the surer it is of a change.
    pub(super) loudness: f64,
    /// Whether it calls it a change.
    pub(super) is_raised: bool,
}

/// A step that is put into one test case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// The place of the test case.
    pub(super) case: usize,
    /// Its size: 0.01 makes head 1 % larger.
    pub(super) size: f64,
}

/// A method with the way in which its evidence is measured.
pub(super) trait Method {
    /// What it says of the stepped test case in the draw of that number. One number is one draw,
    /// whatever the step.
    fn judge(&self, draw: u64, step: Step) -> Alarm;

    /// What it says of every test case in the draw of that number, without a step.
    fn judge_unchanged(&self, draw: u64) -> Vec<Alarm>;
}

/// The method of this project on pairs of one job.
pub(super) struct Paired<'a> {
    pub(super) metric: &'a Metric,
    pub(super) cases: &'a [&'a PairSeries],
    /// How many pairs of each test case the job measures.
    pub(super) pairs: usize,
    pub(super) seed: u64,
}

impl Method for Paired<'_> {
    fn judge(&self, draw: u64, step: Step) -> Alarm {
        self.alarms(draw, Some(step))[step.case]
    }

    fn judge_unchanged(&self, draw: u64) -> Vec<Alarm> {
        self.alarms(draw, None)
    }
}

impl Paired<'_> {
    /// All test cases of a job are judged together, as they are in use.
    fn alarms(&self, draw: u64, step: Option<Step>) -> Vec<Alarm> {
        let mut numbers = SeededNumbers::part(self.seed, draw);
        let cases = self.cases.iter().enumerate();
        let evidence: Vec<Evidence> = cases
            .map(|(case, series)| self.evidence(series, factor_of(step, case), &mut numbers))
            .collect();
        let judged = SegmentLevel.judge(self.metric, &evidence).into_iter();
        judged
            .map(|judgement| Alarm {
                loudness: judgement.p.map_or(-1.0, |p| -p),
                is_raised: judgement.significant,
            })
            .collect()
    }

    /// Pairs drawn with replacement. Base and head are one compiler, so that which is which is drawn,
    /// too.
    fn evidence(&self, series: &PairSeries, factor: f64, numbers: &mut SeededNumbers) -> Evidence {
        let pairs: Vec<(f64, f64)> = (0..self.pairs)
            .map(|_| {
                let (one, other) = series.pairs[numbers.below(series.pairs.len())];
                match numbers.below(2) {
                    0 => (one, other * factor),
                    _ => (other, one * factor),
                }
            })
            .collect();
        let sample = |side: fn(&(f64, f64)) -> f64| Sample {
            iterations: pairs.iter().map(side).collect(),
            replicates: 1,
        };
        Evidence {
            base: sample(|pair| pair.0),
            head: sample(|pair| pair.1),
            pairs,
            history: History::default(),
            on_one_host: true,
            incremental: false,
        }
    }
}

/// The rule of rustc-perf: base, head and thirty artifacts before them, each the smaller of two
/// compilations at times of its own.
pub(super) struct MinimumOfTwo<'a> {
    pub(super) metric: &'a Metric,
    pub(super) cases: &'a [&'a PairSeries],
    pub(super) seed: u64,
}

impl Method for MinimumOfTwo<'_> {
    fn judge(&self, draw: u64, step: Step) -> Alarm {
        self.alarm(draw, step.case, 1.0 + step.size)
    }

    fn judge_unchanged(&self, draw: u64) -> Vec<Alarm> {
        let cases = 0..self.cases.len();
        cases.map(|case| self.alarm(draw, case, 1.0)).collect()
    }
}

impl MinimumOfTwo<'_> {
    fn alarm(&self, draw: u64, case: usize, factor: f64) -> Alarm {
        let mut numbers = SeededNumbers::part(self.seed ^ case as u64, draw);
        let values: Vec<f64> = self.cases[case].values().collect();
        let mut artifact = |factor: f64| -> Vec<f64> {
            let drawn = (0..REFERENCE_ITERATIONS).map(|_| values[numbers.below(values.len())]);
            drawn.map(|value| value * factor).collect()
        };
        let sample = |iterations: Vec<f64>| Sample {
            iterations,
            replicates: 1,
        };
        let before = (0..HISTORY).map(|_| Some(history_point(&artifact(1.0))));
        let evidence = Evidence {
            history: History::of(before.collect()),
            base: sample(artifact(1.0)),
            head: sample(artifact(factor)),
            pairs: Vec::new(),
            on_one_host: true,
            incremental: false,
        };
        let judged = RustcPerfRule.judge(self.metric, &[evidence]);
        judged.first().map_or(
            Alarm {
                loudness: 0.0,
                is_raised: false,
            },
            in_thresholds,
        )
    }
}

/// How large a change is in thresholds: by that the rule is made stricter or laxer. A threshold that a
/// quiet history has brought to zero counts as the change that the rule always calls very small.
fn in_thresholds(judgement: &Judgement) -> Alarm {
    let size = judgement.change.map_or(0.0, f64::abs);
    let threshold = judgement.threshold.unwrap_or(0.0);
    Alarm {
        loudness: size / threshold.max(ALWAYS_VERY_SMALL),
        is_raised: judgement.significant,
    }
}

fn history_point(iterations: &[f64]) -> HistoryPoint {
    let minimum = iterations.iter().copied().fold(f64::INFINITY, f64::min);
    HistoryPoint {
        minimum,
        median: minimum,
        iterations: REFERENCE_ITERATIONS as u32,
        on_hosts_of_head: true,
    }
}

fn factor_of(step: Option<Step>, case: usize) -> f64 {
    step.filter(|step| step.case == case)
        .map_or(1.0, |step| 1.0 + step.size)
}
