//! Where to begin when nothing is compared yet: what was compared lately, and what was measured
//! lately.

use crate::prelude::*;
use shared_types::api::{ConfigurationOverview, Page, RunOverview};
use shared_types::{ArtifactId, ConfigurationId};

use super::CompareUrl;
use crate::api_client;
use crate::part::{Piece, part};
use crate::remote::fetched;
use crate::url_state::CompareState;
use crate::widget::artifact_name::short_side;
use crate::widget::notice::when_ready;
use crate::widget::quoted::quoted;

/// Pairs of runs that are suggested at most.
const PAIRS_MAX: usize = 8;

part! {
    /// Comparisons to go to, as a part of its own: whoever comes by a link never sees it.
    pub(super) suggestions_in_compare -> Piece<CompareUrl> {
        |url| view! { <Suggestions url /> }.into_any()
    }
}

/// Comparisons to go to.
#[component]
fn Suggestions(url: CompareUrl) -> impl IntoView {
    let overview = fetched::<Page<ConfigurationOverview>>(Signal::stored(Some(
        api_client::CONFIGURATIONS.to_owned(),
    )));
    when_ready(overview, "recent comparisons", move |page| {
        let recent = recent_pairs(&page.items);
        let asked = url.state.with(|state| state.configuration.clone());
        let measured = asked.or_else(|| {
            let overview = page.items.iter().find(|overview| overview.runs > 1)?;
            Some(overview.configuration.id.clone())
        });
        let is_nothing = recent.is_empty() && measured.is_none();
        let introduction = if is_nothing {
            "Nothing is measured yet. Run `cargo xtask demo`, or bring measurements by \
             `perfleet import csv FILE.csv.gz`."
        } else {
            "Name two artifacts above, by full commit sha, release-VERSION or local-NAME-SHORTSHA, \
             or begin with one of these."
        };
        view! {
            <div class="empty" data-testid="suggestions">
                <p>{quoted(introduction)}</p>
                {(!recent.is_empty())
                    .then(|| {
                        view! {
                            <h2>"Compared lately"</h2>
                            <ul>{recent.into_iter().map(|pair| line(pair, None)).collect_view()}</ul>
                        }
                    })}
                {measured.map(|configuration| view! { <NewestRuns configuration /> })}
            </div>
        }
        .into_any()
    })
}

/// The newest runs of a configuration, each against the one that was measured before it.
#[component]
fn NewestRuns(configuration: ConfigurationId) -> impl IntoView {
    let runs = fetched::<Page<RunOverview>>(Signal::stored(Some(api_client::runs(&configuration))));
    view! {
        <h2>"Measured last under " {configuration.to_string()}</h2>
        {when_ready(runs, "runs", move |page| {
            let pairs = newest_pairs(&page.items);
            if pairs.is_empty() {
                return view! { <p>"There are no two runs of it yet."</p> }.into_any();
            }
            let lines: Vec<_> = pairs
                .into_iter()
                .map(|pair| line(pair, Some(configuration.clone())))
                .collect();
            view! { <ul>{lines}</ul> }.into_any()
        })}
    }
}

fn line((base, head): (String, String), configuration: Option<ConfigurationId>) -> impl IntoView {
    let address = CompareState {
        configuration,
        ..CompareState::of(&base, &head)
    }
    .address();
    view! {
        <li>
            <a href=address data-row-link="">
                {short_side(&base)} " \u{2192} " {short_side(&head)}
            </a>
        </li>
    }
}

/// Pairs of sides that were compared last, each once.
fn recent_pairs(overview: &[ConfigurationOverview]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for comparison in overview.iter().filter_map(|it| it.last_comparison.as_ref()) {
        let pair = (comparison.base.to_string(), comparison.head.to_string());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Each of the newest artifacts with the one that was measured before it. `runs` has the newest
/// first.
fn newest_pairs(runs: &[RunOverview]) -> Vec<(String, String)> {
    let mut artifacts: Vec<&ArtifactId> = Vec::new();
    for run in runs.iter().filter(|run| run.measured_at.is_some()) {
        if !artifacts.contains(&&run.artifact) {
            artifacts.push(&run.artifact);
        }
    }
    artifacts
        .windows(2)
        .take(PAIRS_MAX)
        .map(|pair| (pair[1].to_string(), pair[0].to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(artifact: &str, replicate: u32) -> RunOverview {
        RunOverview {
            artifact: artifact.parse().unwrap(),
            configuration: "c1".parse().unwrap(),
            replicate: replicate.try_into().unwrap(),
            jobs_left: 0,
            measured_at: Some("2026-04-19T16:49:45Z".parse().unwrap()),
            hosts: Vec::new(),
            test_cases: 1,
            failures: 0,
            retracted: None,
        }
    }

    #[test]
    fn an_artifact_is_suggested_against_the_one_before_and_never_against_itself() {
        let runs = [
            run("release-1.95.0", 2),
            run("release-1.95.0", 1),
            run("release-1.94.0", 1),
        ];
        let wanted = ("release-1.94.0".to_owned(), "release-1.95.0".to_owned());
        assert_eq!(newest_pairs(&runs), [wanted]);
        assert!(newest_pairs(&runs[..2]).is_empty());
    }
}
