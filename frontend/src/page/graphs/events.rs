//! What happened to the series of a configuration: levels that changed, hosts that took over or were
//! set up differently, hosts that were disturbed.

use std::sync::Arc;

use leptos::prelude::*;
use shared_types::ArtifactId;
use shared_types::api::{ChartEvent, Page};
use shared_types::change_point::ChangeNature;

use super::history::{History, date_or_name};
use crate::api_client;
use crate::chart::Marks;
use crate::remote::fetched;

/// The events, once they are there. Charts do not wait for them.
pub(super) type Events = Memo<Option<Arc<Page<ChartEvent>>>>;

/// Asks for the events of what is drawn.
pub(super) fn follow_events(history: Memo<Option<Arc<History>>>) -> Events {
    let remote = fetched::<Page<ChartEvent>>(Signal::derive(move || {
        history.with(|history| {
            let history = history.as_ref()?;
            Some(api_client::events(
                &history.configuration,
                &history.metric.name,
            ))
        })
    }));
    Memo::new(move |_| remote.with(|remote| remote.value.clone().filter(|_| !remote.awaited)))
}

/// The places of a test case's events in a stretch of history.
pub(super) fn marks(history: &History, place: usize, events: &[ChartEvent]) -> Marks {
    let name = history.lines[place].test_case.name();
    let place_of = |artifact: &ArtifactId| {
        history
            .artifacts
            .iter()
            .position(|other| other.id == *artifact)
            // A new level begins between two points.
            .map(|place| place as f64 - 0.5)
    };
    let mut marks = Marks::default();
    for event in events {
        match event {
            // A bad run is no new level, and its point stands out by itself.
            ChartEvent::ChangePoint(change)
                if change.test_case == name
                    && change.metric == history.metric.name
                    && change.nature != ChangeNature::BadRun =>
            {
                marks.changes.extend(place_of(&change.artifact));
            }
            // The gap that is left is to be seen; what it is, is told in words.
            ChartEvent::ChangePoint(_) | ChartEvent::Retracted { .. } => {}
            ChartEvent::Host { artifact, .. } | ChartEvent::HostSetup { artifact, .. } => {
                marks.hosts.extend(place_of(artifact));
            }
            // Of the measuring itself, not of what lies between two.
            ChartEvent::DisturbedHost { artifact, .. } => {
                marks
                    .disturbed
                    .extend(place_of(artifact).map(|place| place + 0.5));
            }
        }
    }
    marks
}

/// What changed on the hosts over the stretch that is drawn, in words. Nothing where nothing did.
#[component]
pub(super) fn HostChanges(history: Memo<Option<Arc<History>>>, events: Events) -> impl IntoView {
    let listed = Memo::new(move |_| {
        let (history, events) = (history.get(), events.get());
        match (history, events) {
            (Some(history), Some(events)) => changes_in_words(&history, &events.items),
            _ => Vec::new(),
        }
    });
    move || {
        let listed = listed.get();
        (!listed.is_empty()).then(|| {
            let items = listed.into_iter().map(|line| view! { <li>{line}</li> });
            view! {
                <details data-testid="host-changes">
                    <summary>"What changed on the hosts"</summary>
                    <ul>{items.collect_view()}</ul>
                </details>
            }
        })
    }
}

/// A line for each change of host or of its set-up, the newest first.
fn changes_in_words(history: &History, events: &[ChartEvent]) -> Vec<String> {
    let when = |artifact: &ArtifactId| {
        let drawn = history.artifacts.iter().find(|it| it.id == *artifact)?;
        Some(date_or_name(drawn))
    };
    let in_words = |event: &ChartEvent| match event {
        ChartEvent::Host {
            artifact,
            before,
            after,
        } => Some(format!(
            "{}: {} measured, before it was {}",
            when(artifact)?,
            after.join(", "),
            before.join(", ")
        )),
        ChartEvent::HostSetup {
            artifact,
            host,
            changes,
        } => {
            let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
            Some(format!(
                "{}: {host}: {}",
                when(artifact)?,
                changes.join(", ")
            ))
        }
        ChartEvent::Retracted {
            artifact,
            until,
            sentence,
            ..
        } => Some(format!(
            "{} to {}: {sentence}",
            artifact.short(),
            until.short()
        )),
        ChartEvent::ChangePoint { .. } | ChartEvent::DisturbedHost { .. } => None,
    };
    events.iter().filter_map(in_words).collect()
}
