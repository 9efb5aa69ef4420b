//! The status in words.

use std::fmt::Write;

use jiff::Timestamp;
use shared_types::api::{CollectorStatus, ConfigurationStatus, FailureRecord, Status};
use shared_types::disturbance::DisturbedRun;
use shared_types::request::Request;
use shared_types::upkeep::FalseAlarmRate;

use super::request_progress::duration;

/// How many lines of a failing program's output are shown.
const OUTPUT_LINES: usize = 16;

/// What goes on, and what went wrong.
pub(super) fn describe(status: &Status) -> String {
    let mut text = String::new();
    if let Some(shadow) = &status.shadow {
        let _ = writeln!(
            text,
            "shadow of {}: its requests are measured here, and nothing is posted",
            shadow.of
        );
    }
    section(&mut text, "configurations", &status.configurations, |one| {
        configuration(one)
    });
    section(&mut text, "collectors", &status.collectors, |one| {
        collector(one, status.now)
    });
    section(&mut text, "requests", &status.requests, request);
    section(&mut text, "problems", &status.problems, |problem| {
        let times = match problem.count {
            1 => String::new(),
            count => format!(" ({count} times)"),
        };
        format!("{}: {}{times}", problem.subject, problem.message)
    });
    section(&mut text, "not measured", &status.failures, failure);
    text
}

fn section<T>(text: &mut String, title: &str, entries: &[T], describe: impl Fn(&T) -> String) {
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{title}");
    if entries.is_empty() {
        let _ = writeln!(text, "  none");
    }
    for entry in entries {
        for (place, line) in describe(entry).lines().enumerate() {
            let indent = if place == 0 { "  " } else { "      " };
            let _ = writeln!(text, "{indent}{line}");
        }
    }
}

fn configuration(status: &ConfigurationStatus) -> String {
    let queue = &status.queue;
    let mut text = format!(
        "{}: {} pending, {} queued, {} running",
        status.configuration, queue.pending, queue.queued, queue.running
    );
    if queue.compilations_total > 0 {
        let _ = write!(
            text,
            "; {} of {} compilations",
            queue.compilations_done, queue.compilations_total
        );
    }
    if let Some(seconds) = queue.seconds_left.filter(|_| queue.compilations_total > 0) {
        let _ = write!(text, ", {} left", duration(seconds));
    }
    if let Some(paused) = &status.paused {
        let why = paused.reason.as_ref();
        let why = why.map_or_else(String::new, |reason| format!(": {reason}"));
        let _ = write!(text, "\npaused by {} at {}{why}", paused.by, paused.at);
    }
    for job in &status.jobs {
        if let Some(progress) = &job.progress {
            let _ = write!(
                text,
                "\n{} on {}: {} of {}, at {}",
                job.id, progress.collector, progress.done, progress.total, progress.current
            );
        }
    }
    for rate in status.false_alarms.iter().filter(|rate| is_told(rate)) {
        let _ = write!(text, "\n{}", rate.sentence);
    }
    for disturbed in &status.disturbed {
        let _ = write!(text, "\n{}", disturbed_run(disturbed));
    }
    text
}

/// Rates of one host are told where they are of interest; those of all hosts always.
fn is_told(rate: &FalseAlarmRate) -> bool {
    rate.host.is_none() || rate.exceeds_promise
}

fn disturbed_run(found: &DisturbedRun) -> String {
    let note = found
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!(" {note}"));
    format!(
        "{} #{} on {} is {}: {}{note}",
        found.run.artifact.short(),
        found.run.replicate.number(),
        found.hosts.join(" and "),
        found.state.in_words(),
        found.finding.sentence
    )
}

fn collector(status: &CollectorStatus, now: Timestamp) -> String {
    let collector = &status.collector;
    let report = &collector.report;
    let silent = now.as_second() - collector.last_seen_at.as_second();
    let silent = duration(u64::try_from(silent).unwrap_or(0));
    let state = match (status.alive, collector.draining) {
        (false, _) => format!("silent for {silent}"),
        (true, true) => "draining".to_owned(),
        (true, false) if report.job.is_some() => "measuring".to_owned(),
        (true, false) => "idle".to_owned(),
    };
    let serves: Vec<&str> = report.configurations.iter().map(|id| id.as_str()).collect();
    format!(
        "{} ({}): {state}; serves {}",
        report.collector,
        report.host.name,
        serves.join(", ")
    )
}

fn request(request: &Request) -> String {
    let note = request
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!(": {note}"));
    let against = request.base.as_ref().map_or_else(String::new, |base| {
        format!(" against {}", base.artifact.short())
    });
    format!(
        "{} {}{against}: {}{note}",
        request.id,
        request.head.artifact.short(),
        request.state
    )
}

fn failure(record: &FailureRecord) -> String {
    let failure = &record.failure;
    let mut text = format!(
        "{} of {} under {}: {}: {}",
        failure.name(),
        failure.artifact.short(),
        record.configuration,
        failure.kind,
        failure.message
    );
    let lines: Vec<&str> = failure.output.lines().collect();
    for line in &lines[lines.len().saturating_sub(OUTPUT_LINES)..] {
        let _ = write!(text, "\n{line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shadow_says_of_what_before_all_else() {
        let status: Status = serde_json::from_value(serde_json::json!({
            "now": "2026-03-01T12:00:00Z", "version": "0.1.0", "configurations": [],
            "collectors": [], "requests": [], "problems": [], "failures": [],
            "shadow": { "of": "production" },
        }))
        .unwrap();
        let text = describe(&status);
        assert!(text.starts_with("shadow of production: "), "{text}");
    }

    #[test]
    fn what_goes_on_and_what_went_wrong_is_told_in_words() {
        let rate = |host: Option<&str>| {
            serde_json::json!({
                "metric": "wall-time", "method": "perfleet", "method_version": "1", "host": host,
                "comparisons": 8, "alarming": 3, "share_alarming": 0.375, "share_low": 0.085,
                "share_high": 0.755, "test_cases": 400, "false_alarms": 6, "per_thousand": 15.0,
                "promised": 0.01, "exceeds_promise": host.is_none(),
                "last_at": "2026-03-01T11:00:00Z",
                "sentence": "wall-time: 3 of 8 A/A comparisons called something a change",
            })
        };
        let run = serde_json::json!({ "artifact": "release-1.95.0", "replicate": 1 });
        let status = serde_json::from_value(serde_json::json!({
            "now": "2026-03-01T12:00:00Z",
            "version": "0.1.0",
            "configurations": [{
                "configuration": "x86_64-llvm-t1",
                "queue": {
                    "pending": 2, "queued": 1, "running": 1,
                    "compilations_done": 3, "compilations_total": 40, "seconds_left": 75,
                },
                "jobs": [],
                "false_alarms": [rate(None), rate(Some("rack-3"))],
                "disturbed": [{
                    "configuration": "x86_64-llvm-t1", "run": run, "hosts": ["rack-3"],
                    "found_at": "2026-03-01T11:00:00Z", "state": "rerun-asked",
                    "finding": {
                        "answer": "disturbed", "shifts": [], "still_test_cases": 9,
                        "counted_test_cases": 10,
                        "sentence": "The host was disturbed: wall-time shifted by +3 %.",
                    },
                }],
            }],
            "collectors": [{
                "alive": false,
                "collector": {
                    "report": {
                        "collector": "zen4-1", "version": "0.1.0",
                        "configurations": ["x86_64-llvm-t1"],
                        "host": { "name": "rack-3", "target": "x86_64-unknown-linux-gnu" },
                        "metrics": [], "suite": "00112233445566778899aabbccddeeff",
                    },
                    "first_seen_at": "2026-03-01T11:00:00Z",
                    "last_seen_at": "2026-03-01T11:50:00Z",
                    "draining": false,
                },
            }],
            "requests": [{
                "id": "0190163d-8694-739b-aea5-966c26f8ad91",
                "head": run, "configurations": ["x86_64-llvm-t1"],
                "selection": {}, "paired": false, "iterations": 3, "time_limit_s": 1800,
                "requester": "ada", "state": "waiting",
                "note": "waiting for a collector of `x86_64-llvm-t1`",
                "created_at": "2026-03-01T11:00:00Z",
            }],
            "problems": [{
                "subject": "the events queue", "message": "an event cannot be read",
                "at": "2026-03-01T11:00:00Z", "count": 2,
            }],
            "failures": [{
                "job": "0190163d-8694-739b-aea5-966c26f8ad91",
                "configuration": "x86_64-llvm-t1",
                "at": "2026-03-01T11:00:00Z",
                "failure": {
                    "artifact": "release-1.95.0", "replicate": 1,
                    "benchmark": "syn-2.0.119", "profile": "check",
                    "kind": "crashed", "message": "rustc was ended by SIGSEGV",
                    "output": "one\ntwo\n",
                },
            }],
        }));
        insta::assert_snapshot!(describe(&status.unwrap()));
    }
}
