//! What a reader should know before trusting a comparison.

use shared_types::comparison::ComparedTestCase;
use shared_types::{Metric, MetricName};

use crate::run_values::RunValues;
use crate::rustc_perf::{self, DEFAULT_THRESHOLD, RustcPerfRule};
use crate::series_history::SeriesHistory;
use crate::words;

/// What a comparison was made of.
pub(crate) struct Sides<'a> {
    pub(crate) base: &'a RunValues,
    pub(crate) head: &'a RunValues,
    pub(crate) history: &'a SeriesHistory,
}

/// The warnings of a comparison by some method, the gravest first.
pub(crate) fn warnings(
    sides: &Sides<'_>,
    metric: &Metric,
    method: &str,
    rows: &[ComparedTestCase],
) -> Vec<String> {
    let (base, head) = (sides.base, sides.head);
    let warnings = [
        one_run_on_both_sides(base, head),
        different_hosts(base, head),
        different_iterations(base, head, method, rows),
        changes_from_zero(rows),
        not_neighbours(base, head),
        no_history(&metric.name, method, rows, sides.history),
    ];
    warnings.into_iter().flatten().collect()
}

fn one_run_on_both_sides(base: &RunValues, head: &RunValues) -> Option<String> {
    if base.side.artifact != head.side.artifact {
        return None;
    }
    Some(if base.side == head.side {
        "A/A: both sides are the same measurements of the same compiler, so every difference is \
         zero and nothing is learned about noise. Compare two replicates of it instead."
            .to_owned()
    } else {
        "A/A: both sides are the same compiler, measured twice. Whatever differs is noise."
            .to_owned()
    })
}

fn different_hosts(base: &RunValues, head: &RunValues) -> Option<String> {
    (base.hosts != head.hosts).then(|| {
        format!(
            "Base was measured on {}, head on {}: a difference between hosts looks like a change, \
             above all in times.",
            base.hosts.join(", "),
            head.hosts.join(", ")
        )
    })
}

fn different_iterations(
    base: &RunValues,
    head: &RunValues,
    method: &str,
    rows: &[ComparedTestCase],
) -> Option<String> {
    let differing = rows
        .iter()
        .filter(|row| row.base_iterations.len() != row.head_iterations.len());
    let differing = differing.count();
    if differing == 0 {
        return None;
    }
    let replicates = if base.replicates.len() == head.replicates.len() {
        String::new()
    } else {
        format!(
            " (base: {}, head: {})",
            words::counted(base.replicates.len(), "replicate"),
            words::counted(head.replicates.len(), "replicate")
        )
    };
    let consequence = if method == RustcPerfRule::NAME {
        "the smallest of more iterations tends to be smaller, without any change of the compiler"
    } else {
        "the side with fewer is known less well, which its interval says"
    };
    Some(format!(
        "{} of {} have another number of iterations in base than in head{replicates}: {consequence}.",
        differing,
        words::counted(rows.len(), "test case"),
    ))
}

fn changes_from_zero(rows: &[ComparedTestCase]) -> Option<String> {
    let without = rows.iter().filter(|row| row.change.is_none()).count();
    (without > 0).then(|| {
        format!(
            "{} went from zero to something. A relative change from zero does not exist, so no \
             method judges it: look at the values.",
            words::counted(without, "test case")
        )
    })
}

fn not_neighbours(base: &RunValues, head: &RunValues) -> Option<String> {
    if base.side.artifact == head.side.artifact {
        return None;
    }
    let (Some(base_place), Some(head_place)) = (&base.history, &head.history) else {
        return Some(
            "The place of base or head in history is not known: changes that lie between the two \
             are part of the difference, and there is no history to tell noise from."
                .to_owned(),
        );
    };
    if base_place.line != head_place.line {
        return Some(format!(
            "Base is on the line `{}` of history and head on `{}`: other changes lie between them.",
            base_place.line, head_place.line
        ));
    }
    if head_place.ordinal < base_place.ordinal {
        return Some("Head is older than base.".to_owned());
    }
    let parent = head_place.parent.as_ref()?;
    (*parent != base.side.artifact).then(|| {
        format!(
            "Base and head are not neighbours in history (the parent of head is {}): the changes \
             that lie between them are part of the difference.",
            parent.short()
        )
    })
}

fn no_history(
    metric: &MetricName,
    method: &str,
    rows: &[ComparedTestCase],
    history: &SeriesHistory,
) -> Option<String> {
    let judged = rows.iter().filter(|row| row.threshold.is_some());
    let without = judged.filter(|row| row.history == 0).count();
    if without == 0 {
        return None;
    }
    let of_all = format!(
        "No history for {without} of {}",
        words::counted(rows.len(), "test case")
    );
    if method == RustcPerfRule::NAME {
        return Some(format!("{of_all}: {}", by_default(metric, history)));
    }
    Some(format!(
        "{of_all}: what noise is among them is taken from their iterations, from other test cases, \
         and from what is usual for {metric}, so small changes stay unknown."
    ))
}

/// What the reference rule does without a history.
fn by_default(metric: &MetricName, history: &SeriesHistory) -> String {
    let why = if history.predecessors() < rustc_perf::HISTORY {
        format!(
            "only {} of the {} artifacts before base are known",
            history.predecessors(),
            rustc_perf::HISTORY
        )
    } else {
        format!(
            "not all of the {} artifacts before base have measured them",
            rustc_perf::HISTORY
        )
    };
    let noise = if words::is_noisy(metric) {
        format!(
            " {metric} often varies by more than that without any change of the compiler, so some \
             of what is called a change may be noise."
        )
    } else {
        String::new()
    };
    format!(
        "{why}, so the threshold is the default of {}.{noise}",
        words::share(DEFAULT_THRESHOLD)
    )
}
