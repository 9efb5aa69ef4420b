//! The verdict of a request over its configurations, by the policy.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use analysis::policy::{Answer, Decision, Policy, decide};
use shared_types::api::ComparisonReference;
use shared_types::comparison::Comparison;
use shared_types::format::Versioned;
use shared_types::request::Request;
use shared_types::run::SidePair;
use shared_types::{ConfigurationId, ObjectKey, Tier};

use crate::{Context, FunctionsError};

/// What the policy makes of all that is known of a request so far.
///
/// # Errors
/// When the policy cannot be read, or the store fails.
pub async fn request_verdict(
    context: &Context,
    request: &Request,
) -> Result<Decision, FunctionsError> {
    let policy = request_policy(context)?;
    let index = &context.store.index;
    let references = index.comparisons_of_request(request.id).await?;
    let mut comparisons: BTreeMap<&ConfigurationId, Vec<Comparison>> = BTreeMap::new();
    for reference in latest(&references) {
        if let Some(comparison) = read(context, reference).await? {
            let of_configuration = comparisons.entry(&reference.configuration).or_default();
            of_configuration.push(comparison);
        }
    }
    let mut answers = Vec::with_capacity(request.configurations.len());
    for id in &request.configurations {
        let registered = index.configuration(id).await?;
        answers.push(Answer {
            configuration: id,
            tier: registered.map_or(Tier::Experimental, |configuration| configuration.tier),
            comparisons: comparisons.get(id).into_iter().flatten().collect(),
        });
    }
    Ok(decide(&policy, &answers))
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
        told.extend(read(context, last.unwrap_or(first)).await?);
    }
    Ok(told)
}

/// The policy of this installation: that of its file, else the built-in one.
///
/// # Errors
/// When there is a file and it cannot be read.
pub fn request_policy(context: &Context) -> Result<Policy, FunctionsError> {
    let Some(file) = &context.settings.policy_file else {
        return Ok(Policy::default());
    };
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Policy::parse(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Policy::default()),
        Err(error) => Err(FunctionsError::io(format!(
            "reading the policy {}",
            file.display()
        ))(error)),
    }
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

async fn read(
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
