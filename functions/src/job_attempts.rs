//! The attempts at a job, from all that is known of them: what its collectors told, its failures, the
//! results and the logs that they left.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::ObjectKey;
use shared_types::api::{AttemptDetail, AttemptEnd, ResultRecord};
use shared_types::ids::Attempt;
use shared_types::job::{Job, JobState};

/// Every attempt at `job` that left a trace, the first one first. `logs` are the attempts that left a
/// log.
pub(crate) fn attempts_of(
    job: &Job,
    results: &[ResultRecord],
    logs: &BTreeSet<Attempt>,
) -> Vec<AttemptDetail> {
    let mut known = BTreeMap::new();
    for attempt in &job.attempts {
        let detail = entry(&mut known, attempt.attempt);
        detail.collector = Some(attempt.collector.clone());
        detail.host = attempt.host.clone();
        detail.begun_at = Some(attempt.begun_at);
        detail.last_heard_at = Some(attempt.last_heard_at);
        detail.done = (attempt.total > 0).then_some(attempt.done);
        detail.total = (attempt.total > 0).then_some(attempt.total);
        if let Some(reason) = &attempt.failure {
            detail.end = AttemptEnd::Failed;
            detail.reason = Some(reason.clone());
        }
    }
    add_progress(&mut known, job);
    for failure in &job.failures {
        let detail = entry(&mut known, failure.attempt);
        detail.collector = Some(failure.collector.clone());
        detail.last_heard_at = Some(failure.at);
        detail.end = AttemptEnd::Failed;
        detail.reason = Some(failure.reason.clone());
    }
    for result in results {
        let ObjectKey::Result { attempt, .. } = &result.key else {
            continue;
        };
        let detail = entry(&mut known, *attempt);
        detail.host = Some(result.host.clone());
        detail.last_heard_at = Some(result.measured_at);
        detail.end = match result.counted {
            true => AttemptEnd::Counted,
            false => AttemptEnd::Duplicate,
        };
    }
    for attempt in logs {
        entry(&mut known, *attempt).has_log = true;
    }
    end_the_last(&mut known, job);
    known.into_values().collect()
}

fn entry(known: &mut BTreeMap<Attempt, AttemptDetail>, attempt: Attempt) -> &mut AttemptDetail {
    known.entry(attempt).or_insert_with(|| AttemptDetail {
        attempt,
        collector: None,
        host: None,
        begun_at: None,
        last_heard_at: None,
        done: None,
        total: None,
        // What left nothing but a beginning was not heard of any more.
        end: AttemptEnd::Lost,
        reason: None,
        has_log: false,
    })
}

/// The last progress is told beside the attempts.
fn add_progress(known: &mut BTreeMap<Attempt, AttemptDetail>, job: &Job) {
    let Some(progress) = &job.progress else {
        return;
    };
    let detail = entry(known, progress.attempt);
    detail.collector = Some(progress.collector.clone());
    detail.host = Some(progress.host.clone());
    detail.last_heard_at = Some(progress.at);
    detail.done = Some(progress.done);
    detail.total = Some(progress.total);
}

/// The newest attempt is worked on as long as the job runs, and ended with the job where somebody
/// cancelled that.
fn end_the_last(known: &mut BTreeMap<Attempt, AttemptDetail>, job: &Job) {
    let of_progress = job.progress.as_ref().map(|progress| progress.attempt);
    let Some(last) = of_progress.and_then(|attempt| known.get_mut(&attempt)) else {
        return;
    };
    if last.end != AttemptEnd::Lost {
        return;
    }
    last.end = match job.state {
        JobState::Running => AttemptEnd::Working,
        JobState::Cancelled => AttemptEnd::Cancelled,
        _ => AttemptEnd::Lost,
    };
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use shared_types::events::ProgressEvent;
    use shared_types::job::JobFailure;
    use shared_types::job_transitions as transitions;
    use shared_types::result_document::Origin;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn job() -> Job {
        let mut job: Job = serde_json::from_value(serde_json::json!({
            "id": "0190163d-8694-739b-aea5-966c26f8ad91",
            "request": "0190163d-8694-739b-aea5-966c26f8ad92",
            "configuration": "zen4",
            "runs": [{ "artifact": "release-1.95.0", "replicate": 1 }],
            "units": [],
            "iterations": 1,
            "time_limit_s": 60,
            "state": "pending",
            "releases": 0,
            "created_at": "2026-03-01T12:00:00Z",
        }))
        .unwrap();
        assert!(transitions::release(&mut job, at(0)));
        job
    }

    fn heard(job: &mut Job, attempt: u32, collector: &str, (done, second): (u64, i64)) {
        let event = ProgressEvent {
            job: job.id,
            attempt: Attempt(attempt),
            collector: collector.to_owned(),
            done,
            total: 9,
            current: "syn/check".to_owned(),
            host: format!("host-of-{collector}"),
        };
        assert!(transitions::note_progress(job, &event, at(second)));
    }

    fn result(job: &Job, attempt: u32, counted: bool) -> ResultRecord {
        ResultRecord {
            key: ObjectKey::Result {
                configuration: job.configuration.clone(),
                job: job.id,
                attempt: Attempt(attempt),
            },
            job: job.id,
            origin: Origin::Collector,
            host: "host-of-two".to_owned(),
            measured_at: at(90),
            counted,
        }
    }

    /// Number, collector, how it ended, compilations done.
    fn short(attempts: &[AttemptDetail]) -> Vec<(u32, &str, AttemptEnd, Option<u64>)> {
        let short = attempts.iter().map(|it| {
            let collector = it.collector.as_deref().unwrap_or("?");
            (it.attempt.0, collector, it.end, it.done)
        });
        short.collect()
    }

    #[test]
    fn a_collector_that_was_killed_leaves_a_lost_attempt_and_another_counts() {
        let mut job = job();
        heard(&mut job, 1, "one", (1, 10));
        heard(&mut job, 1, "one", (4, 20));
        assert_eq!(
            short(&attempts_of(&job, &[], &BTreeSet::new())),
            [(1, "one", AttemptEnd::Working, Some(4))]
        );
        heard(&mut job, 2, "two", (0, 60));
        let results = [result(&job, 2, true)];
        transitions::complete(&mut job, at(90));
        let attempts = attempts_of(&job, &results, &BTreeSet::from([Attempt(2)]));
        assert_eq!(
            short(&attempts),
            [
                (1, "one", AttemptEnd::Lost, Some(4)),
                (2, "two", AttemptEnd::Counted, Some(0)),
            ]
        );
        assert_eq!(attempts[0].begun_at, Some(at(10)));
        assert_eq!(attempts[0].last_heard_at, Some(at(20)));
        assert_eq!(
            attempts.iter().map(|it| it.has_log).collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn a_failure_says_why_and_is_known_still_when_the_job_is_asked_for_once_more() {
        let mut job = job();
        heard(&mut job, 1, "one", (2, 10));
        for attempt in [1, 2, 3].map(Attempt) {
            let failure = JobFailure {
                attempt,
                collector: "one".to_owned(),
                reason: format!("the disk is full, {attempt}"),
                at: at(30),
            };
            transitions::fail(&mut job, &failure);
            transitions::release(&mut job, at(31));
        }
        assert_eq!(job.state, JobState::Failed);
        assert!(transitions::retry(&mut job));
        assert_eq!(job.failures, []);
        let attempts = attempts_of(&job, &[], &BTreeSet::new());
        assert_eq!(
            short(&attempts),
            [
                (1, "one", AttemptEnd::Failed, Some(2)),
                (2, "one", AttemptEnd::Failed, None),
                (3, "one", AttemptEnd::Failed, None),
            ]
        );
        assert_eq!(attempts[1].reason.as_deref(), Some("the disk is full, 2"));
    }

    #[test]
    fn a_job_that_came_back_has_lost_its_attempt_and_a_late_result_of_it_is_a_duplicate() {
        let mut job = job();
        heard(&mut job, 1, "one", (3, 10));
        assert!(transitions::return_to_pending(&mut job, 1));
        let lost = attempts_of(&job, &[], &BTreeSet::new());
        assert_eq!(short(&lost), [(1, "one", AttemptEnd::Lost, Some(3))]);
        transitions::release(&mut job, at(40));
        heard(&mut job, 21, "two", (9, 80));
        transitions::complete(&mut job, at(90));
        let results = [result(&job, 21, true), result(&job, 1, false)];
        let ends: Vec<AttemptEnd> = attempts_of(&job, &results, &BTreeSet::new())
            .iter()
            .map(|it| it.end)
            .collect();
        assert_eq!(ends, [AttemptEnd::Duplicate, AttemptEnd::Counted]);
    }

    #[test]
    fn who_cancels_a_job_ends_its_attempt() {
        let mut job = job();
        heard(&mut job, 1, "one", (3, 10));
        assert!(transitions::cancel(&mut job, at(40)));
        let attempts = attempts_of(&job, &[], &BTreeSet::new());
        assert_eq!(attempts[0].end, AttemptEnd::Cancelled);
    }

    #[test]
    fn a_job_of_an_older_server_has_the_attempts_that_left_something() {
        let mut job = job();
        heard(&mut job, 1, "one", (3, 10));
        job.attempts.clear();
        let attempts = attempts_of(
            &job,
            &[result(&job, 2, true)],
            &BTreeSet::from([Attempt(3)]),
        );
        let numbers: Vec<u32> = attempts.iter().map(|it| it.attempt.0).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }
}
