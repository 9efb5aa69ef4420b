//! The pages.

pub(crate) mod collector;
pub(crate) mod compare;
pub(crate) mod graphs;
pub(crate) mod job;
pub(crate) mod overview;
pub(crate) mod request;
pub(crate) mod status;
pub(crate) mod triage;
