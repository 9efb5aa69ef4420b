//! The coordinator: cuts requests into jobs, hands jobs to the queues only as fast as collectors
//! take them, and follows them to their end.
//!
//! It runs every second in `perfleet serve` and on a schedule in the cloud. Each step looks at what
//! the index says and moves it on, conditionally, so that two coordinators at once do no harm, and
//! one that ended half way is carried on by the next. No configuration waits for another.

mod backfilling;
mod compilers;
mod cutting;
mod durations;
mod events;
mod holding;
mod lost_jobs;
mod new_request;
mod own_measurings;
pub(crate) mod releasing;
mod request_states;
mod reruns;

use shared_types::RequestId;
use shared_types::events::{CollectorEvent, EventMessage};
use shared_types::format::Versioned;
use shared_types::request::{Request, RequestState};
use store::{PageRequest, QueueName, RequestFilter};

pub(crate) use cutting::catalogue;
pub(crate) use durations::measured as measured_durations;
pub use events::handle_event;
pub use holding::{hold_configuration, hold_request, let_configuration_go, let_request_go, rerun};
pub use new_request::create_request;
pub(crate) use new_request::create_request_as;
pub(crate) use own_measurings::REQUESTER as OWN_REQUESTER;
pub(crate) use request_states::{cancel_unless_begun, tell_end};

use crate::{Context, FunctionsError, messages};

/// How many requests that are not at their end are looked at in one tick.
const REQUESTS_MAX: u32 = 500;

/// What one tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Events that were taken from the queue.
    pub events: u64,
    /// Jobs that were cut.
    pub jobs_cut: u64,
    /// Jobs that were found lost and are pending again, or failed.
    pub jobs_recovered: u64,
    /// Jobs that were put into their queue.
    pub jobs_released: u64,
    /// Requests that came to their end.
    pub requests_ended: u64,
    /// Measurings that it asked for of its own accord.
    pub own_measurings: u64,
}

/// Tells the coordinator that a request was made or changed, or that a job of it came to its end.
/// Whatever is lost here is found by the next tick, so that a failure is no failure of the caller.
pub(crate) async fn announce(context: &Context, request: RequestId) {
    let message = EventMessage {
        format: EventMessage::VERSION,
        at: context.now(),
        trace: Some(request),
        event: CollectorEvent::RequestMoved { request },
    };
    if let Err(error) = messages::send(context, &QueueName::Events, &message).await {
        tracing::warn!(trace = %request, %error, "the coordinator was not told at once");
    }
}

/// Takes what waits in the events queue, and moves everything on by one step. What fails for one
/// request or configuration does not keep the others waiting.
///
/// # Errors
/// The first failure of the store, after everything else was done; the next tick carries on.
pub async fn tick(context: &Context) -> Result<Ticked, FunctionsError> {
    let mut failures = Failures::default();
    let events = failures.note(events::consume(context).await);
    let mut ticked = failures.note(advance(context).await);
    ticked.events = events;
    failures.first.map_or(Ok(ticked), Err)
}

/// Moves everything on by one step, where something else takes what waits in the events queue. What
/// fails for one request or configuration does not keep the others waiting.
///
/// # Errors
/// The first failure of the store, after everything else was done; the next one carries on.
pub async fn advance(context: &Context) -> Result<Ticked, FunctionsError> {
    let mut ticked = Ticked::default();
    let mut failures = Failures::default();
    for request in open_requests(context).await? {
        ticked.jobs_cut += failures.note(cutting::cut_request(context, &request).await);
    }
    let configurations = context.store.index.configurations().await?;
    for configuration in &configurations {
        let id = &configuration.id;
        ticked.jobs_recovered += failures.note(lost_jobs::recover(context, id).await);
        ticked.jobs_released += failures.note(releasing::release(context, configuration).await);
    }
    let open = open_requests(context).await?;
    for configuration in &configurations {
        let asked = own_measurings::ask(context, &configuration.id, &open).await;
        ticked.own_measurings += failures.note(asked);
        let asked = reruns::advance(context, &configuration.id).await;
        ticked.own_measurings += failures.note(asked);
    }
    for request in open {
        let ended = failures.note(request_states::settle(context, &request).await);
        ticked.requests_ended += u64::from(ended);
    }
    failures.first.map_or(Ok(ticked), Err)
}

/// Goes on after a failure, and remembers the first.
#[derive(Default)]
struct Failures {
    first: Option<FunctionsError>,
}

impl Failures {
    fn note<T: Default>(&mut self, done: Result<T, FunctionsError>) -> T {
        done.unwrap_or_else(|error| {
            self.first.get_or_insert(error);
            T::default()
        })
    }
}

/// The requests that are not at their end, the oldest first.
pub(crate) async fn open_requests(context: &Context) -> Result<Vec<Request>, FunctionsError> {
    let filter = RequestFilter {
        states: vec![
            RequestState::Waiting,
            RequestState::Running,
            RequestState::Paused,
        ],
    };
    let page = PageRequest::first(REQUESTS_MAX);
    let mut requests = context.store.index.requests(&filter, &page).await?.items;
    requests.sort_by_key(|request| request.id);
    Ok(requests)
}
