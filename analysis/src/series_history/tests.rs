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

fn of(history: &SeriesHistory, metric: &Metric) -> History {
    history.of(&metric.name, &test_case("syn/check/full"), &epoch(1))
}

#[test]
fn predecessors_are_collected_over_blocks_nearest_first() {
    let blocks = [block(instructions(), 0, 20), block(instructions(), 20, 50)];
    let history = SeriesHistory::assemble(&blocks, &newest_first(5..45));
    let History::Complete(points) = of(&history, &instructions()) else {
        panic!("it is complete");
    };
    assert_eq!(points.len(), HISTORY_ARTIFACTS);
    assert_eq!((points[0].minimum, points[0].median), (44.0, 44.5));
    assert_eq!(points[29].minimum, 15.0);
}

#[test]
fn one_artifact_without_a_value_makes_a_history_incomplete() {
    let mut gap = block(instructions(), 0, 40);
    gap.series[0].minimum[7] = None;
    let history = SeriesHistory::assemble(&[gap], &newest_first(0..30));
    let incomplete = History::Incomplete {
        present: 29,
        wanted: 30,
    };
    assert_eq!(of(&history, &instructions()), incomplete);
}

#[test]
fn fewer_than_thirty_predecessors_make_a_history_incomplete() {
    let history = SeriesHistory::assemble(&[block(instructions(), 0, 40)], &newest_first(0..29));
    assert_eq!(history.predecessors(), 29);
    assert!(matches!(
        of(&history, &instructions()),
        History::Incomplete { present: 29, .. }
    ));
}

#[test]
fn another_metric_test_case_or_epoch_has_a_history_of_its_own() {
    let history = SeriesHistory::assemble(&[block(instructions(), 0, 40)], &newest_first(0..30));
    let nothing = History::Incomplete {
        present: 0,
        wanted: 30,
    };
    let metric = instructions().name;
    assert_eq!(of(&history, &wall_time()), nothing);
    assert_eq!(
        history.of(&metric, &test_case("other/check/full"), &epoch(1)),
        nothing
    );
    assert_eq!(
        history.of(&metric, &test_case("syn/check/full"), &epoch(2)),
        nothing
    );
    assert_eq!(of(&SeriesHistory::none(), &instructions()), nothing);
}
