//! What can be said of a collector's health, from what it reports and what its measurements show.

use shared_types::api::{CollectorStatus, HealthFinding, HealthLevel, HostFalseAlarms};
use shared_types::disturbance::DisturbedRun;

use crate::words::counted;

/// What is known of a collector, the worst first. `disturbed` and `false_alarms` are those of its
/// host alone.
pub fn judge(
    status: &CollectorStatus,
    disturbed: &[DisturbedRun],
    false_alarms: &[HostFalseAlarms],
) -> Vec<HealthFinding> {
    let mut found = vec![presence(status)];
    found.extend(set_aside(disturbed));
    found.extend(
        false_alarms
            .iter()
            .filter(|one| one.rate.exceeds_promise)
            .map(noisy),
    );
    if status.collector.report.configurations.is_empty() {
        found.push(finding(
            HealthLevel::Attention,
            "It serves no configuration, so it gets no job: start it with `--configuration NAME`.",
        ));
    }
    let is_trusted =
        !false_alarms.is_empty() && false_alarms.iter().all(|one| !one.rate.exceeds_promise);
    if is_trusted {
        found.push(finding(
            HealthLevel::Good,
            "Its A/A comparisons call noise a change no more often than is promised.",
        ));
    } else if false_alarms.is_empty() {
        found.push(finding(
            HealthLevel::Attention,
            "Nothing was measured against itself on its host yet, so its noise is not known.",
        ));
    }
    found.sort_by_key(|one| one.level);
    found
}

fn presence(status: &CollectorStatus) -> HealthFinding {
    match (status.alive, status.collector.draining) {
        (true, false) => finding(HealthLevel::Good, "It reports, and takes jobs."),
        (true, true) => finding(
            HealthLevel::Attention,
            "It drains: it finishes what it has and takes no more jobs until somebody ends that.",
        ),
        (false, _) if status.collector.job().is_some() => finding(
            HealthLevel::Bad,
            "It fell silent in the middle of a job. The job is handed out again when its lease ends; \
             look at its host and its log.",
        ),
        (false, _) => finding(
            HealthLevel::Bad,
            "It is silent. Start it again, or leave it where its host is gone.",
        ),
    }
}

fn set_aside(disturbed: &[DisturbedRun]) -> Option<HealthFinding> {
    let count = disturbed
        .iter()
        .filter(|run| run.state.is_set_aside())
        .count();
    (count > 0).then(|| HealthFinding {
        level: HealthLevel::Attention,
        sentence: format!(
            "Set aside as disturbed: {} on its host. See what else ran there; `collector doctor` says \
             more.",
            counted(count, "run")
        ),
    })
}

fn noisy(alarms: &HostFalseAlarms) -> HealthFinding {
    HealthFinding {
        level: HealthLevel::Bad,
        sentence: format!("Under {}: {}", alarms.configuration, alarms.rate.sentence),
    }
}

fn finding(level: HealthLevel, sentence: &str) -> HealthFinding {
    HealthFinding {
        level,
        sentence: sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use shared_types::collector::CollectorRecord;
    use shared_types::events::CollectorReport;
    use shared_types::host::HostFacts;
    use shared_types::object_key::ContentHash;

    use super::*;

    fn status(alive: bool, draining: bool, configurations: &[&str]) -> CollectorStatus {
        CollectorStatus {
            alive,
            collector: CollectorRecord {
                report: CollectorReport {
                    collector: "c1".to_owned(),
                    version: "1".to_owned(),
                    configurations: configurations
                        .iter()
                        .map(|id| id.parse().unwrap())
                        .collect(),
                    host: HostFacts::named("host-1", "x86_64-unknown-linux-gnu"),
                    metrics: Vec::new(),
                    suite: ContentHash::of(b"suite"),
                    job: None,
                },
                first_seen_at: Timestamp::UNIX_EPOCH,
                last_seen_at: Timestamp::UNIX_EPOCH,
                draining,
            },
        }
    }

    fn levels(status: &CollectorStatus) -> Vec<HealthLevel> {
        judge(status, &[], &[])
            .iter()
            .map(|one| one.level)
            .collect()
    }

    #[test]
    fn the_worst_comes_first() {
        use HealthLevel::{Attention, Bad, Good};
        assert_eq!(levels(&status(true, false, &["zen4"])), [Attention, Good]);
        assert_eq!(
            levels(&status(true, true, &["zen4"])),
            [Attention, Attention]
        );
        assert_eq!(
            levels(&status(false, false, &[])),
            [Bad, Attention, Attention]
        );
    }
}
