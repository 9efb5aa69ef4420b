//! Fetching toolchains from a local server, and keeping them in a cache.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod agent;
mod archive_server;
mod archives;
mod attacks;
mod cache;
mod command_line;
mod fetching;
#[path = "../measuring/fixture.rs"]
#[allow(dead_code, reason = "other tests use the rest of it")]
mod fixture;
mod place;
#[cfg(feature = "https")]
mod tls;
