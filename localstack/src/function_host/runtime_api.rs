//! Lambda's runtime API, version 2018-06-01, for one process.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::LocalAwsError;
use crate::loopback_server::{Answer, LoopbackServer};

const PREFIX: &str = "/2018-06-01/runtime/";

/// What became of an event.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The function's answer.
    Response(Bytes),
    /// The function's error.
    Error(Value),
    /// The process has ended, for this reason.
    Ended(String),
}

/// Between those who have events and the process that asks for them.
#[derive(Debug)]
pub(super) struct Exchange {
    function_arn: String,
    time_limit: Duration,
    state: Mutex<State>,
    /// For those who wait in a thread: the process asked for its first event, or has ended.
    stage_changed: Condvar,
    /// For the process that waits for an event.
    event_offered: Notify,
}

#[derive(Debug, Default)]
struct State {
    events_offered: u64,
    waiting: VecDeque<Event>,
    /// One at a time.
    running: Option<Event>,
    first_next: Option<Instant>,
    initialisation_error: Option<Value>,
    end: Option<String>,
}

#[derive(Debug)]
struct Event {
    request_id: String,
    body: Bytes,
    outcome: Sender<Outcome>,
}

/// Serves the runtime API of `exchange`.
pub(super) fn serve(exchange: &Arc<Exchange>) -> Result<LoopbackServer, LocalAwsError> {
    let exchange = Arc::clone(exchange);
    LoopbackServer::start(service_fn(move |request| {
        let exchange = Arc::clone(&exchange);
        async move { answer(&exchange, request).await }
    }))
}

impl Exchange {
    pub(super) fn new(function_name: &str, time_limit: Duration) -> Self {
        let region = crate::local_aws::REGION;
        Self {
            function_arn: format!("arn:aws:lambda:{region}:000000000000:function:{function_name}"),
            time_limit,
            state: Mutex::default(),
            stage_changed: Condvar::new(),
            event_offered: Notify::new(),
        }
    }

    /// Puts an event at the end of the line.
    pub(super) fn offer(&self, event: &Value) -> Receiver<Outcome> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let mut state = self.lock();
        if let Some(reason) = &state.end {
            // The receiver is here: it cannot fail.
            let _ = sender.send(Outcome::Ended(reason.clone()));
            return receiver;
        }
        state.events_offered += 1;
        let request_id = format!("00000000-0000-4000-8000-{:012x}", state.events_offered);
        state.waiting.push_back(Event {
            request_id,
            body: event.to_string().into(),
            outcome: sender,
        });
        self.event_offered.notify_one();
        receiver
    }

    /// When the process first asked for an event; an error says why it never will.
    pub(super) fn wait_for_first_next(&self, limit: Duration) -> Result<Instant, String> {
        let (state, _) = self
            .stage_changed
            .wait_timeout_while(self.lock(), limit, |state| {
                state.first_next.is_none() && state.end.is_none()
            })
            .unwrap_or_else(PoisonError::into_inner);
        match (state.first_next, &state.end) {
            (Some(first_next), _) => Ok(first_next),
            (None, Some(reason)) => Err(reason.clone()),
            (None, None) => Err(format!("it asked for no event within {limit:?}")),
        }
    }

    /// Waits until the process has ended.
    pub(super) fn wait_for_end(&self) {
        // Who holds the lock when this returns does not matter.
        drop(
            self.stage_changed
                .wait_while(self.lock(), |state| state.end.is_none()),
        );
    }

    /// The process has ended: nobody will answer any more.
    pub(super) fn end(&self, status: String) {
        let mut state = self.lock();
        let reason = match state.initialisation_error.take() {
            Some(error) => format!("it reported that it cannot start: {error}; {status}"),
            None => status,
        };
        let unanswered = state.running.take().into_iter();
        for event in unanswered.chain(std::mem::take(&mut state.waiting)) {
            // Who does not wait for the answer any more does not miss it.
            let _ = event.outcome.send(Outcome::Ended(reason.clone()));
        }
        state.end = Some(reason);
        self.stage_changed.notify_all();
    }

    async fn next(&self) -> Answer {
        self.note_first_next();
        loop {
            let offered = self.event_offered.notified();
            if let Some(answer) = self.take_next() {
                return answer;
            }
            offered.await;
        }
    }

    fn note_first_next(&self) {
        self.lock().first_next.get_or_insert_with(Instant::now);
        self.stage_changed.notify_all();
    }

    fn take_next(&self) -> Option<Answer> {
        let mut state = self.lock();
        let event = state.waiting.pop_front()?;
        let deadline = SystemTime::now() + self.time_limit;
        let deadline_ms = deadline
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let trace = format!("Root=1-00000000-{:024x}", state.events_offered);
        let answer = Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", &event.request_id)
            .header("Lambda-Runtime-Deadline-Ms", deadline_ms.to_string())
            .header("Lambda-Runtime-Invoked-Function-Arn", &self.function_arn)
            .header("Lambda-Runtime-Trace-Id", trace)
            .body(Full::new(event.body.clone()));
        state.running = Some(event);
        Some(answer.unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "no headers")))
    }

    fn finish(&self, request_id: &str, outcome: Outcome) -> Answer {
        let finished = self
            .lock()
            .running
            .take_if(|event| event.request_id == request_id);
        let Some(event) = finished else {
            let what = format!("the event {request_id} is not being worked on");
            return refusal(StatusCode::BAD_REQUEST, &what);
        };
        // Who does not wait for the answer any more does not miss it.
        let _ = event.outcome.send(outcome);
        accepted()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(exchange: &Exchange, request: Request<Incoming>) -> std::io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map_err(std::io::Error::other)?
        .to_bytes();
    let path = head.uri.path();
    let route = path.strip_prefix(PREFIX).unwrap_or_default();
    let words: Vec<&str> = route.split('/').collect();
    Ok(match (&head.method, words.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => exchange.next().await,
        (&Method::POST, ["invocation", id, "response"]) => {
            exchange.finish(id, Outcome::Response(body))
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            exchange.finish(id, Outcome::Error(error_of(&body)))
        }
        (&Method::POST, ["init", "error"]) => {
            exchange.lock().initialisation_error = Some(error_of(&body));
            accepted()
        }
        _ => refusal(StatusCode::NOT_FOUND, &format!("there is no {path}")),
    })
}

/// A runtime sends JSON; what is not is shown as it came.
fn error_of(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)))
}

fn accepted() -> Answer {
    with_status(StatusCode::ACCEPTED, json!({"status": "OK"}))
}

fn refusal(status: StatusCode, message: &str) -> Answer {
    with_status(
        status,
        json!({"errorType": "InvalidRequest", "errorMessage": message}),
    )
}

fn with_status(status: StatusCode, body: Value) -> Answer {
    let mut answer = Answer::new(Full::new(body.to_string().into()));
    *answer.status_mut() = status;
    answer
}
