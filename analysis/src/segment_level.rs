//! The method `perfleet`: head against the level that base belongs to, in units of the noise that
//! the series itself, its iterations and its siblings show.
//!
//! One measurement of base is as noisy as one of head, and the artifacts around base say the same as
//! base does for as long as nothing changed. So head is compared with the level of the segment of
//! history that base ends, on the log scale. The noise of a test case with little history is drawn
//! towards that of its siblings (a moderated t statistic: Smyth 2004, "Linear models and empirical
//! Bayes methods", doi:10.2202/1544-6115.1027), and all test cases of a comparison are judged
//! together by their false-discovery rate.

mod effect;
mod level;
mod noise_kind;
mod prior;
mod range;
pub(crate) mod student_t;
mod tails;
mod working;

use shared_types::Metric;
use shared_types::comparison::{Answer, Magnitude};

use crate::false_discovery::benjamini_hochberg;
use crate::rustc_perf;
use crate::significance::{Evidence, Judgement, SignificanceMethod, relative_change};
use crate::why::Step;
use effect::Effect;
use prior::{Prior, Variance};
use tails::Tails;

pub use noise_kind::NoiseKind;

/// Head against the level of base's segment, with intervals, a false-discovery rate, and three
/// answers: different, same, not yet known.
#[derive(Debug, Clone, Copy, Default)]
pub struct SegmentLevel;

/// The false-discovery rate up to which a difference is called significant.
pub const FALSE_DISCOVERY_RATE: f64 = 0.01;

/// How probable it is that an interval holds the true change.
pub const CONFIDENCE: f64 = 0.95;

/// How probable it may be at most that what is called the same differs by more than matters.
const EQUIVALENCE_ERROR: f64 = 0.05;

impl SegmentLevel {
    /// The name by which people choose it.
    pub const NAME: &'static str = "perfleet";
}

impl SignificanceMethod for SegmentLevel {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> &'static str {
        "2"
    }

    fn judge(&self, metric: &Metric, cases: &[Evidence]) -> Vec<Judgement> {
        let kind = NoiseKind::of(&metric.name);
        let effects: Vec<Option<Effect>> = cases
            .iter()
            .map(|evidence| Effect::estimate(kind, evidence))
            .collect();
        let priors = Priors::learn(kind, cases, &effects);
        let bases = priors.bases(cases, &effects);
        let p: Vec<f64> = bases.iter().map(Basis::p).collect();
        let family = Family::of(&p);
        let judge = Judge {
            kind,
            instructions: metric.name.counts_instructions(),
            family: &family,
        };
        let judged = cases.iter().zip(&bases).zip(&family.q);
        judged
            .map(|((evidence, basis), q)| match basis {
                Basis::Noise(estimate) => judge.by_noise(evidence, estimate, *q),
                Basis::Range(p) => judge.by_range(evidence, *p, *q),
            })
            .collect()
    }

    fn principle(&self) -> &'static [&'static str] {
        working::PRINCIPLE
    }

    fn false_discovery_rate(&self) -> Option<f64> {
        Some(FALSE_DISCOVERY_RATE)
    }

    fn working(&self, metric: &Metric, cases: &[Evidence], place: usize) -> Vec<Step> {
        working::working(metric, cases, place)
    }
}

/// What a test case is judged by.
enum Basis {
    /// Its distance from the level of base, in units of its noise.
    Noise(Estimate),
    /// The order of its values alone, where they have no logarithm: how probable it is that head
    /// lies outside of all that was before as it does, were nothing changed.
    Range(f64),
}

impl Basis {
    fn p(&self) -> f64 {
        match self {
            Self::Noise(estimate) => estimate.p,
            Self::Range(p) => *p,
        }
    }
}

/// The noise of siblings, for each kind of test case on its own.
struct Priors {
    kind: NoiseKind,
    by_group: [Prior; 4],
    /// Of the t distribution that has the tails of all series together.
    tail_degrees: f64,
}

impl Priors {
    fn learn(kind: NoiseKind, cases: &[Evidence], effects: &[Option<Effect>]) -> Self {
        let by_group = [0, 1, 2, 3].map(|group| {
            let of_group = cases.iter().zip(effects).filter_map(|(evidence, effect)| {
                let effect = effect.as_ref()?;
                (group_of(evidence, effect) == group).then_some(effect.noise)
            });
            let smallest = kind.smallest_noise().powi(2);
            let siblings: Vec<Variance> = of_group
                .filter(|noise| noise.degrees > 0.0)
                .map(|noise| noise.at_least(smallest))
                .collect();
            Prior::of(&siblings, kind.usual_noise(group % 2 == 1))
        });
        let tails = effects.iter().flatten().map(|effect| effect.tails);
        Self {
            kind,
            by_group,
            tail_degrees: Tails::together(tails).degrees(),
        }
    }

    /// What each test case is judged by, in order.
    fn bases(&self, cases: &[Evidence], effects: &[Option<Effect>]) -> Vec<Basis> {
        let both = cases.iter().zip(effects);
        both.map(|(evidence, effect)| match effect {
            Some(effect) => Basis::Noise(self.estimate(evidence, effect)),
            None => Basis::Range(range::probability(self.kind, evidence)),
        })
        .collect()
    }

    fn estimate(&self, evidence: &Evidence, effect: &Effect) -> Estimate {
        let prior = &self.by_group[group_of(evidence, effect)];
        let smallest = self.kind.smallest_noise().powi(2);
        let noise = prior.moderate(effect.noise).at_least(smallest);
        let estimate = |difference: f64, share: f64| {
            let further = effect.further_variance;
            let standard_error = (noise.variance * share + further).sqrt();
            let tail_degrees = noise.degrees.min(self.tail_degrees);
            Estimate {
                difference,
                standard_error,
                degrees: noise.degrees,
                tail_degrees,
                p: student_t::two_sided(difference / standard_error, tail_degrees),
                head: effect.head,
                history: effect.history,
            }
        };
        let against_level = estimate(effect.difference, effect.share);
        let Some(alone) = effect.base_alone else {
            return against_level;
        };
        // Where base itself is far from its level, either it was a bad run or it is the first of a
        // new level. Then head has to differ from both.
        if !alone.is_far(noise) {
            return against_level;
        }
        let against_base = estimate(alone.difference, alone.share);
        if against_base.p > against_level.p {
            against_base
        } else {
            against_level
        }
    }
}

/// Incremental scenarios have a variance of their own, and so have pairs.
fn group_of(evidence: &Evidence, effect: &Effect) -> usize {
    usize::from(evidence.incremental) + 2 * usize::from(effect.paired)
}

/// How far head is from base, and how sure that is. On the log scale.
#[derive(Debug, Clone, Copy)]
struct Estimate {
    difference: f64,
    standard_error: f64,
    degrees: f64,
    /// Degrees of freedom of the tails, in which bad runs are. Intervals are about the bulk.
    tail_degrees: f64,
    p: f64,
    head: f64,
    history: u32,
}

impl Estimate {
    /// Half the width of the interval that holds the truth with this probability.
    fn reach(&self, probability: f64) -> f64 {
        self.standard_error * student_t::quantile(0.5 + probability / 2.0, self.degrees)
    }

    /// What is known, where significance does not say it already.
    fn without_significance(&self, matters_from: f64) -> Answer {
        let reach = self.reach(1.0 - 2.0 * EQUIVALENCE_ERROR);
        let margin = matters_from.ln_1p();
        if self.difference.abs() + reach <= margin {
            Answer::Same
        } else {
            Answer::NotYetKnown
        }
    }
}

/// All test cases that are judged together.
struct Family {
    q: Vec<f64>,
    /// The largest p that is still significant, or would be if it were the only one.
    cut: f64,
}

impl Family {
    fn of(p: &[f64]) -> Self {
        let q = benjamini_hochberg(p);
        let accepted = p
            .iter()
            .zip(&q)
            .filter(|(_, q)| **q <= FALSE_DISCOVERY_RATE)
            .map(|(p, _)| *p);
        let alone = FALSE_DISCOVERY_RATE / p.len().max(1) as f64;
        Self {
            cut: accepted.fold(alone, f64::max),
            q,
        }
    }
}

struct Judge<'a> {
    kind: NoiseKind,
    instructions: bool,
    family: &'a Family,
}

impl Judge<'_> {
    fn by_noise(&self, evidence: &Evidence, estimate: &Estimate, q: f64) -> Judgement {
        let change = estimate.difference.exp_m1();
        let reach = estimate.reach(CONFIDENCE);
        let matters_from = self.kind.matters_from(evidence.incremental);
        let large_enough = change.abs() >= self.kind.negligible() && change != 0.0;
        let significant = q <= FALSE_DISCOVERY_RATE && large_enough;
        let threshold = self.threshold(estimate);
        let finite = |value: f64| value.is_finite().then_some(value);
        Judgement {
            base: self.base(evidence, estimate),
            head: level::median(evidence.head.iterations.clone()),
            change: finite(change),
            low: finite((estimate.difference - reach).exp_m1()),
            high: finite((estimate.difference + reach).exp_m1()),
            p: Some(estimate.p),
            q: Some(q),
            answer: Some(if significant {
                Answer::Different
            } else {
                estimate.without_significance(matters_from)
            }),
            significant,
            relevant: significant && change.abs() >= matters_from,
            magnitude: rustc_perf::magnitude(change.abs(), threshold, self.instructions),
            threshold: finite(threshold),
            history: estimate.history,
        }
    }

    /// What head was compared with: base itself where there is no more to go by, else its level.
    fn base(&self, evidence: &Evidence, estimate: &Estimate) -> f64 {
        let own = level::median(evidence.base.iterations.clone());
        let compared_with = (estimate.head - estimate.difference).exp();
        let rounding = 1e-9 * own.abs();
        if (compared_with - own).abs() <= rounding {
            own
        } else {
            compared_with
        }
    }

    /// The smallest change that would have been significant in this family.
    fn threshold(&self, estimate: &Estimate) -> f64 {
        let quantile = student_t::quantile(1.0 - self.family.cut / 2.0, estimate.tail_degrees);
        let by_noise = (estimate.standard_error * quantile).exp_m1();
        by_noise.max(self.kind.negligible())
    }

    /// Values that have no logarithm, judged by their order. There is no interval.
    fn by_range(&self, evidence: &Evidence, p: f64, q: f64) -> Judgement {
        let base = level::median(evidence.base.iterations.clone());
        let head = level::median(evidence.head.iterations.clone());
        let change = relative_change(base, head);
        let size = change.map_or(0.0, f64::abs);
        let large_enough = size > 0.0 && size >= self.kind.negligible();
        let significant = q <= FALSE_DISCOVERY_RATE && large_enough;
        let matters_from = self.kind.matters_from(evidence.incremental);
        Judgement {
            base,
            head,
            change,
            low: None,
            high: None,
            p: Some(p),
            q: Some(q),
            answer: Some(match significant {
                true => Answer::Different,
                false if base == head => Answer::Same,
                false => Answer::NotYetKnown,
            }),
            significant,
            relevant: significant && size >= matters_from,
            magnitude: if significant {
                rustc_perf::magnitude(size, self.kind.negligible(), self.instructions)
            } else {
                Magnitude::VerySmall
            },
            threshold: None,
            history: 0,
        }
    }
}

#[cfg(test)]
mod tests;
