//! The command palette: any page, configuration, artifact or request by a few letters.

mod matching;

use std::sync::Arc;
use std::time::Duration;

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use leptos::ev;
use leptos::html::{Dialog, Input};
use shared_types::api::Page;
use shared_types::{Artifact, RequestId};

use crate::api_client;
use crate::part::{Piece, part, when_fetched};
use crate::remote::fetched;
use crate::router::{BELOW, NAVIGATION, NavigateOptions, use_navigate};
use crate::url_state::{
    CompareState, GraphsState, OneConfigurationState, TestCaseFilter, artifact_address,
    request_address,
};
use crate::widget::modal::follow_open;
use matching::{Entry, found};

/// How long after the last letter the artifacts are looked for.
const PAUSE: Duration = Duration::from_millis(150);

/// Entries that are shown at most.
const ENTRIES_MAX: usize = 12;

/// The palette. It opens by Ctrl+K (on a Mac, Command+K), too.
#[component]
pub(crate) fn Palette(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let shortcut = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            is_open.set(true);
        }
    });
    on_cleanup(move || shortcut.remove());
    follow_open(dialog, is_open.into(), || {});
    view! {
        <dialog
            node_ref=dialog
            class="palette"
            aria-label="Go to"
            on:close=move |_| is_open.set(false)
        >
            // Neither the part of the page nor an answer of the server is asked for before somebody opens it.
            {live(move || is_open.get().then(|| when_fetched(palette_in_every_page(), is_open, "where to go")))}
        </dialog>
    }
    .into_any()
}

part! {
    palette_in_every_page -> Piece<RwSignal<bool>> {
        |is_open| view! { <Search is_open /> }.into_any()
    }
}

#[component]
fn Search(is_open: RwSignal<bool>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let entries = follow_entries(text);
    let navigate = use_navigate();
    let go = Callback::new(move |address: String| {
        is_open.set(false);
        navigate(&address, NavigateOptions::default());
    });
    let field = NodeRef::<Input>::new();
    field.on_load(|field| {
        let _ = field.focus();
    });
    let on_key = move |event: web_sys::KeyboardEvent| {
        let count = entries.with(Vec::len);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1).min(count.saturating_sub(1))),
            "ArrowUp" => chosen.update(|at| *at = at.saturating_sub(1)),
            "Enter" => {
                if let Some(entry) = entries.with(|entries| entries.get(chosen.get()).cloned()) {
                    go.run(entry.address);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <input
            node_ref=field
            data-testid="palette-input"
            role="combobox"
            aria-label="Page, configuration, artifact, request or BASE..HEAD"
            aria-expanded="true"
            aria-controls="palette-entries"
            aria-autocomplete="list"
            aria-activedescendant=move || format!("palette-{}", chosen.get())
            autocomplete="off"
            spellcheck="false"
            placeholder="Page, configuration, artifact, BASE..HEAD"
            on:input=move |event| {
                chosen.set(0);
                text.set(event_target_value(&event));
            }
            on:keydown=on_key
        />
        <ul id="palette-entries" role="listbox" aria-label="Where to go">
            {live(move || {
                entries
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(place, entry)| option(place, entry, chosen, go))
                    .collect_view()
            })}
        </ul>
        <p class="small muted" role="status">
            {live(move || match entries.with(Vec::len) {
                0 => "Nothing is called like this.",
                _ => "Arrow keys choose, Enter goes there, Esc closes.",
            })}
        </p>
    }
    .into_any()
}

fn option(place: usize, entry: Entry, chosen: RwSignal<usize>, go: Callback<String>) -> AnyView {
    let address = entry.address;
    view! {
        <li
            id=format!("palette-{place}")
            role="option"
            aria-selected=move || (chosen.get() == place).to_string()
            on:click=move |_| go.run(address.clone())
        >
            <span class="break">{entry.label}</span>
            <span class="muted small">{entry.kind}</span>
        </li>
    }
    .into_any()
}

/// What the text finds: here at once, and on the server a moment later.
fn follow_entries(text: RwSignal<String>) -> Memo<Vec<Entry>> {
    let configurations = fetched::<Page<KnownConfiguration>>(Signal::stored(Some(
        api_client::CONFIGURATIONS.to_owned(),
    )));
    let wanted = RwSignal::new(String::new());
    let mut look_for = debounce(PAUSE, move |text: String| wanted.set(text));
    Effect::new(move |_| look_for(text.get()));
    let artifacts = fetched::<Page<Artifact>>(Signal::derive(move || {
        wanted.with(|wanted| {
            let wanted = wanted.trim();
            (!wanted.is_empty()).then(|| api_client::artifacts(wanted))
        })
    }));
    Memo::new(move |_| {
        let text = text.get();
        let text = text.trim();
        let configurations = configurations.with(|remote| remote.value.clone());
        let mut entries = meant(text);
        entries.extend(found(&places(configurations.as_deref()), text, ENTRIES_MAX));
        entries.extend(artifacts.with(|remote| of_artifacts(remote.value.as_ref())));
        if !text.is_empty() {
            entries.push(test_cases(text));
        }
        entries.truncate(ENTRIES_MAX);
        entries
    })
}

/// What a text says by its form alone: a request's id, or two artifacts.
fn meant(text: &str) -> Vec<Entry> {
    if let Ok(id) = text.parse::<RequestId>() {
        return vec![Entry {
            label: text.to_owned(),
            kind: "request",
            address: request_address(id),
        }];
    }
    match text.split_once("..") {
        Some((base, head)) if !base.is_empty() && !head.is_empty() => vec![Entry {
            label: format!("{base}..{head}"),
            kind: "compare",
            address: CompareState::of(base, head).address(),
        }],
        _ => Vec::new(),
    }
}

fn places(configurations: Option<&Page<KnownConfiguration>>) -> Vec<Entry> {
    let pages = NAVIGATION
        .iter()
        .chain(&BELOW)
        .map(|(label, address)| Entry {
            label: (*label).to_owned(),
            kind: "page",
            address: (*address).to_owned(),
        });
    let of_configurations = configurations
        .into_iter()
        .flat_map(|page| &page.items)
        .flat_map(|overview| {
            let id = overview.configuration.id.clone();
            let state = OneConfigurationState {
                configuration: Some(id.clone()),
                ..OneConfigurationState::default()
            };
            let graphs = GraphsState {
                configuration: Some(id.clone()),
                ..GraphsState::default()
            };
            [
                ("graphs of a configuration", graphs.address()),
                ("releases of a configuration", state.address("/releases")),
                ("toolchain of a configuration", state.address("/toolchain")),
            ]
            .map(|(kind, address)| Entry {
                label: id.to_string(),
                kind,
                address,
            })
        });
    pages.chain(of_configurations).collect()
}

fn of_artifacts(page: Option<&Arc<Page<Artifact>>>) -> Vec<Entry> {
    let items = page.into_iter().flat_map(|page| &page.items);
    items
        .map(|artifact| {
            let id = artifact.id.to_string();
            Entry {
                address: artifact_address(&id),
                label: artifact.title.clone().unwrap_or(id),
                kind: "artifact",
            }
        })
        .collect()
}

fn test_cases(text: &str) -> Entry {
    let state = GraphsState {
        filter: TestCaseFilter {
            name: text.to_owned(),
            ..TestCaseFilter::default()
        },
        ..GraphsState::default()
    };
    Entry {
        label: format!("Test cases with \u{201c}{text}\u{201d} in their names"),
        kind: "graphs",
        address: state.address(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_artifacts_with_dots_between_are_compared() {
        let entries = meant("release-1.94.0..release-1.95.0");
        assert_eq!(entries[0].kind, "compare");
        assert_eq!(
            entries[0].address,
            "/compare?base=release-1.94.0&head=release-1.95.0"
        );
        assert!(meant("release-1.94.0..").is_empty());
    }

    #[test]
    fn the_id_of_a_request_leads_to_it() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(meant(id)[0].address, format!("/requests/{id}"));
    }
}
