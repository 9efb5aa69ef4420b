//! The collectors: whether they are there, what they serve, and what their hosts are.

use crate::prelude::*;
use shared_types::api::{AccessRole, CollectorStatus};
use shared_types::events::CollectorReport;
use shared_types::host::HostFacts;

use super::filters::none_fits;
use crate::access::Act;
use crate::clock::Age;
use crate::numbers;
use crate::page::job::short;
use crate::url_state::{collector_address, job_address};
use crate::widget::act::act_button;

/// All collectors.
#[component]
pub(super) fn Collectors(
    /// Those that are listed, and how many are not.
    collectors: Memo<(Vec<CollectorStatus>, usize)>,
) -> impl IntoView {
    view! {
        <section aria-labelledby="collectors-title">
            <h2 id="collectors-title">"Collectors"</h2>
            {live(move || {
                let (collectors, hidden) = collectors.get();
                if collectors.is_empty() && hidden > 0 {
                    none_fits("collector")
                } else if collectors.is_empty() {
                    view! {
                        <p class="empty">
                            "No collector was heard of. Start one: "
                            <code>"collector run --data-dir DIR --configuration NAME"</code>
                        </p>
                    }
                        .into_any()
                } else {
                    view! {
                        <div class="cards">
                            {collectors
                                .into_iter()
                                .map(collector_card)
                                .collect_view()}
                        </div>
                    }
                        .into_any()
                }
            })}
        </section>
    }
}

fn collector_card(status: CollectorStatus) -> AnyView {
    let (health, tone) = health_in_words(&status);
    let drain = drain_button(&status);
    let collector = status.collector;
    let report = collector.report;
    let job = report.job.map(|job| {
        view! { <a href=job_address(job)>"job " <code>{short(job)}</code></a> }
    });
    let configurations: Vec<String> = report
        .configurations
        .iter()
        .map(ToString::to_string)
        .collect();
    view! {
        <div class="panel" data-testid=format!("collector-{}", report.collector)>
            <div class="panel-head">
                <h3>
                    <a href=collector_address(&report.collector) data-row-link="">
                        {report.collector.clone()}
                    </a>
                </h3>
                <span class=format!("health {tone}")>{health}</span>
                {drain}
            </div>
            <dl class="facts">
                <dt>"Last seen"</dt>
                <dd><Age of=collector.last_seen_at /></dd>
                <dt>"Serves"</dt>
                <dd>{configurations.join(", ")}</dd>
                <dt>"Works on"</dt>
                <dd>{job.map_or_else(|| "nothing".into_any(), IntoAny::into_any)}</dd>
                <dt>"Host"</dt>
                <dd>{host_in_words(&report.host)}</dd>
            </dl>
        </div>
    }
    .into_any()
}

/// Whether a collector is there, in words, and the class for it.
pub(crate) fn health_in_words(status: &CollectorStatus) -> (&'static str, &'static str) {
    match (status.alive, status.collector.draining) {
        (true, false) => ("alive", "good"),
        (true, true) => ("draining: takes no more jobs", "neutral"),
        (false, _) => ("silent", "bad"),
    }
}

/// Drains a collector, or lets it take jobs again.
pub(crate) fn drain_button(status: &CollectorStatus) -> AnyView {
    let name = &status.collector.report.collector;
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let path = format!("collectors/{}/drain", encoded.replace('+', "%20"));
    if status.collector.draining {
        let act = Act {
            label: format!("Let {name} take jobs again"),
            question: None,
            takes_reason: false,
            path,
            body: Some(r#"{"draining":false}"#.to_owned()),
            done: format!("{name} takes jobs again."),
        };
        return act_button(AccessRole::Admin, "Take jobs again", act);
    }
    let act = Act {
        label: format!("Drain {name}"),
        question: Some(
            "It finishes the job that it has and takes no more, until somebody lets it.".to_owned(),
        ),
        takes_reason: false,
        path,
        body: Some(r#"{"draining":true}"#.to_owned()),
        done: format!("{name} drains."),
    };
    act_button(AccessRole::Admin, "Drain", act)
}

/// All that a collector says of itself.
pub(crate) fn collector_facts(report: &CollectorReport) -> AnyView {
    let configurations: Vec<_> = report
        .configurations
        .iter()
        .map(ToString::to_string)
        .collect();
    let metrics: Vec<String> = report.metrics.iter().map(ToString::to_string).collect();
    view! {
        <dl class="facts" data-testid="collector-facts">
            <dt>"Serves"</dt>
            <dd>{configurations.join(", ")}</dd>
            <dt>"Version"</dt>
            <dd>{report.version.clone()}</dd>
            <dt>"Host"</dt>
            <dd>{host_in_words(&report.host)}</dd>
            {host_facts(&report.host)
                .into_iter()
                .map(|(name, fact)| view! { <dt>{name}</dt> <dd>{fact}</dd> })
                .collect_view()}
            <dt>"Metrics"</dt>
            <dd>{metrics.join(", ")}</dd>
        </dl>
    }
    .into_any()
}

fn host_in_words(host: &HostFacts) -> String {
    let mut words = vec![host.name.clone()];
    words.extend(host.cpu_model.clone());
    words.extend(host.logical_cpus.map(|cpus| format!("{cpus} CPUs")));
    words.extend(host.memory_bytes.map(gibibytes));
    words.join(" \u{b7} ")
}

fn gibibytes(bytes: u64) -> String {
    format!(
        "{}\u{a0}GiB",
        numbers::fixed(bytes as f64 / f64::from(1 << 30), 1)
    )
}

/// The facts that are known, each with its name. One that could not be read is not listed.
fn host_facts(host: &HostFacts) -> Vec<(String, String)> {
    let capitalised = |name: String| match name.split_at_checked(1) {
        // The name of a kernel's setting stays as it is written there.
        Some((first, rest)) if !name.contains('_') => first.to_ascii_uppercase() + rest,
        _ => name,
    };
    let setup = host.setup().settings.into_iter();
    std::iter::once(("Target".to_owned(), host.target.clone()))
        .chain(setup.map(|(name, fact)| (capitalised(name), fact)))
        .collect()
}
