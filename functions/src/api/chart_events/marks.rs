//! From changes and hosts to what is marked on charts.

use std::collections::BTreeSet;

use analysis::series_changes::SeriesChanges;
use shared_types::api::ChartEvent;
use shared_types::disturbance::DisturbedRun;
use shared_types::retraction::Retraction;
use shared_types::series::SeriesArtifact;
use shared_types::{ConfigurationId, Line};

use super::host_setups::changes_of_setup;

/// Which events are asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Those of test cases with this in their name, and no others.
    pub(super) test_case: Option<String>,
    /// Those that brought a series to where it is today, and no others.
    pub(super) standing: bool,
}

impl Wanted {
    /// Whether events that are of no test case are asked for, too.
    pub(super) fn is_everything(&self) -> bool {
        self.test_case.is_none() && !self.standing
    }
}

/// The newest artifacts of a line, the oldest first.
#[derive(Debug, Default)]
pub(super) struct NewestArtifacts {
    /// The place of the first of them among all artifacts of the line.
    pub(super) first_place: usize,
    pub(super) artifacts: Vec<SeriesArtifact>,
}

/// What was measured and is not to be trusted.
#[derive(Debug, Default)]
pub(super) struct SetAside {
    pub(super) disturbed: Vec<DisturbedRun>,
    pub(super) stretches: Vec<RetractedMark>,
}

/// A stretch of a line of which results were retracted.
#[derive(Debug)]
pub(super) struct RetractedMark {
    first_ordinal: i64,
    event: ChartEvent,
}

/// What retractions took from a line of a configuration.
pub(super) fn retracted_stretches(
    known: &[Retraction],
    configuration: &ConfigurationId,
    line: Line,
) -> Vec<RetractedMark> {
    let of_all = known.iter().flat_map(|retraction| {
        let stretches = retraction.stretches.iter();
        let on_line = stretches
            .filter(|stretch| stretch.configuration == *configuration && stretch.line == line);
        on_line.map(|stretch| RetractedMark {
            first_ordinal: stretch.first_ordinal,
            event: ChartEvent::Retracted {
                retraction: retraction.id,
                artifact: stretch.first.clone(),
                until: stretch.last.clone(),
                first_ordinal: stretch.first_ordinal,
                last_ordinal: stretch.last_ordinal,
                sentence: retraction.sentence(),
            },
        })
    });
    of_all.collect()
}

/// Every change that is asked for and, with everything, every change of host or of its set-up
/// every disturbed host and all that was retracted among the newest artifacts; the newest first.
pub(super) fn marks(
    changes: &SeriesChanges,
    wanted: &Wanted,
    newest: &NewestArtifacts,
    set_aside: &SetAside,
) -> Vec<ChartEvent> {
    let mut placed: Vec<(usize, ChartEvent)> = changes
        .newest_first()
        .into_iter()
        .filter(|(_, change)| {
            let part = wanted.test_case.as_deref().unwrap_or_default();
            change.test_case.contains(part) && (change.stands || !wanted.standing)
        })
        .map(|(place, change)| (place, ChartEvent::ChangePoint(change.clone())))
        .collect();
    if wanted.is_everything() {
        let artifacts: Vec<&SeriesArtifact> = newest.artifacts.iter().collect();
        let of_hosts = changes_of_host(&artifacts)
            .into_iter()
            .chain(changes_of_setup(&artifacts))
            .chain(disturbed_hosts(&artifacts, &set_aside.disturbed))
            .chain(retracted(&artifacts, &set_aside.stretches));
        placed.extend(of_hosts.map(|(place, event)| (newest.first_place + place, event)));
    }
    // Changes stay in the order of their test cases.
    placed.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    placed.into_iter().map(|(_, event)| event).collect()
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

/// What was retracted, where it begins: at the first artifact that is there still, as those of which
/// nothing is left are not.
fn retracted(
    artifacts: &[&SeriesArtifact],
    stretches: &[RetractedMark],
) -> Vec<(usize, ChartEvent)> {
    let marked = stretches.iter().map(|mark| {
        let place = artifacts.partition_point(|artifact| artifact.ordinal < mark.first_ordinal);
        (place, mark.event.clone())
    });
    marked.collect()
}

#[cfg(test)]
mod tests {
    use analysis::series_changes::Update;
    use shared_types::metric::Metric;
    use shared_types::object_key::ContentHash;
    use shared_types::series::{BlockReference, MetricBlocks, SeriesBlock, SeriesColumns};
    use shared_types::{Epoch, FormatVersion, TestCase, Unit};

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

    fn marks_of(blocks: &[SeriesBlock], wanted: &Wanted) -> Vec<ChartEvent> {
        let references = blocks.iter().map(|block| BlockReference {
            content_hash: ContentHash::of(&serde_json::to_vec(block).unwrap()),
            first_ordinal: block.artifacts[0].ordinal,
            last_ordinal: block.artifacts.last().unwrap().ordinal,
            artifacts: u32::try_from(block.artifacts.len()).unwrap(),
        });
        let entry = MetricBlocks {
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            line: Line::Releases,
            blocks: references.collect(),
        };
        let update = Update::new(&"zen4".parse().unwrap(), &entry, None);
        let changes = update.apply(blocks).unwrap();
        let artifacts = blocks.iter().flat_map(|block| block.artifacts.clone());
        let newest = NewestArtifacts {
            first_place: 0,
            artifacts: artifacts.collect(),
        };
        marks(&changes, wanted, &newest, &SetAside::default())
    }

    const STEP: [f64; 11] = [1.0, 1.01, 0.99, 1.0, 1.01, 1.0, 1.5, 1.51, 1.49, 1.5, 1.51];

    #[test]
    fn a_step_across_two_blocks_is_marked_at_its_first_artifact() {
        let blocks = [block(0, &STEP[..5], "one"), block(5, &STEP[5..], "one")];
        let events = marks_of(&blocks, &Wanted::default());
        assert_eq!(events.len(), 1);
        let ChartEvent::ChangePoint(change) = &events[0] else {
            panic!("another kind of event: {events:?}");
        };
        assert_eq!(change.artifact.to_string(), "release-1.6.0");
        assert_eq!(change.test_case, "7zip");
        assert_eq!(change.metric.as_str(), "wall-time");
        assert!(change.stands);
        let relative = change.change.unwrap();
        assert!((relative - 0.5).abs() < 0.02, "{relative}");
    }

    #[test]
    fn another_host_is_marked_where_it_begins() {
        let blocks = [block(0, &[1.0, 1.0], "one"), block(2, &[1.0, 1.0], "two")];
        let events = marks_of(&blocks, &Wanted::default());
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
    fn of_one_test_case_no_hosts_are_told() {
        let blocks = [block(0, &STEP[..5], "one"), block(5, &STEP[5..], "two")];
        let count = |test_case: &str| {
            let wanted = Wanted {
                test_case: Some(test_case.to_owned()),
                standing: true,
            };
            marks_of(&blocks, &wanted).len()
        };
        assert_eq!((count("zip"), count("lencod")), (1, 0));
        assert_eq!(marks_of(&blocks, &Wanted::default()).len(), 2);
    }
}
