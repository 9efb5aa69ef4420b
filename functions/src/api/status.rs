//! `status`: what goes on, and the overviews of configurations that other answers hold, too.

use analysis::false_alarms;
use analysis::schedule::Forecast;
use jiff::Timestamp;
use shared_types::api::{
    CollectorStatus, ConfigurationOverview, ConfigurationStatus, Problem, QueueStatus, Status,
};
use shared_types::disturbance::DisturbedRun;
use shared_types::job::{Job, JobState};
use shared_types::request::{Request, RequestState};
use shared_types::upkeep::FalseAlarmRate;
use shared_types::{Configuration, ConfigurationId};
use store::{PageRequest, RequestFilter, StoreError};

use super::problem;
use super::response::Success;
use crate::{Context, FunctionsError, forecasting};

/// Jobs of each state that a configuration's status names.
const JOBS_MAX: u32 = 100;
/// Requests that are not at their end.
const OPEN_REQUESTS_MAX: u32 = 100;
/// Requests that are at their end.
const ENDED_REQUESTS_MAX: u32 = 20;
/// Runs on disturbed hosts of each configuration.
const DISTURBED_MAX: usize = 20;
/// Problems and failures.
const TROUBLE_MAX: u32 = 50;

pub(super) async fn show(context: &Context) -> Result<Success, Problem> {
    let status = server_status(context).await.map_err(problem::of_error)?;
    // The clock alone must not make a new answer of an old one: nothing would ever be cached.
    let essence = Status {
        now: Timestamp::UNIX_EPOCH,
        ..status.clone()
    };
    Success::json_tagged(&status, &essence)
}

/// What goes on.
///
/// # Errors
/// When the store fails.
pub async fn server_status(context: &Context) -> Result<Status, FunctionsError> {
    let index = &context.store.index;
    let collectors = known_collectors(context).await?;
    let expected = forecasting::expected(context).await?;
    let mut configurations = Vec::new();
    for configuration in index.configurations().await? {
        let id = configuration.id;
        let mut jobs = index
            .jobs_in_state(&id, JobState::Running, JOBS_MAX)
            .await?;
        jobs.extend(index.jobs_in_state(&id, JobState::Queued, JOBS_MAX).await?);
        configurations.push(ConfigurationStatus {
            queue: queue_status(context, &id, &expected).await?,
            false_alarms: false_alarms(context, &id).await?,
            disturbed: disturbed(context, &id).await?,
            paused: index.scheduling(&id).await?.and_then(|one| one.paused),
            configuration: id,
            jobs,
        });
    }
    Ok(Status {
        now: context.now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        shadow: context.shadow.as_ref().map(|shadow| shadow.status()),
        configurations,
        collectors,
        requests: requests(context).await?,
        problems: index.problems(TROUBLE_MAX).await?,
        failures: index.recent_failures(TROUBLE_MAX).await?,
    })
}

async fn requests(context: &Context) -> Result<Vec<Request>, StoreError> {
    let index = &context.store.index;
    let in_states = |states: &[RequestState]| RequestFilter {
        states: states.to_vec(),
    };
    let open = in_states(&[
        RequestState::Waiting,
        RequestState::Running,
        RequestState::Paused,
    ]);
    let mut requests = index
        .requests(&open, &PageRequest::first(OPEN_REQUESTS_MAX))
        .await?
        .items;
    requests.sort_by_key(|request| (std::cmp::Reverse(request.priority), request.id));
    let ended = in_states(&[
        RequestState::Done,
        RequestState::Failed,
        RequestState::Cancelled,
    ]);
    let ended = index
        .requests(&ended, &PageRequest::first(ENDED_REQUESTS_MAX))
        .await?;
    requests.extend(ended.items);
    Ok(requests)
}

/// A configuration at a glance, given all collectors.
///
/// # Errors
/// When the store fails.
pub async fn configuration_overview(
    context: &Context,
    configuration: Configuration,
    collectors: &[CollectorStatus],
) -> Result<ConfigurationOverview, FunctionsError> {
    let index = &context.store.index;
    let id = &configuration.id;
    let collectors_alive = alive(collectors, id);
    let newest = PageRequest::first(1);
    let last_run = index.runs(id, &newest).await?.items.into_iter().next();
    Ok(ConfigurationOverview {
        last_run: last_run.filter(|run| run.measured_at.is_some()),
        last_comparison: index
            .comparisons(id, &newest)
            .await?
            .items
            .into_iter()
            .next(),
        runs: index.run_count(id).await?,
        queue: queue_status(context, id, &forecasting::expected(context).await?).await?,
        false_alarms: false_alarms(context, id).await?,
        collectors_alive,
        configuration,
    })
}

/// How often the A/A comparisons of a configuration called noise a change.
async fn false_alarms(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Vec<FalseAlarmRate>, StoreError> {
    let upkeep = context.store.index.upkeep(id).await?;
    Ok(upkeep.map_or_else(Vec::new, |upkeep| false_alarms::rates(&upkeep.a_a_outcomes)))
}

/// The runs of a configuration on disturbed hosts, the last found first.
async fn disturbed(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Vec<DisturbedRun>, StoreError> {
    let mut disturbed = context.store.index.disturbed_runs(id).await?;
    disturbed.sort_by_key(|run| std::cmp::Reverse(run.found_at));
    disturbed.truncate(DISTURBED_MAX);
    Ok(disturbed)
}

/// Every collector that was heard of, and whether it is there.
pub(crate) async fn known_collectors(
    context: &Context,
) -> Result<Vec<CollectorStatus>, StoreError> {
    let now = context.now();
    let records = context.store.index.collectors().await?;
    Ok(records
        .into_iter()
        .map(|collector| CollectorStatus {
            alive: collector.is_alive(now),
            collector,
        })
        .collect())
}

/// How many collectors serve a configuration and were heard of lately.
pub(crate) fn alive(collectors: &[CollectorStatus], id: &ConfigurationId) -> u32 {
    let serving = collectors
        .iter()
        .filter(|status| status.alive && status.collector.report.configurations.contains(id))
        .count();
    u32::try_from(serving).unwrap_or(u32::MAX)
}

async fn queue_status(
    context: &Context,
    id: &ConfigurationId,
    expected: &Forecast,
) -> Result<QueueStatus, StoreError> {
    let index = &context.store.index;
    let counts = index.job_counts(id).await?;
    Ok(QueueStatus {
        pending: counts.pending,
        queued: counts.queued,
        running: counts.running,
        compilations_done: counts.compilations_done,
        compilations_total: counts.compilations_total,
        seconds_left: expected
            .configurations
            .get(id)
            .map(|seconds| seconds.ceil() as u64),
    })
}

/// Compilations of some jobs that are done, and in all. Jobs that failed or were cancelled count in
/// neither, since nothing of them is still to come.
pub(super) fn compilations(jobs: &[Job]) -> (u64, u64) {
    jobs.iter()
        .filter(|job| !matches!(job.state, JobState::Failed | JobState::Cancelled))
        .fold((0, 0), |(done, total), job| {
            let all = job.compilations();
            let of_job = match job.state {
                JobState::Done => all,
                JobState::Running => job
                    .progress
                    .as_ref()
                    .map_or(0, |progress| progress.done.min(all)),
                _ => 0,
            };
            (done + of_job, total + all)
        })
}
