//! The pages.

pub(crate) mod artifact;
pub(crate) mod artifacts;
mod chosen_series;
pub(crate) mod collector;
pub(crate) mod compare;
pub(crate) mod graphs;
pub(crate) mod help;
pub(crate) mod job;
pub(crate) mod overview;
pub(crate) mod releases;
pub(crate) mod request;
pub(crate) mod status;
pub(crate) mod test_case;
pub(crate) mod toolchain;
pub(crate) mod triage;
