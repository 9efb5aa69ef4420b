//! Stories of pull requests, over the real embedded store and real HTTP: the test is GitHub's users,
//! the merge bot and the collectors; GitHub is a stand-in that holds its API's own rules.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod commands;
mod holding;
mod outages;
mod pull_requests;
mod requests;
mod rollups;
mod shadow;
mod stand_in;
mod story;
mod watching;
mod webhooks;
#[allow(
    dead_code,
    reason = "what other stories need of the same world is not needed here"
)]
#[path = "../job_stories/world.rs"]
mod world;
