//! A request in words, and waiting for it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use shared_types::RequestId;
use shared_types::api::RequestDetail;
use shared_types::job::{Job, JobState};
use shared_types::request::Request;

use super::access::Access;
use super::output;
use crate::FunctionsError;

/// How often a request is looked at while it is waited for.
const LOOK: Duration = Duration::from_secs(1);

/// Waits until a request has ended, and says how far it is whenever that changes.
pub(super) async fn wait(access: &Access, id: RequestId) -> Result<RequestDetail, FunctionsError> {
    let mut said = String::new();
    loop {
        let detail: RequestDetail = access.get(&format!("requests/{id}")).await?;
        if detail.request.state.is_final() {
            return Ok(detail);
        }
        let standing = standing(&detail);
        if standing != said {
            output::say(&standing);
            said = standing;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How far a request is, in one line.
fn standing(detail: &RequestDetail) -> String {
    let mut line = match &detail.request.note {
        Some(note) => format!("{}: {note}", detail.request.state),
        None => detail.request.state.to_string(),
    };
    if detail.compilations_total > 0 {
        let _ = write!(
            line,
            ": {} of {} compilations",
            detail.compilations_done, detail.compilations_total
        );
    }
    if let Some(seconds) = detail.seconds_left {
        let _ = write!(line, ", {} left", duration(seconds));
    }
    if let Some(current) = current(&detail.jobs) {
        let _ = write!(line, ", at {current}");
    }
    line
}

fn current(jobs: &[Job]) -> Option<&str> {
    jobs.iter()
        .filter(|job| job.state == JobState::Running)
        .find_map(|job| job.progress.as_ref())
        .map(|progress| progress.current.as_str())
}

/// A request and what came out of it.
pub(super) fn describe(detail: &RequestDetail) -> String {
    let request = &detail.request;
    let mut text = format!("request {}\n", request.id);
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<14} {value}");
    };
    line("measures", &measures(request));
    line("state", &standing(detail));
    line("asked for by", &request.requester);
    if let Some(reason) = &request.reason {
        line("reason", reason);
    }
    for (configuration, jobs) in jobs_by_configuration(&detail.jobs) {
        line("jobs", &format!("{configuration}: {jobs}"));
    }
    for job in detail
        .jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
    {
        if let Some(failure) = job.failures.last() {
            line("failed", &format!("{}: {}", job.id, failure.reason));
        }
    }
    line(
        "verdict",
        &format!("{}: {}", detail.verdict, detail.verdict_sentence),
    );
    for comparison in &detail.comparisons {
        let _ = writeln!(
            text,
            "\n{} ({})\n  {}",
            comparison.configuration, comparison.metric, comparison.headline
        );
    }
    text
}

fn measures(request: &Request) -> String {
    match &request.base {
        None => request.head.artifact.to_string(),
        Some(base) if request.is_a_a() => format!("{} against itself", base.artifact),
        Some(base) => format!("{} against {}", request.head.artifact, base.artifact),
    }
}

fn jobs_by_configuration(jobs: &[Job]) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<String, BTreeMap<JobState, usize>> = BTreeMap::new();
    for job in jobs {
        let of_configuration = counts.entry(job.configuration.to_string()).or_default();
        *of_configuration.entry(job.state).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(configuration, states)| {
            let states: Vec<String> = states
                .iter()
                .map(|(state, count)| format!("{count} {state}"))
                .collect();
            (configuration, states.join(", "))
        })
        .collect()
}

/// A length of time in the two units that matter.
pub(super) fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_told_in_two_units_at_most() {
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(61), "1 min 1 s");
        assert_eq!(duration(2 * 3600 + 61), "2 h 1 min");
    }
}
