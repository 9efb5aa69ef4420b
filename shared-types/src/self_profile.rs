//! What a compiler tells of its own time: the self-profile of one compilation, in short.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ObjectKey;

/// The most queries that a self-profile may have. A compiler has some hundred kinds of work.
pub const QUERIES_MAX: usize = 2_000;

/// The longest name of a query or of an artifact's part, in bytes.
pub const QUERY_NAME_BYTES_MAX: usize = 200;

/// The most parts of which a compiler may tell the size. It tells some ten.
pub const ARTIFACT_SIZES_MAX: usize = 200;

/// Where the time of one compilation went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfProfile {
    /// Every query of the compiler, and every other kind of work that it tells of, each once.
    pub queries: Vec<QuerySelfTime>,
    /// The raw profile, compressed with zstd, which measureme's tools read; where it was kept. It is
    /// deleted before the queries are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<ObjectKey>,
    /// How much the compiler wrote of each kind, as it tells itself. Each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifact_sizes: Vec<ArtifactSize>,
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
    /// How often it was answered from the cache in memory. Absent where the compiler does not count
    /// that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_hits: Option<u64>,
    /// How long threads waited for one another's answer, in nanoseconds. Absent in results of older
    /// collectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_ns: Option<u64>,
    /// How long it took to load answers from the incremental cache, in nanoseconds. Absent in results of
    /// older collectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incremental_load_ns: Option<u64>,
}

/// How much a compiler wrote of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactSize {
    /// Of what: `crate_metadata`.
    pub artifact: String,
    /// How much, in bytes.
    pub bytes: u64,
}

impl QuerySelfTime {
    /// A query of which no more is known than its time, in nanoseconds, and its calls.
    pub fn of(query: &str, self_time_ns: u64, calls: u64) -> Self {
        Self {
            query: query.to_owned(),
            self_time_ns,
            calls,
            cache_hits: None,
            blocked_ns: None,
            incremental_load_ns: None,
        }
    }
}

impl SelfProfile {
    /// A profile of which no more is known than its queries.
    pub fn of(queries: Vec<QuerySelfTime>) -> Self {
        Self {
            queries,
            raw: None,
            artifact_sizes: Vec::new(),
        }
    }

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
        self.check_sizes()?;
        match &self.raw {
            None | Some(ObjectKey::SelfProfile { .. }) => Ok(()),
            Some(other) => Err(format!("lies under {other}, where no self-profile lies")),
        }
    }

    fn check_sizes(&self) -> Result<(), String> {
        if self.artifact_sizes.len() > ARTIFACT_SIZES_MAX {
            let count = self.artifact_sizes.len();
            return Err(format!(
                "tells {count} sizes, and at most {ARTIFACT_SIZES_MAX} are read"
            ));
        }
        let mut seen = BTreeSet::new();
        for ArtifactSize { artifact, .. } in &self.artifact_sizes {
            let length = artifact.len();
            if !(1..=QUERY_NAME_BYTES_MAX).contains(&length) {
                return Err(format!(
                    "names what it wrote with {length} bytes, and a name has 1 to \
                     {QUERY_NAME_BYTES_MAX}"
                ));
            }
            if !seen.insert(artifact) {
                return Err(format!("tells the size of {artifact} twice"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(name: &str) -> QuerySelfTime {
        QuerySelfTime::of(name, 1, 1)
    }

    fn profile(queries: Vec<QuerySelfTime>) -> SelfProfile {
        SelfProfile::of(queries)
    }

    fn with_sizes(names: &[&str]) -> SelfProfile {
        let sizes = names.iter().map(|name| ArtifactSize {
            artifact: (*name).to_owned(),
            bytes: 1,
        });
        SelfProfile {
            artifact_sizes: sizes.collect(),
            ..profile(Vec::new())
        }
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
            (with_sizes(&["dep_graph", "dep_graph"]), "dep_graph twice"),
            (with_sizes(&[""]), "what it wrote with 0 bytes"),
            (with_sizes(&["x"; ARTIFACT_SIZES_MAX + 1]), "201 sizes"),
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
        fn whatever_is_written_is_read_again(
            times in prop::collection::vec(any::<(u64, u64, Option<u64>)>(), 0..5)
        ) {
            let queries = times.iter().zip(0..).map(|((self_time_ns, calls, more), number)| QuerySelfTime {
                cache_hits: *more,
                blocked_ns: more.map(|it| it / 2),
                incremental_load_ns: more.map(|it| it / 3),
                ..QuerySelfTime::of(&format!("query_{number}"), *self_time_ns, *calls)
            });
            let before = SelfProfile {
                queries: queries.collect(),
                raw: Some("self-profile/v1/0190163d-8694-739b-aea5-966c26f8ad91/1/3.mm_profdata.zst".parse().unwrap()),
                ..with_sizes(&["dep_graph"])
            };
            let json = serde_json::to_string(&before).unwrap();
            prop_assert_eq!(serde_json::from_str::<SelfProfile>(&json).unwrap(), before);
        }
    }

    #[test]
    fn what_an_older_collector_does_not_tell_is_absent_and_not_zero() {
        let json = r#"{"queries":[{"query":"typeck","self_time_ns":1,"calls":1}]}"#;
        let read: SelfProfile = serde_json::from_str(json).unwrap();
        assert_eq!(read, profile(vec![query("typeck")]));
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}
