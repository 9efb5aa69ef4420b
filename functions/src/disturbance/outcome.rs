//! What becomes of a run on a disturbed host once it was measured again.

use analysis::disturbance::{AfterRerun, after_rerun};
use shared_types::disturbance::{DisturbanceAnswer, DisturbedRun, DisturbedState, Superseding};
use shared_types::result_document::MeasuredRun;

use super::judging::Judged;
use super::recomputing;
use crate::{Context, FunctionsError};

/// Who decides.
const DECIDER: &str = "the coordinator";

/// Decides by what was found of `again`, the measuring in place of `first`, and has everything that
/// rests on the decision computed again. Deciding twice changes nothing the second time.
pub(super) async fn decide(
    context: &Context,
    first: &DisturbedRun,
    again: &MeasuredRun,
    judged: Judged,
) -> Result<(), FunctionsError> {
    if first.state == DisturbedState::RerunAsked {
        let decided = decided(context, first, again, &judged);
        // Told first: whoever ends between the two is followed by one who tells it again.
        if decided.state != DisturbedState::Superseded {
            tell_a_person(context, &decided).await?;
        }
        if decided.state == DisturbedState::NeedsPerson {
            set_rerun_aside(context, &decided, again, judged).await?;
        }
        // Whoever is faster decides by the same numbers.
        let index = &context.store.index;
        index.replace_disturbed_run(Some(first), &decided).await?;
    }
    // Also where it was decided before: whoever did may have ended right behind that.
    recomputing::compute_again(context, &first.configuration, &first.run).await
}

/// What becomes of `first`, by what was found of `again`.
pub(super) fn decided(
    context: &Context,
    first: &DisturbedRun,
    again: &MeasuredRun,
    judged: &Judged,
) -> DisturbedRun {
    let replicate = again.replicate.number();
    let mut decided = first.clone();
    match after_rerun(&first.finding, &judged.finding) {
        AfterRerun::Supersede => {
            decided.state = DisturbedState::Superseded;
            decided.superseded = Some(Superseding {
                replicate: again.replicate,
                by: DECIDER.to_owned(),
                why: format!(
                    "{} Replicate {replicate} was measured instead. {}",
                    first.finding.sentence, judged.finding.sentence
                ),
                at: context.now(),
            });
        }
        AfterRerun::Stand => {
            decided.state = DisturbedState::Stands;
            decided.note = Some(format!(
                "Replicate {replicate} shows the same shift: either the host is still disturbed, \
                 or the compiler takes longer for the same instructions."
            ));
        }
        AfterRerun::NotKnown => {
            decided.state = DisturbedState::NeedsPerson;
            decided.note = Some(format!(
                "Replicate {replicate}, measured instead, does not settle it: {}",
                judged.finding.sentence
            ));
        }
    }
    decided
}

/// A measuring in place of another that was disturbed itself is set aside as well. It is not
/// repeated: a host that is disturbed time and again needs a person.
async fn set_rerun_aside(
    context: &Context,
    first: &DisturbedRun,
    again: &MeasuredRun,
    judged: Judged,
) -> Result<(), FunctionsError> {
    if judged.finding.answer != DisturbanceAnswer::Disturbed {
        return Ok(());
    }
    let found = DisturbedRun {
        run: again.clone(),
        hosts: judged.hosts,
        found_at: context.now(),
        finding: judged.finding,
        state: DisturbedState::NeedsPerson,
        rerun: None,
        superseded: None,
        note: Some(format!(
            "It was measured in place of replicate {}.",
            first.run.replicate.number()
        )),
        configuration: first.configuration.clone(),
    };
    context
        .store
        .index
        .replace_disturbed_run(None, &found)
        .await?;
    Ok(())
}

/// Reports what a person has to look at.
pub(crate) async fn tell_a_person(
    context: &Context,
    found: &DisturbedRun,
) -> Result<(), FunctionsError> {
    let subject = format!(
        "{} #{} under {}",
        found.run.artifact,
        found.run.replicate.number(),
        found.configuration
    );
    let message = format!(
        "{} {} Look at the host ({}), and ask for the artifact once more.",
        found.finding.sentence,
        found.note.as_deref().unwrap_or_default(),
        found.hosts.join(", ")
    );
    let index = &context.store.index;
    Ok(index
        .report_problem(&subject, &message, context.now())
        .await?)
}
