//! Tells of retractions where runs are listed, where results arrive, and on the status page.

use shared_types::api::RunOverview;
use shared_types::result_document::ResultDocument;
use shared_types::retraction::{AffectedRun, RetractedPart, Retraction, VerdictChange};
use shared_types::{ObjectKey, RunId};

use super::{in_force, retracting};
use crate::{Context, FunctionsError};

/// How many changes of verdicts a notice names.
const NAMED_MAX: usize = 5;

/// Notes of some runs what of them was retracted.
pub(crate) async fn mark_runs(
    context: &Context,
    runs: &mut [RunOverview],
) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let mut known = index.retractions().await?;
    known.retain(|one| one.state.is_in_force());
    for run in runs {
        if known.iter().any(|one| may_touch(one, run)) {
            run.retracted = retracted_part(context, &known, run).await?;
        }
    }
    Ok(())
}

/// Whether something of a run may be in the range, by what is known without its results.
fn may_touch(retraction: &Retraction, run: &RunOverview) -> bool {
    let range = &retraction.range;
    let same_run = range.run.as_ref().is_none_or(|wanted| {
        wanted.run.artifact == run.artifact
            && wanted.replicate.is_none_or(|one| one == run.replicate)
    });
    let host = range.host.as_ref();
    run.measured_at.is_some()
        && run.measured_at >= range.from
        && same_run
        && range.may_cover(&run.configuration)
        && host.is_none_or(|host| run.hosts.contains(host))
}

async fn retracted_part(
    context: &Context,
    known: &[Retraction],
    run: &RunOverview,
) -> Result<Option<RetractedPart>, FunctionsError> {
    let id = RunId {
        artifact: run.artifact.clone(),
        configuration: run.configuration.clone(),
    };
    let mut results = context.store.index.results_of_run(&id).await?;
    results.retain(|result| result.run.replicate == run.replicate);
    let retracted: Vec<&Retraction> = results
        .iter()
        .filter_map(|result| retracting(known, &run.configuration, result))
        .collect();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(retracted.first().map(|first| RetractedPart {
        retraction: first.id,
        results: count(retracted.len()),
        results_left: count(results.len() - retracted.len()),
        sentence: first.sentence(),
    }))
}

/// Reports a result that arrived when it was retracted already.
pub(crate) async fn note_arrival(
    context: &Context,
    key: &ObjectKey,
    document: &ResultDocument,
) -> Result<(), FunctionsError> {
    let id = &document.configuration;
    let known = in_force(context, id).await?;
    let retracted = known.iter().find(|one| {
        document.runs.iter().any(|run| {
            one.retracts(shared_types::retraction::ResultPlace {
                configuration: id,
                run,
                host: &document.host.name,
                measured_at: document.finished_at,
            })
        })
    });
    let Some(retraction) = retracted else {
        return Ok(());
    };
    let message = format!(
        "it arrived after it was retracted, and does not count. {} If it is to count, take the \
         retraction back with `perfleet retract --undo {}`",
        retraction.sentence(),
        retraction.id
    );
    let index = &context.store.index;
    Ok(index
        .report_problem(&key.to_string(), &message, context.now())
        .await?)
}

/// Tells on the status page what came of a retraction.
pub(super) async fn notice(
    context: &Context,
    retraction: &Retraction,
    runs: &[AffectedRun],
) -> Result<(), FunctionsError> {
    let subject = format!("retraction {}", retraction.id);
    let message = notice_text(retraction, runs);
    let index = &context.store.index;
    Ok(index
        .report_problem(&subject, &message, context.now())
        .await?)
}

fn notice_text(retraction: &Retraction, runs: &[AffectedRun]) -> String {
    let (count, gone) = (runs.len(), runs.iter().filter(|run| run.results_left == 0));
    let sentence = retraction.sentence();
    let mut text = match &retraction.taken_back {
        Some(undone) => format!(
            "{} took a retraction back, and {count} replicates count again. {sentence}",
            undone.by
        ),
        None => format!(
            "{sentence} It touches {count} replicates, of which {} have no result left: `perfleet \
             rerun REQUEST` measures what is missing once more.",
            gone.count()
        ),
    };
    text.push_str(&verdicts(&retraction.verdict_changes));
    text
}

fn verdicts(changes: &[VerdictChange]) -> String {
    if changes.is_empty() {
        return " No verdict changed.".to_owned();
    }
    let named: Vec<String> = changes
        .iter()
        .take(NAMED_MAX)
        .map(|change| {
            format!(
                "{} under {} in {} was {} and is {}",
                change.sides, change.configuration, change.metric, change.before, change.after
            )
        })
        .collect();
    let more = match changes.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!(" Verdicts that changed: {}{more}.", named.join("; "))
}
