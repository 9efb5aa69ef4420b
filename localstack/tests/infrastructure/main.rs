//! What Terraform makes is what the programs look for, and no more than they need.
//!
//! The files of `infra/` are read here as Terraform reads them; what a person could forget when he
//! adds a queue, a function or an alarm fails here and not in production.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod alarms;
mod buckets_and_index;
mod environments;
mod front;
mod functions;
mod queues;
mod rights;
mod terraform_files;
