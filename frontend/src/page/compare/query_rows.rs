//! Which queries of a self-profile are listed, in which order.

use std::cmp::Ordering;

use shared_types::api::QueryFigures;

use crate::order::sorted;
use crate::url_state::{QueryColumn, Sort};

/// The queries that have `wanted` in their names, in order.
pub(super) fn listed(
    queries: &[QueryFigures],
    sort: Sort<QueryColumn>,
    wanted: &str,
) -> Vec<QueryFigures> {
    let wanted = wanted.trim().to_ascii_lowercase();
    let listed: Vec<QueryFigures> = queries
        .iter()
        .filter(|it| it.query.to_ascii_lowercase().contains(&wanted))
        .cloned()
        .collect();
    sorted(listed, |one, other| {
        let ordering = by(sort.column, one, other);
        let ordering = if is_descending(sort) {
            ordering.reverse()
        } else {
            ordering
        };
        ordering.then_with(|| one.query.cmp(&other.query))
    })
}

/// Names begin with A, all else with the largest.
pub(super) fn is_descending(sort: Sort<QueryColumn>) -> bool {
    (sort.column != QueryColumn::Query) != sort.reversed
}

fn by(column: QueryColumn, one: &QueryFigures, other: &QueryFigures) -> Ordering {
    match column {
        QueryColumn::Query => one.query.cmp(&other.query),
        _ => size(column, one).total_cmp(&size(column, other)),
    }
}

/// What a column sorts by. Of pairs that is the size of the difference.
fn size(column: QueryColumn, it: &QueryFigures) -> f64 {
    let difference = |base: Option<f64>, head: Option<f64>| {
        (head.unwrap_or_default() - base.unwrap_or_default()).abs()
    };
    let count = |count: Option<u64>| count.map(|count| count as f64);
    match column {
        QueryColumn::Query => 0.0,
        QueryColumn::Base => it.base_ns,
        QueryColumn::Head => it.head_ns,
        QueryColumn::More => difference(Some(it.base_ns), Some(it.head_ns)),
        QueryColumn::Change if it.base_ns > 0.0 => it.head_ns / it.base_ns - 1.0,
        QueryColumn::Change if it.head_ns > 0.0 => f64::INFINITY,
        QueryColumn::Change => 0.0,
        QueryColumn::Calls => difference(count(it.base_calls), count(it.head_calls)),
        QueryColumn::CacheHits => difference(count(it.base_cache_hits), count(it.head_cache_hits)),
        QueryColumn::Loading => {
            difference(it.base_incremental_load_ns, it.head_incremental_load_ns)
        }
        QueryColumn::Waiting => difference(it.base_blocked_ns, it.head_blocked_ns),
    }
}

/// What all queries took together. What some do not tell is not told of all.
pub(super) fn total(queries: &[QueryFigures]) -> QueryFigures {
    let times = |of: fn(&QueryFigures) -> f64| queries.iter().map(of).sum();
    let counts = |of: fn(&QueryFigures) -> Option<u64>| queries.iter().map(of).sum();
    let parts = |of: fn(&QueryFigures) -> Option<f64>| queries.iter().map(of).sum();
    QueryFigures {
        query: format!("all {}", queries.len()),
        base_ns: times(|it| it.base_ns),
        head_ns: times(|it| it.head_ns),
        base_calls: counts(|it| it.base_calls),
        head_calls: counts(|it| it.head_calls),
        base_cache_hits: counts(|it| it.base_cache_hits),
        head_cache_hits: counts(|it| it.head_cache_hits),
        base_blocked_ns: parts(|it| it.base_blocked_ns),
        head_blocked_ns: parts(|it| it.head_blocked_ns),
        base_incremental_load_ns: parts(|it| it.base_incremental_load_ns),
        head_incremental_load_ns: parts(|it| it.head_incremental_load_ns),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(name: &str, base_ns: f64, head_ns: f64) -> QueryFigures {
        QueryFigures {
            query: name.to_owned(),
            base_ns,
            head_ns,
            base_calls: Some(1),
            head_calls: Some(head_ns as u64),
            base_cache_hits: None,
            head_cache_hits: Some(2),
            base_blocked_ns: None,
            head_blocked_ns: None,
            base_incremental_load_ns: None,
            head_incremental_load_ns: None,
        }
    }

    fn names(queries: &[QueryFigures], order: Sort<QueryColumn>, wanted: &str) -> Vec<String> {
        let listed = listed(queries, order, wanted).into_iter();
        listed.map(|it| it.query).collect()
    }

    #[test]
    fn the_largest_difference_is_first_whichever_way_it_goes() {
        let queries = [
            query("same", 5.0, 5.0),
            query("less", 90.0, 10.0),
            query("more", 10.0, 50.0),
            query("new", 0.0, 7.0),
        ];
        let by_size = names(&queries, Sort::default(), "");
        assert_eq!(by_size, ["less", "more", "new", "same"]);
        let by_change = Sort::default().clicked(QueryColumn::Change);
        assert_eq!(
            names(&queries, by_change, ""),
            ["new", "more", "same", "less"]
        );
        let by_name = by_change.clicked(QueryColumn::Query);
        assert_eq!(
            names(&queries, by_name, "E"),
            ["less", "more", "new", "same"]
        );
        let turned = by_name.clicked(QueryColumn::Query);
        assert_eq!(names(&queries, turned, " Mo "), ["more"]);
    }

    #[test]
    fn what_one_query_does_not_tell_has_no_total() {
        let all = total(&[query("one", 1.0, 2.0), query("other", 3.0, 4.0)]);
        assert_eq!((all.base_ns, all.head_ns), (4.0, 6.0));
        assert_eq!((all.base_cache_hits, all.head_cache_hits), (None, Some(4)));
    }

    proptest! {
        #[test]
        fn every_order_lists_the_same_queries(
            times in prop::collection::vec((0.0..1e9_f64, 0.0..1e9_f64), 0..8), reversed: bool
        ) {
            let queries: Vec<QueryFigures> = times
                .iter()
                .enumerate()
                .map(|(number, (base, head))| query(&format!("query-{number}"), *base, *head))
                .collect();
            for column in QueryColumn::ALL.iter().copied() {
                let mut found = names(&queries, Sort { column, reversed }, "");
                found.sort();
                let mut all: Vec<String> = queries.iter().map(|it| it.query.clone()).collect();
                all.sort();
                prop_assert_eq!(found, all);
            }
        }
    }
}
