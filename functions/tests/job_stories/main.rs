//! Stories of the main job, over the real embedded store: from a request to its verdict, with the
//! test in the place of the collectors; imports; and the command line as a program of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod a_a;
mod all_kinds;
mod changes;
mod command_line;
mod deliveries;
mod disturbed_hosts;
mod export_builder;
mod faults;
mod fleet;
mod host_replacement;
mod imports;
mod judged_again;
mod pipeline;
mod retractions;
mod rustc_perf_exports;
mod scheduling;
mod self_profiles;
mod series;
mod shadow;
mod triage_command_line;
mod trust;
mod where_work_comes_from;
mod world;
