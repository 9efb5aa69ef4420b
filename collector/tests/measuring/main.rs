//! Measuring with real compilers, on a crate that is as small as can be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod agent;
mod bench;
mod collector_program;
mod confined_values;
mod confinement;
mod failures;
mod fairness;
mod fixture;
mod left_alone;
mod less_noise;
mod missing_parts;
mod other_targets;
mod processes;
mod profile;
mod repeatability;
mod resuming;
mod runtime;
mod sandbox;
mod scenarios;
mod secrets;
mod self_profiles;
mod suite_check;
mod toolchain_units;
