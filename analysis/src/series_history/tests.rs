use shared_types::format::Versioned;
use shared_types::series::{SeriesArtifact, SeriesColumns};
use shared_types::{Line, Metric};

use super::*;
use crate::sample_runs::{commit, epoch, instructions, test_case, wall_time};

/// A block of the artifacts `from` to before `to`, whose minima are their numbers.
fn block(metric: Metric, from: u32, to: u32) -> SeriesBlock {
    let numbers = from..to;
    let column = |shift: f64| {
        numbers
            .clone()
            .map(move |number| Some(f64::from(number) + shift))
    };
    SeriesBlock {
        format: SeriesBlock::VERSION,
        configuration: "x86_64-llvm-t1".parse().unwrap(),
        metric,
        line: Line::Main,
        artifacts: numbers
            .clone()
            .map(|number| SeriesArtifact {
                id: commit(number),
                ordinal: i64::from(number),
                commit_date: None,
                hosts: Vec::new(),
                setups: Vec::new(),
            })
            .collect(),
        series: vec![SeriesColumns {
            test_case: test_case("syn/check/full"),
            epoch: epoch(1),
            category: None,
            minimum: column(0.0).collect(),
            median: column(0.5).collect(),
            iterations: numbers.clone().map(|_| 3).collect(),
        }],
    }
}

fn newest_first(numbers: std::ops::Range<u32>) -> Vec<ArtifactId> {
    numbers.rev().map(commit).collect()
}

const HOST: &str = "host-a";

fn of(history: &SeriesHistory, metric: &Metric) -> History {
    let case = test_case("syn/check/full");
    history.of(&metric.name, &case, &epoch(1), &[HOST.to_owned()])
}

#[test]
fn predecessors_are_collected_over_blocks_nearest_first() {
    let blocks = [block(instructions(), 0, 20), block(instructions(), 20, 50)];
    let history = SeriesHistory::assemble(&blocks, &newest_first(5..45));
    let points = of(&history, &instructions()).complete(40).unwrap();
    assert_eq!((points[0].minimum, points[0].median), (44.0, 44.5));
    assert_eq!((points[29].minimum, points[29].iterations), (15.0, 3));
}

#[test]
fn no_more_artifacts_are_looked_at_than_a_history_has() {
    let history = SeriesHistory::assemble(&[block(instructions(), 0, 120)], &newest_first(0..120));
    let places = of(&history, &instructions()).places().len();
    assert_eq!(places, HISTORY_ARTIFACTS);
}

#[test]
fn one_artifact_without_a_value_makes_a_gap() {
    let mut gap = block(instructions(), 0, 40);
    gap.series[0].minimum[27] = None;
    let history = of(
        &SeriesHistory::assemble(&[gap], &newest_first(0..30)),
        &instructions(),
    );
    assert_eq!(history.places().len(), 30);
    assert_eq!(history.places()[2], None);
    assert!(history.complete(2).is_some());
    assert!(history.complete(3).is_none());
}

#[test]
fn fewer_predecessors_than_wanted_are_no_complete_history() {
    let history = SeriesHistory::assemble(&[block(instructions(), 0, 40)], &newest_first(0..29));
    assert_eq!(history.predecessors(), 29);
    assert!(of(&history, &instructions()).complete(29).is_some());
    assert!(of(&history, &instructions()).complete(30).is_none());
}

#[test]
fn what_the_hosts_of_head_measured_is_marked() {
    let mut block = block(instructions(), 0, 2);
    block.artifacts[0].hosts = vec![HOST.to_owned(), "host-b".to_owned()];
    block.artifacts[1].hosts = vec!["host-b".to_owned()];
    let history = SeriesHistory::assemble(&[block], &newest_first(0..2));
    let points = of(&history, &instructions()).complete(2).unwrap();
    assert_eq!(
        points
            .iter()
            .map(|point| point.on_hosts_of_head)
            .collect::<Vec<_>>(),
        [false, true],
        "{history:?}"
    );
}

#[test]
fn another_metric_test_case_or_epoch_has_a_history_of_its_own() {
    let history = SeriesHistory::assemble(&[block(instructions(), 0, 40)], &newest_first(0..30));
    let nothing = History::default();
    let metric = instructions().name;
    assert_eq!(of(&history, &wall_time()), nothing);
    for (case, number) in [("other/check/full", 1), ("syn/check/full", 2)] {
        let found = history.of(&metric, &test_case(case), &epoch(number), &[]);
        assert_eq!(found, nothing, "{case}");
    }
    assert_eq!(of(&SeriesHistory::none(), &instructions()), nothing);
}
