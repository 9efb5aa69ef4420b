//! How a group of test cases changed along releases, as one number for each.
//!
//! Benchmarks come and go between releases, so a mean over what each release happens to have would
//! move when the suite does. The index is chained instead: each release is held against the last one
//! before it that was measured, over the series that both have, by the geometric mean of the ratios
//! (as indices of prices are: the set of goods may change, the step between two times never mixes
//! sets).

use std::collections::BTreeMap;
use std::sync::Arc;

use shared_types::series::{SeriesArtifact, SeriesBlock};
use shared_types::test_case::ScenarioKind;
use shared_types::{Epoch, Profile, TestCase};

/// Test cases that are told in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Compilations.
    Compile(Profile, ScenarioKind),
    /// What the compiled programs do.
    Runtime,
    /// The toolchain itself.
    Toolchain,
    /// What was measured elsewhere.
    Imported,
}

impl Group {
    fn of(test_case: &TestCase) -> Self {
        match test_case {
            TestCase::Compile {
                profile, scenario, ..
            } => Self::Compile(*profile, scenario.kind()),
            TestCase::Runtime { .. } => Self::Runtime,
            TestCase::Toolchain { .. } => Self::Toolchain,
            TestCase::Imported { .. } => Self::Imported,
        }
    }

    /// What readers call it.
    pub(super) fn name(self) -> String {
        match self {
            Self::Compile(profile, scenario) => {
                format!("{} {}", profile.as_str(), scenario.as_str())
            }
            Self::Runtime => "runtime of compiled programs".to_owned(),
            Self::Toolchain => "toolchain".to_owned(),
            Self::Imported => "imported".to_owned(),
        }
    }
}

/// A group along all releases.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroupIndex {
    pub(super) group: Group,
    /// Test cases that were measured at least once.
    pub(super) test_cases: usize,
    /// One for each release, oldest first, beginning at 1. `None` where nothing was measured, or
    /// nothing that a release before has, too.
    pub(super) index: Vec<Option<f64>>,
}

/// The releases of some blocks of one configuration, metric and line, oldest first.
pub(super) fn releases(blocks: &[Arc<SeriesBlock>]) -> Vec<SeriesArtifact> {
    blocks
        .iter()
        .flat_map(|block| block.artifacts.iter().cloned())
        .collect()
}

/// A series with what was measured.
type NamedColumn = (TestCase, Vec<Option<f64>>);

/// One series over all blocks.
type Columns = BTreeMap<(TestCase, Epoch), Vec<Option<f64>>>;

/// Each group along the releases of some blocks of one configuration, metric and line.
pub(super) fn group_indices(blocks: &[Arc<SeriesBlock>]) -> Vec<GroupIndex> {
    let places: usize = blocks.iter().map(|block| block.artifacts.len()).sum();
    let mut columns = Columns::new();
    let mut begin = 0;
    for block in blocks {
        for series in &block.series {
            let key = (series.test_case.clone(), series.epoch.clone());
            let column = columns.entry(key).or_insert_with(|| vec![None; places]);
            column[begin..begin + series.minimum.len()].copy_from_slice(&series.minimum);
        }
        begin += block.artifacts.len();
    }
    let mut groups: BTreeMap<Group, Vec<NamedColumn>> = BTreeMap::new();
    for ((test_case, _), column) in columns {
        let group = groups.entry(Group::of(&test_case)).or_default();
        group.push((test_case, column));
    }
    groups
        .into_iter()
        .map(|(group, series)| {
            let mut names: Vec<&TestCase> = series.iter().map(|(name, _)| name).collect();
            names.dedup();
            let test_cases = names.len();
            let columns: Vec<&[Option<f64>]> =
                series.iter().map(|(_, column)| column.as_slice()).collect();
            GroupIndex {
                group,
                test_cases,
                index: chained_index(&columns, places),
            }
        })
        .collect()
}

/// The chained index of columns of `places` values each. Values of 0 or less have no ratio and are
/// left out.
fn chained_index(columns: &[&[Option<f64>]], places: usize) -> Vec<Option<f64>> {
    let mut index = vec![None; places];
    let mut last: Option<(usize, f64)> = None;
    for place in 0..places {
        let is_measured = columns
            .iter()
            .any(|column| positive(column[place]).is_some());
        let here = match last {
            None => is_measured.then_some(1.0),
            Some((before, level)) => step(columns, before, place).map(|ratio| level * ratio),
        };
        if let Some(level) = here {
            index[place] = Some(level);
            last = Some((place, level));
        }
    }
    index
}

/// The geometric mean of the ratios of what both places have.
fn step(columns: &[&[Option<f64>]], before: usize, place: usize) -> Option<f64> {
    let logarithms: Vec<f64> = columns
        .iter()
        .filter_map(|column| Some((positive(column[place])? / positive(column[before])?).ln()))
        .collect();
    let count = logarithms.len() as f64;
    (count > 0.0).then(|| (logarithms.iter().sum::<f64>() / count).exp())
}

fn positive(value: Option<f64>) -> Option<f64> {
    value.filter(|value| *value > 0.0 && value.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(columns: &[&[Option<f64>]]) -> Vec<Option<f64>> {
        chained_index(columns, columns[0].len())
    }

    #[test]
    fn a_benchmark_that_joins_does_not_move_the_index() {
        let old = [Some(10.0), Some(5.0), Some(5.0)];
        let new = [None, Some(1000.0), Some(1000.0)];
        assert_eq!(index(&[&old, &new]), [Some(1.0), Some(0.5), Some(0.5)]);
    }

    #[test]
    fn a_release_that_was_not_measured_is_a_gap_and_the_chain_goes_on_behind_it() {
        let column = [Some(4.0), None, Some(2.0), Some(1.0)];
        assert_eq!(index(&[&column]), [Some(1.0), None, Some(0.5), Some(0.25)]);
    }

    #[test]
    fn what_shares_nothing_with_the_releases_before_has_no_index() {
        let old = [Some(4.0), Some(4.0), None, None];
        let new = [None, None, Some(7.0), Some(7.0)];
        assert_eq!(index(&[&old, &new]), [Some(1.0), Some(1.0), None, None]);
    }

    proptest! {
        #[test]
        fn the_same_set_at_every_release_gives_the_plain_geometric_mean(
            values in proptest::collection::vec(proptest::collection::vec(0.001_f64..1e9, 5), 1..6)
        ) {
            let columns: Vec<Vec<Option<f64>>> = values
                .iter()
                .map(|column| column.iter().copied().map(Some).collect())
                .collect();
            let columns: Vec<&[Option<f64>]> = columns.iter().map(Vec::as_slice).collect();
            let chained = index(&columns);
            for place in 0..5 {
                let mean = values
                    .iter()
                    .map(|column| (column[place] / column[0]).ln())
                    .sum::<f64>()
                    / values.len() as f64;
                prop_assert!((chained[place].unwrap() / mean.exp() - 1.0).abs() < 1e-9);
            }
        }

        #[test]
        fn whatever_is_missing_the_index_begins_at_one_and_is_a_number(
            values in proptest::collection::vec(
                proptest::collection::vec(proptest::option::of(-1.0_f64..10.0), 6), 1..5)
        ) {
            let columns: Vec<&[Option<f64>]> = values.iter().map(Vec::as_slice).collect();
            let found: Vec<f64> = index(&columns).into_iter().flatten().collect();
            prop_assert!(found.first().is_none_or(|first| (first - 1.0).abs() < f64::EPSILON));
            prop_assert!(found.iter().all(|level| level.is_finite() && *level > 0.0));
        }
    }
}
