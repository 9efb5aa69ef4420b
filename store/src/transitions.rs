//! What an index decides, apart from where it keeps things: every adapter uses these functions of
//! values, so that no two of them can decide differently.

pub(crate) mod artifact;
pub(crate) mod job;
pub(crate) mod result;
pub(crate) mod token;
