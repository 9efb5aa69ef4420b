//! The one comment that a request gets on its pull request, as Markdown: the verdict in words first,
//! then a row for each configuration, then what to do. It is written again as configurations answer,
//! so it says at each time what is known and what is not yet.

mod details;
mod fitting;
mod next_steps;
mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use analysis::policy::Decision;
use shared_types::PullRequestId;
use shared_types::api::RequestDetail;
use shared_types::comparison::{Comparison, Verdict};
use shared_types::pull_request::{LinkedRequest, PostSubject, PullRequest, PullRequestState};
use shared_types::request::RequestState;

use super::rollups::shown;
use super::settings::GitHubSettings;
use fitting::Parts;

/// So many newly failing test cases are named.
const NAMED_FAILURES_MAX: usize = 10;

/// A comment on a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The whole text. Its first line, which readers do not see, names the request, by which the
    /// comment is found again.
    pub markdown: String,
}

/// What a comment is made of.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// The request, with its jobs.
    pub detail: &'a RequestDetail,
    /// What the policy makes of what is known.
    pub decision: &'a Decision,
    /// The comparisons that were made so far, at most one for each configuration; those of other
    /// configurations are left out.
    pub comparisons: &'a [Comparison],
    /// The pull request, where the request was made for one.
    pub pull_request: Option<&'a PullRequest>,
    /// What was chosen about GitHub, where it is used.
    pub settings: Option<&'a GitHubSettings>,
}

impl Telling<'_> {
    fn linked(&self) -> Option<&LinkedRequest> {
        self.pull_request?.linked(self.detail.request.id)
    }

    fn page(&self) -> Option<&str> {
        self.settings?.page_url.as_deref()
    }

    fn comparison_of(&self, id: &shared_types::ConfigurationId) -> Option<&Comparison> {
        self.comparisons
            .iter()
            .find(|comparison| comparison.configuration == *id)
    }
}

/// The comment on a request.
pub fn comment(telling: &Telling<'_>) -> Comment {
    let request = &telling.detail.request;
    let marker = PostSubject::Request(request.id).marker();
    let mut head = vec![
        format!(
            "{marker}\n**{}** {}",
            title(request.state, telling.detail.verdict),
            verdict(telling)
        ),
        subject(telling),
    ];
    head.extend(circumstances(telling));
    let mut body = vec![table::table(telling)];
    body.extend(new_failures(telling));
    body.push(next_steps::next_steps(telling));
    let details = request
        .configurations
        .iter()
        .filter_map(|id| telling.comparison_of(id))
        .map(details::details)
        .collect();
    let more = telling
        .page()
        .map(|page| format!("[The page]({page}/requests/{}) tells all.", request.id));
    let parts = Parts {
        head: [head, body].concat(),
        details,
        more,
    };
    Comment {
        markdown: parts.fitted(),
    }
}

/// The verdict in a word or two.
pub(super) fn title(state: RequestState, verdict: Verdict) -> &'static str {
    match (state, verdict) {
        (RequestState::Cancelled, _) => "Cancelled.",
        (RequestState::Failed, Verdict::Incomplete) => "Failed.",
        (RequestState::Waiting, Verdict::Incomplete) => "Waiting.",
        (_, Verdict::Improved) => "Improved.",
        (_, Verdict::Regressed) => "Regressed.",
        (_, Verdict::Mixed) => "Mixed.",
        (_, Verdict::Neutral) => "No relevant change.",
        (_, Verdict::Conflict) => "Conflict: configurations disagree.",
        (_, Verdict::Incomplete) => "Incomplete.",
    }
}

fn verdict(telling: &Telling<'_>) -> String {
    let request = &telling.detail.request;
    match (request.state, &request.note) {
        (RequestState::Cancelled, Some(note)) => format!("It was {}.", cancelled(note)),
        (RequestState::Failed, Some(note)) => first_line(note),
        _ => telling.detail.verdict_sentence.clone(),
    }
}

/// A note on a cancellation as the end of a sentence.
fn cancelled(note: &str) -> String {
    if note.starts_with("cancelled") {
        first_line(note)
    } else {
        format!("cancelled: {}", first_line(note))
    }
}

fn subject(telling: &Telling<'_>) -> String {
    let detail = telling.detail;
    let request = &detail.request;
    let head = &request.head.artifact;
    let mut text = match &request.base {
        Some(base) => format!("`{}` against `{}`", head.short(), base.artifact.short()),
        None => format!("`{}`", head.short()),
    };
    if request.is_a_a() {
        text.push_str(" (A/A: one compiler, measured twice)");
    }
    if let Some(linked) = telling.linked() {
        let _ = write!(text, ", asked for by {}", linked.by);
        if let Some(rollup) = &linked.rollup {
            let web = telling
                .settings
                .map_or("https://github.com", GitHubSettings::web_url);
            let address = address_of_comment(web, &rollup.pull_request, rollup.comment);
            let number = rollup.pull_request.number;
            let _ = write!(
                text,
                " on the rollup [#{number}]({address}), to see what this brings to it"
            );
        }
    }
    if !request.state.is_final() && detail.compilations_total > 0 {
        let _ = write!(
            text,
            ". Measured so far: {} of {} compilations",
            detail.compilations_done, detail.compilations_total
        );
    }
    text.push('.');
    text
}

/// Where people read a comment.
pub(super) fn address_of_comment(web_url: &str, on: &PullRequestId, comment: u64) -> String {
    format!(
        "{web_url}/{}/pull/{}#issuecomment-{comment}",
        on.repository, on.number
    )
}

/// What became of the pull request meanwhile, as far as a reader should know.
fn circumstances(telling: &Telling<'_>) -> Option<String> {
    let pull_request = telling.pull_request?;
    let mut said = Vec::new();
    match pull_request.state {
        PullRequestState::Open => {}
        PullRequestState::Closed => said.push("The pull request was closed meanwhile."),
        PullRequestState::Merged => said.push("The pull request was merged meanwhile."),
    }
    let linked = telling.linked();
    if linked.is_some_and(|linked| linked.head_gone) {
        said.push(
            "The pull request was force-pushed meanwhile: the commit that this is about is no \
             longer part of it.",
        );
    } else if linked.is_some_and(|linked| linked.head.is_some() && linked.head != pull_request.head)
    {
        said.push("The pull request has further commits, which this does not know of.");
    }
    (!said.is_empty()).then(|| format!("> {}", said.join(" ")))
}

/// Test cases that base has and head has not.
fn new_failures(telling: &Telling<'_>) -> Option<String> {
    let mut failing = Vec::new();
    for id in &telling.detail.request.configurations {
        let comparison = telling.comparison_of(id);
        let missing = comparison.into_iter().flat_map(|one| &one.missing);
        failing.extend(
            missing
                .filter(|case| case.in_base && !case.in_head)
                .map(|case| (id, case)),
        );
    }
    if failing.is_empty() {
        return None;
    }
    let mut lines: Vec<String> = failing
        .iter()
        .take(NAMED_FAILURES_MAX)
        .map(|(id, case)| {
            let reason = case.reason.as_deref().map(first_line);
            let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
            format!("- `{}` under `{id}`{reason}", case.name)
        })
        .collect();
    if failing.len() > NAMED_FAILURES_MAX {
        lines.push(format!("- and {} more", failing.len() - NAMED_FAILURES_MAX));
    }
    Some(format!(
        "**New failures**, which base did not have:\n{}",
        lines.join("\n")
    ))
}

/// The first line of what a program said, so that it cannot break the layout, nor speak to anybody.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars()
        .take(300)
        .map(|letter| match letter {
            '|' => '/',
            '<' => '‹',
            '>' => '›',
            other => other,
        })
        .collect::<String>()
        .replace('@', "@\u{200b}")
}
