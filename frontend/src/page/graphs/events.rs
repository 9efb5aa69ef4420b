//! What happened to the series of a configuration: levels that changed, hosts that took over,
//! hosts that were disturbed.

use std::sync::Arc;

use leptos::prelude::*;
use shared_types::ArtifactId;
use shared_types::api::{ChartEvent, Page};
use shared_types::change_point::ChangeNature;

use super::history::History;
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
            ChartEvent::ChangePoint(_) => {}
            ChartEvent::Host { artifact, .. } => marks.hosts.extend(place_of(artifact)),
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
