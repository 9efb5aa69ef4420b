//! What is running, and what needs a person.

use crate::prelude::*;
use shared_types::api::{Overview, Status};
use shared_types::job::JobState;
use shared_types::request::{Request, RequestState};

use crate::numbers;
use crate::url_state::{InboxState, Shown, collector_address, job_address, request_address};
use crate::widget::artifact_name::ArtifactName;
use crate::widget::progress::Progress;

/// Requests that are listed here; the status page has all.
const REQUESTS_MAX: usize = 8;

/// What is being measured.
pub(super) fn running(status: &Status) -> AnyView {
    let open: Vec<&Request> = status
        .requests
        .iter()
        .filter(|request| !request.state.is_final())
        .collect();
    let more = open.len().saturating_sub(REQUESTS_MAX);
    let requests: Vec<AnyView> = open
        .iter()
        .take(REQUESTS_MAX)
        .map(|one| request(one))
        .collect();
    let body = if requests.is_empty() {
        view! { <p class="muted">"Nothing is being measured."</p> }.into_any()
    } else {
        view! {
            <ul class="plain">{requests}</ul>
            {(more > 0).then(|| view! { <p class="small"><a href="/status">"and " {more} " more"</a></p> })}
            {queues(status)}
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="running-title">
            <h2 id="running-title">"Running"</h2>
            {body}
        </section>
    }
    .into_any()
}

fn request(request: &Request) -> AnyView {
    let base = request
        .base
        .as_ref()
        .map(|base| view! { <ArtifactName id=base.artifact.clone() /> " \u{2192} " });
    view! {
        <li>
            <a href=request_address(request.id) data-row-link="">
                {base} <ArtifactName id=request.head.artifact.clone() />
            </a>
            <span class="muted">
                " " {request.state.as_str()} " \u{b7} "
                {numbers::count(request.configurations.len() as u64, "configuration")}
            </span>
        </li>
    }
    .into_any()
}

/// How far each queue is, and what is measured right now.
fn queues(status: &Status) -> AnyView {
    let busy = status
        .configurations
        .iter()
        .filter(|one| one.queue.compilations_total > 0);
    let parts: Vec<AnyView> = busy
        .map(|one| {
            let now: Vec<_> = one
                .jobs
                .iter()
                .filter(|job| job.state == JobState::Running)
                .filter_map(|job| Some((job.id, job.progress.as_ref()?)))
                .map(|(id, progress)| {
                    view! {
                        <p class="small muted break">
                            <a href=job_address(id)>{progress.current.clone()}</a>
                            " on " {progress.host.clone()}
                        </p>
                    }
                })
                .collect();
            view! {
                <p class="small break queue-name">{one.configuration.to_string()}</p>
                <Progress
                    done=one.queue.compilations_done
                    total=one.queue.compilations_total
                    seconds_left=one.queue.seconds_left
                />
                {now}
            }
            .into_any()
        })
        .collect();
    parts.into_any()
}

/// Something that a person should look at, and where.
#[derive(Debug, PartialEq, Eq)]
struct Need {
    words: String,
    address: String,
}

/// What needs a person, as far as is known yet.
pub(super) fn needs_a_person(
    overview: Option<&Overview>,
    status: Option<&Status>,
    has_failed: bool,
) -> AnyView {
    let is_known = overview.is_some() && status.is_some();
    let mut needs: Vec<Need> = overview.map(of_overview).unwrap_or_default();
    needs.extend(status.map(of_status).unwrap_or_default());
    let announced = match (is_known, needs.len()) {
        (false, _) => String::new(),
        (true, 0) => "Nothing needs a person.".to_owned(),
        (true, 1) => "One thing needs a person.".to_owned(),
        (true, count) => format!("{} need a person.", numbers::count(count as u64, "thing")),
    };
    let body = if needs.is_empty() {
        let words = match (is_known, has_failed) {
            (true, _) => "Nothing.",
            (false, true) => "Not known while the server does not answer.",
            (false, false) => "Loading\u{2026}",
        };
        view! { <p class="muted">{words}</p> }.into_any()
    } else {
        let lines: Vec<_> = needs
            .into_iter()
            .map(|need| view! { <li><a href=need.address data-row-link="">{need.words}</a></li> })
            .collect();
        view! { <ul class="plain">{lines}</ul> }.into_any()
    };
    view! {
        <section class="panel" aria-labelledby="needs-title" data-testid="needs-a-person">
            <h2 id="needs-title">"Needs a person"</h2>
            {body}
            <p class="visually-hidden" role="status" aria-live="polite">{announced}</p>
        </section>
    }
    .into_any()
}

fn inbox(shown: Shown) -> String {
    let state = InboxState {
        shown,
        ..InboxState::default()
    };
    state.address()
}

/// `2 conflicts between gating configurations`.
fn counted(number: u64, one: &str, behind: &str) -> String {
    format!("{}{behind}", numbers::count(number, one))
}

/// What waits in triage, in queues, and among files.
fn of_overview(overview: &Overview) -> Vec<Need> {
    let waiting = &overview.attention;
    let mut needs = Vec::new();
    let mut need = |count: u64, one: &str, behind: &str, address: String| {
        if count > 0 {
            let words = counted(count, one, behind);
            needs.push(Need { words, address });
        }
    };
    let status = || "/status#problems-title".to_owned();
    let conflicts = " between gating configurations";
    need(
        u64::from(waiting.conflicts),
        "conflict",
        conflicts,
        inbox(Shown::Conflicts),
    );
    need(
        u64::from(waiting.untriaged),
        "untriaged regression",
        "",
        inbox(Shown::Untriaged),
    );
    need(
        u64::from(waiting.overdue),
        "overdue acknowledgement",
        "",
        inbox(Shown::Overdue),
    );
    for letters in &waiting.dead_letters {
        let behind = format!(" in the queue {}", letters.queue);
        need(letters.messages, "dead letter", &behind, status());
    }
    need(
        u64::from(waiting.refused_files),
        "refused file",
        "",
        status(),
    );
    needs
}

/// What is wrong with collectors and queues.
fn of_status(status: &Status) -> Vec<Need> {
    let mut needs = Vec::new();
    let silent = status
        .collectors
        .iter()
        .filter(|collector| !collector.alive);
    for collector in silent {
        let name = &collector.collector.report.collector;
        let behind = match collector.collector.job() {
            Some(_) => " in the middle of a job",
            None => "",
        };
        needs.push(Need {
            words: format!("collector {name} is silent{behind}"),
            address: collector_address(name),
        });
    }
    for configuration in &status.configurations {
        let waiting = configuration.queue.pending + configuration.queue.queued;
        let is_served = status.collectors.iter().any(|collector| {
            let served = &collector.collector.report.configurations;
            collector.alive && served.contains(&configuration.configuration)
        });
        let id = &configuration.configuration;
        if waiting > 0 && configuration.paused.is_some() {
            needs.push(Need {
                words: format!(
                    "{id} is paused with {}",
                    counted(u64::from(waiting), "job", " waiting")
                ),
                address: "/status".to_owned(),
            });
        } else if waiting > 0 && !is_served {
            needs.push(Need {
                words: counted(
                    u64::from(waiting),
                    "job",
                    &format!(" of {id} waiting for a collector"),
                ),
                address: "/status".to_owned(),
            });
        }
    }
    let is_paused = |request: &&Request| request.state == RequestState::Paused;
    let paused = status.requests.iter().filter(is_paused).count() as u64;
    let (problems, failures) = (status.problems.len() as u64, status.failures.len() as u64);
    for (count, one, behind, address) in [
        (paused, "request", " paused", "/status#requests-title"),
        (problems, "problem", " reported", "/status#problems-title"),
        (
            failures,
            "test case",
            " not measured lately",
            "/status#failures-title",
        ),
    ] {
        if count > 0 {
            needs.push(Need {
                words: counted(count, one, behind),
                address: address.to_owned(),
            });
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use shared_types::api::{Attention, DeadLetterCount};

    use super::*;

    #[test]
    fn each_thing_that_waits_is_told_with_where_to_look() {
        let overview = Overview {
            configurations: Vec::new(),
            attention: Attention {
                untriaged: 2,
                overdue: 1,
                conflicts: 0,
                dead_letters: vec![DeadLetterCount {
                    queue: "ingest".to_owned(),
                    messages: 1,
                }],
                refused_files: 0,
            },
        };
        let needs = of_overview(&overview);
        // A number stays on one line with its noun, by a space that does not break.
        let words: Vec<String> = needs
            .iter()
            .map(|need| need.words.replace('\u{a0}', " "))
            .collect();
        assert_eq!(
            words,
            [
                "2 untriaged regressions",
                "1 overdue acknowledgement",
                "1 dead letter in the queue ingest"
            ]
        );
        assert_eq!(needs[0].address, "/triage?show=untriaged");
    }
}
