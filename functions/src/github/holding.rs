//! Pausing, resuming and draining by a comment. A pull request's own requests are held by whoever may
//! command there; what others wait for, too, by administrators alone.

use shared_types::notices::CommentEvent;
use shared_types::request::Request;
use shared_types::scheduling::Pause;
use shared_types::{ConfigurationId, RequestId};

use super::acts::{Done, Outcome, requests_of};
use super::command::Held;
use super::reply::Reply;
use super::wanted::unknown;
use crate::{Context, FunctionsError, coordinator};

/// Hands out nothing more of something.
pub(super) async fn pause(
    context: &Context,
    event: &CommentEvent,
    what: &Held,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    match what {
        Held::Requests(wanted) => {
            let requests = match requests_of(context, event, *wanted).await? {
                Ok(requests) => requests,
                Err(mistake) => return Ok(Err(vec![mistake])),
            };
            let (person, why) = (person(event), reason(event));
            let mut paused = Vec::new();
            for id in requests {
                let is_ours = |request: &Request| {
                    let note = request.note.as_deref().unwrap_or_default();
                    note.contains(&person) && note.ends_with(&why)
                };
                let held = coordinator::hold_request(context, id, &person, Some(&why)).await;
                // Also one that this very command paused before it was interrupted.
                let known = context.store.index.request(id).await?;
                if understood(held)?.is_ok() || known.is_some_and(|known| is_ours(&known)) {
                    paused.push(id);
                }
            }
            told(
                paused,
                "Paused",
                "pause",
                "nothing of this pull request waits or is being measured",
                reply,
            )
        }
        Held::Configuration(id) => {
            if let Err(mistake) = known_configuration(context, id).await? {
                return Ok(Err(vec![mistake]));
            }
            let pause = Pause {
                by: person(event),
                at: context.now(),
                reason: Some(reason(event)),
            };
            let known = context.store.index.scheduling(id).await?;
            let is_ours = known
                .and_then(|known| known.paused)
                .is_some_and(|held| held.by == pause.by && held.reason == pause.reason);
            if !is_ours
                && let Err(mistake) =
                    understood(coordinator::hold_configuration(context, id, pause).await)?
            {
                return Ok(Err(vec![mistake]));
            }
            reply.say(format!(
                "Paused: nothing more is handed out under `{id}`; what is, is finished."
            ));
            Ok(Ok(held("comment: pause configuration", id.to_string())))
        }
    }
}

/// Lets something that was held go on.
pub(super) async fn resume(
    context: &Context,
    event: &CommentEvent,
    what: &Held,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    match what {
        Held::Requests(wanted) => {
            let requests = match requests_of(context, event, *wanted).await? {
                Ok(requests) => requests,
                Err(mistake) => return Ok(Err(vec![mistake])),
            };
            let mut resumed = Vec::new();
            for id in requests {
                if understood(coordinator::let_request_go(context, id).await)?.is_ok() {
                    resumed.push(id);
                }
            }
            told(
                resumed,
                "Goes on",
                "resume",
                "nothing of this pull request is paused",
                reply,
            )
        }
        Held::Configuration(id) => {
            if let Err(mistake) = known_configuration(context, id).await? {
                return Ok(Err(vec![mistake]));
            }
            if let Err(mistake) = understood(coordinator::let_configuration_go(context, id).await)?
            {
                return Ok(Err(vec![mistake]));
            }
            reply.say(format!("`{id}` goes on."));
            Ok(Ok(held("comment: resume configuration", id.to_string())))
        }
    }
}

/// Has a collector finish what it has and take nothing more, or take jobs again.
pub(super) async fn drain(
    context: &Context,
    collector: &str,
    ends: bool,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    let index = &context.store.index;
    let known = index.collectors().await?;
    let mut names = known.iter().map(|one| one.report.collector.as_str());
    if names.clone().next().is_none() {
        return Ok(Err(vec!["no collector was ever heard of here".to_owned()]));
    }
    if !names.any(|name| name == collector) {
        let names = known.iter().map(|one| one.report.collector.as_str());
        return Ok(Err(vec![unknown("collector", collector, names)]));
    }
    index.set_draining(collector, !ends).await?;
    reply.say(if ends {
        format!("`{collector}` takes jobs again.")
    } else {
        format!("`{collector}` finishes what it has, and takes nothing more.")
    });
    let action = if ends {
        "comment: end drain"
    } else {
        "comment: drain"
    };
    Ok(Ok(held(action, collector.to_owned())))
}

fn person(event: &CommentEvent) -> String {
    format!("github:{}", event.author)
}

fn reason(event: &CommentEvent) -> String {
    format!("by the comment {} on {}", event.comment, event.pull_request)
}

fn held(action: &'static str, subject: String) -> Done {
    Done::Held { action, subject }
}

fn told(
    requests: Vec<RequestId>,
    word: &str,
    action: &str,
    nothing: &str,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    if requests.is_empty() {
        return Ok(Err(vec![nothing.to_owned()]));
    }
    let named: Vec<String> = requests
        .iter()
        .map(|id| format!("the request `{id}`"))
        .collect();
    reply.say(format!("{word}: {}.", named.join(", ")));
    let all: Vec<String> = requests.iter().map(RequestId::to_string).collect();
    let action = match action {
        "pause" => "comment: pause",
        _ => "comment: resume",
    };
    Ok(Ok(held(action, all.join(" "))))
}

async fn known_configuration(
    context: &Context,
    id: &ConfigurationId,
) -> Result<Result<(), String>, FunctionsError> {
    let known = context.store.index.configurations().await?;
    if known.iter().any(|one| one.id == *id) {
        return Ok(Ok(()));
    }
    let names = known.iter().map(|one| one.id.as_str());
    Ok(Err(unknown("configuration", id.as_str(), names)))
}

/// What is refused is said to who asked; what fails is tried again.
fn understood<T>(done: Result<T, FunctionsError>) -> Result<Result<T, String>, FunctionsError> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(
            FunctionsError::Refused(reason)
            | FunctionsError::NotMeasured(reason)
            | FunctionsError::Usage(reason),
        ) => Ok(Err(reason)),
        Err(error) => Err(error),
    }
}
