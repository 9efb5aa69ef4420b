//! How a request is cut into jobs, in which order jobs go, how many are released, which are lost,
//! when all is done, and what is measured of own accord. The coordinator and the
//! [simulator](crate::simulation) run this same code.

mod affinity;
mod cutting;
mod durations;
mod ending;
mod forecast;
mod losing;
mod ordering;
mod releasing;
mod units;
pub mod upkeep;
mod wanted_unit;

pub use affinity::preferred_host;
pub use cutting::{PlannedJob, cut};
pub use durations::{LastMeasured, MeasuredDurations};
pub use ending::{base_is_awaited, end_of_request, will_measure_base};
pub use forecast::{ExpectedCollector, ExpectedJob, Forecast, forecast, seconds_remaining};
pub use losing::{
    FRUITLESS_RELEASES_MAX, Recovery, SILENT_SECONDS_MAX, is_silent, lost_jobs, recovery,
};
pub use ordering::{Line, WaitingJob, release_order};
pub use releasing::{ServingCollector, release_count, releases};
pub use units::units;
pub use wanted_unit::WantedUnit;

/// How long a job is to take at most, in seconds.
pub const JOB_SECONDS_WANTED: f64 = 30.0 * 60.0;
