//! The whole system, from outside: the programs that people start, against the embedded store, with
//! real compilers and a real browser.
//!
//! Everything here starts real processes. A wait has a limit, after which the test fails and shows
//! what each process said; the limit is generous and nothing is asserted on how long a thing took.
//!
//! Pictures of every view of the page, in every state, are left in `page-screenshots` of cargo's target
//! folder, for people to look at; `frontend/README.md` says what is among them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on is to fail, here as in any test"
)]

mod browser;
mod cloud_fleet;
mod emulated_arm;
mod fleet;
mod process;
mod small_suite;
mod stored_history;
mod toolchain;

pub use browser::{Browser, page_text, require_browser};
pub use cloud_fleet::CloudFleet;
pub use emulated_arm::EmulatedArm;
pub use fleet::{Answer, Fleet, program};
pub use process::{RunningProcess, wait_until};
pub use small_suite::{BENCHMARKS, SmallSuite};
pub use stored_history::StoredHistory;
pub use toolchain::Toolchain;
