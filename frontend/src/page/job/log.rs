//! What a collector noted while it worked on a job, to search and to read.

use crate::prelude::*;
use gloo_net::http::Request;
use leptos::task::spawn_local;
use shared_types::JobId;

use crate::api_client;
use crate::numbers;

/// Lines that are shown at once: the last ones, where mistakes are.
const LINES_MAX: usize = 1000;

/// What is known of a log.
#[derive(Clone)]
enum Log {
    Awaited,
    Lines(Vec<String>),
    Missing(String),
}

/// The log of a job.
#[component]
pub(super) fn JobLog(job: JobId) -> impl IntoView {
    let log = RwSignal::new(Log::Awaited);
    let (wanted, is_whole) = (RwSignal::new(String::new()), RwSignal::new(false));
    let read = move || {
        log.set(Log::Awaited);
        spawn_local(async move { log.set(fetch(&api_client::job_log(job)).await) });
    };
    read();
    view! {
        <section aria-labelledby="log-title" data-testid="log">
            <h2 id="log-title">"Log of the collector"</h2>
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
                <a class="align-end" href=api_client::job_log(job)>"As plain text"</a>
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

async fn fetch(path: &str) -> Log {
    let answer = match Request::get(path).send().await {
        Ok(answer) => answer,
        Err(error) => return Log::Missing(format!("The log cannot be read: {error}")),
    };
    match (answer.status(), answer.text().await) {
        (200, Ok(text)) => Log::Lines(text.lines().map(str::to_owned).collect()),
        (404, _) => Log::Missing(
            "There is no log yet: a collector stores it when an attempt ends.".to_owned(),
        ),
        (status, _) => Log::Missing(format!(
            "The log cannot be read now (status {status}): try again in a moment."
        )),
    }
}

fn shown(lines: &[String], wanted: &str, is_whole: RwSignal<bool>) -> AnyView {
    let wanted = wanted.to_lowercase();
    let found: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| wanted.is_empty() || line.to_lowercase().contains(&wanted))
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
