//! The steps in which the method judges a test case.

use shared_types::Metric;

use super::effect::Effect;
use super::prior::Variance;
use super::{
    Basis, CONFIDENCE, EQUIVALENCE_ERROR, Estimate, FALSE_DISCOVERY_RATE, Family, Judge, NoiseKind,
    Priors, group_of, level,
};
use crate::significance::{Evidence, Judgement, Sample};
use crate::why::{Step, StepUnit};
use crate::words::{counted, fine_share, share};

/// The rules in words.
pub(super) const PRINCIPLE: &[&str] = &[
    "The median of head is compared with the level that base belongs to: the centre of the runs \
     since the last change point before base, base included. Where base and head alternated on one \
     host, the ratios of their pairs are taken instead.",
    "Noise is how much single runs scatter around such levels, drawn towards the noise of the other \
     test cases by as much as the own history is short. Hosts that differ, and iterations that are \
     missing, add to it. How often noise has outliers is learned from all test cases together.",
    "A change is significant if its q-value over all test cases of the comparison is at most 1 % \
     (Benjamini-Hochberg) and it is not negligible by itself; it is relevant if it is large enough to \
     matter for the metric.",
    "What is not significant is the same if the interval shows that any difference is too small to \
     matter, else it is not yet known.",
];

pub(super) fn working(metric: &Metric, cases: &[Evidence], place: usize) -> Vec<Step> {
    let kind = NoiseKind::of(&metric.name);
    let effects: Vec<Option<Effect>> = cases
        .iter()
        .map(|evidence| Effect::estimate(kind, evidence))
        .collect();
    let Some((evidence, effect)) = cases.get(place).zip(effects.get(place)) else {
        return Vec::new();
    };
    let mut steps = vec![side("base", &evidence.base), side("head", &evidence.head)];
    let priors = Priors::learn(kind, cases, &effects);
    let bases = priors.bases(cases, &effects);
    let p: Vec<f64> = bases.iter().map(Basis::p).collect();
    let family = Family::of(&p);
    let q = family.q.get(place).copied().unwrap_or(1.0);
    let judge = Judge {
        kind,
        instructions: metric.name.counts_instructions(),
        family: &family,
    };
    match (bases.get(place), effect) {
        (Some(Basis::Noise(estimate)), Some(effect)) => {
            let judgement = judge.by_noise(evidence, estimate, q);
            steps.extend(reference(evidence, effect, &judgement));
            steps.extend(noise(&priors, evidence, effect));
            steps.extend(significance(estimate, &judgement, p.len()));
            steps.extend(conclusion(kind, evidence, estimate, &judgement));
        }
        _ => steps.extend(order(evidence, p.get(place).copied().unwrap_or(1.0), q)),
    }
    steps
}

/// What is said where no more than the order of the values counts.
fn order(evidence: &Evidence, p: f64, q: f64) -> [Step; 3] {
    [
        Step::new(
            "earlier artifacts",
            evidence.history.places().iter().flatten().count() as f64,
            StepUnit::Number,
            "a value that is zero, negative or not a number has no logarithm, so only the order of \
             the values counts: whether all of head lies outside of all that base and these ever \
             were",
        ),
        Step::new(
            "p",
            p,
            StepUnit::Probability,
            "how probable that is if nothing changed: 2 / C(n + m, m) for n earlier values and m of \
             head, 0 for what is exact by its nature, 1 where head overlaps with what was",
        ),
        Step::new(
            "q",
            q,
            StepUnit::Probability,
            format!(
                "the false-discovery rate at which it would be called different; significant up to \
                 {FALSE_DISCOVERY_RATE}"
            ),
        ),
    ]
}

fn side(name: &str, sample: &Sample) -> Step {
    Step::new(
        name,
        level::median(sample.iterations.clone()),
        StepUnit::OfMetric,
        format!(
            "the median of {} in {}",
            counted(sample.iterations.len(), "iteration"),
            counted(sample.replicates as usize, "measuring")
        ),
    )
}

/// Whether that is a level or base itself, and why.
fn compared_with(
    evidence: &Evidence,
    judgement: &Judgement,
    history: usize,
    level_runs: f64,
) -> String {
    let own = level::median(evidence.base.iterations.clone());
    if history == 0 {
        "base itself: nothing that was measured before it can be compared".to_owned()
    } else if (judgement.base - own).abs() <= 1e-9 * own.abs() {
        "base itself: it is that level, or so far from it that the weaker evidence counts"
            .to_owned()
    } else {
        format!(
            "the level that base belongs to, which rests on {}",
            counted(level_runs.round() as usize, "run")
        )
    }
}

/// What head is compared with.
fn reference(evidence: &Evidence, effect: &Effect, judgement: &Judgement) -> Vec<Step> {
    if effect.paired {
        return vec![Step::new(
            "change",
            judgement.change.unwrap_or(f64::NAN),
            StepUnit::SignedShare,
            format!(
                "the mean ratio of {} of base and head, which alternated on one host",
                counted(evidence.pairs.len(), "pair")
            ),
        )];
    }
    let measured = evidence.history.places().iter().flatten().count();
    let used = effect.history as usize;
    let used_for = if used < measured {
        format!("of {measured} before base, those that the hosts of head measured")
    } else {
        format!(
            "all that were measured of {} before base",
            evidence.history.places().len()
        )
    };
    let level_runs = 1.0 / (effect.share - 1.0 / f64::from(evidence.head.replicates.max(1)));
    vec![
        Step::new("earlier artifacts", used as f64, StepUnit::Number, used_for),
        Step::new(
            "compared with",
            judgement.base,
            StepUnit::OfMetric,
            compared_with(evidence, judgement, used, level_runs),
        ),
        Step::new(
            "change",
            judgement.change.unwrap_or(f64::NAN),
            StepUnit::SignedShare,
            "head against that, on the log scale",
        ),
    ]
}

/// How noisy one run, or one pair, is.
fn noise(priors: &Priors, evidence: &Evidence, effect: &Effect) -> Vec<Step> {
    let prior = &priors.by_group[group_of(evidence, effect)];
    let siblings = prior.moderate(Variance::UNKNOWN);
    let smallest = priors.kind.smallest_noise();
    let moderated = prior.moderate(effect.noise).at_least(smallest.powi(2));
    let what = if effect.paired { "pair" } else { "run" };
    let mut steps = Vec::new();
    if effect.noise.degrees > 0.0 {
        steps.push(Step::new(
            &format!("own noise of one {what}"),
            effect.noise.variance.sqrt(),
            StepUnit::Share,
            format!(
                "a standard deviation with {:.0} degrees of freedom",
                effect.noise.degrees
            ),
        ));
    }
    steps.push(Step::new(
        "noise of other test cases",
        siblings.variance.sqrt(),
        StepUnit::Share,
        format!(
            "which weighs as much as {:.0} degrees of freedom",
            siblings.degrees
        ),
    ));
    steps.push(Step::new(
        &format!("noise of one {what}"),
        moderated.variance.sqrt(),
        StepUnit::Share,
        format!(
            "both together, with {:.0} degrees of freedom; never taken as less than {}",
            moderated.degrees,
            fine_share(smallest)
        ),
    ));
    if effect.further_variance > 0.0 {
        steps.push(Step::new(
            "further noise",
            effect.further_variance.sqrt(),
            StepUnit::Share,
            "from iterations that head has fewer of than its history, from hosts that differ, or from \
             what pairs of one job share",
        ));
    }
    steps
}

fn significance(estimate: &Estimate, judgement: &Judgement, questions: usize) -> Vec<Step> {
    let reach = estimate.reach(CONFIDENCE).exp_m1();
    let optional = |value: Option<f64>| value.unwrap_or(f64::NAN);
    vec![
        Step::new(
            "standard error of the change",
            estimate.standard_error,
            StepUnit::Share,
            format!(
                "so the change is known to within {} with a confidence of {:.0} %",
                share(reach),
                CONFIDENCE * 100.0
            ),
        ),
        Step::new(
            "change in standard errors",
            estimate.difference / estimate.standard_error,
            StepUnit::Number,
            "the change divided by its standard error",
        ),
        Step::new(
            "p",
            optional(judgement.p),
            StepUnit::Probability,
            format!(
                "how probable at least that many are where nothing changed, if the tails of noise are \
                 as heavy as all test cases together show (Student's t with {:.1} degrees of freedom)",
                estimate.tail_degrees
            ),
        ),
        Step::new(
            "q",
            optional(judgement.q),
            StepUnit::Probability,
            format!(
                "the share of false alarms if this were called a change, among {} of this \
                 comparison; up to {} it is",
                counted(questions, "test case"),
                share(FALSE_DISCOVERY_RATE)
            ),
        ),
        Step::new(
            "threshold",
            optional(judgement.threshold),
            StepUnit::Share,
            "the smallest change of this test case that would have been called one",
        ),
    ]
}

fn conclusion(
    kind: NoiseKind,
    evidence: &Evidence,
    estimate: &Estimate,
    judgement: &Judgement,
) -> Vec<Step> {
    let matters_from = kind.matters_from(evidence.incremental);
    let scenario = if evidence.incremental {
        " in an incremental scenario"
    } else {
        ""
    };
    let reach = estimate.reach(1.0 - 2.0 * EQUIVALENCE_ERROR);
    let furthest = (estimate.difference.abs() + reach).exp_m1();
    vec![
        Step::new(
            "negligible below",
            kind.negligible(),
            StepUnit::Share,
            "a smaller change of such a metric is never significant",
        ),
        Step::new(
            "matters from",
            matters_from,
            StepUnit::Share,
            format!(
                "from this size on a significant change of such a metric{scenario} is relevant; this \
                 one is{}",
                if judgement.relevant { "" } else { " not" }
            ),
        ),
        Step::new(
            "may differ by up to",
            furthest,
            StepUnit::Share,
            format!(
                "with a confidence of {:.0} %; what may not differ by as much as matters is known to be \
                 the same",
                (1.0 - EQUIVALENCE_ERROR) * 100.0
            ),
        ),
    ]
}
