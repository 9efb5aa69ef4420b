//! The mathematics: significance, comparisons, verdicts, the policy over configurations, change
//! points, series, the rules by which work is cut and ordered, and the words that people read.
//!
//! Pure functions: no clock, no randomness, no network, no disk. Everything builds for
//! `wasm32-unknown-unknown`, so that the page and the functions compute with the same code.
//!
//! **Within one configuration.** Numbers of two configurations never meet here:
//! [`comparison::compare`] refuses them, and [`policy`] looks at verdicts, never at their numbers.

pub mod backtest;
pub mod beside;
pub mod bisection;
pub mod change_points;
pub mod collector_health;
pub mod comparison;
pub mod direction;
pub mod disturbance;
mod error;
pub mod explanation;
pub mod false_alarms;
pub mod false_discovery;
mod history_warnings;
pub mod host_agreement;
pub mod host_epochs;
pub mod policy;
pub mod query_figures;
pub mod readiness;
pub mod repeatability;
pub mod repetition;
pub mod retraction;
mod robust;
pub mod run_values;
pub mod rustc_perf;
#[cfg(test)]
mod sample_runs;
pub mod schedule;
pub mod segment_level;
pub mod series;
pub mod series_changes;
pub mod series_history;
pub mod shadow;
pub mod significance;
pub mod simulation;
pub mod summary;
pub mod trend;
pub mod triage;
pub mod why;
pub mod words;

pub use comparison::compare;
pub use error::AnalysisError;
pub use run_values::{CaseValues, InterleavedValue, RunValues, pool};
pub use series_history::SeriesHistory;
pub use significance::{DEFAULT_METHOD, SignificanceMethod, method, method_names};
