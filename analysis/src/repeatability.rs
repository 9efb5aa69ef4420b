//! How good a host is as an instrument: how much each metric varies while one compiler compiles the
//! same again and again, and the smallest change that a job finds there.
//!
//! Everything is computed from recorded pairs of one compiler with itself, and is seeded: the same
//! samples give the same figures on every machine.

mod methods;
mod report;
mod samples;
mod smallest_step;
mod variation;

pub use report::{markdown, steps_markdown, variation_markdown};
pub use samples::{PairSeries, RepeatabilitySamples};
pub use smallest_step::{MethodSteps, StepQuestion, StepRow, Steps, smallest_steps};
pub use variation::{MetricVariation, coefficient_of_variation, variation};

#[cfg(test)]
mod tests;
