//! The vocabulary of Perfleet as types, and every format that crosses a border: between processes,
//! onto a disk, or over a network.
//!
//! Nothing here does I/O, reads a clock or draws a random number, and everything builds for
//! `wasm32-unknown-unknown`. Text and JSON are parsed once, here, into types that cannot hold
//! nonsense; the other rooms never check again.

pub mod api;
pub mod artifact;
pub mod change_point;
pub mod collector;
pub mod comparison;
pub mod configuration;
pub mod disturbance;
mod error;
pub mod events;
pub mod explanation;
pub mod exposition;
pub mod format;
pub mod host;
pub mod ids;
pub mod job;
pub mod job_transitions;
pub mod job_units;
pub mod metric;
pub mod notices;
pub mod object_key;
pub mod pull_request;
pub mod request;
pub mod result_document;
pub mod retraction;
pub mod run;
pub mod scheduling;
pub mod self_profile;
pub mod series;
pub mod shadow;
pub mod test_case;
mod text;
mod timestamp;
pub mod triage;
pub mod upkeep;
mod written;

pub use artifact::{Artifact, ArtifactId, HistoryPosition, Line};
pub use configuration::{Backend, Configuration, ConfigurationId, ConfigurationRecord, Tier};
pub use error::InvalidInput;
pub use format::FormatVersion;
pub use ids::{JobId, RequestId, RetractionId};
pub use job_units::BenchmarkKind;
pub use metric::{Metric, MetricName, Unit};
pub use object_key::ObjectKey;
pub use pull_request::{CommitSha, Login, PullRequestId, RepositoryName};
pub use run::{Replicate, RunId};
pub use test_case::{BenchmarkName, Category, Epoch, Profile, Scenario, TestCase};
