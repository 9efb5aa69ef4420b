//! What can go wrong with a store.

use shared_types::InvalidInput;
use thiserror::Error;

/// A failure of a store, by what the caller can do about it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// What was asked for is not there.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// The kind of thing: "configuration".
        what: &'static str,
        /// Its name.
        id: String,
    },
    /// What was to be written contradicts what is there. Trying again changes nothing.
    #[error("{what} `{id}` {reason}")]
    Conflict {
        /// The kind of thing.
        what: &'static str,
        /// Its name.
        id: String,
        /// The contradiction, as the rest of a sentence.
        reason: String,
    },
    /// The store holds something that this program cannot understand.
    #[error("{what} `{id}` in the store cannot be understood: {source}")]
    Corrupt {
        /// The kind of thing.
        what: &'static str,
        /// Its name.
        id: String,
        /// Why.
        source: InvalidInput,
    },
    /// The disk is full. Nothing was lost; try again when there is room.
    #[error("no space is left for {what}: free some disk space, then try again")]
    NoSpace {
        /// What was to be written.
        what: String,
    },
    /// The store did not answer. Trying again may help.
    #[error("{action} failed: {reason}")]
    Unavailable {
        /// What was tried.
        action: String,
        /// What the store said.
        reason: String,
    },
}
