//! What every adapter must do, as tests that take the ports.
//!
//! Each group has a macro that lists its cases, so that an adapter's tests make one test of each:
//! `store::queue_conformance!(define)` calls `define! { queue: case, case, … }`, and so do
//! [`dead_letters_conformance`](crate::dead_letters_conformance),
//! [`objects_conformance`](crate::objects_conformance) and those of the index,
//! [`records_conformance`](crate::records_conformance), [`jobs_conformance`](crate::jobs_conformance),
//! [`results_conformance`](crate::results_conformance),
//! [`triage_conformance`](crate::triage_conformance),
//! [`upkeep_conformance`](crate::upkeep_conformance),
//! [`scheduling_conformance`](crate::scheduling_conformance),
//! [`retractions_conformance`](crate::retractions_conformance) and
//! [`github_conformance`](crate::github_conformance). Each case wants a store of its own that is
//! empty.

#![allow(
    clippy::unwrap_used,
    reason = "a case that cannot go on is to fail, and its caller is a test"
)]
#![allow(
    missing_docs,
    reason = "the name of a case is the sentence that it holds an adapter to"
)]

pub mod dead_letters;
pub mod examples;
pub mod github;
pub mod jobs;
pub mod objects;
pub mod queue;
pub mod records;
pub mod results;
pub mod retractions;
pub mod scheduling;
pub mod triage;
pub mod upkeep;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::Store;

/// What a case is given.
pub struct Setting {
    /// A store that is empty.
    pub store: Store,
    /// The same store, opened once more, as another process would.
    pub other: Store,
    /// A lease that a case can afford to see end, in whole seconds.
    pub lease: Duration,
    /// Lets time pass for the leases of both: moves a clock, or waits.
    pub let_time_pass: Arc<LetTimePass>,
}

/// Lets time pass.
pub type LetTimePass = dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;
