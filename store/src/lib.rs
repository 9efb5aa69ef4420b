//! Ports to what survives: [`Queue`], [`Objects`] and [`Index`], and their adapters.
//!
//! A port speaks of the domain (`complete_job`, not `put`), so that each adapter can keep its own
//! promises with its own means. No caller knows which adapter it was given, and all adapters pass
//! the one [`conformance`] suite.

#[cfg(feature = "aws")]
pub mod aws;
pub mod conformance;
mod dead_letters;
#[cfg(feature = "embedded")]
pub mod embedded;
mod error;
mod github_index;
#[cfg(feature = "http")]
pub mod http;
mod index;
mod objects;
mod queue;
mod retraction_index;
mod scheduling_index;
mod transitions;
mod triage_index;
mod upkeep_index;

pub use dead_letters::{DeadLetter, DeadLetters};
pub use error::StoreError;
pub use github_index::GitHubIndex;
pub use index::{
    AuditEntry, CollectedResult, Completion, FailureOutcome, Index, JOBS_MAX, JobCounts, NewJobs,
    PageRequest, RequestFilter, RunResult, TokenRecord, TokenRole,
};
pub use objects::{ETag, ObjectPage, Objects, PutOutcome};
pub use queue::{Delivery, Queue, QueueDepth, QueueName, Receipt};
pub use retraction_index::RetractionIndex;
pub use scheduling_index::SchedulingIndex;
pub use triage_index::TriageIndex;
pub use upkeep_index::UpkeepIndex;

use std::sync::Arc;

/// The ports that a handler needs, whatever is behind them.
#[derive(Clone)]
pub struct Store {
    /// The index.
    pub index: Arc<dyn Index>,
    /// The queues.
    pub queue: Arc<dyn Queue>,
    /// What the queues gave up.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// The objects.
    pub objects: Arc<dyn Objects>,
}

/// The ports that a collector needs: it has no access to the index.
#[derive(Clone)]
pub struct CollectorPorts {
    /// The queues.
    pub queue: Arc<dyn Queue>,
    /// The objects.
    pub objects: Arc<dyn Objects>,
}
