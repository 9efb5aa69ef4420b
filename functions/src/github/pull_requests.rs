//! Changes to what is remembered of a pull request: each computed from what is there, and written
//! only if that is still so.

use std::fmt;

use sha2::{Digest, Sha256};
use shared_types::pull_request::PullRequest;
use shared_types::{CommitSha, PullRequestId, RequestId};
use store::StoreError;

use crate::{Context, FunctionsError};

/// How often another may be faster before this one leaves it to a later delivery.
const ATTEMPTS_MAX: u32 = 10;

/// Changes what is remembered of a pull request, and returns it and what `change` made of it.
/// `change` may be called more than once, each time with what is there then.
///
/// # Errors
/// When the store fails, or others are faster again and again.
pub(super) async fn update<T>(
    context: &Context,
    id: &PullRequestId,
    mut change: impl FnMut(&mut PullRequest) -> T + Send,
) -> Result<(PullRequest, T), FunctionsError> {
    let index = &context.store.index;
    for _ in 0..ATTEMPTS_MAX {
        let known = index.pull_request(id).await?;
        let mut new = known
            .clone()
            .unwrap_or_else(|| PullRequest::new(id.clone()));
        let made = change(&mut new);
        if known.as_ref() == Some(&new) || index.replace_pull_request(known.as_ref(), &new).await? {
            return Ok((new, made));
        }
    }
    Err(FunctionsError::Store(StoreError::Unavailable {
        action: format!("noting what became of the pull request {id}"),
        reason: format!("others changed it {ATTEMPTS_MAX} times meanwhile"),
    }))
}

/// The request that a command of a comment makes. It is always the same, so that a command that is
/// carried out twice makes one request.
pub(super) fn request_of_command(command: &CommandPlace<'_>) -> RequestId {
    request_of(command, &command.to_string())
}

/// The request that a command on a rollup makes for one of its members.
pub(super) fn request_of_member(command: &CommandPlace<'_>, build: &CommitSha) -> RequestId {
    request_of(command, &format!("{command} {build}"))
}

fn request_of(command: &CommandPlace<'_>, text: &str) -> RequestId {
    let digest = Sha256::digest(text.as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let unix_ms = u64::try_from(command.written_at.as_millisecond()).unwrap_or(0);
    RequestId::from_parts(unix_ms, &random)
}

/// Where a command stands.
pub(super) struct CommandPlace<'a> {
    /// In which pull request.
    pub(super) pull_request: &'a PullRequestId,
    /// In which comment.
    pub(super) comment: u64,
    /// Which of that comment, from 0.
    pub(super) number: u32,
    /// When the comment was written.
    pub(super) written_at: jiff::Timestamp,
}

impl<'a> CommandPlace<'a> {
    /// The same command, which asks for something in another pull request.
    pub(super) fn in_pull_request(&self, pull_request: &'a PullRequestId) -> Self {
        Self {
            pull_request,
            ..*self
        }
    }
}

impl fmt::Display for CommandPlace<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {} {}",
            self.pull_request, self.comment, self.number
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_request_of_its_own_and_always_the_same() {
        let pull_request = "rust-lang/rust#1".parse().unwrap();
        let of = |comment, number| {
            request_of_command(&CommandPlace {
                pull_request: &pull_request,
                comment,
                number,
                written_at: jiff::Timestamp::UNIX_EPOCH,
            })
        };
        assert_eq!(of(1, 0), of(1, 0));
        assert_ne!(of(1, 0), of(1, 1));
        assert_ne!(of(1, 0), of(2, 0));
        let text = of(1, 0).to_string();
        assert_eq!(text.parse(), Ok(of(1, 0)));
    }
}
