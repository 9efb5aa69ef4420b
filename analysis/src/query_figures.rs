//! The self-profiles of base and head side by side, query by query, for people to read.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::api::{ArtifactSizeFigures, QueryFigures};
use shared_types::self_profile::{QuerySelfTime, SelfProfile};

/// Each query of both sides, the largest difference of time first: the mean over the profiles of a side,
/// of which there is one for each replicate. A query that one side does not have took no time there.
/// Nothing where one side has no profile.
pub fn query_figures(base: &[SelfProfile], head: &[SelfProfile]) -> Vec<QueryFigures> {
    let (Some(base), Some(head)) = (Means::of(base), Means::of(head)) else {
        return Vec::new();
    };
    let names: BTreeSet<&str> = base.sums.keys().chain(head.sums.keys()).copied().collect();
    let mut figures: Vec<QueryFigures> = names
        .into_iter()
        .map(|query| figures(query, &base.mean(query), &head.mean(query)))
        .collect();
    let difference = |it: &QueryFigures| (it.head_ns - it.base_ns).abs();
    // The sort keeps the order of names among equals.
    figures.sort_by(|a, b| difference(b).total_cmp(&difference(a)));
    figures
}

fn figures(query: &str, base: &Mean, head: &Mean) -> QueryFigures {
    QueryFigures {
        query: query.to_owned(),
        base_ns: base.self_time_ns,
        head_ns: head.self_time_ns,
        base_calls: Some(base.calls),
        head_calls: Some(head.calls),
        base_cache_hits: base.cache_hits,
        head_cache_hits: head.cache_hits,
        base_blocked_ns: base.blocked_ns,
        head_blocked_ns: head.blocked_ns,
        base_incremental_load_ns: base.incremental_load_ns,
        head_incremental_load_ns: head.incremental_load_ns,
    }
}

/// How much the compiler wrote of each kind, the largest difference first, as the mean over the profiles
/// of a side.
pub fn artifact_size_figures(
    base: &[SelfProfile],
    head: &[SelfProfile],
) -> Vec<ArtifactSizeFigures> {
    let (base, head) = (mean_sizes(base), mean_sizes(head));
    if base.is_empty() || head.is_empty() {
        return Vec::new();
    }
    let names: BTreeSet<&str> = base.keys().chain(head.keys()).copied().collect();
    let mut figures: Vec<ArtifactSizeFigures> = names
        .into_iter()
        .map(|artifact| ArtifactSizeFigures {
            artifact: artifact.to_owned(),
            base_bytes: base.get(artifact).copied(),
            head_bytes: head.get(artifact).copied(),
        })
        .collect();
    let difference = |it: &ArtifactSizeFigures| {
        (it.head_bytes.unwrap_or_default() - it.base_bytes.unwrap_or_default()).abs()
    };
    figures.sort_by(|a, b| difference(b).total_cmp(&difference(a)));
    figures
}

/// Profiles that tell no sizes are of older collectors.
fn mean_sizes(profiles: &[SelfProfile]) -> BTreeMap<&str, f64> {
    let telling = profiles
        .iter()
        .filter(|profile| !profile.artifact_sizes.is_empty());
    let count = telling.clone().count();
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for size in telling.flat_map(|profile| &profile.artifact_sizes) {
        *sums.entry(size.artifact.as_str()).or_default() += size.bytes as f64;
    }
    sums.values_mut().for_each(|sum| *sum /= count as f64);
    sums
}

/// The sums over the profiles of one side.
struct Means<'a> {
    profiles: usize,
    /// What no query of the side tells is not known of any; what some tell, the others have none of.
    knows: Known,
    sums: BTreeMap<&'a str, Sum>,
}

#[derive(Default, Clone, Copy)]
struct Known {
    cache_hits: bool,
    blocked: bool,
    incremental_load: bool,
}

#[derive(Default, Clone, Copy)]
struct Sum {
    self_time_ns: f64,
    calls: u64,
    cache_hits: u64,
    blocked_ns: f64,
    incremental_load_ns: f64,
}

struct Mean {
    self_time_ns: f64,
    calls: u64,
    cache_hits: Option<u64>,
    blocked_ns: Option<f64>,
    incremental_load_ns: Option<f64>,
}

impl<'a> Means<'a> {
    fn of(profiles: &'a [SelfProfile]) -> Option<Self> {
        if profiles.is_empty() {
            return None;
        }
        // A mean over some that tell and some that do not would be of neither.
        let tell = |what: fn(&QuerySelfTime) -> bool| {
            let mut all = profiles.iter();
            all.all(|profile| profile.queries.iter().any(what))
        };
        let knows = Known {
            cache_hits: tell(|query| query.cache_hits.is_some()),
            blocked: tell(|query| query.blocked_ns.is_some()),
            incremental_load: tell(|query| query.incremental_load_ns.is_some()),
        };
        let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
        for query in profiles.iter().flat_map(|profile| &profile.queries) {
            let sum = sums.entry(query.query.as_str()).or_default();
            sum.self_time_ns += query.self_time_ns as f64;
            sum.calls = sum.calls.saturating_add(query.calls);
            let hits = query.cache_hits.unwrap_or_default();
            sum.cache_hits = sum.cache_hits.saturating_add(hits);
            sum.blocked_ns += query.blocked_ns.unwrap_or_default() as f64;
            sum.incremental_load_ns += query.incremental_load_ns.unwrap_or_default() as f64;
        }
        Some(Self {
            profiles: profiles.len(),
            knows,
            sums,
        })
    }

    fn mean(&self, query: &str) -> Mean {
        let sum = self.sums.get(query).copied().unwrap_or_default();
        let (profiles, knows) = (self.profiles, self.knows);
        let mean = |sum: f64| sum / profiles as f64;
        Mean {
            self_time_ns: mean(sum.self_time_ns),
            calls: sum.calls / profiles as u64,
            cache_hits: knows.cache_hits.then_some(sum.cache_hits / profiles as u64),
            blocked_ns: knows.blocked.then(|| mean(sum.blocked_ns)),
            incremental_load_ns: knows
                .incremental_load
                .then(|| mean(sum.incremental_load_ns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_types::self_profile::ArtifactSize;

    use super::*;

    fn told(name: &str, self_time_ns: u64, more: u64) -> QuerySelfTime {
        QuerySelfTime {
            cache_hits: Some(more),
            blocked_ns: Some(more),
            incremental_load_ns: Some(more),
            ..QuerySelfTime::of(name, self_time_ns, 2)
        }
    }

    #[test]
    fn replicates_are_averaged_and_the_largest_difference_is_first() {
        let base = [
            SelfProfile::of(vec![told("typeck", 100, 4), told("same", 7, 0)]),
            SelfProfile::of(vec![told("typeck", 300, 8), told("same", 7, 0)]),
        ];
        let head = [SelfProfile::of(vec![
            told("typeck", 500, 1),
            told("same", 7, 0),
            told("new", 50, 9),
        ])];
        let found = query_figures(&base, &head);
        let names: Vec<&str> = found.iter().map(|it| it.query.as_str()).collect();
        assert_eq!(names, ["typeck", "new", "same"]);
        let typeck = &found[0];
        assert_eq!((typeck.base_ns, typeck.head_ns), (200.0, 500.0));
        assert_eq!(typeck.base_cache_hits, Some(6));
        assert_eq!(typeck.head_incremental_load_ns, Some(1.0));
        assert_eq!((found[1].base_ns, found[1].base_calls), (0.0, Some(0)));
        assert_eq!(found[1].base_blocked_ns, Some(0.0));
    }

    #[test]
    fn what_one_side_does_not_tell_is_absent_there_and_not_zero() {
        let older = [SelfProfile::of(vec![QuerySelfTime::of("typeck", 1, 1)])];
        let newer = [SelfProfile::of(vec![told("typeck", 1, 3)])];
        let found = query_figures(&older, &newer).remove(0);
        assert_eq!(found.base_cache_hits, None);
        assert_eq!(found.head_cache_hits, Some(3));
        assert_eq!(found.base_incremental_load_ns, None);
    }

    #[test]
    fn without_a_profile_on_both_sides_there_are_no_figures() {
        let one = [SelfProfile::of(vec![told("typeck", 1, 1)])];
        assert_eq!(query_figures(&one, &[]), []);
        assert_eq!(query_figures(&[], &one), []);
        assert_eq!(artifact_size_figures(&one, &one), []);
    }

    #[test]
    fn sizes_that_one_side_did_not_write_are_absent_there() {
        let with = |sizes: &[(&str, u64)]| {
            let sizes = sizes.iter().map(|(artifact, bytes)| ArtifactSize {
                artifact: (*artifact).to_owned(),
                bytes: *bytes,
            });
            [SelfProfile {
                artifact_sizes: sizes.collect(),
                ..SelfProfile::of(Vec::new())
            }]
        };
        let base = with(&[("crate_metadata", 10), ("dep_graph", 100)]);
        let head = with(&[("crate_metadata", 90)]);
        let found = artifact_size_figures(&base, &head);
        let short: Vec<_> = found
            .iter()
            .map(|it| (it.artifact.as_str(), it.base_bytes, it.head_bytes))
            .collect();
        assert_eq!(
            short,
            [
                ("dep_graph", Some(100.0), None),
                ("crate_metadata", Some(10.0), Some(90.0)),
            ]
        );
    }

    proptest! {
        #[test]
        fn every_query_of_either_side_is_there_once_and_totals_are_kept(
            base in prop::collection::btree_map("[a-c]", 0_u64..1000, 1..4),
            head in prop::collection::btree_map("[a-c]", 0_u64..1000, 1..4),
        ) {
            let profile = |times: &BTreeMap<String, u64>| {
                let queries = times.iter().map(|(name, time)| QuerySelfTime::of(name, *time, 1));
                [SelfProfile::of(queries.collect())]
            };
            let found = query_figures(&profile(&base), &profile(&head));
            let names: BTreeSet<&String> = base.keys().chain(head.keys()).collect();
            prop_assert_eq!(found.len(), names.len());
            let total: f64 = found.iter().map(|it| it.head_ns).sum();
            prop_assert_eq!(total, head.values().sum::<u64>() as f64);
            let differences = found.iter().map(|it| (it.head_ns - it.base_ns).abs());
            prop_assert!(differences.is_sorted_by(|one, other| one >= other));
        }
    }
}
