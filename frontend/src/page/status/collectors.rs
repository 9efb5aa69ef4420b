//! The collectors: whether they are there, what they serve, and what their hosts are.

use leptos::prelude::*;
use shared_types::api::CollectorStatus;
use shared_types::host::HostFacts;

use crate::clock::Age;

/// All collectors.
#[component]
pub(super) fn Collectors(collectors: Memo<Vec<CollectorStatus>>) -> impl IntoView {
    view! {
        <section aria-labelledby="collectors-title">
            <h2 id="collectors-title">"Collectors"</h2>
            {move || {
                let collectors = collectors.get();
                if collectors.is_empty() {
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
                                .map(|status| view! { <CollectorCard status /> })
                                .collect_view()}
                        </div>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

#[component]
fn CollectorCard(status: CollectorStatus) -> impl IntoView {
    let collector = status.collector;
    let report = collector.report;
    let (health, tone) = match (status.alive, collector.draining) {
        (true, false) => ("alive", "good"),
        (true, true) => ("draining: takes no more jobs", "neutral"),
        (false, _) => ("silent", "bad"),
    };
    let configurations: Vec<String> = report
        .configurations
        .iter()
        .map(ToString::to_string)
        .collect();
    let metrics: Vec<String> = report.metrics.iter().map(ToString::to_string).collect();
    view! {
        <div class="panel" data-testid=format!("collector-{}", report.collector)>
            <div class="panel-head">
                <h3>{report.collector.clone()}</h3>
                <span class=format!("health {tone}")>{health}</span>
            </div>
            <dl class="facts">
                <dt>"Last seen"</dt>
                <dd><Age of=collector.last_seen_at /></dd>
                <dt>"Serves"</dt>
                <dd>{configurations.join(", ")}</dd>
                <dt>"Works on"</dt>
                <dd>
                    {report
                        .job
                        .map_or_else(|| "nothing".to_owned(), |job| format!("job {job}"))}
                </dd>
                <dt>"Version"</dt>
                <dd>{report.version}</dd>
                <dt>"Host"</dt>
                <dd>{host_in_words(&report.host)}</dd>
            </dl>
            <details>
                <summary>"Host facts and metrics"</summary>
                <dl class="facts">
                    {host_facts(&report.host)
                        .into_iter()
                        .map(|(name, fact)| view! { <dt>{name}</dt> <dd>{fact}</dd> })
                        .collect_view()}
                    <dt>"Metrics"</dt>
                    <dd>{metrics.join(", ")}</dd>
                </dl>
            </details>
        </div>
    }
}

fn host_in_words(host: &HostFacts) -> String {
    let mut words = vec![host.name.clone()];
    words.extend(host.cpu_model.clone());
    words.extend(host.logical_cpus.map(|cpus| format!("{cpus} CPUs")));
    words.extend(host.memory_bytes.map(gibibytes));
    words.join(" \u{b7} ")
}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1}\u{a0}GiB", bytes as f64 / f64::from(1 << 30))
}

/// The facts that are known, each with its name. One that could not be read is not listed.
fn host_facts(host: &HostFacts) -> Vec<(String, String)> {
    let capitalised = |name: String| match name.split_at_checked(1) {
        // The name of a kernel's setting stays as it is written there.
        Some((first, rest)) if !name.contains('_') => first.to_uppercase() + rest,
        _ => name,
    };
    let setup = host.setup().settings.into_iter();
    std::iter::once(("Target".to_owned(), host.target.clone()))
        .chain(setup.map(|(name, fact)| (capitalised(name), fact)))
        .collect()
}
