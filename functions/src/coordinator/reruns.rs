//! Has measured once more what a disturbed host measured: once, within the budget of the
//! configuration.
//!
//! The upkeep is told first, with the id of the request to come: it holds what the budget was spent
//! on, and lets nobody ask a second time. Whoever ends behind any of the steps is carried on by the
//! next tick.

use analysis::schedule::upkeep::{BUDGET_PERIOD, rerun_seconds_left};
use jiff::Timestamp;
use shared_types::disturbance::{DisturbedRun, DisturbedState, Rerun};
use shared_types::job::Job;
use shared_types::request::{NewRequest, Request};
use shared_types::result_document::MeasuredRun;
use shared_types::upkeep::{OwnMeasuring, Purpose, Upkeep};
use shared_types::{ConfigurationId, ObjectKey, RequestId, RunId};

use super::new_request::create_request_as;
use super::own_measurings::REQUESTER;
use crate::disturbance::tell_a_person;
use crate::{Context, FunctionsError, upkeep};

/// Asks for what of a configuration is to be measured once more, and follows what was asked for.
/// Returns how many requests were made.
pub(super) async fn advance(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<u64, FunctionsError> {
    let mut asked = 0;
    for found in context.store.index.disturbed_runs(configuration).await? {
        match found.state {
            DisturbedState::Found => asked += u64::from(ask(context, &found).await?),
            DisturbedState::RerunAsked => follow(context, &found).await?,
            DisturbedState::Superseded | DisturbedState::Stands | DisturbedState::NeedsPerson => {}
        }
    }
    Ok(asked)
}

/// Asks for a run once more, if that can be done and the budget allows it. Returns whether it did.
async fn ask(context: &Context, found: &DisturbedRun) -> Result<bool, FunctionsError> {
    let Some(measured) = Measured::of(context, found).await? else {
        let note = "It was not measured for a request that is known here, so that it cannot be \
                    asked for once more.";
        give_up(context, found, note).await?;
        return Ok(false);
    };
    let Some(request) = noted_request(context, found, &measured).await? else {
        wait_for_budget(context, found, &measured).await?;
        return Ok(false);
    };
    create_request_as(context, request, &measured.once_more(found), REQUESTER).await?;
    let Some(made) = context.store.index.request(request).await? else {
        return Ok(false);
    };
    let mut asked = found.clone();
    asked.state = DisturbedState::RerunAsked;
    asked.note = None;
    asked.rerun = Some(Rerun {
        request,
        asked_at: context.now(),
        replicate: Some(made.head.replicate),
    });
    let index = &context.store.index;
    let is_first = index.replace_disturbed_run(Some(found), &asked).await?;
    if is_first {
        tracing::info!(trace = %request, run = %found.run.artifact, "a run is measured once more");
    }
    Ok(is_first)
}

/// How a disturbed run was measured.
struct Measured {
    request: Request,
    seconds: u64,
}

impl Measured {
    async fn of(context: &Context, found: &DisturbedRun) -> Result<Option<Self>, FunctionsError> {
        let jobs = jobs_of(context, &found.configuration, &found.run).await?;
        let Some(first) = jobs.first() else {
            return Ok(None);
        };
        let Some(request) = context.store.index.request(first.request).await? else {
            return Ok(None);
        };
        let seconds: f64 = jobs.iter().map(seconds_for_one_run).sum();
        Ok(Some(Self {
            request,
            seconds: seconds.ceil() as u64,
        }))
    }

    /// The same artifact, and the same part of the suite, alone.
    fn once_more(&self, found: &DisturbedRun) -> NewRequest {
        NewRequest {
            base: None,
            head: found.run.artifact.clone(),
            configurations: vec![found.configuration.clone()],
            selection: self.request.selection.clone(),
            paired: false,
            against_parent: false,
            backfill: false,
            iterations: Some(self.request.iterations),
            precision: self.request.precision,
            self_profile: self.request.self_profile,
            time_limit_s: Some(self.request.time_limit_s),
            priority: self.request.priority,
            reason: Some(format!(
                "in place of replicate {}, which was measured on a disturbed host",
                found.run.replicate.number()
            )),
        }
    }
}

/// The jobs that measured a run.
async fn jobs_of(
    context: &Context,
    configuration: &ConfigurationId,
    run: &MeasuredRun,
) -> Result<Vec<Job>, FunctionsError> {
    let index = &context.store.index;
    let id = RunId {
        artifact: run.artifact.clone(),
        configuration: configuration.clone(),
    };
    let mut jobs = Vec::new();
    for result in index.results_of_run(&id).await? {
        let ObjectKey::Result { job, .. } = result.key else {
            continue;
        };
        if result.run == *run {
            jobs.extend(index.job(job).await?);
        }
    }
    Ok(jobs)
}

/// What a job took for each of its runs.
fn seconds_for_one_run(job: &Job) -> f64 {
    let (Some(started_at), Some(finished_at)) = (job.started_at, job.finished_at) else {
        return 0.0;
    };
    let seconds = finished_at.duration_since(started_at).as_secs_f64();
    seconds.max(0.0) / job.runs.len().max(1) as f64
}

/// The request for a run once more: the one that is noted, or a new one where the budget has room.
/// `None` where it has none.
async fn noted_request(
    context: &Context,
    found: &DisturbedRun,
    measured: &Measured,
) -> Result<Option<RequestId>, FunctionsError> {
    let configuration = &found.configuration;
    let known = upkeep::read(context, configuration).await?;
    if let Some(noted) = request_in(&known, &found.run) {
        return Ok(Some(noted));
    }
    let measured_seconds = measured_lately(context, configuration).await?;
    let request = context.new_request_id()?;
    upkeep::change(context, configuration, |upkeep| {
        if request_in(upkeep, &found.run).is_some() {
            return None;
        }
        let rules = context.settings.upkeep;
        let left = rerun_seconds_left(context.now(), upkeep, measured_seconds, rules);
        (left >= measured.seconds as f64).then(|| {
            upkeep.ask(OwnMeasuring {
                request,
                asked_at: context.now(),
                purpose: Purpose::Rerun {
                    run: found.run.clone(),
                    seconds: measured.seconds,
                },
            });
            request
        })
    })
    .await
}

fn request_in(upkeep: &Upkeep, run: &MeasuredRun) -> Option<RequestId> {
    let noted = upkeep
        .own_measurings
        .iter()
        .find(|asked| matches!(&asked.purpose, Purpose::Rerun { run: noted, .. } if noted == run));
    noted.map(|asked| asked.request)
}

async fn measured_lately(
    context: &Context,
    configuration: &ConfigurationId,
) -> Result<f64, FunctionsError> {
    let since = context
        .now()
        .checked_sub(BUDGET_PERIOD)
        .unwrap_or(Timestamp::MIN);
    let index = &context.store.index;
    Ok(index.measured_seconds(configuration, since).await?)
}

/// Says that the budget is spent; and after as long as a budget takes to come back, gives up.
async fn wait_for_budget(
    context: &Context,
    found: &DisturbedRun,
    measured: &Measured,
) -> Result<(), FunctionsError> {
    let percent = context.settings.upkeep.rerun_percent;
    let budget = format!(
        "Measuring it once more takes {} s, and the budget for that, {percent} % of the measuring \
         time of a week, has no room.",
        measured.seconds
    );
    if context.now().duration_since(found.found_at) > BUDGET_PERIOD {
        return give_up(context, found, &budget).await;
    }
    if found.note.as_ref() != Some(&budget) {
        let mut waiting = found.clone();
        waiting.note = Some(budget);
        let index = &context.store.index;
        index.replace_disturbed_run(Some(found), &waiting).await?;
    }
    Ok(())
}

/// Gives up where the request for a run once more ended without measuring it.
async fn follow(context: &Context, found: &DisturbedRun) -> Result<(), FunctionsError> {
    let index = &context.store.index;
    let Some(rerun) = &found.rerun else {
        return Ok(());
    };
    let Some(request) = index.request(rerun.request).await? else {
        return Ok(());
    };
    if !request.state.is_final() {
        return Ok(());
    }
    let id = RunId {
        artifact: found.run.artifact.clone(),
        configuration: found.configuration.clone(),
    };
    let replicates = index.run(&id).await?;
    let is_measured = replicates
        .iter()
        .any(|one| Some(one.replicate) == rerun.replicate && one.measured_at.is_some());
    if is_measured {
        // It is judged when its message comes.
        return Ok(());
    }
    let note = format!(
        "It was asked for once more, and that request is {}: {}",
        request.state,
        request.note.as_deref().unwrap_or("no reason is known")
    );
    give_up(context, found, &note).await
}

async fn give_up(
    context: &Context,
    found: &DisturbedRun,
    note: &str,
) -> Result<(), FunctionsError> {
    let mut given_up = found.clone();
    given_up.state = DisturbedState::NeedsPerson;
    given_up.note = Some(note.to_owned());
    // Told first: whoever ends between the two is followed by one who tells it again.
    tell_a_person(context, &given_up).await?;
    let index = &context.store.index;
    index.replace_disturbed_run(Some(found), &given_up).await?;
    Ok(())
}
