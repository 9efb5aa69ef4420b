//! What a collector noted during an attempt at a job, to search and to read.

use crate::prelude::*;
use gloo_net::http::Request;
use leptos::task::spawn_local;
use shared_types::JobId;
use shared_types::api::AttemptDetail;
use shared_types::ids::Attempt;

use crate::api_client;
use crate::numbers;

/// Lines that are shown at once: the last ones, where mistakes are.
const LINES_MAX: usize = 1000;

const NO_LOG_YET: &str = "There is no log yet: a collector stores it when an attempt ends.";
const NO_LOG: &str = "This attempt left no log: a collector stores it when the attempt ends, and one that \
                      is killed does not come to that.";

/// What is known of a log.
#[derive(Clone)]
enum Log {
    Awaited,
    Lines(Vec<String>),
    Missing(String),
}

/// The log of the attempt that a reader chose, else of the newest that left one.
#[component]
pub(super) fn JobLog(
    job: JobId,
    /// The attempts that are known.
    attempts: Memo<Vec<AttemptDetail>>,
    /// The attempt that the address names.
    chosen: Memo<Option<Attempt>>,
) -> impl IntoView {
    let log = RwSignal::new(Log::Awaited);
    let (wanted, is_whole) = (RwSignal::new(String::new()), RwSignal::new(false));
    let shown_attempt = Memo::new(move |_| {
        chosen
            .get()
            .or_else(|| attempts.with(|attempts| newest_with_log(attempts)))
    });
    let read = move || {
        let Some(attempt) = shown_attempt.get_untracked() else {
            log.set(Log::Missing(NO_LOG_YET.to_owned()));
            return;
        };
        log.set(Log::Awaited);
        spawn_local(async move {
            let found = fetch(&api_client::job_log(job, attempt)).await;
            // Another attempt may have been chosen meanwhile, or the page left.
            if shown_attempt.try_get_untracked() == Some(Some(attempt)) {
                log.set(found);
            }
        });
    };
    Effect::new(move |_| {
        shown_attempt.track();
        read();
    });
    let title = move || match shown_attempt.get() {
        Some(attempt) => format!("Log of attempt {attempt}"),
        None => "Log of the collector".to_owned(),
    };
    view! {
        <section aria-labelledby="log-title" data-testid="log">
            <h2 id="log-title">{title}</h2>
            <div class="filters">
                <div class="field grow">
                    <label for="log-filter">"Lines with"</label>
                    <input
                        id="log-filter"
                        type="search"
                        data-filter=""
                        autocomplete="off"
                        placeholder="part of a line ( / )"
                        on:input=move |event| wanted.set(event_target_value(&event))
                    />
                </div>
                <button type="button" on:click=move |_| read()>"Read again"</button>
                {live(move || {
                    let attempt = shown_attempt.get()?;
                    let address = api_client::job_log(job, attempt);
                    Some(view! { <a class="align-end" href=address>"As plain text"</a> })
                })}
            </div>
            {live(move || match log.get() {
                Log::Awaited => view! { <p class="muted" role="status">"Reading the log\u{2026}"</p> }.into_any(),
                Log::Missing(reason) => view! { <p class="empty">{reason}</p> }.into_any(),
                Log::Lines(lines) => shown(&lines, &wanted.get(), is_whole),
            })}
        </section>
    }
    .into_any()
}

fn newest_with_log(attempts: &[AttemptDetail]) -> Option<Attempt> {
    let with_log = attempts.iter().filter(|it| it.has_log);
    with_log.map(|it| it.attempt).max()
}

async fn fetch(path: &str) -> Log {
    let answer = match Request::get(path).send().await {
        Ok(answer) => answer,
        Err(error) => return Log::Missing(format!("The log cannot be read: {error}")),
    };
    match (answer.status(), answer.text().await) {
        (200, Ok(text)) => Log::Lines(text.lines().map(str::to_owned).collect()),
        (404, _) => Log::Missing(NO_LOG.to_owned()),
        (status, _) => Log::Missing(format!(
            "The log cannot be read now (status {status}): try again in a moment."
        )),
    }
}

fn shown(lines: &[String], wanted: &str, is_whole: RwSignal<bool>) -> AnyView {
    let wanted = wanted.to_ascii_lowercase();
    let found: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| wanted.is_empty() || line.to_ascii_lowercase().contains(&wanted))
        .collect();
    let cut = if is_whole.get() {
        0
    } else {
        found.len().saturating_sub(LINES_MAX)
    };
    let text = found[cut..].join("\n");
    view! {
        <p class="muted small" role="status">
            {numbers::count(found.len() as u64, "line")} " of " {lines.len()}
            {(cut > 0)
                .then(|| {
                    view! {
                        ", the last " {LINES_MAX} " shown. "
                        <button type="button" class="link" on:click=move |_| is_whole.set(true)>
                            "Show all"
                        </button>
                    }
                })}
        </p>
        <pre class="output log" tabindex="0" aria-label="Log">{text}</pre>
    }
    .into_any()
}
