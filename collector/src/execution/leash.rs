//! What ends running programs from outside.

use std::collections::BTreeMap;
use std::process::ChildStdin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What ends a running program from outside: the process in between holds one end of a pipe, and
/// kills the program when the other end is gone, be it by [`Leash::cut`] or because the collector
/// died.
#[derive(Debug, Clone, Default)]
pub struct Leash(Arc<Mutex<LeashState>>);

#[derive(Debug, Default)]
struct LeashState {
    is_cut: bool,
    held: BTreeMap<u64, ChildStdin>,
    next: u64,
}

impl Leash {
    /// Ends the running programs and every later one.
    pub fn cut(&self) {
        let mut state = self.state();
        state.is_cut = true;
        state.held.clear();
    }

    /// Lets later programs run again.
    pub fn mend(&self) {
        self.state().is_cut = false;
    }

    /// Whether the leash was cut.
    pub fn is_cut(&self) -> bool {
        self.state().is_cut
    }

    /// Holds a pipe, or lets go of it at once where the leash is cut.
    pub(super) fn hold(&self, pipe: Option<ChildStdin>) -> u64 {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        if let (Some(pipe), false) = (pipe, state.is_cut) {
            state.held.insert(number, pipe);
        }
        number
    }

    pub(super) fn release(&self, number: u64) {
        self.state().held.remove(&number);
    }

    fn state(&self) -> MutexGuard<'_, LeashState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
