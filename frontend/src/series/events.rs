//! What happened to the series of a configuration: levels that changed, hosts that took over or were
//! set up differently, hosts that were disturbed.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::api::ChartEvent;
use shared_types::change_point::ChangeNature;
use shared_types::{Artifact, ArtifactId, Line};

use super::history::{History, date_or_name};
use super::retracted::Retracted;
use super::whole_list::{WholeList, fetched_whole};
use crate::api_client;
use crate::chart::Marks;

/// The events, once they are there. Charts do not wait for them.
pub(crate) type Events = WholeList<ChartEvent>;

/// Asks for the events of what is drawn.
pub(crate) fn follow_events(history: Memo<Option<Arc<History>>>) -> Events {
    fetched_whole::<ChartEvent>(Signal::derive(move || {
        history.with(|history| {
            let history = history.as_ref()?;
            Some(api_client::events(
                &history.configuration,
                &history.metric.name,
            ))
        })
    }))
}

/// What is drawn over every chart, once it is there.
#[derive(Clone, Copy)]
pub(crate) struct Drawn {
    /// What happened to the series.
    pub(crate) events: Events,
    /// What is the same on every chart, worked out once for all of them.
    pub(crate) shared: Memo<Marks>,
}

impl Drawn {
    /// What is drawn over the chart of a test case.
    pub(crate) fn marks(self, history: &History, place: usize) -> Marks {
        let name = history.lines[place].test_case.name();
        Marks {
            changes: self.changes(history, Some(&name)),
            ..self.shared.get()
        }
    }

    /// The places at which the level of a test case changed, or of any.
    pub(crate) fn changes(self, history: &History, test_case: Option<&str>) -> Vec<f64> {
        self.events.with(|page| {
            let events = page.as_ref().map(|page| page.items.as_slice());
            changes(history, test_case, events.unwrap_or_default())
        })
    }
}

/// Asks for what is drawn over the charts of a stretch of history.
pub(crate) fn follow_drawn(history: Memo<Option<Arc<History>>>) -> Drawn {
    let is_needed = Memo::new(move |_| history.with(Option::is_some));
    let releases = fetched_whole::<Artifact>(Signal::derive(move || {
        is_needed.get().then(|| api_client::RELEASES.to_owned())
    }));
    let events = follow_events(history);
    let shared = Memo::new(move |_| {
        let Some(history) = history.get() else {
            return Marks::default();
        };
        let (events, releases) = (events.get(), releases.get());
        let events = events.as_ref().map(|page| page.items.as_slice());
        let releases = releases.as_ref().map(|page| page.items.as_slice());
        shared_marks(
            &history,
            events.unwrap_or_default(),
            releases.unwrap_or_default(),
        )
    });
    Drawn { events, shared }
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

/// The first place of a new level lies between two points.
fn before(history: &History, artifact: &ArtifactId) -> Option<f64> {
    history.place_of(artifact).map(|place| place as f64 - 0.5)
}

/// Where the level of a test case changed, or of any. A bad run is no new level, and its point stands out by
/// itself.
fn changes(history: &History, test_case: Option<&str>, events: &[ChartEvent]) -> Vec<f64> {
    let changed = events.iter().filter_map(|event| match event {
        ChartEvent::ChangePoint(change)
            if test_case.is_none_or(|name| change.test_case == name)
                && change.metric == history.metric.name
                && change.nature != ChangeNature::BadRun =>
        {
            before(history, &change.artifact)
        }
        _ => None,
    });
    changed.collect()
}

/// The places of what is drawn over every chart of a stretch of history.
fn shared_marks(history: &History, events: &[ChartEvent], releases: &[Artifact]) -> Marks {
    let mut marks = Marks {
        releases: release_places(history, releases),
        retracted: Retracted::of(history, events),
        ..Marks::default()
    };
    for event in events {
        match event {
            ChartEvent::ChangePoint(_) | ChartEvent::Retracted { .. } => {}
            ChartEvent::Host { artifact, .. } | ChartEvent::HostSetup { artifact, .. } => {
                marks.hosts.extend(before(history, artifact));
            }
            // Of the measuring itself, not of what lies between two.
            ChartEvent::DisturbedHost { artifact, .. } => {
                marks
                    .disturbed
                    .extend(before(history, artifact).map(|place| place + 0.5));
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
    live(move || {
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
    })
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
