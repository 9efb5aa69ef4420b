//! The API, told as stories against the real embedded store. Every answer is held against
//! `openapi.json`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod announcements;
mod documentation;
mod glance;
mod reading;
mod refusals;
mod retractions;
mod test_case_detail;
mod triage;
mod why;
mod world;
mod writing;
mod zulip_stand_in;
