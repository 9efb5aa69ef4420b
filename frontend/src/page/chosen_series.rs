//! What pages about one configuration draw from: its manifest, and the blocks that a page chooses.

use std::sync::Arc;

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::Page;
use shared_types::object_key::ContentHash;
use shared_types::series::{SeriesBlock, SeriesManifest};

use crate::api_client::{self, ApiError};
use crate::last_choice::{self, query_of};
use crate::page::graphs::source::first_measured;
use crate::remote::{RemoteSignal, fetched};
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::series::blocks::{follow_blocks, follow_manifest};
use crate::url_state::OneConfigurationState;
use crate::widget::choice_field::LoadedChoiceField;
use crate::widget::notice::{ErrorNotice, IgnoredParameters, Loading};

/// The state of such a page, and how to change it.
#[derive(Clone, Copy)]
pub(crate) struct OneConfigurationUrl {
    /// The state, as the address has it.
    pub(crate) state: Memo<OneConfigurationState>,
    ignored: Memo<Vec<String>>,
    go: Callback<String>,
    path: &'static str,
}

impl OneConfigurationUrl {
    /// The state of the page at `path`.
    pub(crate) fn follow(path: &'static str) -> Self {
        let search = use_location().search;
        // An address that says nothing leaves the choice to the page: the reader's last.
        let parsed = Memo::new(move |_| {
            let query = search.get();
            let kept = query
                .is_empty()
                .then(|| last_choice::recall(path))
                .flatten();
            OneConfigurationState::parse(
                kept.as_deref().map_or(&query, |address| query_of(address)),
            )
        });
        let navigate = use_navigate();
        Self {
            state: Memo::new(move |_| parsed.with(|parsed| parsed.state.clone())),
            ignored: Memo::new(move |_| parsed.with(|parsed| parsed.ignored.clone())),
            go: Callback::new(move |address: String| {
                let options = NavigateOptions {
                    scroll: false,
                    ..NavigateOptions::default()
                };
                navigate(&address, options);
            }),
            path,
        }
    }

    /// Changes the state; the browser's back button leads to the one before.
    pub(crate) fn change(self, edit: impl FnOnce(&mut OneConfigurationState)) {
        let mut state = self.state.get_untracked();
        edit(&mut state);
        let address = state.address(self.path);
        last_choice::keep(self.path, &address);
        self.go.run(address);
    }

    /// Goes to another page.
    pub(crate) fn leave_for(self, address: String) {
        self.go.run(address);
    }
}

/// What is known of the series that a page shows.
#[derive(Clone)]
pub(crate) struct ChosenSeries {
    configurations: RemoteSignal<Page<KnownConfiguration>>,
    /// The configuration that is shown.
    pub(crate) configuration: Memo<Option<ConfigurationId>>,
    /// What it has.
    pub(crate) manifest: Memo<Option<Arc<SeriesManifest>>>,
    /// The blocks that were chosen, once all of them are there.
    pub(crate) blocks: Memo<Option<Vec<Arc<SeriesBlock>>>>,
    error: Memo<Option<ApiError>>,
}

/// Follows the address to the manifest, and `choose` to the blocks.
pub(crate) fn follow_series(
    url: OneConfigurationUrl,
    choose: impl Fn(&SeriesManifest) -> Vec<ContentHash> + Send + Sync + 'static,
) -> ChosenSeries {
    let configurations = fetched::<Page<KnownConfiguration>>(Signal::stored(Some(
        api_client::CONFIGURATIONS.to_owned(),
    )));
    let configuration = {
        let configurations = configurations.clone();
        Memo::new(move |_| {
            url.state
                .with(|state| state.configuration.clone())
                .or_else(|| configurations.with(|it| first_measured(it.value.as_deref()?)))
        })
    };
    let manifest = follow_manifest(configuration);
    let hashes = Memo::new(move |_| manifest.value.with(|it| it.as_deref().map(&choose)));
    let blocks = follow_blocks(configuration, hashes);
    let error = {
        let configurations = configurations.clone();
        Memo::new(move |_| {
            configurations
                .with(|remote| remote.error.clone())
                .or_else(|| manifest.error.get())
                .or_else(|| blocks.error.get())
        })
    };
    ChosenSeries {
        configurations,
        configuration,
        manifest: manifest.value,
        blocks: blocks.value,
        error,
    }
}

impl ChosenSeries {
    /// The names of all configurations, once they are known.
    fn names(&self) -> Memo<Option<Vec<String>>> {
        let configurations = self.configurations.clone();
        Memo::new(move |_| {
            configurations.with(|remote| {
                let page = remote.value.as_ref()?;
                let ids = page.items.iter().map(|it| it.configuration.id.to_string());
                Some(ids.collect::<Vec<_>>())
            })
        })
    }
}

/// The field in which the configuration is chosen.
#[component]
pub(crate) fn ConfigurationChoice(url: OneConfigurationUrl, series: ChosenSeries) -> impl IntoView {
    let (names, configuration) = (series.names(), series.configuration);
    view! {
        <LoadedChoiceField
            id="configuration"
            test_id="configuration"
            label="Configuration"
            names=Signal::derive(move || names.get().unwrap_or_default())
            chosen=Signal::derive(move || configuration.get().map_or_else(String::new, |id| id.to_string()))
            on_choice=move |word: String| url.change(|state| state.configuration = word.parse().ok())
        />
    }
    .into_any()
}

/// What is to be said while nothing is there to show.
#[component]
pub(crate) fn SeriesNotice(url: OneConfigurationUrl, series: ChosenSeries) -> impl IntoView {
    let (names, blocks, error) = (series.names(), series.blocks, series.error);
    let nothing_registered = move || names.with(|names| names.as_ref().is_some_and(Vec::is_empty));
    let is_awaited = move || {
        blocks.with(Option::is_none) && error.with(Option::is_none) && !nothing_registered()
    };
    view! {
        <IgnoredParameters ignored=Signal::derive(move || url.ignored.get()) />
        {live(move || error.get().map(|error| view! { <ErrorNotice error /> }))}
        {shown_while(is_awaited, move || view! {
            <Loading what="series" />
        })}
        {shown_while(nothing_registered, move || view! {
            <p class="empty">
                "No configuration is registered yet. A collector registers its configurations when \
                 it starts: " <code>"collector run --data-dir DIR --configuration NAME"</code>
            </p>
        })}
    }
    .into_any()
}
