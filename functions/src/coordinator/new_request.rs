//! Makes a request of what somebody asks for.

use shared_types::job::JOB_SECONDS_MAX;
use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::result_document::MeasuredRun;
use shared_types::{Artifact, ArtifactId, ConfigurationId, Replicate, RequestId, RunId};

use super::{announce, open_requests};
use crate::{Context, FunctionsError};

/// The most iterations that somebody can ask for.
const ITERATIONS_MAX: u32 = 1000;
/// The longest reason that is kept, in bytes.
const REASON_BYTES_MAX: usize = 2000;

/// Adds a request. What it measures becomes new replicates of its runs.
///
/// # Errors
/// [`FunctionsError::Usage`] when it makes no sense or names a configuration that is not
/// registered; else when the store fails.
pub async fn create_request(
    context: &Context,
    wanted: &NewRequest,
    requester: &str,
) -> Result<Request, FunctionsError> {
    create_request_as(context, context.new_request_id()?, wanted, requester).await
}

/// The same, under an id that was chosen before. Where a request of that id is there, it stays as it
/// is.
pub(crate) async fn create_request_as(
    context: &Context,
    id: RequestId,
    wanted: &NewRequest,
    requester: &str,
) -> Result<Request, FunctionsError> {
    let configurations = registered(context, &wanted.configurations).await?;
    check(context, wanted)?;
    let wanted = &with_parent(context, wanted).await?;
    register_artifacts(context, wanted).await?;
    let head_replicate = next_replicate(context, &wanted.head, &configurations).await?;
    let (base, head_replicate) = match &wanted.base {
        None => (None, head_replicate),
        // An A/A request measures one artifact twice.
        Some(base) if *base == wanted.head => {
            (Some(measured(base, head_replicate)), head_replicate.next())
        }
        Some(base) => {
            let replicate = next_replicate(context, base, &configurations).await?;
            (Some(measured(base, replicate)), head_replicate)
        }
    };
    let settings = &context.settings;
    let request = Request {
        id,
        base,
        head: measured(&wanted.head, head_replicate),
        configurations,
        selection: wanted.selection.clone(),
        paired: wanted.paired,
        backfill: wanted.backfill,
        iterations: wanted.iterations.unwrap_or(settings.default_iterations),
        precision: wanted.precision,
        self_profile: wanted.self_profile,
        time_limit_s: wanted.time_limit_s.unwrap_or(settings.default_time_limit_s),
        priority: wanted.priority,
        reason: wanted.reason.clone(),
        requester: requester.to_owned(),
        state: RequestState::Waiting,
        note: None,
        created_at: context.now(),
        finished_at: None,
    };
    context.store.index.create_request(&request).await?;
    tracing::info!(trace = %request.id, requester, "a request was made");
    announce(context, request.id).await;
    Ok(request)
}

fn measured(artifact: &ArtifactId, replicate: Replicate) -> MeasuredRun {
    MeasuredRun {
        artifact: artifact.clone(),
        replicate,
    }
}

fn check(context: &Context, wanted: &NewRequest) -> Result<(), FunctionsError> {
    let settings = &context.settings;
    let iterations = wanted.iterations.unwrap_or(settings.default_iterations);
    let time_limit_s = wanted.time_limit_s.unwrap_or(settings.default_time_limit_s);
    let refused = |reason: String| Err(FunctionsError::Usage(reason));
    if !(1..=ITERATIONS_MAX).contains(&iterations) {
        return refused(format!(
            "{iterations} iterations were asked for: ask for 1 to {ITERATIONS_MAX}"
        ));
    }
    if let Some(precision) = wanted.precision
        && !(iterations..=ITERATIONS_MAX).contains(&precision.iterations_max)
    {
        return refused(format!(
            "{} iterations at most were asked for: ask for {iterations}, which are measured in any \
             case, to {ITERATIONS_MAX}",
            precision.iterations_max
        ));
    }
    if let Some(precision) = wanted.precision
        && !(1..=10_000).contains(&precision.half_width_basis_points)
    {
        return refused(
            "a precision is more than 0 and at most 100 %, in hundredths of a percent: ask for 1 to \
             10000"
                .to_owned(),
        );
    }
    if !(1..=JOB_SECONDS_MAX).contains(&time_limit_s) {
        return refused(format!(
            "a time limit of {time_limit_s} s was asked for: ask for 1 to {JOB_SECONDS_MAX} s"
        ));
    }
    if wanted.against_parent && wanted.base.is_some() {
        return refused(
            "a request is compared with a base or with the parent of its head, and not with both: \
             leave out one of them"
                .to_owned(),
        );
    }
    if wanted.backfill && wanted.paired {
        return refused(
            "base and head cannot alternate where of base only that is measured which it lacks: \
             leave out `paired` or `backfill`"
                .to_owned(),
        );
    }
    if wanted.backfill && wanted.base.as_ref() == Some(&wanted.head) {
        return refused("an A/A request measures both sides anew: leave out `backfill`".to_owned());
    }
    if wanted.paired && wanted.base.is_none() && !wanted.against_parent {
        return refused("a paired request needs a base to alternate with".to_owned());
    }
    if wanted
        .reason
        .as_ref()
        .is_some_and(|reason| reason.len() > REASON_BYTES_MAX)
    {
        return refused(format!(
            "the reason is longer than {REASON_BYTES_MAX} bytes"
        ));
    }
    Ok(())
}

/// The request with the parent of its head as base, where it is to be compared with that.
async fn with_parent(context: &Context, wanted: &NewRequest) -> Result<NewRequest, FunctionsError> {
    if !wanted.against_parent {
        return Ok(wanted.clone());
    }
    let known = context.store.index.artifact(&wanted.head).await?;
    let history = known.and_then(|artifact| artifact.history);
    match history.and_then(|history| history.parent) {
        Some(parent) => Ok(NewRequest {
            base: Some(parent),
            against_parent: false,
            ..wanted.clone()
        }),
        None => Err(FunctionsError::Usage(format!(
            "the parent of {} is not known: add its history with `perfleet artifact add FILE`, or \
             name what to compare with by `--base`",
            wanted.head
        ))),
    }
}

/// The wanted configurations, each once, if all of them are registered.
async fn registered(
    context: &Context,
    wanted: &[ConfigurationId],
) -> Result<Vec<ConfigurationId>, FunctionsError> {
    let known = context.store.index.configurations().await?;
    let names: Vec<String> = known.iter().map(|one| format!("`{}`", one.id)).collect();
    let known_words = if names.is_empty() {
        "none is registered yet: register one with `perfleet configuration add FILE`".to_owned()
    } else {
        format!("registered are {}", names.join(", "))
    };
    if wanted.is_empty() {
        return Err(FunctionsError::Usage(format!(
            "a request needs at least one configuration; {known_words}"
        )));
    }
    let mut each_once: Vec<ConfigurationId> = Vec::new();
    for id in wanted {
        if !known.iter().any(|one| one.id == *id) {
            return Err(FunctionsError::Usage(format!(
                "there is no configuration `{id}`; {known_words}"
            )));
        }
        if !each_once.contains(id) {
            each_once.push(id.clone());
        }
    }
    Ok(each_once)
}

/// Makes the artifacts known. What is known of them already stays.
async fn register_artifacts(context: &Context, wanted: &NewRequest) -> Result<(), FunctionsError> {
    let artifacts: Vec<Artifact> = wanted
        .base
        .iter()
        .chain(std::iter::once(&wanted.head))
        .map(|id| Artifact::named(id.clone()))
        .collect();
    Ok(context.store.index.put_artifacts(&artifacts).await?)
}

/// The first replicate that no run of an artifact has, and that no open request is to measure.
async fn next_replicate(
    context: &Context,
    artifact: &ArtifactId,
    configurations: &[ConfigurationId],
) -> Result<Replicate, FunctionsError> {
    let mut last = None;
    for configuration in configurations {
        let run = RunId {
            artifact: artifact.clone(),
            configuration: configuration.clone(),
        };
        let replicates = context.store.index.run(&run).await?;
        last = last.max(replicates.iter().map(|one| one.replicate).max());
    }
    for request in open_requests(context).await? {
        let of_artifact = request.runs().filter(|run| run.artifact == *artifact);
        last = last.max(of_artifact.map(|run| run.replicate).max());
    }
    Ok(last.map_or(Replicate::FIRST, Replicate::next))
}
