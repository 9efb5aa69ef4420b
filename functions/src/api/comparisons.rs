//! `comparisons`: head against base, within one configuration.

use std::collections::BTreeSet;

use shared_types::api::Problem;
use shared_types::run::{Side, SidePair};
use shared_types::{ArtifactId, ConfigurationId, MetricName};

use super::parameters::{Parameters, parse_named};
use super::problem;
use super::response::Success;
use crate::Context;
use crate::compare::{self, ComparisonQuery};

pub(super) async fn show(
    context: &Context,
    sides: &str,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let query = query(context, sides, parameters).await?;
    let comparison = compare::on_demand(context, &query)
        .await
        .map_err(problem::of_error)?;
    Success::json(&comparison)
}

/// Why a comparison says what it says.
pub(super) async fn why(
    context: &Context,
    sides: &str,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let query = query(context, sides, parameters).await?;
    let explanation = compare::explain(context, &query, parameters.text("test_case"))
        .await
        .map_err(problem::of_error)?;
    Success::json(&explanation)
}

pub(super) async fn query(
    context: &Context,
    sides: &str,
    parameters: &Parameters,
) -> Result<ComparisonQuery, Problem> {
    let (base, head) = named_sides(sides)?;
    let asked: Option<ConfigurationId> = parameters.optional("configuration")?;
    let metric: Option<MetricName> = parameters.optional("metric")?;
    let method = parameters.text("method").map(str::to_owned);
    let sides = SidePair {
        base: base.side.clone(),
        head: head.side.clone(),
    };
    let Some(configuration) = one_configuration(&base, &head, asked.as_ref())? else {
        return Err(which_configuration(context, &sides).await?);
    };
    Ok(ComparisonQuery {
        configuration,
        sides,
        metric,
        method,
    })
}

/// A side, and the configuration that was named with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NamedSide {
    side: Side,
    configuration: Option<ConfigurationId>,
}

/// Reads `BASE..HEAD`, each `ARTIFACT`, `ARTIFACT#2` or `ARTIFACT@CONFIGURATION`.
fn named_sides(text: &str) -> Result<(NamedSide, NamedSide), Problem> {
    // Names of releases hold single dots, so the first pair of dots is the separator.
    let (base, head) = text.split_once("..").ok_or_else(|| {
        problem::bad_request(format!(
            "`{text}` is not a pair of artifacts: write BASE..HEAD, each a full commit sha, \
             `release-VERSION` or `local-NAME-SHORTSHA`, and `#2` as %232 for one replicate"
        ))
    })?;
    Ok((named_side("the base", base)?, named_side("the head", head)?))
}

fn named_side(place: &str, text: &str) -> Result<NamedSide, Problem> {
    let (side, configuration) = match text.split_once('@') {
        None => (text.to_owned(), None),
        Some((artifact, rest)) => match rest.split_once('#') {
            // `ARTIFACT@CONFIGURATION#2`: the second replicate of that run.
            Some((configuration, number)) => (
                format!("{artifact}#{number}"),
                Some(parse_named(place, configuration)?),
            ),
            None => (artifact.to_owned(), Some(parse_named(place, rest)?)),
        },
    };
    Ok(NamedSide {
        side: parse_named(place, &side)?,
        configuration,
    })
}

/// The one configuration that was named; `None` where none was.
fn one_configuration(
    base: &NamedSide,
    head: &NamedSide,
    asked: Option<&ConfigurationId>,
) -> Result<Option<ConfigurationId>, Problem> {
    let named: BTreeSet<&ConfigurationId> = base
        .configuration
        .iter()
        .chain(&head.configuration)
        .chain(asked)
        .collect();
    if named.len() < 2 {
        return Ok(named.into_iter().next().cloned());
    }
    let named: Vec<String> = named.iter().map(|id| format!("`{id}`")).collect();
    Err(problem::different_configurations(format!(
        "results of different configurations are never compared, and this names {}: a difference \
         between them would say more about the hosts and flags than about the compilers. Ask for \
         one comparison under each",
        named.join(" and ")
    )))
}

/// Says which configurations could be meant, when none was named.
async fn which_configuration(context: &Context, sides: &SidePair) -> Result<Problem, Problem> {
    let base = measured_under(context, &sides.base.artifact).await?;
    let head = measured_under(context, &sides.head.artifact).await?;
    let words = |ids: &BTreeSet<ConfigurationId>| {
        if ids.is_empty() {
            return "none".to_owned();
        }
        let ids: Vec<String> = ids.iter().map(ConfigurationId::to_string).collect();
        ids.join(", ")
    };
    let both: BTreeSet<ConfigurationId> = base.intersection(&head).cloned().collect();
    let detail = if both.is_empty() {
        format!(
            "the parameter `configuration` is missing, and no configuration has both: {} was \
             measured under {}, {} under {}. Create a request that measures both",
            sides.base,
            words(&base),
            sides.head,
            words(&head)
        )
    } else {
        format!(
            "the parameter `configuration` is missing: {} and {} were both measured under {}",
            sides.base,
            sides.head,
            words(&both)
        )
    };
    Ok(problem::bad_request(detail))
}

async fn measured_under(
    context: &Context,
    artifact: &ArtifactId,
) -> Result<BTreeSet<ConfigurationId>, Problem> {
    let runs = context
        .store
        .index
        .runs_of_artifact(artifact)
        .await
        .map_err(problem::of_store)?;
    Ok(runs
        .into_iter()
        .filter(|run| run.measured_at.is_some())
        .map(|run| run.configuration)
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_pair_is_read_or_refused_with_a_reason(text in "[a-z0-9.#@-]{0,40}|.{0,40}") {
            if let Err(problem) = named_sides(&text) {
                prop_assert_eq!(problem.status, 400);
                prop_assert!(!problem.detail.is_empty());
            }
        }
    }

    #[test]
    fn a_replicate_may_stand_before_or_behind_the_configuration() {
        let (base, head) = named_sides("release-1.94.0#2@zen4..release-1.95.0@zen4#3").unwrap();
        assert_eq!(base.side.to_string(), "release-1.94.0#2");
        assert_eq!(head.side.to_string(), "release-1.95.0#3");
        assert_eq!(base.configuration, head.configuration);
    }

    #[test]
    fn two_configurations_are_refused_wherever_they_were_named() {
        let one = "zen4".parse().unwrap();
        for (sides, asked) in [
            ("release-1.94.0@zen4..release-1.95.0@zen5", None),
            ("release-1.94.0..release-1.95.0@zen5", Some(&one)),
            ("release-1.94.0@zen5..release-1.95.0", Some(&one)),
        ] {
            let (base, head) = named_sides(sides).unwrap();
            let problem = one_configuration(&base, &head, asked).unwrap_err();
            assert_eq!(problem.status, 422);
            assert_eq!(problem.kind, problem::DIFFERENT_CONFIGURATIONS);
            assert!(problem.detail.contains("`zen4` and `zen5`"), "{problem:?}");
        }
    }
}
