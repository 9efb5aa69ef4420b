//! From series to what is marked on them.

use std::collections::{BTreeMap, BTreeSet};

use analysis::change_points::change_points;
use shared_types::api::ChartEvent;
use shared_types::disturbance::DisturbedRun;
use shared_types::series::{SeriesArtifact, SeriesBlock};
use shared_types::{Epoch, MetricName, TestCase};

use super::host_setups::changes_of_setup;

/// Changes of level that are kept: the largest.
const CHANGE_POINTS_MAX: usize = 500;

/// Every change of level, the largest [`CHANGE_POINTS_MAX`] at most, and every change of host and of its set-up, by
/// artifact, the oldest first. `blocks` are of one metric and one line, the oldest first.
///
/// `disturbed` are the runs on disturbed hosts; those whose artifact is in the blocks are marked.
pub(super) fn marks(blocks: &[SeriesBlock], disturbed: &[DisturbedRun]) -> Vec<ChartEvent> {
    let artifacts: Vec<&SeriesArtifact> =
        blocks.iter().flat_map(|block| &block.artifacts).collect();
    let mut placed = changes_of_level(blocks, &artifacts);
    placed.sort_by(|(_, one), (_, other)| size(other).total_cmp(&size(one)));
    placed.truncate(CHANGE_POINTS_MAX);
    placed.extend(changes_of_host(&artifacts));
    placed.extend(changes_of_setup(&artifacts));
    placed.extend(disturbed_hosts(&artifacts, disturbed));
    placed.sort_by_key(|(place, event)| (*place, test_case(event).to_owned()));
    placed.into_iter().map(|(_, event)| event).collect()
}

fn size(event: &ChartEvent) -> f64 {
    match event {
        ChartEvent::ChangePoint { change, .. } => change.abs(),
        ChartEvent::Host { .. }
        | ChartEvent::HostSetup { .. }
        | ChartEvent::DisturbedHost { .. } => 0.0,
    }
}

fn test_case(event: &ChartEvent) -> &str {
    match event {
        ChartEvent::ChangePoint { test_case, .. } => test_case,
        ChartEvent::Host { .. }
        | ChartEvent::HostSetup { .. }
        | ChartEvent::DisturbedHost { .. } => "",
    }
}

fn changes_of_level(
    blocks: &[SeriesBlock],
    artifacts: &[&SeriesArtifact],
) -> Vec<(usize, ChartEvent)> {
    let Some(metric) = blocks.first().map(|block| &block.metric.name) else {
        return Vec::new();
    };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for ((test_case, _), values) in columns(blocks, artifacts.len()) {
        for (place, change) in levels(&values) {
            // The new epoch of a test case may begin where its old one changes.
            if seen.insert((place, test_case)) {
                found.push((
                    place,
                    change_point(artifacts[place], test_case, metric, change),
                ));
            }
        }
    }
    found
}

fn change_point(
    artifact: &SeriesArtifact,
    test_case: &TestCase,
    metric: &MetricName,
    change: f64,
) -> ChartEvent {
    ChartEvent::ChangePoint {
        artifact: artifact.id.clone(),
        test_case: test_case.name(),
        metric: metric.to_string(),
        change,
    }
}

/// Each series over all blocks: one value for each artifact, not a number where there is none.
fn columns(blocks: &[SeriesBlock], artifacts: usize) -> BTreeMap<(&TestCase, &Epoch), Vec<f64>> {
    let mut columns = BTreeMap::new();
    let mut first = 0;
    for block in blocks {
        for series in &block.series {
            let column = columns
                .entry((&series.test_case, &series.epoch))
                .or_insert_with(|| vec![f64::NAN; artifacts]);
            for (place, value) in series.median.iter().enumerate() {
                column[first + place] = value.unwrap_or(f64::NAN);
            }
        }
        first += block.artifacts.len();
    }
    columns
}

/// Where a series takes another level, and by how much relative to the one before. A level of zero
/// has no relative change.
fn levels(values: &[f64]) -> Vec<(usize, f64)> {
    let starts = change_points(values);
    let bounds: Vec<usize> = std::iter::once(0)
        .chain(starts.iter().copied())
        .chain([values.len()])
        .collect();
    bounds
        .windows(3)
        .filter_map(|bound| {
            let before = median(&values[bound[0]..bound[1]])?;
            let after = median(&values[bound[1]..bound[2]])?;
            let change = (after - before) / before;
            change.is_finite().then_some((bound[1], change))
        })
        .collect()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut measured: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    measured.sort_by(f64::total_cmp);
    let middle = measured.len() / 2;
    let upper = *measured.get(middle)?;
    if measured.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(measured[middle - 1], upper))
}

/// Where other hosts measured than before. Artifacts whose host is not known are passed over.
fn changes_of_host(artifacts: &[&SeriesArtifact]) -> Vec<(usize, ChartEvent)> {
    let known: Vec<(usize, &SeriesArtifact)> = artifacts
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, artifact)| !artifact.hosts.is_empty())
        .collect();
    known
        .windows(2)
        .filter(|pair| {
            let hosts = |artifact: &SeriesArtifact| -> BTreeSet<String> {
                artifact.hosts.iter().cloned().collect()
            };
            hosts(pair[0].1) != hosts(pair[1].1)
        })
        .map(|pair| {
            let event = ChartEvent::Host {
                artifact: pair[1].1.id.clone(),
                before: pair[0].1.hosts.clone(),
                after: pair[1].1.hosts.clone(),
            };
            (pair[1].0, event)
        })
        .collect()
}

/// What was measured on a disturbed host.
fn disturbed_hosts(
    artifacts: &[&SeriesArtifact],
    disturbed: &[DisturbedRun],
) -> Vec<(usize, ChartEvent)> {
    let marked = disturbed.iter().filter_map(|found| {
        let mut places = artifacts.iter();
        let place = places.position(|artifact| artifact.id == found.run.artifact)?;
        let event = ChartEvent::DisturbedHost {
            artifact: found.run.artifact.clone(),
            replicate: found.run.replicate,
            hosts: found.hosts.clone(),
            state: found.state,
            sentence: found.finding.sentence.clone(),
        };
        Some((place, event))
    });
    marked.collect()
}

#[cfg(test)]
mod tests {
    use shared_types::metric::Metric;
    use shared_types::series::SeriesColumns;
    use shared_types::{FormatVersion, Line, Unit};

    use super::*;

    /// A block whose artifacts are `first`, `first + 1`, … with the values of one series.
    fn block(first: i64, values: &[f64], host: &str) -> SeriesBlock {
        let artifacts = (first..).zip(values).map(|(ordinal, _)| SeriesArtifact {
            id: format!("release-1.{ordinal}.0").parse().unwrap(),
            ordinal,
            commit_date: None,
            hosts: vec![host.to_owned()],
            setups: Vec::new(),
        });
        SeriesBlock {
            format: FormatVersion::V1_0,
            configuration: "zen4".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            line: Line::Releases,
            artifacts: artifacts.collect(),
            series: vec![SeriesColumns {
                test_case: TestCase::Imported {
                    name: "7zip".parse().unwrap(),
                },
                epoch: Epoch::of([b"1".as_slice()]),
                category: None,
                minimum: values.iter().copied().map(Some).collect(),
                median: values.iter().copied().map(Some).collect(),
                iterations: vec![1; values.len()],
            }],
        }
    }

    #[test]
    fn a_step_across_two_blocks_is_marked_at_its_first_artifact() {
        let blocks = [
            block(0, &[1.0, 1.01, 0.99, 1.0, 1.01], "one"),
            block(5, &[1.0, 1.5, 1.51, 1.49, 1.5, 1.51], "one"),
        ];
        let events = marks(&blocks, &[]);
        assert_eq!(events.len(), 1);
        let ChartEvent::ChangePoint {
            artifact,
            change,
            test_case,
            metric,
        } = &events[0]
        else {
            panic!("another kind of event: {events:?}");
        };
        assert_eq!(artifact.to_string(), "release-1.6.0");
        assert_eq!((test_case.as_str(), metric.as_str()), ("7zip", "wall-time"));
        assert!((change - 0.5).abs() < 0.02, "{change}");
    }

    #[test]
    fn another_host_is_marked_where_it_begins() {
        let blocks = [block(0, &[1.0, 1.0], "one"), block(2, &[1.0, 1.0], "two")];
        let events = marks(&blocks, &[]);
        assert_eq!(
            events,
            [ChartEvent::Host {
                artifact: "release-1.2.0".parse().unwrap(),
                before: vec!["one".to_owned()],
                after: vec!["two".to_owned()],
            }]
        );
    }

    #[test]
    fn nothing_is_marked_on_nothing() {
        assert_eq!(marks(&[], &[]), []);
    }
}
