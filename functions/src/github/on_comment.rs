//! A comment on a pull request: its commands are carried out, or it tells of a try build.
//!
//! Everything here may happen twice. A command's request has an id that is computed from where the
//! command stands; what was handled is noted in the pull request's record; and what is said is said
//! by [`posting`](super::posting), which writes each comment once.

use shared_types::notices::CommentEvent;
use shared_types::object_key::ContentHash;
use shared_types::pull_request::{
    AwaitedBuild, HandledComment, LinkedRequest, PostSubject, PullRequest,
};
use shared_types::{PullRequestId, RequestId};
use store::AuditEntry;

use super::acts::{self, Done, Order};
use super::command::{self, Command, Misunderstood};
use super::permissions::{Allowed, may_administer, may_command};
use super::pull_requests::{CommandPlace, update};
use super::reply::Reply;
use super::try_build::finished_try_build;
use super::{Access, awaited_builds, outbox, posting, rollups};
use crate::{Context, FunctionsError};

/// Handles a comment that was written or edited.
pub(super) async fn handle(
    context: &Context,
    access: &Access,
    event: &CommentEvent,
) -> Result<(), FunctionsError> {
    if access.settings.is_merge_bot(&event.author) {
        let unrolled = rollups::unrolled_builds(&event.text);
        if !unrolled.is_empty() {
            rollups::note(context, event, &unrolled).await?;
        }
        let Some(build) = finished_try_build(&event.text) else {
            return Ok(());
        };
        return awaited_builds::note(context, access, event, build).await;
    }
    let commands = command::commands(&event.text, &access.settings.bot_names);
    let index = &context.store.index;
    let known = index.pull_request(&event.pull_request).await?;
    let text_hash = ContentHash::of(event.text.as_bytes());
    let handled = known
        .as_ref()
        .and_then(|known| known.handled(event.comment));
    let is_handled = handled.is_some_and(|one| one.acted || one.text_hash == text_hash);
    if !is_handled && !commands.is_empty() {
        carry_out(context, access, event, commands, text_hash).await?;
    }
    // Also where it was handled before: whoever did may have ended here.
    awaited_builds::settle(context, access, &event.pull_request).await?;
    finish(context, access, event).await
}

/// Carries out what can be, and notes all of it at once.
async fn carry_out(
    context: &Context,
    access: &Access,
    event: &CommentEvent,
    commands: Vec<Result<Command, Misunderstood>>,
    text_hash: ContentHash,
) -> Result<(), FunctionsError> {
    let help = command::help(&access.settings.mention());
    let (reply, changes) = carry_out_each(context, access, event, commands, &help).await?;
    let text = reply.markdown(&event.author, event.comment, &help);
    let (_, is_new) = update(context, &event.pull_request, |record| {
        let noted = HandledComment {
            comment: event.comment,
            text_hash: text_hash.clone(),
            acted: !changes.is_empty(),
        };
        let is_new = record.handled(event.comment) != Some(&noted);
        record.note_handled(noted);
        for done in &changes {
            apply(record, done);
        }
        if let Some(text) = &text
            && let Some(post) = record.post_mut(PostSubject::Reply(event.comment))
        {
            post.text = Some(text.clone());
        }
        is_new
    })
    .await?;
    if is_new {
        for done in &changes {
            record_act(context, event, done).await?;
        }
    }
    Ok(())
}

/// Carries out each command in its turn. Returns what is to be said, and what was done.
async fn carry_out_each(
    context: &Context,
    access: &Access,
    event: &CommentEvent,
    commands: Vec<Result<Command, Misunderstood>>,
    help: &str,
) -> Result<(Reply, Vec<Done>), FunctionsError> {
    let (mut reply, mut changes) = (Reply::default(), Vec::new());
    let repository = &event.pull_request.repository;
    let allowed = may_command(context, access, repository, &event.author).await?;
    for (number, command) in (0..).zip(commands) {
        let command = match (command, &allowed) {
            (Err(misunderstood), _) => {
                reply.refuse(&misunderstood);
                continue;
            }
            (Ok(command), _) if command.action == command::Action::Help => {
                reply.say(help);
                continue;
            }
            (Ok(_), Allowed::No(who)) => {
                reply.say(format!("You may not command here. It may {who}."));
                break;
            }
            (Ok(command), Allowed::Yes) => command,
        };
        if command.action.is_for_administrators()
            && let Allowed::No(who) =
                may_administer(context, access, repository, &event.author).await?
        {
            reply.say(format!(
                "You may not `{}` what others wait for, too. It may {who}.",
                acts::word(&command.action)
            ));
            continue;
        }
        let order = Order {
            access,
            event,
            command: &command,
            place: CommandPlace {
                pull_request: &event.pull_request,
                comment: event.comment,
                number,
                written_at: event.created_at,
            },
        };
        match acts::carry_out(context, &order, &mut reply).await? {
            Ok(done) => changes.push(done),
            Err(mistakes) => reply.refuse(&Misunderstood {
                written: acts::word(&command.action).to_owned(),
                mistakes,
            }),
        }
    }
    Ok((reply, changes))
}

fn apply(record: &mut PullRequest, done: &Done) {
    match done {
        Done::Awaits(awaited) => {
            let same = |one: &AwaitedBuild| {
                (one.comment, one.command) == (awaited.comment, awaited.command)
            };
            if !record.awaiting.iter().any(same) {
                record.awaiting.push(awaited.clone());
            }
        }
        Done::Requested {
            request,
            comment,
            by,
        } => {
            record.link(LinkedRequest {
                head: record.head.clone(),
                ..LinkedRequest::new(*request, *comment, by.clone())
            });
        }
        Done::Cancelled {
            withdraws: true,
            before,
            ..
        } => {
            record.awaiting.retain(|awaited| awaited.comment > *before);
        }
        Done::Cancelled { .. } | Done::Triaged { .. } | Done::Held { .. } => {}
    }
}

async fn record_act(
    context: &Context,
    event: &CommentEvent,
    done: &Done,
) -> Result<(), FunctionsError> {
    let (action, subject) = match done {
        Done::Awaits(_) => ("comment: queue", event.pull_request.to_string()),
        Done::Requested { request, .. } => ("comment: request", request.to_string()),
        Done::Triaged { requests } => {
            let all: Vec<String> = requests.iter().map(RequestId::to_string).collect();
            ("comment: triage", all.join(" "))
        }
        Done::Held { action, subject } => (*action, subject.clone()),
        Done::Cancelled { requests, .. } => {
            let all: Vec<String> = requests.iter().map(RequestId::to_string).collect();
            let all = if all.is_empty() {
                event.pull_request.to_string()
            } else {
                all.join(" ")
            };
            ("comment: cancel", all)
        }
    };
    record_write(context, &event.author.to_string(), action, subject).await
}

/// Notes in the book of writes what somebody did by a comment.
pub(super) async fn record_write(
    context: &Context,
    login: &str,
    action: &str,
    subject: String,
) -> Result<(), FunctionsError> {
    let entry = AuditEntry {
        at: context.now(),
        person: format!("github:{login}"),
        action: action.to_owned(),
        subject,
    };
    Ok(context.store.index.record_audit(&entry).await?)
}

/// Shows on GitHub what came of a comment: the reply, and the comment on each of its requests.
async fn finish(
    context: &Context,
    access: &Access,
    event: &CommentEvent,
) -> Result<(), FunctionsError> {
    publish_reply(context, access, &event.pull_request, event.comment).await?;
    let known = context
        .store
        .index
        .pull_request(&event.pull_request)
        .await?;
    let requests = known.iter().flat_map(|known| &known.requests);
    for linked in requests.filter(|linked| linked.comment == event.comment) {
        outbox::write_comment(context, linked.request).await?;
    }
    Ok(())
}

/// Shows the reply to a comment, where there is one to show.
pub(super) async fn publish_reply(
    context: &Context,
    access: &Access,
    pull_request: &PullRequestId,
    comment: u64,
) -> Result<(), FunctionsError> {
    let subject = PostSubject::Reply(comment);
    let known = context.store.index.pull_request(pull_request).await?;
    let post = known.as_ref().and_then(|known| known.post(subject));
    let Some(text) = post.and_then(|post| post.text.as_deref()) else {
        return Ok(());
    };
    posting::publish(context, access, pull_request, subject, text).await
}

/// Handles that a comment was deleted: what it asked for and what has not begun is withdrawn; one of
/// our own is written anew with the next news.
pub(super) async fn handle_deletion(
    context: &Context,
    pull_request: &PullRequestId,
    comment: u64,
) -> Result<(), FunctionsError> {
    if context
        .store
        .index
        .pull_request(pull_request)
        .await?
        .is_none()
    {
        return Ok(());
    }
    update(context, pull_request, |record| {
        record.awaiting.retain(|awaited| awaited.comment != comment);
        // Its id is kept: that GitHub has no such comment is how its deletion is counted.
        for post in record
            .posts
            .iter_mut()
            .filter(|post| post.comment == Some(comment))
        {
            post.text_hash = None;
        }
    })
    .await?;
    Ok(())
}
