//! The verdict of a request over its configurations, by the policy.

use std::collections::BTreeMap;

use analysis::policy::{Answer, Decision, decide};
use analysis::retraction::is_without_answer;
use shared_types::api::ComparisonReference;
use shared_types::comparison::Comparison;
use shared_types::format::Versioned;
use shared_types::request::Request;
use shared_types::run::{Side, SidePair};
use shared_types::{ConfigurationId, ObjectKey, RunId, Tier};

use super::{ComparisonQuery, on_demand};
use crate::policy_in_force::policy_in_force;
use crate::{Context, FunctionsError, run_values};

/// So many measurings of the head confirm what an advisory configuration says.
const MEASURINGS_THAT_CONFIRM: usize = 2;

/// What the policy makes of all that is known of a request so far, and why.
///
/// # Errors
/// When the policy cannot be read, or the store fails.
pub async fn request_verdict(
    context: &Context,
    request: &Request,
) -> Result<Decision, FunctionsError> {
    let policy = policy_in_force(context).await?;
    let mut comparisons = comparisons_of(context, request).await?;
    let mut heard = Vec::with_capacity(request.configurations.len());
    for id in &request.configurations {
        let registered = context.store.index.configuration(id).await?;
        let tier = registered.map_or(Tier::Experimental, |configuration| configuration.tier);
        let made = comparisons.remove(id).unwrap_or_default();
        let again = match policy.tier(id, tier) {
            Tier::Advisory => with_all_measurings(context, request, &made).await?,
            Tier::Gating | Tier::Experimental => None,
        };
        heard.push(Heard {
            configuration: id,
            tier,
            measured_again: again.is_some(),
            comparisons: again.unwrap_or(made),
        });
    }
    let answers: Vec<Answer<'_>> = heard.iter().map(Heard::answer).collect();
    Ok(decide(&policy, &answers))
}

/// What is known of one configuration of a request.
struct Heard<'a> {
    configuration: &'a ConfigurationId,
    tier: Tier,
    measured_again: bool,
    comparisons: Vec<Comparison>,
}

impl Heard<'_> {
    fn answer(&self) -> Answer<'_> {
        Answer {
            configuration: self.configuration,
            tier: self.tier,
            comparisons: self.comparisons.iter().collect(),
            measured_again: self.measured_again,
        }
    }
}

/// The comparisons that were made for a request, by configuration.
async fn comparisons_of(
    context: &Context,
    request: &Request,
) -> Result<BTreeMap<ConfigurationId, Vec<Comparison>>, FunctionsError> {
    let index = &context.store.index;
    let references = index.comparisons_of_request(request.id).await?;
    let mut comparisons: BTreeMap<ConfigurationId, Vec<Comparison>> = BTreeMap::new();
    for reference in latest(&references) {
        // One without an answer any more, since results were retracted, is as if it had none yet.
        if let Some(comparison) = kept(context, reference).await?
            && !is_without_answer(&comparison)
        {
            let id = reference.configuration.clone();
            comparisons.entry(id).or_default().push(comparison);
        }
    }
    Ok(comparisons)
}

/// The same comparisons over all that was measured by now, if the head was measured more than once:
/// what confirms an advisory configuration's answer. `None` where it was not, and where what was
/// compared then cannot be compared any more.
async fn with_all_measurings(
    context: &Context,
    request: &Request,
    made: &[Comparison],
) -> Result<Option<Vec<Comparison>>, FunctionsError> {
    let Some(first) = made.first().filter(|_| !request.is_a_a()) else {
        return Ok(None);
    };
    let run = RunId {
        artifact: request.head.artifact.clone(),
        configuration: first.configuration.clone(),
    };
    let replicates = context.store.index.run(&run).await?;
    let head = Side::pooled(run.artifact.clone());
    let counting = run_values::results_of_side(context, &run.configuration, &head).await?;
    let measured = replicates.iter().filter(|one| {
        let mut results = counting.iter();
        one.jobs_left == 0 && results.any(|result| result.run.replicate == one.replicate)
    });
    if measured.count() < MEASURINGS_THAT_CONFIRM {
        return Ok(None);
    }
    let mut now = Vec::with_capacity(made.len());
    for comparison in made {
        let query = ComparisonQuery {
            configuration: comparison.configuration.clone(),
            sides: SidePair {
                base: Side::pooled(comparison.base.artifact.clone()),
                head: Side::pooled(comparison.head.artifact.clone()),
            },
            metric: Some(comparison.metric_details.name.clone()),
            method: Some(comparison.method.clone()),
        };
        match on_demand(context, &query).await {
            Ok(comparison) => now.push(comparison),
            Err(
                FunctionsError::NotMeasured(_)
                | FunctionsError::Analysis(_)
                | FunctionsError::Input(_),
            ) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(now))
}

/// What a comment on a request tells: of each of its configurations the last comparison in the
/// metric that was compared first, which is the least noisy that both sides have.
///
/// # Errors
/// When the store fails.
pub async fn comparisons_to_tell(
    context: &Context,
    request: &Request,
) -> Result<Vec<Comparison>, FunctionsError> {
    let index = &context.store.index;
    let mut references = index.comparisons_of_request(request.id).await?;
    references.sort_by_key(|reference| reference.computed_at);
    let mut told = Vec::new();
    for configuration in &request.configurations {
        let of_configuration = || {
            references
                .iter()
                .filter(|reference| reference.configuration == *configuration)
        };
        let Some(first) = of_configuration().next() else {
            continue;
        };
        let last = of_configuration().rfind(|reference| reference.metric == first.metric);
        told.extend(kept(context, last.unwrap_or(first)).await?);
    }
    Ok(told)
}

/// Of each configuration and metric the comparison that was made last.
fn latest(references: &[ComparisonReference]) -> Vec<&ComparisonReference> {
    let mut latest: BTreeMap<(&ConfigurationId, &str), &ComparisonReference> = BTreeMap::new();
    for reference in references {
        let key = (&reference.configuration, reference.metric.as_str());
        let known = latest.entry(key).or_insert(reference);
        if known.computed_at <= reference.computed_at {
            *known = reference;
        }
    }
    latest.into_values().collect()
}

/// A comparison that was kept; `None` where it is not there any more.
///
/// # Errors
/// When it cannot be read, or the store fails.
pub(crate) async fn kept(
    context: &Context,
    reference: &ComparisonReference,
) -> Result<Option<Comparison>, FunctionsError> {
    let key = ObjectKey::Comparison {
        configuration: reference.configuration.clone(),
        sides: SidePair {
            base: reference.base.clone(),
            head: reference.head.clone(),
        },
        input_hash: reference.input_hash.clone(),
    };
    match context.store.objects.get(&key).await? {
        Some((bytes, _)) => Ok(Some(Comparison::from_json(&bytes)?)),
        None => Ok(None),
    }
}
