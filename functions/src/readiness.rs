//! Whether a configuration may become gating, by what the index knows of it.

use analysis::readiness::{Shown, readiness};
use shared_types::ConfigurationId;
use shared_types::api::{PAGE_LIMIT_MAX, Readiness, RunOverview};
use store::PageRequest;

use crate::policy_in_force::policy_in_force;
use crate::{Context, FunctionsError, retraction};

/// How many pages of runs are looked at, the last measured first: 5,000 runs, which are three weeks of
/// more than 200 a day.
const PAGES_MAX: u32 = 10;

/// Holds what the last runs and A/A comparisons of a configuration show against what the policy
/// wants of gating ones.
///
/// # Errors
/// When there is no such configuration, the store fails, or the policy cannot be read.
pub async fn of(context: &Context, id: &ConfigurationId) -> Result<Readiness, FunctionsError> {
    let policy = policy_in_force(context).await?;
    let index = &context.store.index;
    let Some(configuration) = index.configuration(id).await? else {
        return Err(FunctionsError::NotMeasured(format!(
            "there is no configuration `{id}`: `perfleet configuration list` lists those there are"
        )));
    };
    let runs = last_runs(context, id).await?;
    let upkeep = index.upkeep(id).await?;
    let a_a_outcomes = upkeep.map(|upkeep| upkeep.a_a_outcomes);
    Ok(readiness(
        &policy,
        &Shown {
            configuration: &configuration,
            runs: &runs,
            a_a_outcomes: &a_a_outcomes.unwrap_or_default(),
        },
    ))
}

async fn last_runs(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Vec<RunOverview>, FunctionsError> {
    let mut runs = Vec::new();
    let mut page = PageRequest::first(PAGE_LIMIT_MAX);
    for _ in 0..PAGES_MAX {
        let found = context.store.index.runs(id, &page).await?;
        runs.extend(found.items);
        match found.next_cursor {
            Some(next) => page.cursor = Some(next),
            None => break,
        }
    }
    retraction::mark_runs(context, &mut runs).await?;
    runs.retain(|run| {
        let part = run.retracted.as_ref();
        part.is_none_or(|part| part.results_left > 0)
    });
    Ok(runs)
}
