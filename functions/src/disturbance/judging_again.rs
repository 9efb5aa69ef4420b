//! Judges hosts again after results were retracted, or count again: by what is left, what was found may
//! not hold any more, and what was not found may.

use std::collections::BTreeSet;

use shared_types::disturbance::{DisturbanceAnswer, DisturbedRun, DisturbedState};
use shared_types::result_document::MeasuredRun;
use shared_types::run::Side;
use shared_types::{Artifact, ArtifactId, ConfigurationId, Replicate, RunId};

use super::judging::{self, Judged, PREDECESSORS_MAX};
use super::{judge_run, outcome, recomputing};
use crate::{Context, FunctionsError, run_values};

/// Judges the runs of `artifacts` of a configuration again, and those that were judged by them: the ones
/// that come after. `because` is told where what was found does not hold any more. Doing it twice changes
/// nothing the second time.
///
/// # Errors
/// When the store fails.
pub(crate) async fn judge_again(
    context: &Context,
    configuration: &ConfigurationId,
    artifacts: &[Artifact],
    because: &str,
) -> Result<(), FunctionsError> {
    for artifact in in_order(context, artifacts).await? {
        let run = RunId {
            artifact,
            configuration: configuration.clone(),
        };
        // A measuring in place of another is judged with that, which comes before it.
        for overview in context.store.index.run(&run).await? {
            if overview.measured_at.is_none() {
                continue;
            }
            let run = MeasuredRun {
                artifact: run.artifact.clone(),
                replicate: overview.replicate,
            };
            again(context, configuration, &run, because).await?;
        }
    }
    Ok(())
}

/// The artifacts and those that may have been judged by them, the first of each line first, since each
/// is judged by those before it.
async fn in_order(
    context: &Context,
    artifacts: &[Artifact],
) -> Result<Vec<ArtifactId>, FunctionsError> {
    let mut places = BTreeSet::new();
    for artifact in artifacts {
        let Some(place) = &artifact.history else {
            continue;
        };
        let index = &context.store.index;
        let behind = index.successors(place, PREDECESSORS_MAX).await?;
        for one in behind.iter().chain([artifact]) {
            if let Some(place) = &one.history {
                let line = place.line.to_string();
                places.insert((line, place.ordinal, one.id.clone()));
            }
        }
    }
    Ok(places
        .into_iter()
        .map(|(_, _, artifact)| artifact)
        .collect())
}

async fn again(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
    because: &str,
) -> Result<(), FunctionsError> {
    let known = context.store.index.disturbed_runs(configuration).await?;
    let Some(first) = known.iter().find(|one| one.run == *run) else {
        let is_rerun = known.iter().any(|first| super::repeats(first, run));
        return match is_rerun {
            true => Ok(()),
            false => judge_run(context, configuration, run).await,
        };
    };
    let found = judging::judge(context, configuration, run, &known).await?;
    let rerun = Rerun::of(context, first, &known).await?;
    let Some(new) = followed(context, first, found, rerun, because) else {
        return Ok(());
    };
    // Told first: whoever ends between the two is followed by one who tells it again.
    if new.state == DisturbedState::NeedsPerson && first.state != DisturbedState::NeedsPerson {
        outcome::tell_a_person(context, &new).await?;
    }
    let index = &context.store.index;
    index.replace_disturbed_run(Some(first), &new).await?;
    recomputing::compute_again(context, configuration, run).await
}

/// What there is of the measuring in place of a disturbed one.
enum Rerun {
    /// Nothing was ever measured.
    None,
    /// It was, and all of it was retracted.
    Retracted(Replicate),
    /// It counts, and this was found of it.
    Judged(MeasuredRun, Box<Judged>),
}

impl Rerun {
    async fn of(
        context: &Context,
        first: &DisturbedRun,
        known: &[DisturbedRun],
    ) -> Result<Self, FunctionsError> {
        let replicate = first.rerun.as_ref().and_then(|rerun| rerun.replicate);
        let Some(replicate) = replicate else {
            return Ok(Self::None);
        };
        let side = Side {
            artifact: first.run.artifact.clone(),
            replicate: Some(replicate),
        };
        let results = run_values::side_results(context, &first.configuration, &side).await?;
        if results.counting.is_empty() {
            return Ok(match results.retracted {
                0 => Self::None,
                _ => Self::Retracted(replicate),
            });
        }
        let run = MeasuredRun {
            artifact: first.run.artifact.clone(),
            replicate,
        };
        let judged = judging::judge(context, &first.configuration, &run, known).await?;
        Ok(judged.map_or(Self::None, |judged| Self::Judged(run, Box::new(judged))))
    }
}

/// What becomes of what was found of a run, or `None` where that stays as it is.
fn followed(
    context: &Context,
    first: &DisturbedRun,
    found: Option<Judged>,
    rerun: Rerun,
    because: &str,
) -> Option<DisturbedRun> {
    let mut new = first.clone();
    let Some(found) = found else {
        // Nothing of it counts, so that there is nothing to set aside. What is asked for is awaited.
        let is_open = matches!(
            first.state,
            DisturbedState::Found | DisturbedState::NeedsPerson
        );
        if !is_open {
            return None;
        }
        new.state = DisturbedState::Stands;
        new.note = Some(format!("Nothing of it counts any more. {because}"));
        return changed(first, new);
    };
    new.finding = found.finding;
    if new.finding.answer != DisturbanceAnswer::Disturbed {
        new.state = DisturbedState::Stands;
        new.superseded = None;
        new.note = Some(format!("This was judged again. {because}"));
        return changed(first, new);
    }
    new.hosts = found.hosts;
    match rerun {
        Rerun::Judged(run, judged) => {
            new.note = None;
            new.superseded = None;
            new = outcome::decided(context, &new, &run, &judged);
        }
        Rerun::Retracted(replicate) => {
            new.state = DisturbedState::NeedsPerson;
            new.superseded = None;
            new.note = Some(format!(
                "Replicate {}, which was measured instead, does not count any more. {because}",
                replicate.number()
            ));
        }
        // It had stood because there was nothing to set aside, or too little to tell from.
        Rerun::None if first.state == DisturbedState::Stands => {
            new.state = DisturbedState::Found;
            new.note = None;
        }
        Rerun::None => {}
    }
    changed(first, new)
}

/// `None` where the new one says what the old one does. When it was decided is no difference.
fn changed(first: &DisturbedRun, new: DisturbedRun) -> Option<DisturbedRun> {
    let counts_instead = |one: &DisturbedRun| one.superseded.as_ref().map(|it| it.replicate);
    let is_same = first.state == new.state
        && first.finding == new.finding
        && counts_instead(first) == counts_instead(&new);
    (!is_same).then_some(new)
}
