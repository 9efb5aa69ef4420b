//! The time that a load takes at least, whoever schedules it.

use std::collections::BTreeSet;

use shared_types::ConfigurationId;

use super::load::{Load, LoadCollector};
use super::wanted_work::seconds_wanted;

/// From the first request to the end of the last job at least, in seconds: what is asked for after a
/// time cannot begin before it, and takes all hosts that could measure it together as long as they
/// need for it, each without a pause. Held against each configuration alone, and all together. What
/// is cancelled is left out, as are the times that jobs take beside compilations.
pub fn lower_bound_s(load: &Load) -> f64 {
    let first_s = load.requests.iter().map(|one| one.at_s).min().unwrap_or(0);
    let each = load.configurations.iter().map(|one| vec![&one.id]);
    let all = load.configurations.iter().map(|one| &one.id).collect();
    let work = work(load);
    each.chain([all])
        .map(|configurations| of_configurations(load, &work, &configurations))
        .fold(0.0, f64::max)
        - first_s as f64
}

/// What was asked for when, and how long it takes a usual host, in seconds.
struct Work {
    at_s: u64,
    configuration: ConfigurationId,
    seconds: f64,
}

fn work(load: &Load) -> Vec<Work> {
    let mut measured = BTreeSet::new();
    let mut work = Vec::new();
    for request in &load.requests {
        if request.cancelled_at_s.is_some() {
            continue;
        }
        for id in &request.configurations {
            let seconds = seconds_wanted(load, request, id, &mut measured);
            work.push(Work {
                at_s: request.at_s,
                configuration: id.clone(),
                seconds,
            });
        }
    }
    work
}

fn of_configurations(load: &Load, work: &[Work], configurations: &[&ConfigurationId]) -> f64 {
    let collectors: Vec<&LoadCollector> = load
        .collectors
        .iter()
        .filter(|one| {
            one.configurations
                .iter()
                .any(|id| configurations.contains(&id))
        })
        .collect();
    let of_these = || {
        work.iter()
            .filter(|one| configurations.contains(&&one.configuration))
    };
    let times: BTreeSet<u64> = of_these().map(|one| one.at_s).collect();
    let ends = times.into_iter().map(|from_s| {
        let later = of_these().filter(|one| one.at_s >= from_s);
        ends_s(&collectors, from_s, later.map(|one| one.seconds).sum())
    });
    ends.fold(0.0, f64::max)
}

/// When collectors have done work that begins at a time.
fn ends_s(collectors: &[&LoadCollector], from_s: u64, mut seconds: f64) -> f64 {
    let spans = || collectors.iter().flat_map(|one| &one.absences);
    let mut changes: BTreeSet<u64> = spans()
        .flat_map(|span| [span.from_s, span.until_s])
        .collect();
    changes.retain(|at_s| *at_s > from_s);
    let mut at_s = from_s;
    for next_s in changes {
        let speed = speed(collectors, at_s);
        let possible = speed * (next_s - at_s) as f64;
        if possible >= seconds {
            break;
        }
        seconds -= possible;
        at_s = next_s;
    }
    match speed(collectors, at_s) {
        speed if speed > 0.0 => at_s as f64 + seconds / speed,
        _ => at_s as f64,
    }
}

fn speed(collectors: &[&LoadCollector], at_s: u64) -> f64 {
    let present = collectors.iter().filter(|one| {
        let mut absences = one.absences.iter();
        !absences.any(|span| span.holds_ms(at_s * 1000))
    });
    present.map(|one| 1.0 / one.slowness).sum()
}
