//! How sure the answer of a comparison is.

use shared_types::MetricName;
use shared_types::comparison::{Answer, Comparison};

use super::headline::relevant;
use super::numbers::{counted, is_noisy, share};
use crate::rustc_perf::{self, RustcPerfRule};
use crate::segment_level::FALSE_DISCOVERY_RATE;

/// A sentence that says how sure the answer is, and on what that rests.
pub(super) fn how_sure(comparison: &Comparison) -> String {
    if comparison.method == RustcPerfRule::NAME {
        by_thresholds(comparison)
    } else {
        by_answers(comparison)
    }
}

fn by_answers(comparison: &Comparison) -> String {
    let unknown = comparison
        .test_cases
        .iter()
        .filter(|case| case.answer == Some(Answer::NotYetKnown))
        .count();
    let thresholds = relevant(comparison).filter_map(|case| case.threshold);
    let count = relevant(comparison).count();
    if count == 0 {
        return unchanged(comparison, unknown);
    }
    let subject = if count == 1 {
        "this change is"
    } else {
        "each of these changes is"
    };
    let open = match unknown {
        0 => String::new(),
        _ => format!(
            " Of {}, it is not known yet whether there is a change.",
            counted(unknown, "other test case")
        ),
    };
    match range(thresholds) {
        Some(thresholds) => format!(
            "How sure: {subject} larger than noise explains ({thresholds}); of changes that are \
             called so, at most {} are none.{open}",
            share(FALSE_DISCOVERY_RATE)
        ),
        None => format!(
            "How sure: {subject} beyond all that was measured before, and there is no more to go \
             by.{open}"
        ),
    }
}

fn unchanged(comparison: &Comparison, unknown: usize) -> String {
    let total = comparison.test_cases.len();
    let known = match total - unknown {
        _ if unknown == 0 => {
            return "How sure: whatever differs is too small to matter, or measured to be noise."
                .to_owned();
        }
        0 => "no test case is".to_owned(),
        1 => format!("1 of {} is", counted(total, "test case")),
        known => format!("{known} of {} are", counted(total, "test case")),
    };
    format!(
        "How sure: {known} known to be the same; for the rest that is not known yet, and more \
         iterations, or base and head measured in pairs, would tell."
    )
}

/// What the reference rule goes by.
fn by_thresholds(comparison: &Comparison) -> String {
    let any_relevant = relevant(comparison).next().is_some();
    let judged: Vec<(f64, u32)> = comparison
        .test_cases
        .iter()
        .filter(|case| case.relevant || !any_relevant)
        .filter_map(|case| Some((case.threshold?, case.history)))
        .collect();
    let subject = match (any_relevant, judged.len()) {
        (true, 1) => "this change is larger than",
        (true, _) => "each of these changes is larger than",
        (false, _) => "a change would have counted from",
    };
    let Some(thresholds) = range(judged.iter().map(|(threshold, _)| *threshold)) else {
        return "How sure: see the values of each test case.".to_owned();
    };
    let by_default = judged.iter().filter(|(_, history)| *history == 0).count();
    if by_default == 0 {
        return format!(
            "How sure: {subject} {thresholds}, which is what noise alone explains, as the last {} \
             compilers before show.",
            rustc_perf::HISTORY
        );
    }
    let basis = if by_default == judged.len() {
        "the default, since there is no history yet that shows how much noise alone explains"
            .to_owned()
    } else {
        format!(
            "which is what noise alone explains; for {by_default} of them that is the default, \
             since there is no history yet"
        )
    };
    format!(
        "How sure: {subject} {thresholds}, {basis}.{}",
        caution(&comparison.metric_details.name, any_relevant)
    )
}

fn caution(metric: &MetricName, any_relevant: bool) -> String {
    if is_noisy(metric) && any_relevant {
        format!(
            " Not very sure, then: {metric} often varies by more than that from run to run, so some \
             of this may be noise."
        )
    } else {
        String::new()
    }
}

/// The smallest and the largest, as shares; `None` of nothing.
fn range(values: impl Iterator<Item = f64>) -> Option<String> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return None;
    }
    let (low, high) = (share(low), share(high));
    Some(if low == high {
        low
    } else {
        format!("{low} to {high}")
    })
}
