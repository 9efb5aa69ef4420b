//! Which crates of a build are told one by one.

use std::collections::BTreeMap;

use shared_types::result_document::{CRATE_OF_A_BUILD, MetricValues};
use shared_types::{BenchmarkName, MetricName};

use super::super::round_loop::MeasuredCase;
use super::build_run::BuildSide;

/// A crate is told where one of the compilers takes at least so long for it, in seconds: below it, the
/// start of a process and the noise of the host are too large a part.
const CRATE_SECONDS_MIN: f64 = 0.5;

/// The name of a crate's component with its times.
pub(super) type CrateValues = Vec<(String, MetricValues)>;

/// The times of the crates that are told, by side. The same crates of all sides, so that none lacks its
/// other half just because it crossed the threshold.
pub(super) fn crate_values(sides: &[BuildSide<'_>]) -> Vec<CrateValues> {
    let times: Vec<_> = sides
        .iter()
        .map(|side| side.crate_times.as_slice())
        .collect();
    let told = told_crates(&times);
    let of_side = |side: &BuildSide<'_>| {
        let rounds = side.result().samples.len();
        let values = told.iter().filter_map(|name| {
            let iterations = in_seconds(&side.crate_times, name, rounds)?;
            let component = format!("{}{CRATE_OF_A_BUILD}{name}", side.build.name);
            // What a build calls a crate may be no name to us.
            component.parse::<BenchmarkName>().ok()?;
            let metric: MetricName = "wall-time".parse().ok()?;
            Some((component, MetricValues { metric, iterations }))
        });
        values.collect()
    };
    sides.iter().map(of_side).collect()
}

/// The times of each crate in each build, in nanoseconds.
pub(super) type CrateTimes = Option<BTreeMap<String, u64>>;

fn told_crates(sides: &[&[CrateTimes]]) -> Vec<String> {
    let mut fastest_s: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for side in sides {
        let mut of_side: BTreeMap<&str, f64> = BTreeMap::new();
        for (name, time_ns) in side.iter().flatten().flatten() {
            let time_s = *time_ns as f64 / 1e9;
            let fastest = of_side.entry(name).or_insert(time_s);
            *fastest = fastest.min(time_s);
        }
        for (name, time_s) in of_side {
            fastest_s.entry(name).or_default().push(time_s);
        }
    }
    let is_told = |times: &[f64]| times.iter().any(|time| *time >= CRATE_SECONDS_MIN);
    let told = fastest_s.iter().filter(|(_, times)| is_told(times));
    told.map(|(name, _)| (*name).to_owned()).collect()
}

/// The times of one crate by iteration, in seconds; `None` where no iteration has one.
fn in_seconds(builds: &[CrateTimes], name: &str, rounds: usize) -> Option<Vec<Option<f64>>> {
    let mut times: Vec<Option<f64>> = builds
        .iter()
        .map(|times| Some(*times.as_ref()?.get(name)? as f64 / 1e9))
        .collect();
    times.resize(rounds, None);
    times.iter().any(Option::is_some).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(times_ms: &[(&str, u64)]) -> CrateTimes {
        let in_ns = |(name, ms): &(&str, u64)| ((*name).to_owned(), ms * 1_000_000);
        Some(times_ms.iter().map(in_ns).collect())
    }

    #[test]
    fn a_crate_is_told_of_both_sides_where_one_of_them_takes_long_for_it() {
        let base = [build(&[("syn", 499), ("itoa", 5), ("now_and_then", 700)])];
        let head = [
            build(&[("syn", 501), ("itoa", 6)]),
            build(&[("syn", 600)]),
            None,
        ];
        let told = told_crates(&[&base, &head]);
        assert_eq!(told, ["now_and_then", "syn"]);
        assert_eq!(in_seconds(&base, "syn", 1), Some(vec![Some(0.499)]));
        assert_eq!(
            in_seconds(&head, "syn", 4),
            Some(vec![Some(0.501), Some(0.6), None, None])
        );
        assert_eq!(in_seconds(&head, "now_and_then", 3), None);
    }

    #[test]
    fn one_slow_build_among_fast_ones_is_no_reason_to_tell_a_crate() {
        let base = [build(&[("itoa", 900)]), build(&[("itoa", 20)])];
        assert_eq!(told_crates(&[&base]), Vec::<String>::new());
    }
}
