//! The collector: it measures compilers on the benchmarks of the suite.

mod error;
pub mod suite;

pub use error::CollectorError;
