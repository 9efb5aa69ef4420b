//! A configuration's last runs in one number each, for a small picture beside its name.
//!
//! A number is the geometric mean over test cases of `value / median of its series over these runs`.
//! By that no series weighs more than another, and a new epoch, which is another series, makes no step.

use std::collections::BTreeMap;

use shared_types::api::{Trend, TrendPoint};
use shared_types::series::SeriesBlock;
use shared_types::{ArtifactId, Epoch, TestCase};

/// How many runs are shown.
pub const RUNS_MAX: usize = 30;

/// Of the run with the most test cases, this share a run must have to be a point: fewer test cases
/// would tell of other ones.
const SHARE_MIN: f64 = 0.5;

/// One run: its artifact, its ordinal, and its values by series.
struct Run<'a> {
    artifact: &'a ArtifactId,
    ordinal: i64,
    values: BTreeMap<(&'a TestCase, &'a Epoch), f64>,
}

/// The trend of some blocks of one metric, oldest first. `known` are the ordinals of all artifacts of
/// the line, measured or not, in any order. `None` where there is no run.
pub fn trend(blocks: &[SeriesBlock], known: &[i64]) -> Option<Trend> {
    let metric = blocks.first()?.metric.name.clone();
    let mut runs: Vec<Run<'_>> = blocks.iter().flat_map(runs_of).collect();
    runs.drain(..runs.len().saturating_sub(RUNS_MAX));
    let (first, last) = (runs.first()?.ordinal, runs.last()?.ordinal);
    let ordinals = ordinals(&runs, known, first, last);
    let points = points(&runs, &ordinals);
    Some(Trend {
        metric,
        places: ordinals.len() as u32,
        points,
    })
}

/// The ordinals of the last runs of some blocks, first and last: the stretch of a line that [`trend`]
/// asks for.
pub fn stretch(blocks: &[SeriesBlock]) -> Option<(i64, i64)> {
    let runs: Vec<i64> = blocks
        .iter()
        .flat_map(runs_of)
        .map(|run| run.ordinal)
        .collect();
    let last = *runs.last()?;
    Some((runs[runs.len().saturating_sub(RUNS_MAX)], last))
}

/// The runs of a block that have any value.
fn runs_of(block: &SeriesBlock) -> impl Iterator<Item = Run<'_>> {
    block
        .artifacts
        .iter()
        .enumerate()
        .map(|(place, artifact)| Run {
            artifact: &artifact.id,
            ordinal: artifact.ordinal,
            values: block
                .series
                .iter()
                .filter_map(|series| {
                    let value = series.median.get(place).copied().flatten()?;
                    let name = (&series.test_case, &series.epoch);
                    (value > 0.0 && value.is_finite()).then_some((name, value))
                })
                .collect(),
        })
        .filter(|run| !run.values.is_empty())
}

fn ordinals(runs: &[Run<'_>], known: &[i64], first: i64, last: i64) -> Vec<i64> {
    let within = known
        .iter()
        .copied()
        .filter(|one| (first..=last).contains(one));
    let mut ordinals: Vec<i64> = runs.iter().map(|run| run.ordinal).chain(within).collect();
    ordinals.sort_unstable();
    ordinals.dedup();
    ordinals
}

fn points(runs: &[Run<'_>], ordinals: &[i64]) -> Vec<TrendPoint> {
    let references = references(runs);
    let most = runs.iter().map(|run| run.values.len()).max().unwrap_or(0);
    runs.iter()
        .filter_map(|run| {
            let logarithms: Vec<f64> = run
                .values
                .iter()
                .filter_map(|(name, value)| Some((value / references.get(name)?).ln()))
                .collect();
            let count = logarithms.len();
            if count == 0 || (run.values.len() as f64) < SHARE_MIN * most as f64 {
                return None;
            }
            let place = ordinals.binary_search(&run.ordinal).ok()?;
            Some(TrendPoint {
                artifact: run.artifact.clone(),
                place: place as u32,
                relative: (logarithms.iter().sum::<f64>() / count as f64).exp_m1(),
                test_cases: count as u32,
            })
        })
        .collect()
}

/// The median of each series over the runs.
fn references<'a>(runs: &[Run<'a>]) -> BTreeMap<(&'a TestCase, &'a Epoch), f64> {
    let mut values: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for (name, value) in runs.iter().flat_map(|run| &run.values) {
        values.entry(*name).or_default().push(*value);
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        }
    };
    let references = values.into_iter();
    references
        .map(|(name, values)| (name, median(values)))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_types::format::Versioned;
    use shared_types::series::{SeriesArtifact, SeriesColumns};
    use shared_types::{Line, Metric, Unit};

    use super::*;

    /// Series of the artifacts with ordinals 0, 10, 20, …
    fn block(series: &[Vec<Option<f64>>]) -> SeriesBlock {
        let length = series.first().map_or(0, Vec::len);
        SeriesBlock {
            format: SeriesBlock::VERSION,
            configuration: "zen4".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            line: Line::Releases,
            artifacts: (0..length)
                .map(|place| SeriesArtifact {
                    id: format!("release-1.{place}.0").parse().unwrap(),
                    ordinal: place as i64 * 10,
                    commit_date: None,
                    hosts: Vec::new(),
                    setups: Vec::new(),
                })
                .collect(),
            series: series
                .iter()
                .enumerate()
                .map(|(number, values)| SeriesColumns {
                    test_case: TestCase::Imported {
                        name: format!("case-{number}").parse().unwrap(),
                    },
                    epoch: Epoch::of([b"one".as_slice()]),
                    category: None,
                    minimum: values.clone(),
                    median: values.clone(),
                    iterations: vec![1; values.len()],
                })
                .collect(),
        }
    }

    fn relative(trend: &Trend) -> Vec<f64> {
        trend.points.iter().map(|point| point.relative).collect()
    }

    proptest! {
        #[test]
        fn the_scale_of_a_series_does_not_matter(
            values in proptest::collection::vec(1.0..1e9_f64, 1..40),
            factor in 1e-3..1e3_f64,
        ) {
            let one: Vec<_> = values.iter().copied().map(Some).collect();
            let other: Vec<_> = values.iter().map(|value| Some(value * factor)).collect();
            let before = relative(&trend(&[block(&[one])], &[]).unwrap());
            let after = relative(&trend(&[block(&[other])], &[]).unwrap());
            prop_assert_eq!(before.len(), values.len().min(RUNS_MAX));
            for (before, after) in before.iter().zip(&after) {
                prop_assert!((before - after).abs() <= 1e-9 * (1.0 + before.abs()));
            }
        }

        #[test]
        fn every_point_has_a_place_of_its_own_in_order(
            measured in proptest::collection::vec(any::<bool>(), 1..60),
            known in proptest::collection::vec(-50_i64..700, 0..40),
        ) {
            let values = measured.iter().map(|there| there.then_some(2.0)).collect();
            match trend(&[block(&[values])], &known) {
                None => prop_assert!(!measured.contains(&true)),
                Some(trend) => {
                    prop_assert!(trend.points.windows(2).all(|pair| pair[0].place < pair[1].place));
                    prop_assert!(trend.points.iter().all(|point| point.place < trend.places));
                }
            }
        }
    }

    #[test]
    fn a_step_of_all_test_cases_is_a_step_of_the_trend() {
        let values = |level: f64| [1.0, 1.0, 1.0, 1.1].map(|step| Some(level * step)).to_vec();
        let trend = trend(&[block(&[values(1.0), values(50.0)])], &[]).unwrap();
        assert_eq!(trend.points.len(), 4);
        assert!(trend.points[0].relative.abs() < 1e-12);
        assert!((trend.points[3].relative - 0.1).abs() < 1e-9);
        assert_eq!(trend.points[3].test_cases, 2);
    }

    #[test]
    fn an_artifact_that_was_not_measured_is_a_place_without_a_point() {
        let series = vec![Some(1.0), None, Some(1.0)];
        // The ordinal 15 is of an artifact that no block has, 500 is beyond the last run.
        let trend = trend(&[block(&[series])], &[0, 10, 15, 20, 500]).unwrap();
        assert_eq!(trend.places, 4);
        let places: Vec<u32> = trend.points.iter().map(|point| point.place).collect();
        assert_eq!(places, [0, 3]);
    }

    #[test]
    fn a_run_of_few_test_cases_is_no_point() {
        let all = vec![Some(1.0), Some(1.0)];
        let first_alone = vec![Some(1.0), None];
        let series = [all, first_alone.clone(), first_alone];
        let trend = trend(&[block(&series)], &[]).unwrap();
        assert_eq!((trend.places, trend.points.len()), (2, 1));
    }

    #[test]
    fn nothing_measured_has_no_trend() {
        assert_eq!(trend(&[], &[1, 2]), None);
        assert_eq!(trend(&[block(&[vec![None, None]])], &[0, 10]), None);
    }
}
