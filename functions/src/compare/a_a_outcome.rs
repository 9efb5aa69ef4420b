//! What A/A comparisons show: noted in the upkeep of their configuration, from which the
//! false-alarm rates are told.

use std::collections::BTreeSet;

use shared_types::comparison::Comparison;
use shared_types::run::Side;
use shared_types::upkeep::AAOutcome;
use shared_types::{ConfigurationId, RunId};

use crate::{Context, FunctionsError, upkeep};

/// Notes what a comparison of two replicates showed. Noting the same again changes nothing.
pub(super) async fn note(context: &Context, comparison: &Comparison) -> Result<(), FunctionsError> {
    let (base, head) = (&comparison.base, &comparison.head);
    let is_of_two_replicates = comparison.a_a
        && base.replicate.is_some()
        && head.replicate.is_some()
        && base.replicate != head.replicate;
    if !is_of_two_replicates || comparison.test_cases.is_empty() {
        return Ok(());
    }
    let configuration = &comparison.configuration;
    let mut hosts = hosts(context, configuration, base).await?;
    hosts.extend(self::hosts(context, configuration, head).await?);
    let count = |is_counted: fn(&shared_types::comparison::ComparedTestCase) -> bool| {
        let counted = comparison.test_cases.iter().filter(|row| is_counted(row));
        u32::try_from(counted.count()).unwrap_or(u32::MAX)
    };
    let outcome = AAOutcome {
        base: base.clone(),
        head: head.clone(),
        metric: comparison.metric.clone(),
        method: comparison.method.clone(),
        method_version: comparison.method_version.clone(),
        hosts: hosts.into_iter().collect(),
        test_cases: count(|_| true),
        significant: count(|row| row.significant),
        relevant: count(|row| row.relevant),
        computed_at: context.now(),
    };
    upkeep::change(context, configuration, |upkeep| {
        let is_known = upkeep.a_a_outcomes.iter().any(|known| {
            let again = AAOutcome {
                computed_at: known.computed_at,
                ..outcome.clone()
            };
            *known == again
        });
        (!is_known).then(|| upkeep.note(outcome.clone()))
    })
    .await?;
    Ok(())
}

/// The hosts that measured a replicate.
async fn hosts(
    context: &Context,
    configuration: &ConfigurationId,
    side: &Side,
) -> Result<BTreeSet<String>, FunctionsError> {
    let run = RunId {
        artifact: side.artifact.clone(),
        configuration: configuration.clone(),
    };
    let replicates = context.store.index.run(&run).await?;
    let measured = replicates
        .into_iter()
        .filter(|one| side.replicate == Some(one.replicate));
    Ok(measured.flat_map(|one| one.hosts).collect())
}
