//! What every chart of the page follows.

use std::sync::Arc;

use crate::prelude::*;

use super::GraphsUrl;
use crate::series::events::Drawn;
use crate::series::history::History;

/// What every chart follows, worked out once for all of them: there are hundreds, and one that followed
/// the address for itself would be asked at each step of a zoom.
#[derive(Clone, Copy)]
pub(crate) struct Followed {
    /// The places in view.
    pub(super) view: Memo<(f64, f64)>,
    /// The place of the artifact that the reader pinned.
    pub(super) pin: Memo<Option<usize>>,
    /// The test cases that are laid over each other.
    pub(super) overlaid: Memo<Vec<String>>,
    /// What is drawn over the charts.
    pub(super) drawn: Drawn,
}

impl Followed {
    pub(super) fn of(url: GraphsUrl, history: Memo<Option<Arc<History>>>, drawn: Drawn) -> Self {
        Self {
            view: Memo::new(move |_| {
                let history = history.get();
                url.state.with(|state| {
                    history.map_or((0.0, 0.0), |history| history.view(state.from, state.to))
                })
            }),
            pin: Memo::new(move |_| {
                let history = history.get()?;
                url.state.with(|state| history.place_at(state.pin?))
            }),
            overlaid: Memo::new(move |_| url.state.with(|state| state.overlay.clone())),
            drawn,
        }
    }
}
