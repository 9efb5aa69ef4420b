//! Disturbed hosts: every complete run is judged, what was measured on a disturbed host is set
//! aside, visibly, and measured once more; and what that shows decides what counts.
//!
//! Each step looks at what the index says and replaces it on the condition that it is still that,
//! so that every message may come twice, and in any order.

mod judging;
mod judging_again;
mod outcome;
mod recomputing;
mod telling;

use shared_types::disturbance::{DisturbanceAnswer, DisturbedRun, DisturbedState, Superseding};
use shared_types::result_document::MeasuredRun;
use shared_types::{ArtifactId, ConfigurationId};

pub(crate) use judging_again::judge_again;
pub(crate) use outcome::tell_a_person;
pub(crate) use telling::warnings;

use crate::{Context, FunctionsError};

/// Judges the hosts of a run that is complete, notes what was disturbed, and where the run repeats
/// a disturbed one, decides which of the two counts.
///
/// # Errors
/// When the store fails.
pub(crate) async fn judge_run(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
) -> Result<(), FunctionsError> {
    let known = context.store.index.disturbed_runs(configuration).await?;
    let repeated = known.iter().find(|first| repeats(first, run));
    let is_judged = known.iter().any(|one| one.run == *run);
    let judged = if is_judged && repeated.is_none() {
        // What was found does not change with what has landed since.
        None
    } else {
        judging::judge(context, configuration, run, &known).await?
    };
    let Some(judged) = judged else {
        return Ok(());
    };
    if let Some(first) = repeated {
        return outcome::decide(context, first, run, judged).await;
    }
    if judged.finding.answer != DisturbanceAnswer::Disturbed {
        return Ok(());
    }
    let sentence = judged.finding.sentence.clone();
    let found = DisturbedRun {
        configuration: configuration.clone(),
        run: run.clone(),
        hosts: judged.hosts,
        found_at: context.now(),
        finding: judged.finding,
        state: DisturbedState::Found,
        rerun: None,
        superseded: None,
        note: None,
    };
    if context
        .store
        .index
        .replace_disturbed_run(None, &found)
        .await?
    {
        tracing::warn!(%configuration, sentence, "a run is set aside");
    }
    Ok(())
}

/// Whether `run` is the measuring that was asked for in place of `first`.
fn repeats(first: &DisturbedRun, run: &MeasuredRun) -> bool {
    let rerun = first.rerun.as_ref().and_then(|rerun| rerun.replicate);
    first.run.artifact == run.artifact && rerun == Some(run.replicate)
}

/// The artifacts of which something is set aside that nothing counts instead of: they are no
/// baseline for others.
pub(crate) fn set_aside(known: &[DisturbedRun]) -> impl Iterator<Item = &ArtifactId> {
    known
        .iter()
        .filter(|one| one.state.is_set_aside() && one.superseded.is_none())
        .map(|one| &one.run.artifact)
}

/// Whether a replicate was superseded: it counts only where it is named.
pub(crate) fn is_superseded(known: &[DisturbedRun], run: &MeasuredRun) -> bool {
    superseding(known, run).is_some()
}

/// By what a replicate was superseded, where it was.
pub(crate) fn superseding<'a>(
    known: &'a [DisturbedRun],
    run: &MeasuredRun,
) -> Option<&'a Superseding> {
    let mut found = known.iter().filter(|one| one.run == *run);
    found.find_map(|one| one.superseded.as_ref())
}
