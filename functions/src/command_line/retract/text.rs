//! Retractions in words.

use std::fmt::Write;

use shared_types::retraction::{Retraction, RetractionEffects, RetractionRange, RetractionState};

/// How many of each kind are named.
const NAMED_MAX: usize = 10;

/// What a retraction would touch.
pub(super) fn effects(range: &RetractionRange, effects: &RetractionEffects) -> String {
    let RetractionEffects {
        runs,
        comparisons,
        series,
        findings,
        requests,
    } = effects;
    let gone = runs.iter().filter(|run| run.results_left == 0).count();
    let mut text = format!(
        "results {range}: nothing was changed\n{} replicates, of which {gone} would have no result \
         left\n",
        runs.len()
    );
    named(&mut text, runs, |run| {
        format!(
            "{}@{}#{} by {}",
            run.artifact,
            run.configuration,
            run.replicate.number(),
            run.hosts.join(", ")
        )
    });
    let _ = writeln!(
        text,
        "{} comparisons would be made again",
        comparisons.len()
    );
    named(&mut text, comparisons, |one| {
        let (base, head) = (&one.base, &one.head);
        let (id, metric, verdict) = (&one.configuration, &one.metric, one.verdict);
        format!("{base}..{head} under {id} in {metric}: {verdict}")
    });
    let _ = writeln!(text, "{} series would be written anew", series.len());
    named(&mut text, series, |one| {
        let (id, metric, count) = (&one.configuration, &one.metric, one.artifacts);
        format!("{metric} under {id}: {count} artifacts")
    });
    let _ = writeln!(text, "{} findings of triage rest on them", findings.len());
    named(&mut text, findings, ToString::to_string);
    let _ = writeln!(text, "{} requests asked for them", requests.len());
    named(&mut text, requests, ToString::to_string);
    text
}

fn named<T>(text: &mut String, items: &[T], name: impl Fn(&T) -> String) {
    for item in items.iter().take(NAMED_MAX) {
        let _ = writeln!(text, "  {}", name(item));
    }
    if items.len() > NAMED_MAX {
        let _ = writeln!(
            text,
            "  … and {} more; `--json` names all",
            items.len() - NAMED_MAX
        );
    }
}

/// A retraction, how far it has come, and what it changed.
pub(super) fn retraction(retraction: &Retraction) -> String {
    let standing = match (retraction.state, &retraction.taken_back) {
        (RetractionState::CarryingOut, _) => "what rests on them is being made again".to_owned(),
        (RetractionState::TakingBack, Some(undone)) => {
            format!("{} takes this back, and it is being made good", undone.by)
        }
        (RetractionState::TakenBack, Some(undone)) => format!("{} took this back", undone.by),
        _ => "in force".to_owned(),
    };
    let mut text = format!(
        "{}  {}\n  {standing}; {} verdicts changed\n",
        retraction.id,
        retraction.sentence(),
        retraction.verdict_changes.len()
    );
    named(&mut text, &retraction.verdict_changes, |change| {
        format!(
            "{} under {} in {}: {}, now {}",
            change.sides, change.configuration, change.metric, change.before, change.after
        )
    });
    text
}
