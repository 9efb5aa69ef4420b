//! How often noise is called a change: what A/A comparisons show.
//!
//! Test cases of one comparison are moved by the same host at the same time, so they are no
//! independent trials, and an interval over them would be far too narrow. Comparisons are, and a
//! method that controls the false-discovery rate promises just that: where nothing changed, only
//! so many comparisons may call anything a change. So the interval is over comparisons.

use std::collections::BTreeMap;

use shared_types::upkeep::{AAOutcome, FalseAlarmRate};
use statrs::distribution::{Beta, ContinuousCDF};

use crate::significance;
use crate::words;

/// How many comparisons of a metric are looked at: the last ones.
pub const COMPARISONS_MAX: usize = 20;
/// The part of intervals that may miss the truth, on both sides together.
const INTERVAL_ERROR: f64 = 0.05;

/// The rates of each metric and method: first over all hosts, then of each host that measured both
/// sides of some. Only what the methods of today said counts.
pub fn rates(outcomes: &[AAOutcome]) -> Vec<FalseAlarmRate> {
    let mut groups: BTreeMap<(&str, &str, Option<&str>), Vec<&AAOutcome>> = BTreeMap::new();
    for outcome in outcomes {
        let current = significance::method(&outcome.method);
        if !current.is_ok_and(|method| method.version() == outcome.method_version) {
            continue;
        }
        let (metric, method) = (outcome.metric.as_str(), outcome.method.as_str());
        groups
            .entry((metric, method, None))
            .or_default()
            .push(outcome);
        if let [host] = outcome.hosts.as_slice() {
            let of_host = groups.entry((metric, method, Some(host))).or_default();
            of_host.push(outcome);
        }
    }
    let rates = groups.into_iter().filter_map(|((_, _, host), mut group)| {
        group.sort_by_key(|outcome| outcome.computed_at);
        let surplus = group.len().saturating_sub(COMPARISONS_MAX);
        rate(&group[surplus..], host)
    });
    rates.collect()
}

fn rate(group: &[&AAOutcome], host: Option<&str>) -> Option<FalseAlarmRate> {
    let last = group.last()?;
    let comparisons = group.len() as u64;
    let alarming = group.iter().filter(|one| one.significant > 0).count() as u64;
    let test_cases: u64 = group.iter().map(|one| u64::from(one.test_cases)).sum();
    let false_alarms: u64 = group.iter().map(|one| u64::from(one.significant)).sum();
    let (share_low, share_high) = interval(alarming, comparisons);
    let method = significance::method(&last.method).ok()?;
    let promised = method.false_discovery_rate();
    let mut rate = FalseAlarmRate {
        metric: last.metric.clone(),
        method: last.method.clone(),
        method_version: last.method_version.clone(),
        host: host.map(str::to_owned),
        comparisons: comparisons as u32,
        alarming: alarming as u32,
        share_alarming: alarming as f64 / comparisons as f64,
        share_low,
        share_high,
        test_cases,
        false_alarms,
        per_thousand: if test_cases == 0 {
            0.0
        } else {
            1000.0 * false_alarms as f64 / test_cases as f64
        },
        promised,
        exceeds_promise: promised.is_some_and(|promised| share_low > promised),
        last_at: last.computed_at,
        sentence: String::new(),
    };
    rate.sentence = sentence(&rate);
    Some(rate)
}

/// The interval of Clopper and Pearson for a share: exact, and rather too wide than too narrow.
pub fn interval(hits: u64, trials: u64) -> (f64, f64) {
    let quantile = |share: f64, a: u64, b: u64| {
        Beta::new(a as f64, b as f64).map_or(f64::NAN, |beta| beta.inverse_cdf(share))
    };
    if trials == 0 || hits > trials {
        return (0.0, 1.0);
    }
    let misses = trials - hits;
    let low = match hits {
        0 => 0.0,
        hits => quantile(INTERVAL_ERROR / 2.0, hits, misses + 1),
    };
    let high = match misses {
        0 => 1.0,
        misses => quantile(1.0 - INTERVAL_ERROR / 2.0, hits + 1, misses),
    };
    (low, high)
}

/// What a comparison in this metric by this method must not claim, where A/A comparisons show more
/// false alarms than the method promises.
pub fn limit_of_claims(outcomes: &[AAOutcome], metric: &str, method: &str) -> Option<String> {
    let rates = rates(outcomes);
    let mut of_all_hosts = rates.iter().filter(|rate| rate.host.is_none());
    let rate = of_all_hosts
        .find(|rate| rate.metric == metric && rate.method == method)
        .filter(|rate| rate.exceeds_promise)?;
    Some(format!(
        "A/A: of the last {} of one compiler with itself here, {} called something a change in \
         {metric} ({} to {} of them, as far as that tells), where the method promises {} at most: \
         a change that only this shows is not to be claimed.",
        words::counted(rate.comparisons as usize, "comparison"),
        rate.alarming,
        words::share(rate.share_low),
        words::share(rate.share_high),
        words::share(rate.promised.unwrap_or_default()),
    ))
}

/// A rate in one sentence.
fn sentence(rate: &FalseAlarmRate) -> String {
    let host = rate
        .host
        .as_ref()
        .map_or_else(String::new, |host| format!(" on {host}"));
    let promise = match rate.promised {
        Some(promised) if rate.exceeds_promise => {
            format!(
                ", more than the {} that are promised",
                words::share(promised)
            )
        }
        Some(promised) => format!("; promised are {} at most", words::share(promised)),
        None => String::new(),
    };
    format!(
        "{}{host}: {} of {} called something a change ({} to {}){promise}; {:.1} false alarms in \
         1,000 test cases",
        rate.metric,
        rate.alarming,
        words::counted(rate.comparisons as usize, "A/A comparison"),
        words::share(rate.share_low),
        words::share(rate.share_high),
        rate.per_thousand,
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::DEFAULT_METHOD;

    fn outcome(number: i64, significant: u32, hosts: &[&str]) -> AAOutcome {
        AAOutcome {
            base: "release-1.95.0#1".parse().unwrap(),
            head: "release-1.95.0#2".parse().unwrap(),
            metric: "wall-time".to_owned(),
            method: DEFAULT_METHOD.to_owned(),
            method_version: significance::method(DEFAULT_METHOD)
                .unwrap()
                .version()
                .to_owned(),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            test_cases: 50,
            significant,
            relevant: 0,
            computed_at: Timestamp::from_second(number).unwrap(),
        }
    }

    #[test]
    fn the_interval_agrees_with_printed_tables() {
        for (hits, trials, low, high) in [
            (0, 10, 0.0, 0.3085),
            (1, 10, 0.0025, 0.4450),
            (5, 10, 0.1871, 0.8129),
            (10, 10, 0.6915, 1.0),
            (2, 20, 0.0123, 0.3170),
        ] {
            let found = interval(hits, trials);
            assert!(
                (found.0 - low).abs() < 5e-4,
                "{hits} of {trials}: {found:?}"
            );
            assert!(
                (found.1 - high).abs() < 5e-4,
                "{hits} of {trials}: {found:?}"
            );
        }
        assert_eq!(interval(0, 0), (0.0, 1.0));
    }

    #[test]
    fn quiet_comparisons_limit_nothing_and_noisy_ones_do() {
        let quiet: Vec<AAOutcome> = (0..5).map(|one| outcome(one, 0, &["a"])).collect();
        assert_eq!(limit_of_claims(&quiet, "wall-time", DEFAULT_METHOD), None);
        let mut noisy = quiet;
        noisy.extend((5..8).map(|one| outcome(one, 4, &["a"])));
        let limit = limit_of_claims(&noisy, "wall-time", DEFAULT_METHOD).unwrap();
        insta::assert_snapshot!(limit);
        assert_eq!(limit_of_claims(&noisy, "max-rss", DEFAULT_METHOD), None);
        assert_eq!(limit_of_claims(&noisy, "wall-time", "rustc-perf"), None);
        insta::assert_snapshot!(rates(&noisy)[0].sentence);
    }

    #[test]
    fn rates_are_told_for_all_hosts_and_for_each_that_measured_both_sides() {
        let outcomes = [
            outcome(1, 1, &["a"]),
            outcome(2, 0, &["b"]),
            outcome(3, 2, &["a", "b"]),
        ];
        let rates = rates(&outcomes);
        let told: Vec<(Option<&str>, u32, u32)> = rates
            .iter()
            .map(|rate| (rate.host.as_deref(), rate.comparisons, rate.alarming))
            .collect();
        assert_eq!(told, [(None, 3, 2), (Some("a"), 1, 1), (Some("b"), 1, 0)]);
    }

    #[test]
    fn only_the_last_comparisons_by_the_method_of_today_count() {
        let mut outcomes: Vec<AAOutcome> =
            (0..10).map(|one| outcome(one, 9, &["a", "b"])).collect();
        outcomes.extend((10..30).map(|one| outcome(one, 0, &["a", "b"])));
        let mut of_old_version = outcome(31, 9, &["a"]);
        of_old_version.method_version = "0".to_owned();
        outcomes.push(of_old_version);
        let rates = rates(&outcomes);
        assert_eq!(rates.len(), 1);
        assert_eq!((rates[0].comparisons, rates[0].alarming), (20, 0));
    }

    proptest! {
        #[test]
        fn a_share_is_within_its_interval(trials in 1u64..500, hits in 0u64..500) {
            let hits = hits.min(trials);
            let (low, high) = interval(hits, trials);
            let share = hits as f64 / trials as f64;
            prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0);
        }
    }
}
