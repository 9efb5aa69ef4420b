//! `collectors/{name}`: one collector, its health, and what its host measured.

use analysis::collector_health::judge;
use analysis::false_alarms;
use analysis::host_epochs::host_epochs;
use shared_types::ConfigurationId;
use shared_types::api::{
    CollectorDetail, CollectorStatus, HostEpoch, HostFalseAlarms, Problem, RunOverview,
};
use shared_types::disturbance::DisturbedRun;
use shared_types::series::SeriesArtifact;
use store::PageRequest;

use super::problem;
use super::response::Success;
use super::status::known_collectors;
use crate::overview::newest_blocks;
use crate::{Context, FunctionsError};

/// How many runs of each configuration are looked at, the last measured first.
const RUNS_LOOKED_AT: u32 = 200;
/// How many runs of the host are listed.
const RUNS_MAX: usize = 30;
/// How many artifacts are looked at for set-ups, from the newest back.
const ARTIFACTS_MAX: usize = 500;

pub(super) async fn show(context: &Context, name: &str) -> Result<Success, Problem> {
    let known = known_collectors(context).await.map_err(problem::of_store)?;
    let mut known = known.into_iter();
    let status = known
        .find(|status| status.collector.report.collector == name)
        .ok_or_else(|| {
            problem::not_found(format!(
                "there is no collector `{name}`: /api/v1/collectors lists those that were heard of"
            ))
        })?;
    let detail = detail(context, status).await.map_err(problem::of_error)?;
    Success::json(&detail)
}

async fn detail(
    context: &Context,
    status: CollectorStatus,
) -> Result<CollectorDetail, FunctionsError> {
    let report = &status.collector.report;
    let host = report.host.name.as_str();
    let mut of_host = OfHost::default();
    for configuration in &report.configurations {
        of_host.gather(context, configuration, host).await?;
    }
    let OfHost {
        mut runs,
        mut disturbed,
        false_alarms,
        host_epochs,
    } = of_host;
    runs.sort_by_key(|run| std::cmp::Reverse(run.measured_at));
    runs.truncate(RUNS_MAX);
    disturbed.sort_by_key(|run| std::cmp::Reverse(run.found_at));
    let job = match status.collector.job() {
        Some(id) => context.store.index.job(id).await?,
        None => None,
    };
    Ok(CollectorDetail {
        health: judge(&status, &disturbed, &false_alarms),
        job,
        host_epochs,
        runs,
        disturbed,
        false_alarms,
        status,
    })
}

/// What is known of one host.
#[derive(Default)]
struct OfHost {
    runs: Vec<RunOverview>,
    disturbed: Vec<DisturbedRun>,
    false_alarms: Vec<HostFalseAlarms>,
    host_epochs: Vec<HostEpoch>,
}

impl OfHost {
    /// Adds what is known of it under one configuration.
    async fn gather(
        &mut self,
        context: &Context,
        configuration: &ConfigurationId,
        host: &str,
    ) -> Result<(), FunctionsError> {
        let index = &context.store.index;
        let runs = index
            .runs(configuration, &PageRequest::first(RUNS_LOOKED_AT))
            .await?;
        let is_own = |hosts: &[String]| hosts.iter().any(|one| one == host);
        self.runs
            .extend(runs.items.into_iter().filter(|run| is_own(&run.hosts)));
        let disturbed = index.disturbed_runs(configuration).await?;
        self.disturbed
            .extend(disturbed.into_iter().filter(|run| is_own(&run.hosts)));
        if let Some(upkeep) = index.upkeep(configuration).await? {
            let rates = false_alarms::rates(&upkeep.a_a_outcomes).into_iter();
            let own = rates.filter(|rate| rate.host.as_deref() == Some(host));
            self.false_alarms.extend(own.map(|rate| HostFalseAlarms {
                configuration: configuration.clone(),
                rate,
            }));
        }
        let blocks = newest_blocks(context, configuration, ARTIFACTS_MAX).await?;
        let artifacts: Vec<SeriesArtifact> = blocks
            .into_iter()
            .flat_map(|block| block.artifacts)
            .collect();
        self.host_epochs
            .extend(host_epochs(configuration, &artifacts, host));
        Ok(())
    }
}
