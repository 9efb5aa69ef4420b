//! The functions' real programs, hosted as Lambda hosts them, on a fleet in a local AWS. The test is
//! in the place of triggers, schedule and collectors.

#![cfg(feature = "aws-local")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod batches;
mod fleet;
mod lost_events;
mod whole_way;
#[allow(dead_code, reason = "the stories of the main job need more of it")]
#[path = "../job_stories/world.rs"]
mod world;
