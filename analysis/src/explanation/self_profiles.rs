//! From the self-profiles of base and head to the time of each query.

use std::collections::BTreeMap;

use shared_types::TestCase;
use shared_types::self_profile::SelfProfile;

use super::queries::{QueryTime, QueryTimes};

impl QueryTimes {
    /// The queries of one test case: for each side the mean over its profiles, of which there is one
    /// for each replicate. A query that one side does not have took no time there. `None` where one
    /// side has no profile.
    pub fn of(test_case: &TestCase, base: &[SelfProfile], head: &[SelfProfile]) -> Option<Self> {
        let (base, head) = (Means::of(base)?, Means::of(head)?);
        let mut names: Vec<&str> = base
            .queries
            .keys()
            .chain(head.queries.keys())
            .copied()
            .collect();
        names.sort_unstable();
        names.dedup();
        let queries = names.into_iter().map(|query| {
            let (base_ns, base_calls) = base.mean(query);
            let (head_ns, head_calls) = head.mean(query);
            QueryTime {
                query: query.to_owned(),
                base_ns,
                head_ns,
                base_calls: Some(base_calls),
                head_calls: Some(head_calls),
            }
        });
        Some(Self {
            test_case: test_case.clone(),
            queries: queries.collect(),
        })
    }
}

/// The sums over some profiles.
struct Means<'a> {
    profiles: usize,
    /// Self time in nanoseconds, and calls.
    queries: BTreeMap<&'a str, (f64, u64)>,
}

impl<'a> Means<'a> {
    fn of(profiles: &'a [SelfProfile]) -> Option<Self> {
        if profiles.is_empty() {
            return None;
        }
        let mut queries: BTreeMap<&str, (f64, u64)> = BTreeMap::new();
        for query in profiles.iter().flat_map(|profile| &profile.queries) {
            let sum = queries.entry(query.query.as_str()).or_default();
            sum.0 += query.self_time_ns as f64;
            sum.1 = sum.1.saturating_add(query.calls);
        }
        Some(Self {
            profiles: profiles.len(),
            queries,
        })
    }

    fn mean(&self, query: &str) -> (f64, u64) {
        let (time_ns, calls) = self.queries.get(query).copied().unwrap_or_default();
        let profiles = self.profiles;
        (time_ns / profiles as f64, calls / profiles as u64)
    }
}

#[cfg(test)]
mod tests {
    use shared_types::self_profile::QuerySelfTime;

    use super::*;
    use crate::comparison::{SeriesHistory, compare, pool};
    use crate::sample_runs::{BASE, HEAD, document, instructions, measure, side, test_case};
    use crate::significance::{DEFAULT_METHOD, method};

    fn profile(queries: &[(&str, u64, u64)]) -> SelfProfile {
        let queries = queries
            .iter()
            .map(|(query, self_time_ns, calls)| QuerySelfTime::of(query, *self_time_ns, *calls));
        SelfProfile::of(queries.collect())
    }

    #[test]
    fn replicates_are_averaged_and_what_one_side_lacks_took_no_time() {
        let base = [
            profile(&[("typeck", 100, 4)]),
            profile(&[("typeck", 300, 4), ("gone", 50, 2)]),
        ];
        let head = [profile(&[("typeck", 400, 5), ("new", 7, 1)])];
        let times = QueryTimes::of(&test_case("a/check/full"), &base, &head).unwrap();
        let short = times.queries.iter().map(|time| {
            (
                time.query.as_str(),
                time.base_ns,
                time.head_ns,
                time.base_calls,
            )
        });
        assert_eq!(
            short.collect::<Vec<_>>(),
            [
                ("gone", 25.0, 0.0, Some(1)),
                ("new", 0.0, 7.0, Some(0)),
                ("typeck", 200.0, 400.0, Some(4)),
            ]
        );
    }

    #[test]
    fn without_a_profile_on_both_sides_nothing_is_known_of_queries() {
        let one = [profile(&[("typeck", 100, 4)])];
        assert_eq!(QueryTimes::of(&test_case("a/check/full"), &one, &[]), None);
        assert_eq!(QueryTimes::of(&test_case("a/check/full"), &[], &one), None);
    }

    /// Six crates of which type checking got slower, with self-profiles on the sides that are named.
    fn explained(profiled: [bool; 2]) -> Vec<shared_types::explanation::Explanation> {
        let sides = [(BASE, 1.0, 1_000), (HEAD, 1.06, 1_600)];
        let runs = sides.into_iter().zip(1..).zip(profiled);
        let [base, head] = runs
            .map(|(((run, factor, typeck_ns), number), is_profiled)| {
                let mut document = document(run, number);
                for crate_number in 0..6_u32 {
                    let name = format!("crate-{crate_number}/check/full");
                    let value = 1e9 * factor * (1.0 + f64::from(crate_number));
                    measure(&mut document, 0, &name, &instructions(), &[value; 3]);
                    let measurement = document.measurements.last_mut().unwrap();
                    measurement.self_profile = is_profiled.then(|| {
                        let noise = u64::from(crate_number);
                        profile(&[("typeck", typeck_ns + noise, 9), ("mir_borrowck", 9_000, 9)])
                    });
                }
                pool(&side(run), &[document], None).unwrap()
            })
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        let method = method(DEFAULT_METHOD).unwrap();
        let none = SeriesHistory::none();
        let metric = instructions().name;
        compare(&base, &head, &metric, &none, method.as_ref())
            .unwrap()
            .explanations
    }

    #[test]
    fn profiles_of_both_sides_let_a_comparison_name_the_query() {
        let [explanation] = explained([true, true]).try_into().unwrap();
        let [query] = explanation.queries.as_slice() else {
            panic!("{explanation:?}");
        };
        assert_eq!(query.query, "typeck");
        assert!((query.change.unwrap() - 0.6).abs() < 0.01, "{query:?}");
        assert!(
            explanation.sentence.contains("typeck"),
            "{}",
            explanation.sentence
        );
    }

    #[test]
    fn a_profile_of_one_side_alone_names_nothing() {
        for profiled in [[true, false], [false, true], [false, false]] {
            let [explanation] = explained(profiled).try_into().unwrap();
            assert_eq!(explanation.queries, []);
        }
    }
}
