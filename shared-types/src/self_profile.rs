//! What a compiler tells of its own time: the self-profile of one compilation, in short.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ObjectKey;

/// The most queries that a self-profile may have. A compiler has some hundred kinds of work.
pub const QUERIES_MAX: usize = 2_000;

/// The longest name of a query, in bytes.
pub const QUERY_NAME_BYTES_MAX: usize = 200;

/// Where the time of one compilation went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfProfile {
    /// Every query of the compiler, and every other kind of work that it tells of, each once.
    pub queries: Vec<QuerySelfTime>,
    /// The raw profile, compressed with zstd, which measureme's tools read; where it was kept. It is
    /// deleted before the queries are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<ObjectKey>,
}

/// What one query took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuerySelfTime {
    /// Its name: `typeck`.
    pub query: String,
    /// Its own time, without that of the queries that it called, in nanoseconds.
    pub self_time_ns: u64,
    /// How often it was computed; answers from the cache do not count.
    pub calls: u64,
}

impl SelfProfile {
    /// Refuses what no compiler tells; the reason continues "the self-profile …".
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.queries.len() > QUERIES_MAX {
            let count = self.queries.len();
            return Err(format!(
                "has {count} queries, and at most {QUERIES_MAX} are read"
            ));
        }
        let mut seen = BTreeSet::new();
        for QuerySelfTime { query, .. } in &self.queries {
            if query.is_empty() || query.len() > QUERY_NAME_BYTES_MAX {
                return Err(format!(
                    "names a query with {} bytes, and a name has 1 to {QUERY_NAME_BYTES_MAX}",
                    query.len()
                ));
            }
            if !seen.insert(query) {
                return Err(format!("names the query {query} twice"));
            }
        }
        match &self.raw {
            None | Some(ObjectKey::SelfProfile { .. }) => Ok(()),
            Some(other) => Err(format!("lies under {other}, where no self-profile lies")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(name: &str) -> QuerySelfTime {
        QuerySelfTime {
            query: name.to_owned(),
            self_time_ns: 1,
            calls: 1,
        }
    }

    fn profile(queries: Vec<QuerySelfTime>) -> SelfProfile {
        SelfProfile { queries, raw: None }
    }

    #[test]
    fn a_profile_that_no_compiler_makes_is_refused_with_the_reason() {
        let log = "logs/v1/0190163d-8694-739b-aea5-966c26f8ad91/1.log.zst";
        let many = (0..=QUERIES_MAX).map(|number| query(&number.to_string()));
        let cases = [
            (profile(many.collect()), "has 2001 queries"),
            (profile(vec![query("")]), "with 0 bytes"),
            (profile(vec![query(&"q".repeat(201))]), "with 201 bytes"),
            (profile(vec![query("typeck"), query("typeck")]), "twice"),
            (
                SelfProfile {
                    raw: Some(log.parse().unwrap()),
                    ..profile(Vec::new())
                },
                "where no self-profile lies",
            ),
        ];
        for (profile, reason) in cases {
            let error = profile.check().unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        assert_eq!(
            profile(vec![query("typeck"), query("mir_borrowck")]).check(),
            Ok(())
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_again(times in prop::collection::vec(any::<(u64, u64)>(), 0..5)) {
            let queries = times.iter().enumerate().map(|(number, (self_time_ns, calls))| QuerySelfTime {
                query: format!("query_{number}"),
                self_time_ns: *self_time_ns,
                calls: *calls,
            });
            let before = SelfProfile {
                queries: queries.collect(),
                raw: Some("self-profile/v1/0190163d-8694-739b-aea5-966c26f8ad91/1/3.mm_profdata.zst".parse().unwrap()),
            };
            let json = serde_json::to_string(&before).unwrap();
            prop_assert_eq!(serde_json::from_str::<SelfProfile>(&json).unwrap(), before);
        }
    }
}
