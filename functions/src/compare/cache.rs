//! Comparisons that were made lately, in memory. A page asks for the same few again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared_types::comparison::Comparison;
use shared_types::object_key::ContentHash;

/// How many comparisons are kept; one of the whole suite takes about a megabyte.
const COMPARISONS_MAX: usize = 64;

/// Comparisons that were made lately, by the hash of all that went in, so that none is ever stale.
#[derive(Default)]
pub struct ComparisonCache(Mutex<HashMap<ContentHash, Comparison>>);

impl ComparisonCache {
    pub(super) fn get(&self, input_hash: &ContentHash) -> Option<Comparison> {
        let comparisons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        comparisons.get(input_hash).cloned()
    }

    pub(super) fn put(&self, input_hash: &ContentHash, comparison: &Comparison) {
        let mut comparisons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if comparisons.len() >= COMPARISONS_MAX {
            comparisons.clear();
        }
        comparisons.insert(input_hash.clone(), comparison.clone());
    }
}
