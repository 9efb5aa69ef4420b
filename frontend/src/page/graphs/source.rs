//! Which series the page draws: what the address asks for, of the configuration that it names.

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::Page;

use super::GraphsUrl;
use crate::remote::RemoteSignal;
use crate::series::blocks::{Choice, Series, follow_series};
use crate::series::history::Stretch;
use crate::url_state::{GraphsState, Range};

/// Follows the address to the data.
pub(super) fn follow_source(
    url: GraphsUrl,
    configurations: RemoteSignal<Page<KnownConfiguration>>,
) -> Series {
    let asked = Memo::new(move |_| url.state.with(|state| state.configuration.clone()));
    let configuration = Memo::new(move |_| {
        asked
            .get()
            .or_else(|| configurations.with(|it| first_measured(it.value.as_deref()?)))
    });
    follow_series(configuration, Memo::new(move |_| url.state.with(choice)))
}

fn choice(state: &GraphsState) -> Choice {
    let stretch = match (state.range, state.from, state.to) {
        (Range::All, _, _) => Stretch::All,
        (Range::Newest, Some(from), Some(to)) => Stretch::Between(from, to),
        (Range::Newest, _, _) => Stretch::Newest,
    };
    Choice {
        metric: state.metric.clone(),
        line: state.line,
        stretch,
    }
}

/// The first configuration that has a run, or the first.
pub(crate) fn first_measured(page: &Page<KnownConfiguration>) -> Option<ConfigurationId> {
    page.items
        .iter()
        .find(|overview| overview.runs > 0)
        .or_else(|| page.items.first())
        .map(|overview| overview.configuration.id.clone())
}
