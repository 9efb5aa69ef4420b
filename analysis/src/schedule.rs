//! How a request is cut into jobs, in which order jobs go, how many are released, and what is
//! measured of own accord.

mod cutting;
mod ordering;
mod units;
pub mod upkeep;
mod wanted_unit;

pub use cutting::{MeasuredDurations, PlannedJob, cut};
pub use ordering::{FinishedWork, WaitingJob, release_count, release_order, seconds_left};
pub use units::units;
pub use wanted_unit::WantedUnit;

/// How long a job is to take at most, in seconds.
pub const JOB_SECONDS_WANTED: f64 = 30.0 * 60.0;
