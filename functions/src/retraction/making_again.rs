//! Makes one comparison again, and tells those who were told of the one before.

use analysis::retraction::{
    MadeAgain, again_because, is_without_answer, marked, say_the_same, without_answer,
};
use shared_types::MetricName;
use shared_types::comparison::Comparison;
use shared_types::retraction::{Retraction, VerdictChange};

use crate::compare::{self, ComparisonQuery};
use crate::{Context, FunctionsError};

/// Makes a comparison again. Where it says what it said, nothing is kept and nobody is told. Returns
/// what became of its verdict, where that changed.
pub(super) async fn make(
    context: &Context,
    retraction: &Retraction,
    again: &MadeAgain,
) -> Result<Option<VerdictChange>, FunctionsError> {
    let metric: MetricName = again.newest.metric.parse()?;
    let query = ComparisonQuery {
        configuration: again.newest.configuration.clone(),
        sides: again.sides(),
        metric: Some(metric.clone()),
        method: Some(again.newest.method.clone()),
    };
    let newest = compare::kept(context, &again.newest).await?;
    let Some(made) = compared(context, &query, newest.as_ref()).await? else {
        return Ok(None);
    };
    let because = again_because(retraction);
    let is_new = newest
        .as_ref()
        .is_none_or(|newest| !say_the_same(newest, &made));
    // Also where it was made by this before: whoever did may have ended before it was told.
    let is_of_this = newest.is_some_and(|newest| newest.warnings.contains(&because));
    let verdict = made.verdict;
    if is_new || is_of_this {
        let kept = marked(made, &because);
        let requests = again.requests.iter().copied().map(Some);
        let nobody = again.requests.is_empty().then_some(None);
        for request in requests.chain(nobody) {
            compare::keep_made(context, &query, &kept, request).await?;
        }
    }
    let before = again.before.verdict;
    Ok((verdict != before).then(|| VerdictChange {
        configuration: query.configuration,
        sides: query.sides,
        metric,
        before,
        after: verdict,
        requests: again.requests.iter().copied().collect(),
    }))
}

/// The comparison over what counts now, or what is left of it where nothing does. `None` where it
/// cannot be made and nobody knows what it was.
async fn compared(
    context: &Context,
    query: &ComparisonQuery,
    newest: Option<&Comparison>,
) -> Result<Option<Comparison>, FunctionsError> {
    match compare::on_demand(context, query).await {
        Ok(comparison) if !is_without_answer(&comparison) => Ok(Some(comparison)),
        Ok(comparison) => {
            let reason = "the two sides have no test case in common any more.";
            Ok(Some(without_answer(&comparison, reason)))
        }
        Err(
            error @ (FunctionsError::NotMeasured(_)
            | FunctionsError::Analysis(_)
            | FunctionsError::Input(_)),
        ) => Ok(newest.map(|newest| without_answer(newest, &error.to_string()))),
        Err(error) => Err(error),
    }
}
