//! How far the measurements can be trusted: what A/A comparisons show, and which hosts were
//! disturbed.

use crate::prelude::*;
use shared_types::api::ConfigurationStatus;
use shared_types::disturbance::DisturbedRun;
use shared_types::upkeep::FalseAlarmRate;

use crate::clock::Age;
use crate::sorted_set::SortedSet;
use crate::widget::artifact_name::ArtifactName;

/// What is known of each configuration's noise and hosts.
#[component]
pub(super) fn Trust(configurations: Memo<Vec<ConfigurationStatus>>) -> impl IntoView {
    let is_empty = move || configurations.with(Vec::is_empty);
    view! {
        <section aria-labelledby="trust-title" hidden=is_empty data-testid="trust">
            <h2 id="trust-title">"A/A comparisons and disturbed hosts"</h2>
            {live(move || {
                let configurations = configurations.get();
                let (known, unknown): (Vec<_>, Vec<_>) = configurations
                    .into_iter()
                    .partition(|one| !one.false_alarms.is_empty() || !one.disturbed.is_empty());
                let unknown: Vec<String> = unknown
                    .iter()
                    .map(|one| one.configuration.to_string())
                    .collect();
                view! {
                    {known.into_iter().map(configuration).collect_view()}
                    {(!unknown.is_empty())
                        .then(|| {
                            view! {
                                <p class="muted">
                                    "No compiler was measured against itself yet under "
                                    {unknown.join(", ")}
                                    ". How often noise is called a change there is not known."
                                </p>
                            }
                        })}
                }
            })}
        </section>
    }
}

fn configuration(status: ConfigurationStatus) -> impl IntoView {
    let hosts: SortedSet<&str> = status
        .false_alarms
        .iter()
        .filter_map(|rate| rate.host.as_deref())
        .collect();
    // With one host, its rates are those of all.
    let is_told = |rate: &FalseAlarmRate| rate.host.is_none() || hosts.len() > 1;
    let rates: Vec<_> = status
        .false_alarms
        .iter()
        .filter(|rate| is_told(rate))
        .map(rate)
        .collect();
    view! {
        <div class="panel" data-testid=format!("trust-{}", status.configuration)>
            <h3>{status.configuration.to_string()}</h3>
            <ul class="plain">{rates}</ul>
            <ul class="plain trouble">
                {status.disturbed.into_iter().map(disturbed).collect_view()}
            </ul>
        </div>
    }
}

fn rate(rate: &FalseAlarmRate) -> impl IntoView + use<> {
    let class = if rate.exceeds_promise { "worse" } else { "" };
    view! {
        <li>
            <span class=class>{rate.sentence.clone()}</span>
            " "
            <span class="muted small"><Age of=rate.last_at /></span>
        </li>
    }
}

/// A run on a disturbed host, and what became of it.
pub(crate) fn disturbed(found: DisturbedRun) -> AnyView {
    view! {
        <li class="notice warning">
            <strong>
                <ArtifactName id=found.run.artifact.clone() /> " #" {found.run.replicate.number()}
            </strong>
            " on " {found.hosts.join(", ")} " is " {found.state.in_words()} ". "
            {found.finding.sentence} " " {found.note}
            " "
            <span class="muted small"><Age of=found.found_at /></span>
        </li>
    }
    .into_any()
}
