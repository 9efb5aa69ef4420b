//! Retraction: results of a host, a period or a run that somebody took back.
//!
//! A retraction is a record in the index before anything else happens. From then on its results are
//! left out wherever results are pooled, so that what arrives later and falls into the range does not
//! count either. What rests on them is then made again, step by step, each of which may be repeated;
//! the record says how far this has come, and whoever finds it open goes on.

mod affected;
mod carrying_out;
mod making_again;
mod recording;
mod telling;

use shared_types::retraction::{ResultPlace, Retraction};
use shared_types::{ConfigurationId, RetractionId};
use store::RunResult;

pub use affected::effects;
pub use carrying_out::{carry_out, carry_out_open};
pub use recording::{retract, take_back};
pub(crate) use telling::{mark_runs, note_arrival};

use crate::{Context, FunctionsError};

/// The retractions that are in force and may be of results of a configuration.
pub(crate) async fn in_force(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<Vec<Retraction>, FunctionsError> {
    let mut known = context.store.index.retractions().await?;
    known.retain(|one| one.state.is_in_force() && one.range.may_cover(configuration));
    Ok(known)
}

/// The retraction because of which a result does not count.
pub(crate) fn retracting<'a>(
    known: &'a [Retraction],
    configuration: &ConfigurationId,
    result: &RunResult,
) -> Option<&'a Retraction> {
    known
        .iter()
        .find(|one| one.retracts(place_of(configuration, result)))
}

fn place_of<'a>(configuration: &'a ConfigurationId, result: &'a RunResult) -> ResultPlace<'a> {
    ResultPlace {
        configuration,
        run: &result.run,
        host: &result.host,
        measured_at: result.measured_at,
    }
}

async fn known(context: &Context, id: RetractionId) -> Result<Retraction, FunctionsError> {
    let all = context.store.index.retractions().await?;
    all.into_iter().find(|one| one.id == id).ok_or_else(|| {
        FunctionsError::NotMeasured(format!(
            "there is no retraction `{id}`: `perfleet retract list` lists those there are"
        ))
    })
}
