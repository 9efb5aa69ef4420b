//! The collector: it measures compilers on the benchmarks of the suite.

pub mod agent;
pub mod capture;
pub mod cli;
pub mod doctor;
mod error;
pub mod execution;
pub mod host;
pub mod measure;
pub mod mode;
mod random;
pub mod suite;
pub mod toolchain;

pub use error::CollectorError;
