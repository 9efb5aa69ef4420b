//! The collector as a process on SQS and S3, against a local AWS. The account is made and looked
//! into by plain HTTP calls, so that nothing of the collector's own way to AWS is taken for granted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod account;
mod collector_process;
mod credentials;
mod faults;
#[allow(
    dead_code,
    reason = "it is the other tests' fixture, of which these use a part"
)]
#[path = "../measuring/fixture.rs"]
mod fixture;
mod job;
mod refusing_server;
