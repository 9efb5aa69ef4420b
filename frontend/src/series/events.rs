//! What happened to the series of a configuration: levels that changed, hosts that took over or were
//! set up differently, hosts that were disturbed.

use std::sync::Arc;

use leptos::prelude::*;
use shared_types::api::{ChartEvent, Page};
use shared_types::change_point::ChangeNature;
use shared_types::{Artifact, ArtifactId, Line};

use super::history::{History, date_or_name};
use super::retracted::Retracted;
use super::whole_list::fetched_whole;
use crate::api_client;
use crate::chart::Marks;

/// The events, once they are there. Charts do not wait for them.
pub(crate) type Events = Memo<Option<Arc<Page<ChartEvent>>>>;

/// Asks for the events of what is drawn.
pub(crate) fn follow_events(history: Memo<Option<Arc<History>>>) -> Events {
    let remote = fetched_whole::<ChartEvent>(Signal::derive(move || {
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

/// Releases with the day on which they were made.
pub(crate) type Releases = Memo<Option<Arc<Page<Artifact>>>>;

/// What is drawn over every chart, once it is there.
#[derive(Clone, Copy)]
pub(crate) struct Drawn {
    /// What happened to the series.
    pub(crate) events: Events,
    /// The releases.
    pub(crate) releases: Releases,
}

impl Drawn {
    /// What is there by now.
    pub(crate) fn with<T>(self, read: impl FnOnce(&[ChartEvent], &[Artifact]) -> T) -> T {
        let (events, releases) = (self.events.get(), self.releases.get());
        let events = events.as_ref().map(|page| page.items.as_slice());
        let releases = releases.as_ref().map(|page| page.items.as_slice());
        read(events.unwrap_or_default(), releases.unwrap_or_default())
    }
}

/// Asks for what is drawn over the charts of a stretch of history.
pub(crate) fn follow_drawn(history: Memo<Option<Arc<History>>>) -> Drawn {
    let is_needed = Memo::new(move |_| history.with(Option::is_some));
    let remote = fetched_whole::<Artifact>(Signal::derive(move || {
        is_needed.get().then(|| api_client::RELEASES.to_owned())
    }));
    Drawn {
        events: follow_events(history),
        releases: Memo::new(move |_| remote.with(|remote| remote.value.clone())),
    }
}

/// Where releases were made, on the line of commits: before the first commit that is younger. A release
/// is of another branch, so it is no point of this line.
fn release_places(history: &History, releases: &[Artifact]) -> Vec<f64> {
    let dates: Vec<_> = history.artifacts.iter().map(|it| it.commit_date).collect();
    let (Some(Some(first)), Some(Some(last))) = (dates.first(), dates.last()) else {
        return Vec::new();
    };
    releases
        .iter()
        .filter(|release| {
            release
                .history
                .as_ref()
                .is_none_or(|it| it.line == Line::Releases)
        })
        .filter(|release| !history.artifacts.iter().any(|drawn| drawn.id == release.id))
        .filter_map(|release| release.commit_date)
        .filter(|date| first <= date && date <= last)
        .filter_map(|date| {
            dates
                .iter()
                .position(|other| other.is_some_and(|other| other > date))
        })
        .map(|place| place as f64 - 0.5)
        .collect()
}

/// The places of a test case's events, and of releases, in a stretch of history.
pub(crate) fn marks(
    history: &History,
    place: usize,
    events: &[ChartEvent],
    releases: &[Artifact],
) -> Marks {
    let name = history.lines[place].test_case.name();
    shared_marks(history, Some(&name), events, releases)
}

/// The places of what is drawn over every chart, with the changes of one test case, or of all.
pub(crate) fn shared_marks(
    history: &History,
    test_case: Option<&str>,
    events: &[ChartEvent],
    releases: &[Artifact],
) -> Marks {
    // A new level begins between two points.
    let place_of =
        |artifact: &ArtifactId| history.place_of(artifact).map(|place| place as f64 - 0.5);
    let mut marks = Marks {
        releases: release_places(history, releases),
        retracted: Retracted::of(history, events),
        ..Marks::default()
    };
    for event in events {
        match event {
            // A bad run is no new level, and its point stands out by itself.
            ChartEvent::ChangePoint(change)
                if test_case.is_none_or(|name| change.test_case == name)
                    && change.metric == history.metric.name
                    && change.nature != ChangeNature::BadRun =>
            {
                marks.changes.extend(place_of(&change.artifact));
            }
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
pub(crate) fn HostChanges(history: Memo<Option<Arc<History>>>, events: Events) -> impl IntoView {
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
                    <summary>"What changed on the hosts, and what was retracted"</summary>
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use shared_types::series::{SeriesArtifact, SeriesBlock};
    use shared_types::{FormatVersion, Metric, Unit};

    use super::*;

    fn day(day: i8) -> Timestamp {
        format!("2026-05-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn history(days: &[i8]) -> History {
        let artifacts = days.iter().map(|date| SeriesArtifact {
            id: format!("{date:040x}").parse().unwrap(),
            ordinal: i64::from(*date),
            commit_date: Some(day(*date)),
            hosts: Vec::new(),
            setups: Vec::new(),
        });
        let block = SeriesBlock {
            format: FormatVersion::V1_0,
            configuration: "c1".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            line: Line::Main,
            artifacts: artifacts.collect(),
            series: Vec::new(),
        };
        History::of(&[Arc::new(block)]).unwrap()
    }

    #[test]
    fn a_release_is_marked_before_the_first_younger_commit_and_only_within_the_stretch() {
        let release = |date| Artifact {
            commit_date: Some(day(date)),
            ..Artifact::named(format!("release-1.{date}.0").parse().unwrap())
        };
        let releases = [release(1), release(5), release(30)];
        let places = release_places(&history(&[2, 4, 6, 8]), &releases);
        assert_eq!(places, [1.5]);
    }
}
