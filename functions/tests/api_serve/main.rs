//! `perfleet serve` as a browser, a script and an operator meet it: the real program on a real
//! socket.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod github;
mod headers;
mod killed_at_github;
mod lifecycle;
mod self_profiles;
mod server;
