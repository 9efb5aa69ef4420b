//! Which queries of the compiler are listed in a test case's detail, and in which order.

use super::sort::Sort;
use super::{QueryWriter, address_words, read_word};

address_words! {
    /// A column of the table of queries.
    QueryColumn {
        /// By how much head took longer, or shorter.
        More => "more",
        /// The query's name.
        Query => "name",
        /// The time of base.
        Base => "base",
        /// The time of head.
        Head => "head",
        /// The relative change.
        Change => "change",
        /// How often it was computed.
        Calls => "calls",
        /// How often it was answered from memory.
        CacheHits => "cache-hits",
        /// The time to load it from the incremental cache.
        Loading => "loading",
        /// The time that it waited for another thread.
        Waiting => "waiting",
    }
}

/// How queries are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QueriesState {
    pub(crate) sort: Sort<QueryColumn>,
    /// A part of the names of those that are listed.
    pub(crate) name: String,
}

impl QueriesState {
    /// Takes a parameter if it is one of these. `None` when it is another's.
    pub(super) fn read(&mut self, name: &str, value: &str) -> Option<bool> {
        match name {
            "queries" => Some(read_word(&mut self.sort, value)),
            "query" => {
                self.name = value.to_owned();
                Some(true)
            }
            _ => None,
        }
    }

    pub(super) fn write(&self, query: &mut QueryWriter) {
        query.unless_default("queries", &self.sort);
        query.text("query", &self.name);
    }
}
