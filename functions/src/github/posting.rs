//! Our comments on a pull request: each is written once and edited in place from then on, whatever
//! is delivered twice, ends half way or goes on at the same time.
//!
//! ```text
//! claim the comment in the index -> write it on GitHub -> note its id and what it says -> let go
//! ```
//!
//! A claim ends by itself. Who takes up one that was never let go looks for the comment on GitHub
//! first, by the line that readers do not see.

use jiff::{SignedDuration, Timestamp};
use shared_types::PullRequestId;
use shared_types::object_key::ContentHash;
use shared_types::pull_request::{Post, PostSubject};

use super::pull_requests::update;
use super::{Access, GitHubError};
use crate::{Context, FunctionsError};

/// How long somebody may be at writing a comment. Longer than any function runs.
const CLAIM: SignedDuration = SignedDuration::from_secs(120);
/// How often a comment that somebody deleted is written anew.
const DELETIONS_MAX: u32 = 1;

/// Has GitHub show `text` as our comment on `subject`.
///
/// # Errors
/// When GitHub or the store fails, or another is writing the same comment. Trying again later is
/// safe.
pub(super) async fn publish(
    context: &Context,
    access: &Access,
    on: &PullRequestId,
    subject: PostSubject,
    text: &str,
) -> Result<(), FunctionsError> {
    let hash = ContentHash::of(text.as_bytes());
    let now = context.now();
    let until = now.saturating_add(CLAIM).unwrap_or(Timestamp::MAX);
    let claim = |post: Option<&mut Post>| claimed(post, &hash, now, until);
    let (_, claim) = update(context, on, |record| claim(record.post_mut(subject))).await?;
    let post = match claim {
        Claim::Ours(post) => post,
        Claim::UpToDate => return Ok(()),
        Claim::Another => {
            return Err(FunctionsError::GitHub(GitHubError::Busy {
                action: format!("writing a comment on {on}"),
                wait: std::time::Duration::from_secs(30),
            }));
        }
    };
    let written = write(access, on, &post, text).await;
    update(context, on, |record| {
        if let Some(post) = record.post_mut(subject) {
            note(post, &written, &hash);
        }
    })
    .await?;
    match written {
        Ok(Some(_)) => tracing::info!(%on, ?subject, "a comment was written on GitHub"),
        Ok(None) => tracing::info!(%on, "a comment was deleted on GitHub again, and is left so"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

enum Claim {
    Ours(Post),
    UpToDate,
    Another,
}

fn claimed(post: Option<&mut Post>, hash: &ContentHash, now: Timestamp, until: Timestamp) -> Claim {
    let Some(post) = post else {
        return Claim::UpToDate;
    };
    if post.claimed_until.is_some_and(|until| now < until) {
        return Claim::Another;
    }
    if post.deletions > DELETIONS_MAX || post.text_hash.as_ref() == Some(hash) {
        return Claim::UpToDate;
    }
    // As it was before the claim: whether somebody may have written it already.
    let before = post.clone();
    post.claimed_until = Some(until);
    if post.comment.is_none() {
        post.tried_since.get_or_insert(now);
    }
    Claim::Ours(before)
}

/// Writes or edits the comment, and returns its id, or `None` where it was deleted too often.
async fn write(
    access: &Access,
    on: &PullRequestId,
    post: &Post,
    text: &str,
) -> Result<Option<u64>, GitHubError> {
    let api = &access.api;
    if let Some(comment) = post.comment {
        return match api.edit_comment(&on.repository, comment, text).await {
            Ok(()) => Ok(Some(comment)),
            Err(GitHubError::NotFound { .. }) if post.deletions < DELETIONS_MAX => {
                api.create_comment(on, text).await.map(Some)
            }
            Err(GitHubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        };
    }
    if let Some(since) = post.tried_since {
        let marker = post.subject.marker();
        // GitHub's clock need not be ours.
        let since = since
            .saturating_sub(SignedDuration::from_mins(10))
            .unwrap_or(since);
        let found = api.comments_since(on, since).await?;
        let ours = found
            .iter()
            .find(|comment| comment.text.starts_with(&marker));
        if let Some(comment) = ours {
            api.edit_comment(&on.repository, comment.id, text).await?;
            return Ok(Some(comment.id));
        }
    }
    api.create_comment(on, text).await.map(Some)
}

fn note(post: &mut Post, written: &Result<Option<u64>, GitHubError>, hash: &ContentHash) {
    post.claimed_until = None;
    match written {
        Ok(Some(comment)) => {
            if post.comment.is_some_and(|known| known != *comment) {
                post.deletions += 1;
            }
            post.comment = Some(*comment);
            post.text_hash = Some(hash.clone());
            post.tried_since = None;
        }
        Ok(None) => {
            post.deletions += 1;
            post.comment = None;
        }
        Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post() -> Post {
        Post {
            subject: PostSubject::Reply(1),
            comment: None,
            text_hash: None,
            text: None,
            claimed_until: None,
            tried_since: None,
            deletions: 0,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn one_writes_at_a_time_and_who_died_at_it_is_followed_by_another() {
        let hash = ContentHash::of(b"text");
        let mut post = post();
        assert!(matches!(
            claimed(Some(&mut post), &hash, at(0), at(120)),
            Claim::Ours(_)
        ));
        assert!(matches!(
            claimed(Some(&mut post), &hash, at(119), at(239)),
            Claim::Another
        ));
        let Claim::Ours(before) = claimed(Some(&mut post), &hash, at(120), at(240)) else {
            panic!("the claim has ended");
        };
        // So that it is looked for on GitHub before it is written.
        assert_eq!(before.tried_since, Some(at(0)));
    }

    #[test]
    fn what_is_there_is_not_written_again() {
        let hash = ContentHash::of(b"text");
        let mut post = post();
        note(&mut post, &Ok(Some(7)), &hash);
        assert!(matches!(
            claimed(Some(&mut post), &hash, at(0), at(1)),
            Claim::UpToDate
        ));
        let other = ContentHash::of(b"other");
        assert!(matches!(
            claimed(Some(&mut post), &other, at(0), at(1)),
            Claim::Ours(_)
        ));
    }

    #[test]
    fn a_comment_that_was_deleted_twice_stays_deleted() {
        let hash = ContentHash::of(b"text");
        let mut post = post();
        note(&mut post, &Ok(Some(7)), &hash);
        note(&mut post, &Ok(Some(8)), &hash);
        assert_eq!(post.deletions, 1);
        note(&mut post, &Ok(None), &hash);
        let other = ContentHash::of(b"other");
        assert!(matches!(
            claimed(Some(&mut post), &other, at(0), at(1)),
            Claim::UpToDate
        ));
    }
}
