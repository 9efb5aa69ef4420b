//! What whoever reads the comment is to do.

use analysis::policy::{Consequence, Rule};
use shared_types::comparison::Verdict;
use shared_types::request::RequestState;

use super::{Telling, shown};

/// What to do next, in a sentence or two.
pub(super) fn next_steps(telling: &Telling<'_>) -> String {
    let steps = steps(telling);
    let steps = if steps.is_empty() {
        vec!["nothing.".to_owned()]
    } else {
        steps
    };
    format!("**What to do:** {}", steps.join(" "))
}

fn steps(telling: &Telling<'_>) -> Vec<String> {
    let detail = telling.detail;
    let decision = telling.decision;
    let bot = telling
        .settings
        .map_or_else(|| "@perfleet".to_owned(), super::GitHubSettings::mention);
    let mut steps = Vec::new();
    match (detail.request.state, decision.verdict) {
        (RequestState::Cancelled, _) => {
            steps.push(format!("to measure it after all, write `{bot} re-run`."));
            return steps;
        }
        (RequestState::Failed, _) => steps.push(format!(
            "look why it failed, and write `{bot} re-run` once that is mended."
        )),
        (RequestState::Waiting | RequestState::Running, Verdict::Incomplete)
            if !decision.blocks =>
        {
            steps.push(
                "nothing yet. This comment is brought up to date as configurations answer."
                    .to_owned(),
            );
        }
        (RequestState::Done, Verdict::Incomplete) => steps.push(format!(
            "a gating configuration has not answered; write `{bot} re-run` to ask it again."
        )),
        _ => {}
    }
    if decision.blocks {
        let decides = decision.decided_by.as_deref().unwrap_or("people");
        let what = match decision.rule {
            Rule::OppositeVerdicts => {
                "weigh what is gained on one configuration against what is lost on another"
            }
            _ => {
                "find out where the regression comes from, and mend it or say why it is worth its price"
            }
        };
        let label = telling
            .settings
            .and_then(|settings| settings.labels.triaged.as_deref());
        let label = label.map_or_else(String::new, |label| {
            format!(", and whoever decides sets the label `{label}`")
        });
        steps.push(format!("{what}; {decides} decide{label}."));
    }
    if decision.blocks {
        steps.extend(members(telling, &bot));
    }
    let waits = decision
        .opinions
        .iter()
        .any(|opinion| opinion.consequence == Consequence::AwaitsConfirmation);
    if waits {
        steps.push(format!(
            "An advisory configuration is labelled once another measuring confirms it: `{bot} re-run` \
             asks for one."
        ));
    }
    steps
}

/// Of a rollup that got slower, which of its members can be measured alone, and how.
fn members(telling: &Telling<'_>, bot: &str) -> Option<String> {
    let unrolled = &telling.pull_request?.unrolled;
    let is_member = telling
        .linked()
        .is_some_and(|linked| linked.rollup.is_some());
    if unrolled.is_empty() || is_member {
        return None;
    }
    let commits: Vec<&str> = unrolled.iter().map(|build| build.commit.as_str()).collect();
    let members: Vec<String> = unrolled
        .iter()
        .map(|build| match build.title.is_empty() {
            true => format!("- #{}", build.pull_request),
            false => format!("- #{} ({})", build.pull_request, shown(&build.title)),
        })
        .collect();
    Some(format!(
        "\n\nThis is a rollup, and these of its members were built alone:\n{}\n\nWhich of them brings \
         the regression is found by measuring those that may, or all:\n\n```text\n{bot} triage {}\n```",
        members.join("\n"),
        commits.join(" ")
    ))
}
