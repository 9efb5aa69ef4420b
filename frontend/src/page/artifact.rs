//! All that is known of one compiler.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::api::{ArtifactDetail, Page, RunOverview};
use shared_types::comparison::Comparison;
use shared_types::request::Request;
use shared_types::{Artifact, ArtifactId, ConfigurationId};

use crate::api_client;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::numbers;
use crate::remote::{fetched, fetched_once};
use crate::router::use_location;
use crate::url_state::{CompareState, GraphsState, artifact_address, request_address};
use crate::widget::artifact_name::ArtifactName;
use crate::widget::headline::HeadlineLink;
use crate::widget::notice::when_ready;
use crate::widget::pull_request::pull_request;

/// The page at `/artifacts/{id}`.
#[component]
pub(crate) fn ArtifactPage() -> impl IntoView {
    set_page_title("Artifact");
    let location = use_location();
    let id = Memo::new(move |_| location.named());
    let detail = fetched::<ArtifactDetail>(Signal::derive(move || {
        id.with(|id| (!id.is_empty()).then(|| api_client::artifact(id)))
    }));
    let title = {
        let detail = detail.clone();
        Memo::new(move |_| {
            let known = detail.with(|it| it.value.as_ref().map(|detail| title(&detail.artifact)));
            known.unwrap_or_else(|| id.get())
        })
    };
    view! {
        <div class="page">
            <h1 class="break">{live(move || title.get())}</h1>
            {when_ready(
                detail,
                "the artifact",
                |detail| view! { <Detail detail /> }.into_any(),
            )}
            <p class="small"><a href="/artifacts">"Find another artifact"</a></p>
        </div>
    }
    .into_any()
}

#[component]
fn Detail(detail: Arc<ArtifactDetail>) -> impl IntoView {
    let artifact = &detail.artifact;
    set_page_title(&artifact.id.short());
    let parent = artifact
        .history
        .as_ref()
        .and_then(|history| history.parent.clone());
    view! {
        {facts(&detail, parent.as_ref())}
        <h2>"What came out"</h2>
        {answers(artifact, parent, &detail.runs)}
        <h2>"Measured"</h2>
        {runs(&detail.runs)}
        {replicate_pairs(&artifact.id, &detail.runs)}
        <h2>"Requests"</h2>
        {when_ready(
            fetched_once::<Page<Request>>(api_client::requests_of(&artifact.id)),
            "requests",
            |page| requests(&page.items),
        )}
    }
    .into_any()
}

/// What people call it, or its name.
fn title(artifact: &Artifact) -> String {
    let title = artifact.title.clone();
    title.unwrap_or_else(|| artifact.id.to_string())
}

fn facts(detail: &ArtifactDetail, parent: Option<&ArtifactId>) -> AnyView {
    let (artifact, successor) = (&detail.artifact, detail.successor.as_ref());
    let link = |id: &ArtifactId| {
        let address = artifact_address(&id.to_string());
        view! { <a href=address><ArtifactName id=id.clone() /></a> }
    };
    let line = artifact.history.as_ref().map(|history| {
        view! {
            <dt>"Line of history"</dt>
            <dd>{history.line.as_str()} ", at " {history.ordinal.to_string()}</dd>
        }
    });
    view! {
        <dl class="facts panel" data-testid="artifact-facts">
            <dt>"Name"</dt>
            <dd><code>{artifact.id.to_string()}</code></dd>
            {artifact
                .commit_sha
                .clone()
                .map(|sha| view! { <dt>"Commit"</dt><dd><code>{sha}</code></dd> })}
            {artifact
                .commit_date
                .map(|date| view! { <dt>"Committed"</dt><dd><Age of=date /></dd> })}
            {detail
                .pull_request
                .as_ref()
                .map(|it| view! { <dt>"Pull request"</dt><dd>{pull_request(it)}</dd> })}
            {line}
            {parent.map(|parent| view! { <dt>"Before it"</dt><dd>{link(parent)}</dd> })}
            {successor.map(|next| view! { <dt>"After it"</dt><dd>{link(next)}</dd> })}
            {artifact
                .history
                .is_none()
                .then(|| {
                    view! {
                        <dt>"Line of history"</dt>
                        <dd>"not known: it can be compared by hand, and is on no chart"</dd>
                    }
                })}
        </dl>
    }
    .into_any()
}

/// Each configuration's answer to what the artifact changed from the one before it.
fn answers(artifact: &Artifact, parent: Option<ArtifactId>, runs: &[RunOverview]) -> AnyView {
    let Some(parent) = parent else {
        return view! {
            <p class="empty">
                "The artifact before it is not known. To see what it changed, "
                <a href=format!("/compare?head={}", artifact.id)>"choose a base"</a> "."
            </p>
        }
        .into_any();
    };
    let configurations = measured_configurations(runs);
    if configurations.is_empty() {
        return view! { <p class="empty">"It was not measured yet."</p> }.into_any();
    }
    configurations
        .into_iter()
        .map(|configuration| {
            view! { <AnswerOf parent=parent.clone() id=artifact.id.clone() configuration /> }
        })
        .collect_view()
        .into_any()
}

fn measured_configurations(runs: &[RunOverview]) -> Vec<ConfigurationId> {
    let mut configurations: Vec<ConfigurationId> = runs
        .iter()
        .filter(|run| run.measured_at.is_some())
        .map(|run| run.configuration.clone())
        .collect();
    configurations.dedup();
    configurations
}

#[component]
fn AnswerOf(parent: ArtifactId, id: ArtifactId, configuration: ConfigurationId) -> impl IntoView {
    let comparison = fetched::<Comparison>(Signal::stored(Some(api_client::comparison(
        &parent.to_string(),
        &id.to_string(),
        &configuration,
        None,
    ))));
    let address = CompareState {
        configuration: Some(configuration.clone()),
        ..CompareState::of(&parent, &id)
    }
    .address();
    view! {
        <div class="panel" data-testid=format!("answer-{configuration}")>
            <div class="panel-head">
                <h3><code>{configuration.to_string()}</code></h3>
            </div>
            {when_ready(
                comparison,
                "the comparison",
                move |comparison| {
                    view! {
                        <HeadlineLink
                            headline=comparison.headline.clone()
                            address=address.clone()
                            verdict=comparison.verdict
                        />
                    }
                        .into_any()
                },
            )}
        </div>
    }
    .into_any()
}

fn runs(runs: &[RunOverview]) -> AnyView {
    if runs.is_empty() {
        return view! {
            <p class="empty">
                "Nothing was measured of it. Ask: "
                <code>"perfleet request HEAD --base BASE --configuration NAME"</code>
            </p>
        }
        .into_any();
    }
    let rows: Vec<_> = runs.iter().map(run_row).collect();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Runs">
            <table class="dense stacking" data-testid="artifact-runs">
                <thead>
                    <tr>
                        <th scope="col">"Configuration"</th>
                        <th scope="col">"Replicate"</th>
                        <th scope="col">"Measured"</th>
                        <th scope="col">"Host"</th>
                        <th scope="col" class="number">"Test cases"</th>
                        <th scope="col" class="number">"Failures"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn run_row(run: &RunOverview) -> AnyView {
    let graphs = GraphsState {
        configuration: Some(run.configuration.clone()),
        ..GraphsState::default()
    }
    .address();
    let measured = match run.measured_at {
        Some(at) => view! { <Age of=at /> }.into_any(),
        None => "not yet".into_any(),
    };
    let left = (run.jobs_left > 0).then(|| {
        format!(
            " \u{b7} {} to go",
            numbers::count(u64::from(run.jobs_left), "job")
        )
    });
    view! {
        <tr>
            <td><a href=graphs data-row-link="">{run.configuration.to_string()}</a></td>
            <td>{format!("#{}", run.replicate.number())}</td>
            <td>{measured} <span class="muted">{left}</span></td>
            <td>{run.hosts.join(", ")}</td>
            <td class="number" data-label="Test cases">{run.test_cases}</td>
            <td class="number" data-label="Failures" class:worse=run.failures != 0>{run.failures}</td>
        </tr>
    }
    .into_any()
}

/// Where it was measured twice under one configuration, the two against each other: what noise is.
fn replicate_pairs(id: &ArtifactId, runs: &[RunOverview]) -> AnyView {
    let links: Vec<_> = runs
        .windows(2)
        .filter(|pair| {
            pair[0].configuration == pair[1].configuration
                && pair.iter().all(|run| run.measured_at.is_some())
        })
        .map(|pair| {
            let side = |run: &RunOverview| format!("{id}#{}", run.replicate.number());
            let address = CompareState {
                configuration: Some(pair[0].configuration.clone()),
                ..CompareState::of(side(&pair[0]), side(&pair[1]))
            }
            .address();
            view! {
                <li>
                    <a href=address>
                        {format!(
                            "#{} and #{} under {}",
                            pair[0].replicate.number(),
                            pair[1].replicate.number(),
                            pair[0].configuration,
                        )}
                    </a>
                </li>
            }
        })
        .collect();
    (!links.is_empty())
        .then(|| {
            view! {
                <p class="small muted">"Against itself, which shows the noise:"</p>
                <ul class="small">{links}</ul>
            }
        })
        .into_any()
}

fn requests(requests: &[Request]) -> AnyView {
    if requests.is_empty() {
        return view! { <p class="muted">"No recent request names it."</p> }.into_any();
    }
    let items: Vec<_> = requests
        .iter()
        .map(|request| {
            let base = request.base.as_ref().map(|base| {
                view! { <ArtifactName id=base.artifact.clone() /> " \u{2192} " }
            });
            view! {
                <li>
                    <a href=request_address(request.id) data-row-link="">
                        {base} <ArtifactName id=request.head.artifact.clone() />
                    </a>
                    " "
                    <span class=format!("state {}", request.state)>{request.state.as_str()}</span>
                    <span class="muted">
                        " by " {request.requester.clone()} ", " <Age of=request.created_at /> ": "
                        {request.reason.clone()}
                    </span>
                </li>
            }
        })
        .collect();
    view! { <ul class="plain" data-testid="artifact-requests">{items}</ul> }.into_any()
}
