//! What ends a fetch before it is done: whoever called it off, or its time.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::CollectorError;
use crate::execution::Leash;

/// How often a pause looks whether it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Watches over a fetch.
pub struct FetchWatch<'a> {
    leash: &'a Leash,
    deadline: Instant,
    tell: RefCell<&'a mut dyn FnMut(&str)>,
}

impl<'a> FetchWatch<'a> {
    /// A watch that ends a fetch after `time_max`, or when the leash is cut, and hands to `tell`
    /// what is being done.
    pub fn new(leash: &'a Leash, time_max: Duration, tell: &'a mut dyn FnMut(&str)) -> Self {
        Self {
            leash,
            deadline: Instant::now() + time_max,
            tell: RefCell::new(tell),
        }
    }

    /// Tells what is being done.
    pub(in crate::toolchain) fn tell(&self, what: &str) {
        (self.tell.borrow_mut())(what);
    }

    /// Whether to go on. `subject` is what is being fetched.
    ///
    /// # Errors
    /// When it was called off, or its time is over.
    pub(in crate::toolchain) fn check(&self, subject: &str) -> Result<(), CollectorError> {
        if self.leash.is_cut() {
            return Err(CollectorError::CalledOff);
        }
        if Instant::now() >= self.deadline {
            return Err(CollectorError::DownloadFailed {
                url: subject.to_owned(),
                reason: "the time for fetching a toolchain is over; what is here is kept, and the \
                         next attempt goes on from it"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// Waits, and looks meanwhile whether to go on.
    ///
    /// # Errors
    /// As [`FetchWatch::check`].
    pub(in crate::toolchain) fn pause(
        &self,
        time: Duration,
        subject: &str,
    ) -> Result<(), CollectorError> {
        let end = Instant::now() + time;
        loop {
            self.check(subject)?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
    }
}
