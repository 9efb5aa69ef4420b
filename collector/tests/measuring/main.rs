//! Measuring with real compilers, on a crate that is as small as can be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod agent;
mod bench;
mod failures;
mod fixture;
mod less_noise;
mod processes;
mod profile;
mod scenarios;
mod secrets;
mod self_profiles;
