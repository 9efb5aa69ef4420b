//! The attempts at a job: who worked on it where, for how long, and how each ended.

use crate::prelude::*;
use jiff::Timestamp;
use shared_types::JobId;
use shared_types::api::{AttemptDetail, AttemptEnd, JobDetail};
use shared_types::ids::Attempt;
use shared_types::job::DELIVERIES_PER_RELEASE;

use crate::clock::Age;
use crate::numbers;
use crate::url_state::{attempt_address, collector_address};

/// The attempts as a table, the newest first. Says so where nobody has begun.
pub(super) fn attempt_table(detail: &JobDetail) -> AnyView {
    if detail.attempts.is_empty() {
        return view! { <p class="muted" data-testid="no-attempts">"No collector has begun it yet."</p> }
            .into_any();
    }
    let job = detail.job;
    let rows: Vec<_> = detail
        .attempts
        .iter()
        .rev()
        .map(|attempt| row(job, attempt))
        .collect();
    view! {
        <h2 id="attempts-title">"Attempts"</h2>
        <div class="scroll-x" tabindex="0" role="region" aria-labelledby="attempts-title">
            <table class="dense stacking" data-testid="attempts">
                <thead>
                    <tr>
                        <th scope="col">"Attempt"</th>
                        <th scope="col">"Collector"</th>
                        <th scope="col">"Began"</th>
                        <th scope="col">"Last heard of"</th>
                        <th scope="col" class="number">"Done"</th>
                        <th scope="col">"How it ended"</th>
                        <th scope="col">"Log"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(job: JobId, it: &AttemptDetail) -> AnyView {
    let when = |at: Option<Timestamp>| match at {
        Some(at) => view! { <Age of=at /> }.into_any(),
        None => view! { <span class="muted">"not known"</span> }.into_any(),
    };
    let collector = match &it.collector {
        Some(name) => view! { <a href=collector_address(name)>{name.clone()}</a> }.into_any(),
        None => view! { <span class="muted">"not known"</span> }.into_any(),
    };
    let host = it.host.as_ref().map(|host| format!(" on {host}"));
    let done = match (it.done, it.total) {
        (Some(done), Some(total)) => format!("{done} of {total}"),
        _ => "\u{2013}".to_owned(),
    };
    let log = match it.has_log {
        true => view! {
            <a href=attempt_address(job, it.attempt) data-testid=format!("log-{}", it.attempt)>
                "Read"
            </a>
        }
        .into_any(),
        false => view! { <span class="muted">{no_log(it.end)}</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" title=delivery_in_words(it.attempt)>
                {it.attempt.0}
            </th>
            <td>{collector} {host}</td>
            <td>{when(it.begun_at)} {lasted(it)}</td>
            <td>{when(it.last_heard_at)}</td>
            <td class="number">{done}</td>
            <td class:worse=it.end == AttemptEnd::Failed>
                {in_words(it.end)}
                {it.reason.clone().map(|reason| view! { <p class="break small">{reason}</p> })}
            </td>
            <td>{log}</td>
        </tr>
    }
    .into_any()
}

/// For how long it was heard of.
fn lasted(it: &AttemptDetail) -> Option<String> {
    let seconds = it.last_heard_at?.duration_since(it.begun_at?).as_secs();
    let seconds = u64::try_from(seconds).ok()?;
    Some(format!(", for {}", numbers::duration(seconds)))
}

fn in_words(end: AttemptEnd) -> &'static str {
    match end {
        AttemptEnd::Working => "at work",
        AttemptEnd::Counted => "done: its result counts",
        AttemptEnd::Duplicate => "done, after another: its result is kept and does not count",
        AttemptEnd::Failed => "failed",
        AttemptEnd::Cancelled => "called off",
        AttemptEnd::Lost => "not heard of any more: killed, cut off, or the job was given back",
    }
}

fn no_log(end: AttemptEnd) -> &'static str {
    match end {
        AttemptEnd::Working => "when it ends",
        _ => "none was left",
    }
}

/// Attempts are numbered through all releases.
fn delivery_in_words(attempt: Attempt) -> String {
    let before = attempt.0.saturating_sub(1);
    format!(
        "Delivery {} of release {}",
        before % DELIVERIES_PER_RELEASE + 1,
        before / DELIVERIES_PER_RELEASE + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempts_number_tells_its_release_and_delivery() {
        assert_eq!(delivery_in_words(Attempt(1)), "Delivery 1 of release 1");
        assert_eq!(delivery_in_words(Attempt(20)), "Delivery 20 of release 1");
        assert_eq!(delivery_in_words(Attempt(22)), "Delivery 2 of release 2");
    }

    #[test]
    fn how_long_an_attempt_was_heard_of_is_told_where_both_ends_are_known() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let mut it = AttemptDetail {
            attempt: Attempt(1),
            collector: None,
            host: None,
            begun_at: at(0),
            last_heard_at: at(30),
            done: None,
            total: None,
            end: AttemptEnd::Lost,
            reason: None,
            has_log: false,
        };
        assert_eq!(
            lasted(&it),
            Some(format!(", for {}", numbers::duration(30)))
        );
        // Clocks of two hosts may disagree.
        it.last_heard_at = at(-5);
        assert_eq!(lasted(&it), None);
        it.last_heard_at = None;
        assert_eq!(lasted(&it), None);
    }
}
