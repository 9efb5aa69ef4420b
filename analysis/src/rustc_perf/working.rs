//! The steps in which the rule judges a test case.

use shared_types::comparison::Magnitude;

use super::{
    ALWAYS_VERY_SMALL, DEFAULT_THRESHOLD, FENCE, HISTORY, LEVELS_BY_PERCENT, LEVELS_BY_THRESHOLD,
    judge_case, level, percent_scale, quartiles, sorted_differences,
};
use crate::significance::{Evidence, History, Judgement};
use crate::why::{Step, StepUnit};
use crate::words::{counted, share};

/// The rules in words.
pub(super) const PRINCIPLE: &[&str] = &[
    "The smallest iteration of head is compared with the smallest of base.",
    "Noise is the third quartile, plus three interquartile ranges, of the relative differences \
     between the 30 artifacts before base; without all 30 it is 0.2 %, whatever the metric.",
    "A change of at least that size is significant; it is relevant if it is small or larger, by the \
     mean of its size in thresholds and its size in percent.",
    "Each test case is judged for itself: there is neither an interval nor control of false alarms, \
     and nothing is ever known to be the same.",
];

pub(super) fn working(instructions: bool, evidence: &Evidence) -> Vec<Step> {
    let judgement = judge_case(instructions, evidence);
    let sides = [
        ("base", judgement.base, &evidence.base.iterations),
        ("head", judgement.head, &evidence.head.iterations),
    ];
    let mut steps: Vec<Step> = sides
        .into_iter()
        .map(|(side, value, iterations)| {
            let of = counted(iterations.len(), "iteration");
            Step::new(
                side,
                value,
                StepUnit::OfMetric,
                format!("the smallest of {of}"),
            )
        })
        .collect();
    steps.push(Step::new(
        "change",
        judgement.change.unwrap_or(f64::NAN),
        StepUnit::SignedShare,
        "(head - base) / base",
    ));
    steps.extend(noise(&evidence.history, &judgement));
    if let (Some(change), Some(threshold)) = (judgement.change, judgement.threshold) {
        steps.extend(size(change.abs(), threshold, instructions, &judgement));
    }
    steps
}

/// How the threshold comes about.
fn noise(history: &History, judgement: &Judgement) -> Vec<Step> {
    let places = history.places();
    let measured = places.iter().take(HISTORY).flatten().count();
    let mut steps = vec![Step::new(
        "artifacts before base that were measured",
        measured as f64,
        StepUnit::Number,
        format!("of the {HISTORY} that the rule wants, every one"),
    )];
    let differences = sorted_differences(history).filter(|_| judgement.history > 0);
    match differences.as_deref().and_then(quartiles) {
        Some((first, third)) => {
            let between = format!("of {} differences between neighbours", HISTORY - 1);
            steps.push(Step::new("first quartile", first, StepUnit::Share, &*between));
            steps.push(Step::new("third quartile", third, StepUnit::Share, between));
            steps.push(Step::new(
                "threshold",
                third + FENCE * (third - first),
                StepUnit::Share,
                format!("third quartile + {FENCE} x (third - first quartile)"),
            ));
        }
        None => steps.push(Step::new(
            "threshold",
            DEFAULT_THRESHOLD,
            StepUnit::Share,
            "the default, since the history is not complete or holds a value that allows no relative \
             difference",
        )),
    }
    steps
}

/// How the size of a change is weighed.
fn size(size: f64, threshold: f64, instructions: bool, judgement: &Judgement) -> Vec<Step> {
    let by_threshold = level(LEVELS_BY_THRESHOLD, threshold, size);
    let scale = percent_scale(instructions);
    let by_percent = level(LEVELS_BY_PERCENT, scale, size * 100.0);
    let named = |level: usize| Magnitude::ALL[level];
    let limits = LEVELS_BY_PERCENT.map(|limit| share(limit * scale / 100.0));
    let magnitude = if size < ALWAYS_VERY_SMALL {
        "very-small, since it is below 0.01 %".to_owned()
    } else {
        format!("{}, the mean of the two, rounded down", judgement.magnitude)
    };
    let conclusion = match (judgement.significant, judgement.relevant) {
        (false, _) => "below the threshold: not significant",
        (true, false) => "at or above the threshold: significant, and too small to be relevant",
        (true, true) => "at or above the threshold: significant, and relevant",
    };
    vec![
        Step::new(
            "size in thresholds",
            size / threshold,
            StepUnit::Number,
            format!(
                "{} by the limits {}",
                named(by_threshold),
                LEVELS_BY_THRESHOLD
                    .map(|limit| limit.to_string())
                    .join(", ")
            ),
        ),
        Step::new(
            "size",
            size,
            StepUnit::Share,
            format!("{} by the limits {}", named(by_percent), limits.join(", ")),
        ),
        Step::new("size together", size, StepUnit::Share, magnitude),
        Step::new("conclusion", size, StepUnit::Share, conclusion),
    ]
}
