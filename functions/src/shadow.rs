//! Shadow mode: an environment that follows another's requests, measures them on its own hosts, and
//! speaks to nobody on pull requests.
//!
//! ```text
//! the other: its requests -> mirrored requests -> jobs -> … -> comparisons here -> table of the day
//!            its verdicts ---------------------------------------------------------^
//! ```
//!
//! Nothing of it depends on order. A mirrored request's id is computed from the other's, so that
//! doubled, late and reordered looks make one; a table is computed from what the two say now, and
//! replaced.

mod followed;
mod mirroring;
mod perfleet_api;
mod rustc_perf_export;
mod settings;
mod tabulating;

use std::sync::Arc;

use shared_types::shadow::ShadowStatus;

pub use followed::{Followed, FollowedRequest};
pub use mirroring::{Mirrored, Reach, mirror};
pub use perfleet_api::PerfleetApi;
pub use rustc_perf_export::RustcPerfExport;
pub use settings::{FollowedPlace, SETTINGS_FILE, SETTINGS_VARIABLE, ShadowSettings};
pub use tabulating::{last_table, table_of, tabulate};

/// How the requesters of mirrored requests begin.
pub(crate) const REQUESTER: &str = "shadow of ";

/// What an environment in shadow mode knows of it.
#[derive(Clone)]
pub struct Shadow {
    /// What an administrator chose.
    pub settings: ShadowSettings,
    /// The one that is followed.
    pub followed: Arc<dyn Followed>,
}

impl Shadow {
    /// The shadow that settings describe.
    pub fn new(settings: ShadowSettings) -> Self {
        let followed: Arc<dyn Followed> = match &settings.place {
            FollowedPlace::Perfleet { url } => Arc::new(PerfleetApi::at(url)),
            FollowedPlace::RustcPerf { export } => {
                let theirs = settings.configurations.keys().cloned().collect();
                Arc::new(RustcPerfExport::at(export, theirs))
            }
        };
        Self { settings, followed }
    }

    /// What people are told of it.
    pub fn status(&self) -> ShadowStatus {
        ShadowStatus {
            of: self.settings.name.clone(),
        }
    }

    /// The requester of mirrored requests.
    fn requester(&self) -> String {
        format!("{REQUESTER}{}", self.settings.name)
    }
}
