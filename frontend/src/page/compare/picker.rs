//! Which two artifacts and which metric.

use std::time::Duration;

use crate::prelude::*;
use shared_types::api::{ArtifactDetail, Page};
use shared_types::{Artifact, MetricName};

use super::sides::{Sides, parent};
use super::{CompareUrl, Selected};
use crate::api_client;
use crate::order::sorted;
use crate::remote::{Remote, RemoteSignal, fetched};
use crate::widget::choice_field::options;
use crate::widget::pull_request::pull_request;

/// How long after the last letter the artifacts are looked for.
const PAUSE: Duration = Duration::from_millis(200);

/// The fields at the top of the page.
#[component]
pub(super) fn Picker(url: CompareUrl, sides: Sides, selected: Selected) -> impl IntoView {
    let base = Memo::new(move |_| url.state.with(|state| state.base.clone()));
    let head = Memo::new(move |_| url.state.with(|state| state.head.clone()));
    let head_detail = sides.head.clone();
    view! {
        <form
            class="picker"
            role="search"
            aria-label="What to compare"
            on:submit=move |event| event.prevent_default()
        >
            <SideField
                id="base"
                label="Base"
                value=base
                detail=sides.base.clone()
                set=Callback::new(move |side| url.change(|state| state.base = side))
            />
            <button
                type="button"
                class="swap"
                title="Swap base and head"
                aria-label="Swap base and head"
                on:click=move |_| {
                    url.change(|state| std::mem::swap(&mut state.base, &mut state.head));
                }
            >
                "\u{21c4}"
            </button>
            <SideField
                id="head"
                label="Head"
                value=head
                detail=sides.head.clone()
                set=Callback::new(move |side| url.change(|state| state.head = side))
            />
            <MetricField url selected />
        </form>
        {live(move || {
            let parent = head_detail.with(parent)?.to_string();
            (base.get() != parent).then(|| {
                let shown = crate::widget::artifact_name::short_side(&parent);
                view! {
                    <p class="small muted">
                        "The head\u{2019}s predecessor is "
                        <button
                            type="button"
                            class="link"
                            on:click=move |_| url.change(|state| state.base.clone_from(&parent))
                        >
                            {shown}
                        </button>
                        "."
                    </p>
                }
            })
        })}
    }
}

/// One side: typed, or chosen from the artifacts whose name begins like it.
#[component]
fn SideField(
    id: &'static str,
    label: &'static str,
    value: Memo<String>,
    detail: RemoteSignal<ArtifactDetail>,
    set: Callback<String>,
) -> impl IntoView {
    let wanted = RwSignal::new(None::<String>);
    let mut look_for = debounce(PAUSE, move |text: String| wanted.set(Some(text)));
    let found = fetched::<Page<Artifact>>(Signal::derive(move || {
        wanted.with(|wanted| wanted.as_deref().map(api_client::artifacts))
    }));
    let submit = move |text: String| {
        let text = text.trim().to_owned();
        if text != value.get_untracked() {
            set.run(text);
        }
    };
    let list_id = format!("{id}-artifacts");
    let detail_of_pull_request = detail.clone();
    view! {
        <div class="field side">
            <label for=id>{label}</label>
            <input
                id=id
                data-testid=id
                list=list_id.clone()
                autocomplete="off"
                spellcheck="false"
                placeholder="sha, release-1.95.0, local-NAME-SHA"
                prop:value=move || value.get()
                on:focus=move |_| {
                    if wanted.get_untracked().is_none() {
                        wanted.set(Some(String::new()));
                    }
                }
                on:input=move |event| {
                    let text = event_target_value(&event);
                    look_for(text);
                }
                on:change=move |event| submit(event_target_value(&event))
            />
            <datalist id=list_id>
                {live(move || {
                    found
                        .with(|found| found.value.clone())
                        .map(|page| page.items.iter().map(artifact_option).collect_view())
                })}
            </datalist>
            <span class="small muted ellipsis side-title">
                {live(move || detail.with(|detail| detail.value.as_deref().map(described)))}
            </span>
            {live(move || detail_of_pull_request.with(of_pull_request))}
        </div>
    }
}

/// The pull request that a side belongs to.
fn of_pull_request(detail: &Remote<ArtifactDetail>) -> Option<AnyView> {
    let link = detail.value.as_ref()?.pull_request.as_ref()?;
    Some(view! { <span class="small">"Pull request " {pull_request(link)}</span> }.into_any())
}

fn artifact_option(artifact: &Artifact) -> impl IntoView + use<> {
    view! { <option value=artifact.id.to_string()>{artifact.title.clone()}</option> }
}

/// What is known of an artifact beside its name.
fn described(detail: &ArtifactDetail) -> String {
    let artifact = &detail.artifact;
    let date = artifact
        .commit_date
        .map(|date| date.to_string().chars().take(10).collect::<String>());
    let words: Vec<String> = artifact.title.iter().cloned().chain(date).collect();
    words.join(" \u{b7} ")
}

/// The metrics that both sides have.
#[component]
fn MetricField(url: CompareUrl, selected: Selected) -> impl IntoView {
    let metrics = Memo::new(move |_| {
        selected.comparison.with(|comparison| {
            let comparison = comparison.as_ref()?;
            let metrics = sorted(comparison.metrics.iter().collect(), |one, other| {
                (one.name.preference(), &one.name).cmp(&(other.name.preference(), &other.name))
            });
            let names: Vec<String> = metrics.iter().map(|it| it.name.to_string()).collect();
            Some((names, comparison.metric.clone()))
        })
    });
    let is_known =
        move || metrics.with(Option::is_some) || url.state.with(|state| state.metric.is_some());
    view! {
        <div class="field" class:unknown=move || !is_known()>
            <label for="metric">"Metric"</label>
            <select
                id="metric"
                data-testid="metric"
                on:change=move |event| {
                    let chosen = event_target_value(&event).parse::<MetricName>().ok();
                    url.change(|state| state.metric = chosen);
                }
            >
                {live(move || {
                    let asked = url.state.with(|it| it.metric.as_ref().map(ToString::to_string));
                    let (names, shown) = metrics.get().unwrap_or_default();
                    options(names, &asked.unwrap_or(shown))
                })}
            </select>
        </div>
    }
}
