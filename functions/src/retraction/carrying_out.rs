//! Makes again what rests on results that were retracted, or that count again.
//!
//! First the series, artifact by artifact, since comparisons look at them; then the hosts are judged again
//! by what is left of them; then the comparisons; then what changed of series, what waits in triage, and a notice. How far it has come is noted behind
//! every step. Whoever meets another who was faster leaves the rest to them.

use analysis::retraction::{column_name, stretches};
use jiff::Timestamp;
use shared_types::RetractionId;
use shared_types::result_document::MeasuredRun;
use shared_types::retraction::{
    AffectedRun, Retraction, RetractionProgress, RetractionState, VERDICT_CHANGES_MAX,
};

use super::{affected, making_again, telling};
use crate::{Context, FunctionsError, disturbance, series_blocks, series_changes, triage, upkeep};

/// Carries every retraction on that was left half way.
///
/// # Errors
/// When the store fails; what was done until then stays done.
pub async fn carry_out_open(context: &Context) -> Result<(), FunctionsError> {
    for retraction in context.store.index.retractions().await? {
        if retraction.state.is_open() {
            carry_out(context, retraction.id).await?;
        }
    }
    Ok(())
}

/// Makes again what rests on the results of a retraction, from where it was left. Does nothing where
/// that is done.
///
/// # Errors
/// When there is no such retraction, or the store fails; what was done until then stays done.
#[tracing::instrument(name = "retraction", skip_all, fields(retraction = %id))]
pub async fn carry_out(context: &Context, id: RetractionId) -> Result<(), FunctionsError> {
    let known = super::known(context, id).await?;
    if !known.state.is_open() {
        return Ok(());
    }
    let runs = affected::runs(context, &known.range).await?;
    let mut work = Work {
        context,
        moved_at: known
            .taken_back
            .as_ref()
            .map_or(known.at, |undone| undone.at),
        known,
        runs: &runs,
    };
    if !work.known.progress.comparing && !work.bring_series_up_to_date().await? {
        return Ok(());
    }
    if work.make_comparisons_again().await? {
        work.finish().await?;
    }
    Ok(())
}

struct Work<'a> {
    context: &'a Context,
    known: Retraction,
    /// When it was retracted, or taken back.
    moved_at: Timestamp,
    /// The replicates of which results are in the range.
    runs: &'a [AffectedRun],
}

impl Work<'_> {
    /// Notes how far it has come. Returns whether nobody else has moved it meanwhile.
    async fn note(&mut self, change: impl FnOnce(&mut Retraction)) -> Result<bool, FunctionsError> {
        let mut new = self.known.clone();
        change(&mut new);
        let index = &self.context.store.index;
        let noted = index.replace_retraction(Some(&self.known), &new).await?;
        self.known = new;
        Ok(noted)
    }

    fn is_done(&self, name: &str) -> bool {
        let after = self.known.progress.after.as_deref();
        after.is_some_and(|after| name <= after)
    }

    async fn bring_series_up_to_date(&mut self) -> Result<bool, FunctionsError> {
        let context = self.context;
        let runs = self.runs;
        let columns = runs.chunk_by(|one, other| column_name(one) == column_name(other));
        for column in columns {
            let Some(first) = column.first() else {
                continue;
            };
            let name = column_name(first);
            if self.is_done(&name) {
                continue;
            }
            let measured = MeasuredRun {
                artifact: first.artifact.clone(),
                replicate: first.replicate,
            };
            series_blocks::update(context, &first.configuration, &[measured]).await?;
            forget_a_a_outcomes(context, column).await?;
            if !self.note(|new| new.progress.after = Some(name)).await? {
                return Ok(false);
            }
        }
        let mut found = Vec::new();
        for (configuration, runs) in affected::by_configuration(runs) {
            let artifacts = affected::artifacts(context, &runs).await?;
            disturbance::judge_again(context, &configuration, &artifacts, &self.because()).await?;
            found.extend(stretches(&configuration, &artifacts));
        }
        self.note(|new| {
            new.stretches = found;
            new.progress = RetractionProgress {
                comparing: true,
                after: None,
            };
        })
        .await
    }

    /// Why hosts are judged again, in words.
    fn because(&self) -> String {
        let sentence = self.known.sentence();
        match &self.known.taken_back {
            None => sentence,
            Some(undone) => format!("{sentence} That was taken back by {}.", undone.by),
        }
    }

    async fn make_comparisons_again(&mut self) -> Result<bool, FunctionsError> {
        let context = self.context;
        for (configuration, runs) in affected::by_configuration(self.runs) {
            let artifacts = affected::artifacts(context, &runs).await?;
            let touched = affected::touched(context, &runs, &artifacts).await?;
            let again =
                affected::made_again(context, &configuration, &touched, self.moved_at).await?;
            for one in again {
                let name = one.name();
                if self.is_done(&name) {
                    continue;
                }
                let changed = making_again::make(context, &self.known, &one).await?;
                let noted = self.note(|new| {
                    new.progress.after = Some(name);
                    if new.verdict_changes.len() < VERDICT_CHANGES_MAX {
                        new.verdict_changes.extend(changed);
                    }
                });
                if !noted.await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn finish(&mut self) -> Result<(), FunctionsError> {
        for configuration in affected::by_configuration(self.runs).keys() {
            series_changes::bring_up_to_date(self.context, configuration).await?;
        }
        triage::follow_retraction(self.context, &self.known).await?;
        telling::notice(self.context, &self.known, self.runs).await?;
        self.note(|new| {
            new.state = match new.state {
                RetractionState::CarryingOut => RetractionState::InForce,
                RetractionState::TakingBack => RetractionState::TakenBack,
                settled => settled,
            };
        })
        .await?;
        tracing::info!(state = %self.known.state, "what rests on the results was made again");
        Ok(())
    }
}

/// Forgets what comparisons of an artifact with itself showed, where replicates have a part in it that
/// are not what they were. What there is to compare still is noted when it is compared again.
async fn forget_a_a_outcomes(
    context: &Context,
    column: &[AffectedRun],
) -> Result<(), FunctionsError> {
    let Some(first) = column.first() else {
        return Ok(());
    };
    let (artifact, configuration) = (&first.artifact, &first.configuration);
    upkeep::change(context, configuration, |upkeep| {
        let before = upkeep.a_a_outcomes.len();
        upkeep.a_a_outcomes.retain(|outcome| {
            let has_part = |run: &AffectedRun| {
                let replicate = Some(run.replicate);
                outcome.base.replicate == replicate || outcome.head.replicate == replicate
            };
            outcome.base.artifact != *artifact || !column.iter().any(has_part)
        });
        (upkeep.a_a_outcomes.len() < before).then_some(())
    })
    .await?;
    Ok(())
}
