//! The functions of Perfleet, as ordinary async handlers over the ports of [`store`]: each can run
//! in one process beside the others (`perfleet serve`) or alone in the cloud.

pub mod announcements;
pub mod api;
pub mod availability;
pub mod bisecting;
pub mod clock;
pub mod command_line;
pub mod compare;
mod context;
pub mod coordinator;
mod disturbance;
mod error;
mod forecasting;
pub mod github;
pub mod host_agreement;
pub mod import;
pub mod ingest;
mod job_attempts;
#[cfg(feature = "aws")]
pub mod lambda;
pub mod messages;
mod overview;
pub mod policy_in_force;
mod pull_request_of_artifact;
pub mod readiness;
mod recorded_load;
pub mod recorded_series;
pub mod result_objects;
pub mod retraction;
mod run_values;
mod secret;
mod series_blocks;
pub mod series_changes;
pub mod serve;
pub mod shadow;
mod site;
pub mod triage;
mod upkeep;
pub mod watching;

pub use context::{Context, RandomSource, Settings, SystemRandom};
pub use error::FunctionsError;
pub use secret::Secret;
pub use series_blocks::{artifact_has_moved, artifacts_became_known};
