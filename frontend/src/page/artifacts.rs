//! Finding an artifact by the beginning of its name.

use std::time::Duration;

use crate::prelude::*;
use shared_types::Artifact;
use shared_types::api::Page;

use crate::api_client;
use crate::app::set_page_title;
use crate::remote::fetched;
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::url_state::{artifact_address, artifacts_address};
use crate::widget::artifact_name::ArtifactName;
use crate::widget::notice::when_ready;

/// How long after the last letter the artifacts are looked for.
const PAUSE: Duration = Duration::from_millis(200);

/// The page at `/artifacts`.
#[component]
pub(crate) fn ArtifactsPage() -> impl IntoView {
    set_page_title("Artifacts");
    let search = use_location().search;
    let prefix = Memo::new(move |_| search.with(|search| prefix_in(search)));
    let navigate = use_navigate();
    let mut look_for = debounce(PAUSE, move |text: String| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
        };
        navigate(&artifacts_address(text.trim()), options);
    });
    let found = fetched::<Page<Artifact>>(Signal::derive(move || {
        Some(prefix.with(|prefix| api_client::artifacts(prefix)))
    }));
    view! {
        <div class="page">
            <h1>"Artifacts"</h1>
            <p class="muted">"Compilers that were measured, or are known to be there."</p>
            <div class="field grow">
                <label for="prefix">"Name begins with"</label>
                <input
                    id="prefix"
                    data-testid="prefix"
                    data-filter=""
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="sha, release-1.95.0, local-NAME-SHA"
                    prop:value=move || prefix.get()
                    on:input=move |event| look_for(event_target_value(&event))
                />
            </div>
            {when_ready(found, "artifacts", move |page| {
                list(&page, prefix.with_untracked(String::is_empty))
            })}
        </div>
    }
    .into_any()
}

/// The beginning that the address asks for.
fn prefix_in(search: &str) -> String {
    form_urlencoded::parse(search.trim_start_matches('?').as_bytes())
        .find(|(name, _)| name == "prefix")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn list(page: &Page<Artifact>, is_everything: bool) -> AnyView {
    if page.items.is_empty() && is_everything {
        return view! {
            <p class="empty" data-testid="no-artifacts">
                "No artifact is known yet. Make one known by " <code>"perfleet artifact add FILE"</code>
                ", or bring measurements by " <code>"perfleet import csv FILE.csv.gz"</code> "."
            </p>
        }
        .into_any();
    }
    if page.items.is_empty() {
        return view! {
            <p class="empty" data-testid="no-artifacts">
                "No artifact has a name that begins like this. A commit is known by its full sha, a \
                 release as " <code>"release-1.95.0"</code> "."
            </p>
        }
        .into_any();
    }
    let rows: Vec<_> = page.items.iter().map(row).collect();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Artifacts">
            <table class="dense stacking flowing" data-testid="artifacts">
                <thead>
                    <tr>
                        <th scope="col">"Artifact"</th>
                        <th scope="col">"What people call it"</th>
                        <th scope="col">"Committed"</th>
                        <th scope="col">"Line of history"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {page
            .next_cursor
            .is_some()
            .then(|| view! { <p class="muted small">"There are more: type more letters."</p> })}
    }
    .into_any()
}

fn row(artifact: &Artifact) -> AnyView {
    let committed = artifact
        .commit_date
        .map(|date| date.to_string().chars().take(10).collect::<String>());
    let line = artifact
        .history
        .as_ref()
        .map(|history| history.line.as_str());
    view! {
        <tr>
            <td>
                <a href=artifact_address(&artifact.id.to_string()) data-row-link="">
                    <ArtifactName id=artifact.id.clone() />
                </a>
            </td>
            <td>{artifact.title.clone()}</td>
            <td>{committed}</td>
            <td>{line}</td>
        </tr>
    }
    .into_any()
}
