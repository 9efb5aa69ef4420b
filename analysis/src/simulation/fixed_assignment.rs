//! The same load as rustc-perf would schedule it, to compare with.
//!
//! What that does: the suite is divided into sets by hand; each collector owns one set of its target,
//! and no other collector ever measures it. One request is worked on at a time, and the next begins
//! when every collector has done its set of it. A collector that is not there is waited for. Here it
//! is given its best case: the sets are even by measured time, nothing is lost or fails, a collector
//! that vanishes goes on where it was, and it knows at once when it may begin.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::BenchmarkName;
use shared_types::ConfigurationId;
use shared_types::request::RequestState;

use super::load::{Load, LoadCollector, LoadRequest, Span};
use super::outcome::{Answer, Quantiles};
use super::wanted_work::{Measured, wanted};

/// What came of a load.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FixedOutcome {
    /// From the first request to the end of the last, in seconds.
    pub makespan_s: f64,
    /// How long requests took that were not cancelled, in seconds.
    pub latency_s: Quantiles,
    /// What became of each.
    #[serde(skip)]
    pub answers: Vec<Answer>,
}

/// Lets a fleet of owners of benchmark sets work through a load.
pub fn fixed_assignment(load: &Load) -> FixedOutcome {
    let sets = sets(load);
    let mut measured = Measured::new();
    let mut left: Vec<&LoadRequest> = load
        .requests
        .iter()
        .filter(|one| one.cancelled_at_s.is_none())
        .collect();
    let first_s = left.iter().map(|one| one.at_s).min().unwrap_or(0);
    let mut now_s = first_s as f64;
    let mut answers = Vec::new();
    while let Some(place) = next(&left, now_s) {
        let request = left.remove(place);
        let begins_s = now_s.max(request.at_s as f64);
        now_s = done_s(load, &sets, request, begins_s, &mut measured);
        answers.push(Answer {
            requester: request.requester.clone(),
            state: Some(RequestState::Done),
            latency_s: now_s - request.at_s as f64,
        });
    }
    FixedOutcome {
        makespan_s: now_s - first_s as f64,
        latency_s: Quantiles::of(answers.iter().map(|one| one.latency_s).collect()),
        answers,
    }
}

/// The next request: of those that are there, one whose parent does not wait, the oldest first; where
/// none is there, the one that comes first.
fn next(left: &[&LoadRequest], now_s: f64) -> Option<usize> {
    let waiting: BTreeSet<_> = left.iter().map(|one| &one.head).collect();
    let ready = left.iter().enumerate().filter(|(_, one)| {
        let before = one.parent.iter().chain(&one.base);
        one.at_s as f64 <= now_s && !before.into_iter().any(|before| waiting.contains(before))
    });
    let by_age = |(place, one): &(usize, &&LoadRequest)| (one.at_s, *place);
    ready
        .min_by_key(by_age)
        .or_else(|| left.iter().enumerate().min_by_key(by_age))
        .map(|(place, _)| place)
}

/// The set of each collector under each configuration that it serves.
type Sets = BTreeMap<(usize, ConfigurationId), BTreeSet<BenchmarkName>>;

/// Deals benchmarks out, the longest first, to the owner that has least.
fn sets(load: &Load) -> Sets {
    let mut benchmarks: Vec<(f64, &BenchmarkName)> = load
        .benchmarks
        .iter()
        .map(|one| {
            let scenarios = |profile| one.entry.scenarios(profile).len() as f64;
            let seconds = one.durations.iter();
            let seconds = seconds.map(|each| each.seconds * scenarios(each.profile));
            (seconds.sum(), &one.entry.name)
        })
        .collect();
    benchmarks.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut sets = Sets::new();
    for configuration in &load.configurations {
        let owners = load.collectors.iter().enumerate();
        let owners = owners.filter(|(_, one)| one.configurations.contains(&configuration.id));
        let mut loads: Vec<(f64, usize)> = owners.map(|(place, _)| (0.0, place)).collect();
        for (seconds, name) in &benchmarks {
            let least = loads
                .iter_mut()
                .min_by(|one, other| one.0.total_cmp(&other.0));
            let Some((has, place)) = least else {
                break;
            };
            *has += seconds;
            let set = sets.entry((*place, configuration.id.clone())).or_default();
            set.insert((*name).clone());
        }
    }
    sets
}

/// When every collector has done its sets of a request.
fn done_s(
    load: &Load,
    sets: &Sets,
    request: &LoadRequest,
    begins_s: f64,
    measured: &mut Measured,
) -> f64 {
    let mut seconds = vec![0.0; load.collectors.len()];
    for id in &request.configurations {
        for (run, units) in wanted(load, request, id, measured) {
            for (place, collector) in load.collectors.iter().enumerate() {
                let Some(set) = sets.get(&(place, id.clone())) else {
                    continue;
                };
                let own = units.iter().filter(|unit| set.contains(&unit.benchmark));
                let own: Vec<_> = own.collect();
                // One job for each profile.
                let profiles: BTreeSet<_> = own.iter().map(|unit| unit.profile).collect();
                let units = own
                    .iter()
                    .map(|unit| load.unit_seconds(id, &run, unit, request.iterations));
                let all = units.sum::<f64>() + load.seconds_per_job * profiles.len() as f64;
                seconds[place] += all * collector.slowness;
            }
        }
    }
    let collectors = load.collectors.iter().zip(seconds);
    collectors
        .map(|(collector, seconds)| present_until_s(collector, begins_s, seconds))
        .fold(begins_s, f64::max)
}

/// When a collector has been there for so many seconds.
fn present_until_s(collector: &LoadCollector, from_s: f64, seconds: f64) -> f64 {
    if seconds == 0.0 {
        return from_s;
    }
    let mut absences: Vec<&Span> = collector.absences.iter().collect();
    absences.sort_by_key(|span| span.from_s);
    let mut until_s = from_s + seconds;
    let mut from_s = from_s;
    for absence in absences {
        let (leaves_s, returns_s) = (absence.from_s as f64, absence.until_s as f64);
        if returns_s <= from_s || leaves_s >= until_s {
            continue;
        }
        until_s += returns_s - leaves_s.max(from_s);
        from_s = returns_s;
    }
    until_s
}
