//! What each command does. What is returned is noted in the pull request's record by who called.

use shared_types::notices::CommentEvent;
use shared_types::pull_request::{AWAITING_MAX, AwaitedBuild, PullRequest, WantedMeasuring};
use shared_types::request::{NewRequest, Request, RequestState};
use shared_types::{ArtifactId, CommitSha, Login, RequestId};

use super::command::{Action, Command, CommandOptions};
use super::pull_requests::{CommandPlace, request_of_command};
use super::reply::Reply;
use super::settings::MergeBot;
use super::wanted::wanted;
use super::{Access, GitHubError, holding, outbox, rollups};
use crate::{Context, FunctionsError, coordinator};

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Done {
    /// It waits for a try build.
    Awaits(AwaitedBuild),
    /// It made a request.
    Requested {
        request: RequestId,
        comment: u64,
        by: Login,
    },
    /// It had members of a rollup measured, each in its own pull request.
    Triaged { requests: Vec<RequestId> },
    /// It paused something, or let it go on.
    Held {
        action: &'static str,
        subject: String,
    },
    /// It cancelled requests, and perhaps what waited for a try build since before a comment.
    Cancelled {
        requests: Vec<RequestId>,
        withdraws: bool,
        before: u64,
    },
}

/// What was done, or why it cannot be.
pub(super) type Outcome = Result<Done, Vec<String>>;

/// A command with all that is needed to carry it out.
pub(super) struct Order<'a> {
    pub(super) access: &'a Access,
    pub(super) event: &'a CommentEvent,
    pub(super) command: &'a Command,
    pub(super) place: CommandPlace<'a>,
}

/// The word for an action.
pub(super) fn word(action: &Action) -> &'static str {
    match action {
        Action::Queue => "queue",
        Action::Build(_) | Action::BuildSame(_) => "build",
        Action::Triage(_) => "triage",
        Action::Pause(_) => "pause",
        Action::Resume(_) => "resume",
        Action::Drain { .. } => "drain",
        Action::Try => "try",
        Action::Cancel(_) => "cancel",
        Action::ReRun(_) => "re-run",
        Action::Help => "help",
    }
}

/// Carries out a command, and says in `reply` what is not said elsewhere.
///
/// # Errors
/// When the store or GitHub fails for a reason that may pass: then it is tried again, and makes
/// nothing twice.
pub(super) async fn carry_out(
    context: &Context,
    order: &Order<'_>,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    match &order.command.action {
        Action::Queue | Action::Try => queue(context, order, reply).await,
        Action::Build(commit) => build(context, order, commit).await,
        Action::BuildSame(commit) => build_same(context, order, commit).await,
        Action::Triage(commits) => rollups::triage(context, order, commits, reply).await,
        Action::Pause(what) => holding::pause(context, order.event, what, reply).await,
        Action::Resume(what) => holding::resume(context, order.event, what, reply).await,
        Action::Drain { collector, ends } => holding::drain(context, collector, *ends, reply).await,
        Action::Cancel(request) => cancel(context, order.event, *request, reply).await,
        Action::ReRun(request) => re_run(context, order, *request).await,
        Action::Help => Ok(Err(vec!["`help` is answered elsewhere".to_owned()])),
    }
}

async fn queue(
    context: &Context,
    order: &Order<'_>,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    let event = order.event;
    let Some(merge_bot) = &order.access.settings.merge_bot else {
        return Ok(Err(vec![
            "nobody makes try builds here: measure a build that is there by `build COMMIT`"
                .to_owned(),
        ]));
    };
    let wanted = match wanted(context, &order.command.options).await? {
        Ok(wanted) => wanted,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let known = context
        .store
        .index
        .pull_request(&event.pull_request)
        .await?;
    if known.is_some_and(|known| known.awaiting.len() >= AWAITING_MAX) {
        return Ok(Err(vec![format!(
            "{AWAITING_MAX} commands of this pull request wait for a try build already: `cancel` \
             withdraws them"
        )]));
    }
    say_what_is_awaited(&order.command.action, merge_bot, &wanted, reply);
    Ok(Ok(Done::Awaits(AwaitedBuild {
        comment: event.comment,
        command: order.place.number,
        asked_at: event.created_at,
        by: event.author.clone(),
        wanted,
    })))
}

fn say_what_is_awaited(
    action: &Action,
    merge_bot: &MergeBot,
    wanted: &WantedMeasuring,
    reply: &mut Reply,
) {
    let (bot, under) = (&merge_bot.login, names(wanted));
    match (action, &merge_bot.try_command) {
        (Action::Try, Some(try_command)) => {
            reply.say(format!(
                "A try build is asked for; it is then measured under {under}."
            ));
            reply.tell_merge_bot(try_command);
        }
        (Action::Try, None) => reply.say(format!(
            "I may not ask {bot} for a try build: ask for one yourself; it is then measured under \
             {under}."
        )),
        _ => reply.say(format!(
            "Waiting for the next try build by {bot}; it is then measured under {under}."
        )),
    }
}

async fn build(
    context: &Context,
    order: &Order<'_>,
    commit: &CommitSha,
) -> Result<Outcome, FunctionsError> {
    let wanted = match wanted(context, &order.command.options).await? {
        Ok(wanted) => wanted,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let base = match parent_of(order, commit).await? {
        Ok(base) => base,
        Err(mistake) => return Ok(Err(vec![mistake])),
    };
    let new = asked_in_comment(order, wanted, base, commit.artifact());
    request(context, order, &new).await
}

/// Measures a build once more: what its last request of this pull request measured, unless the command
/// says otherwise, and base and head anew, as further replicates.
async fn build_same(
    context: &Context,
    order: &Order<'_>,
    commit: &CommitSha,
) -> Result<Outcome, FunctionsError> {
    let (head, own) = (commit.artifact(), request_of_command(&order.place));
    let known = requests_of(context, order.event, None).await?;
    let mut earlier = None;
    for id in known.unwrap_or_default().into_iter().rev() {
        let request = context.store.index.request(id).await?;
        earlier = request.filter(|one| id != own && one.head.artifact == head);
        if earlier.is_some() {
            break;
        }
    }
    let Some(earlier) = earlier else {
        return Ok(Err(vec![format!(
            "`{commit}` was not measured for this pull request yet: `build {commit}` does"
        )]));
    };
    let wanted = match wanted_again(context, order, &earlier).await? {
        Ok(wanted) => wanted,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let base = earlier.base.map(|base| base.artifact);
    let new = NewRequest {
        backfill: false,
        ..asked_in_comment(order, wanted, base, head)
    };
    request(context, order, &new).await
}

/// What a build is compared with, or why that cannot be told.
async fn parent_of(
    order: &Order<'_>,
    commit: &CommitSha,
) -> Result<Result<Option<ArtifactId>, String>, FunctionsError> {
    let repository = &order.event.pull_request.repository;
    match order.access.api.commit(repository, commit).await {
        Ok(found) => Ok(Ok(found.parents.first().map(CommitSha::artifact))),
        Err(GitHubError::NotFound { .. } | GitHubError::Invalid { .. }) => Ok(Err(format!(
            "{repository} has no commit `{commit}`: look whether it is the commit of the build, and \
             not that of a fork's branch"
        ))),
        Err(error) => Err(error.into()),
    }
}

fn asked_in_comment(
    order: &Order<'_>,
    wanted: WantedMeasuring,
    base: Option<ArtifactId>,
    head: ArtifactId,
) -> NewRequest {
    let reason = format!("asked for in a comment on {}", order.event.pull_request);
    wanted.into_request(base, head, reason)
}

/// Makes a request of a command.
async fn request(
    context: &Context,
    order: &Order<'_>,
    new: &NewRequest,
) -> Result<Outcome, FunctionsError> {
    let event = order.event;
    let id = request_of_command(&order.place);
    match make(context, id, &order.place, &event.author, new).await? {
        Ok(()) => Ok(Ok(Done::Requested {
            request: id,
            comment: event.comment,
            by: event.author.clone(),
        })),
        Err(reason) => Ok(Err(vec![reason])),
    }
}

/// Makes a request and links it with its pull request, or says why it makes no sense. Making it
/// again changes nothing.
pub(super) async fn make(
    context: &Context,
    id: RequestId,
    place: &CommandPlace<'_>,
    by: &Login,
    new: &NewRequest,
) -> Result<Result<(), String>, FunctionsError> {
    let index = &context.store.index;
    // First: whoever tells of the request is to find where.
    index.link_request(id, place.pull_request).await?;
    if index.request(id).await?.is_some() {
        return Ok(Ok(()));
    }
    let requester = format!("github:{by}");
    match coordinator::create_request_as(context, id, new, &requester).await {
        Ok(_) => Ok(Ok(())),
        Err(FunctionsError::Usage(reason)) => Ok(Err(reason)),
        Err(error) => Err(error),
    }
}

async fn cancel(
    context: &Context,
    event: &CommentEvent,
    wanted: Option<RequestId>,
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    let index = &context.store.index;
    let known = index.pull_request(&event.pull_request).await?;
    let candidates = match candidates(known.as_ref(), wanted) {
        Ok(candidates) => candidates,
        Err(mistake) => return Ok(Err(vec![mistake])),
    };
    let waits = known.is_some_and(|known| !known.awaiting.is_empty());
    let withdraws = wanted.is_none();
    let note = format!(
        "cancelled by @{} in the comment {}",
        event.author, event.comment
    );
    let mut requests = Vec::new();
    for id in candidates {
        let now = context.now();
        if index
            .set_request_state(id, RequestState::Cancelled, Some(&note), now)
            .await?
        {
            coordinator::announce(context, id).await;
        }
        // Also one that this very command cancelled before it was interrupted.
        let request = index.request(id).await?;
        if request.is_some_and(|one| one.note.as_deref() == Some(note.as_str())) {
            outbox::write_comment(context, id).await?;
            requests.push(id);
        }
    }
    if requests.is_empty() && !(withdraws && waits) {
        return Ok(Err(vec![
            "nothing of this pull request waits or is being measured".to_owned(),
        ]));
    }
    let named: Vec<String> = requests
        .iter()
        .map(|id| format!("the request `{id}`"))
        .collect();
    reply.say(match (named.is_empty(), withdraws && waits) {
        (false, true) => format!(
            "Cancelled: {}, and what waited for a try build.",
            named.join(", ")
        ),
        (false, false) => format!("Cancelled: {}.", named.join(", ")),
        (true, _) => "Cancelled: what waited for a try build.".to_owned(),
    });
    Ok(Ok(Done::Cancelled {
        requests,
        withdraws,
        before: event.comment,
    }))
}

async fn re_run(
    context: &Context,
    order: &Order<'_>,
    wanted_request: Option<RequestId>,
) -> Result<Outcome, FunctionsError> {
    let index = &context.store.index;
    let known = index.pull_request(&order.event.pull_request).await?;
    let mut candidates = match candidates(known.as_ref(), wanted_request) {
        Ok(candidates) => candidates,
        Err(mistake) => return Ok(Err(vec![mistake])),
    };
    // This very command may have made its request before it was interrupted.
    candidates.retain(|id| *id != request_of_command(&order.place));
    let Some(id) = candidates.last() else {
        return Ok(Err(vec![
            "nothing of this pull request was measured yet".to_owned(),
        ]));
    };
    let Some(earlier) = index.request(*id).await? else {
        return Ok(Err(vec![format!(
            "the request `{id}` is not known any more"
        )]));
    };
    let wanted = match wanted_again(context, order, &earlier).await? {
        Ok(wanted) => wanted,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let base = earlier.base.map(|base| base.artifact);
    let new = asked_in_comment(order, wanted, base, earlier.head.artifact);
    request(context, order, &new).await
}

/// What an earlier request wanted, unless the command says what is wanted now.
async fn wanted_again(
    context: &Context,
    order: &Order<'_>,
    earlier: &Request,
) -> Result<Result<WantedMeasuring, Vec<String>>, FunctionsError> {
    if CommandOptions::default() != order.command.options {
        return wanted(context, &order.command.options).await;
    }
    Ok(Ok(WantedMeasuring {
        configurations: earlier.configurations.clone(),
        selection: earlier.selection.clone(),
        iterations: Some(earlier.iterations),
    }))
}

/// The requests of a pull request that a command means, the oldest first, or why it means none.
///
/// # Errors
/// When the store fails.
pub(super) async fn requests_of(
    context: &Context,
    event: &CommentEvent,
    wanted: Option<RequestId>,
) -> Result<Result<Vec<RequestId>, String>, FunctionsError> {
    let index = &context.store.index;
    let known = index.pull_request(&event.pull_request).await?;
    Ok(candidates(known.as_ref(), wanted))
}

/// The requests of a pull request that a command means, the oldest first.
fn candidates(
    known: Option<&PullRequest>,
    wanted: Option<RequestId>,
) -> Result<Vec<RequestId>, String> {
    let all: Vec<RequestId> = known
        .iter()
        .flat_map(|known| &known.requests)
        .map(|linked| linked.request)
        .collect();
    match wanted {
        None => Ok(all),
        Some(id) if all.contains(&id) => Ok(vec![id]),
        Some(id) => {
            let names: Vec<String> = all.iter().map(|id| format!("`{id}`")).collect();
            let there_are = match names.is_empty() {
                true => "it has none".to_owned(),
                false => format!("its requests are {}", names.join(", ")),
            };
            Err(format!(
                "`{id}` is no request of this pull request: {there_are}"
            ))
        }
    }
}

fn names(wanted: &WantedMeasuring) -> String {
    let names: Vec<String> = wanted
        .configurations
        .iter()
        .map(|id| format!("`{id}`"))
        .collect();
    names.join(", ")
}
