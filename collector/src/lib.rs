//! The collector: it measures compilers on the benchmarks of the suite.

pub mod agent;
pub mod capture;
pub mod cli;
pub mod doctor;
mod durable_file;
mod error;
pub mod execution;
pub mod host;
pub mod journal;
mod linked_file;
pub mod measure;
pub mod mode;
pub mod profiling;
mod random;
pub mod self_profile;
pub mod suite;
pub mod toolchain;

pub use error::CollectorError;
