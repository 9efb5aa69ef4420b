//! Rollups: pull requests that were merged as one commit. Of a rollup that got slower, the members are
//! measured one by one, by builds that the merge bot makes of each alone and tells of in a comment:
//!
//! ```text
//! | PR# | Message | Perf Build Sha |
//! |----|----|:-----:|
//! |#34|A title|`5b1e4d2…`<br>([link](https://github.com/…/commit/5b1e4d2…))|
//! ```
//!
//! The message of such a build's commit begins `Unrolled build for #34 in rollup 12`. What came out is
//! told on the member, and in the reply on the rollup.

use shared_types::notices::CommentEvent;
use shared_types::pull_request::{
    LinkedRequest, PostSubject, RollupComment, UnrolledBuild, WantedMeasuring,
};
use shared_types::{CommitSha, PullRequestId, RequestId};

use super::acts::{self, Done, Order, Outcome};
use super::command::Misunderstood;
use super::on_comment::publish_reply;
use super::pull_requests::{request_of_member, update};
use super::reply::Reply;
use super::try_build::first_commit;
use super::wanted::wanted;
use super::{Access, GitHubError, outbox};
use crate::{Context, FunctionsError};

const ROW: &str = "|#";
const OUTCOME_END: &str = "<!-- end of outcome -->";

/// The lines of a comment of the merge bot that tell of the builds of a rollup's members.
pub(super) fn lines_of_unrolled_builds(comment: &str) -> String {
    let rows: Vec<&str> = comment
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(ROW))
        .collect();
    rows.join("\n")
}

/// The builds of a rollup's members that a comment of the merge bot tells of. A member that could not
/// be built is left out.
pub(super) fn unrolled_builds(comment: &str) -> Vec<UnrolledBuild> {
    comment.lines().filter_map(unrolled_build).collect()
}

fn unrolled_build(line: &str) -> Option<UnrolledBuild> {
    let (number, rest) = line.trim().strip_prefix(ROW)?.split_once('|')?;
    let commit = first_commit(rest)?;
    let before = rest
        .split_once(commit.as_str())
        .map_or("", |(text, _)| text);
    let title = before.rsplit_once('|').map_or("", |(title, _)| title);
    Some(UnrolledBuild {
        pull_request: number.trim().parse().ok()?,
        title: title.trim().replace("\\|", "|"),
        commit,
    })
}

/// The member of a rollup that a commit builds alone, by the first line of its message.
fn member_of_title(title: &str) -> Option<u64> {
    let rest = title.strip_prefix("Unrolled build for #")?;
    let digits = rest.split(' ').next().unwrap_or_default();
    digits.parse().ok().filter(|number| *number > 0)
}

/// Notes the builds of a rollup's members, and has the comments there name them.
pub(super) async fn note(
    context: &Context,
    event: &CommentEvent,
    builds: &[UnrolledBuild],
) -> Result<(), FunctionsError> {
    let (record, ()) = update(context, &event.pull_request, |record| {
        record.note_unrolled_builds(builds);
    })
    .await?;
    for linked in &record.requests {
        outbox::write_comment(context, linked.request).await?;
    }
    Ok(())
}

/// Measures members of a rollup, each by the commit of its build.
pub(super) async fn triage(
    context: &Context,
    order: &Order<'_>,
    commits: &[CommitSha],
    reply: &mut Reply,
) -> Result<Outcome, FunctionsError> {
    let wanted = match wanted(context, &order.command.options).await? {
        Ok(wanted) => wanted,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    let rollup = &order.event.pull_request;
    let known = context.store.index.pull_request(rollup).await?;
    let (mut lines, mut mistakes, mut requests) = (Vec::new(), Vec::new(), Vec::new());
    for commit in commits {
        let (member, request) = match measure(context, order, commit, &wanted).await? {
            Ok(made) => made,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        let builds = known.iter().flat_map(|known| &known.unrolled);
        let title = builds
            .filter(|build| build.commit == *commit && !build.title.is_empty())
            .map(|build| format!(" ({})", shown(&build.title)))
            .next()
            .unwrap_or_default();
        let short = commit.artifact().short();
        lines.push(format!(
            "* #{}{title}, `{short}`: {}",
            member.number,
            outcome(request, "waiting")
        ));
        requests.push(request);
    }
    if requests.is_empty() {
        return Ok(Err(mistakes));
    }
    if !mistakes.is_empty() {
        reply.refuse(&Misunderstood {
            written: "triage".to_owned(),
            mistakes,
        });
    }
    reply.say(format!(
        "What each member of the rollup brings is measured, and told here and there:\n\n{}",
        lines.join("\n")
    ));
    Ok(Ok(Done::Triaged { requests }))
}

/// Measures one member. Returns it and the request, or why it cannot be measured.
async fn measure(
    context: &Context,
    order: &Order<'_>,
    commit: &CommitSha,
    wanted: &WantedMeasuring,
) -> Result<Result<(PullRequestId, RequestId), String>, FunctionsError> {
    let (event, rollup) = (order.event, &order.event.pull_request);
    let repository = &rollup.repository;
    let found = match order.access.api.commit(repository, commit).await {
        Ok(found) => found,
        Err(GitHubError::NotFound { .. } | GitHubError::Invalid { .. }) => {
            return Ok(Err(format!("{repository} has no commit `{commit}`")));
        }
        Err(error) => return Err(error.into()),
    };
    let Some(number) = member_of_title(&found.title) else {
        return Ok(Err(format!(
            "`{commit}` builds no single member of a rollup: its message begins `{}`, and not \
             `Unrolled build for #NUMBER`; `build {commit}` measures it for this pull request",
            shown(&found.title)
        )));
    };
    let member = PullRequestId {
        repository: repository.clone(),
        number,
    };
    let id = request_of_member(&order.place, commit);
    let base = found.parents.first().map(CommitSha::artifact);
    let reason = format!("what {member} brings, as part of the rollup {rollup}");
    let new = wanted.clone().into_request(base, commit.artifact(), reason);
    let place = order.place.in_pull_request(&member);
    if let Err(reason) = acts::make(context, id, &place, &event.author, &new).await? {
        return Ok(Err(format!("`{commit}`: {reason}")));
    }
    update(context, &member, |record| {
        record.link(LinkedRequest {
            rollup: Some(RollupComment {
                pull_request: rollup.clone(),
                comment: event.comment,
            }),
            ..LinkedRequest::new(id, event.comment, event.author.clone())
        });
    })
    .await?;
    outbox::write_comment(context, id).await?;
    Ok(Ok((member, id)))
}

/// Says in the reply on a rollup how far a request for one of its members is.
pub(super) async fn tell(
    context: &Context,
    access: &Access,
    linked: &LinkedRequest,
    said: &str,
) -> Result<(), FunctionsError> {
    let Some(rollup) = &linked.rollup else {
        return Ok(());
    };
    let subject = PostSubject::Reply(rollup.comment);
    update(context, &rollup.pull_request, |record| {
        // A reply that is forgotten by now is not begun anew.
        if record.post(subject).is_some()
            && let Some(post) = record.post_mut(subject)
            && let Some(text) = &post.text
        {
            post.text = Some(with_outcome(text, linked.request, said));
        }
    })
    .await?;
    publish_reply(context, access, &rollup.pull_request, rollup.comment).await
}

/// What is said of a request within a reply, so that it is found again.
fn outcome(request: RequestId, said: &str) -> String {
    format!("{}{said}{OUTCOME_END}", outcome_start(request))
}

fn outcome_start(request: RequestId) -> String {
    format!("<!-- outcome-of={request} -->")
}

/// The same reply, which says something else of a request.
fn with_outcome(reply: &str, request: RequestId, said: &str) -> String {
    let start = outcome_start(request);
    let replaced = reply.split_once(&start).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(OUTCOME_END)?;
        Some(format!("{before}{}{after}", outcome(request, said)))
    });
    replaced.unwrap_or_else(|| reply.to_owned())
}

/// A title as it can stand in a sentence, where it speaks to nobody.
pub(super) fn shown(title: &str) -> String {
    let title = title.replace(['`', '<', '>'], "'");
    title.replace('@', "@\u{200b}").chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHA: &str = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0";

    #[test]
    fn the_merge_bots_table_tells_of_each_member_that_was_built() {
        let comment = format!(
            "📌 Perf builds for each rolled up PR:\n\n| PR# | Message | Perf Build Sha |\n\
             |----|----|:-----:|\n\
             |#34|Title \\| of 34|`{SHA}`<br>([link](https://github.com/x/commit/{SHA}))|\n\
             |#35|Title of 35|:x: conflicts merging into previous parent commit :x:|\n\
             |#36|[{SHA}](https://github.com/x/commit/{SHA})|\n\n\
             *previous master*: [0f9c8e7d6b](https://github.com/x/commit/{SHA})\n"
        );
        let found = unrolled_builds(&lines_of_unrolled_builds(&comment));
        let told: Vec<(u64, &str)> = found
            .iter()
            .map(|one| (one.pull_request, one.title.as_str()))
            .collect();
        assert_eq!(told, [(34, "Title | of 34"), (36, "")]);
        assert!(found.iter().all(|one| one.commit.as_str() == SHA));
    }

    #[test]
    fn a_commit_says_of_which_member_it_is() {
        let of = member_of_title;
        assert_eq!(of("Unrolled build for #34 in rollup 12"), Some(34));
        assert_eq!(of("Unrolled build for #34"), Some(34));
        for other in [
            "",
            "Auto merge of #34",
            "Unrolled build for #",
            "Unrolled build for #x in rollup 3",
            "Unrolled build for #0",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_comment_is_read(comment in "(\\|#|[0-9]{1,3}|\\||[0-9a-f]{40}|[ `é<>\\\\\n]){0,20}") {
            let whole = unrolled_builds(&comment);
            prop_assert_eq!(unrolled_builds(&lines_of_unrolled_builds(&comment)), whole);
        }

        #[test]
        fn what_is_said_last_of_a_request_stands_and_the_rest_stays(
            before in "[a-z\n]{0,9}", first in "[a-z]{0,9}", second in "[a-z]{0,9}", after in "[a-z\n]{0,9}"
        ) {
            let id = |number| RequestId::from_parts(number, &[7; 10]);
            let line = outcome(id(1), &first);
            let other = outcome(id(2), "stays");
            let reply = format!("{before}{line}{other}{after}");
            let said = with_outcome(&reply, id(1), &second);
            prop_assert_eq!(&said, &format!("{before}{}{other}{after}", outcome(id(1), &second)));
            prop_assert_eq!(with_outcome(&said, id(3), "nothing"), said);
        }
    }
}
