//! Choosing benchmarks of the suite.

use shared_types::test_case::WantedCategory;

use super::Suite;
use super::benchmark::Benchmark;
use crate::CollectorError;

/// Which benchmarks are wanted: those that pass every filter. The default wants all.
///
/// A benchmark is named in full (`syn-3.0.10`) or by its crate (`syn`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these; all if empty.
    pub include: Vec<String>,
    /// But not these.
    pub exclude: Vec<String>,
    /// Only these categories, each adding its benchmarks; all if empty.
    pub categories: Vec<WantedCategory>,
    /// Only a prepared part of the suite.
    pub subset: Option<Subset>,
}

/// A part of the suite that is prepared for an occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subset {
    /// Three crates whose check takes well under a second.
    Quick,
    /// A handful that shows something of everything in a few minutes.
    Demo,
}

impl Suite {
    /// The benchmarks that pass a selection, in the order of the manifest.
    ///
    /// # Errors
    /// When a name is not one of the suite, or nothing is left.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&Benchmark>, CollectorError> {
        for name in selection.include.iter().chain(&selection.exclude) {
            if !self
                .benchmarks
                .iter()
                .any(|benchmark| benchmark.is_called(name))
            {
                return Err(self.unknown(name));
            }
        }
        let selected: Vec<&Benchmark> = self
            .benchmarks
            .iter()
            .filter(|benchmark| selection.passes(benchmark))
            .collect();
        if selected.is_empty() {
            return Err(CollectorError::NothingSelected);
        }
        Ok(selected)
    }
}

impl Selection {
    fn passes(&self, benchmark: &Benchmark) -> bool {
        let named = |names: &[String]| names.iter().any(|name| benchmark.is_called(name));
        let in_subset = match self.subset {
            None => true,
            Some(Subset::Quick) => benchmark.quick,
            Some(Subset::Demo) => benchmark.demo,
        };
        let mut wanted = self.categories.iter();
        let of_category = wanted.any(|wanted| wanted.admits(benchmark.category, benchmark.stable));
        (self.include.is_empty() || named(&self.include))
            && !named(&self.exclude)
            && (self.categories.is_empty() || of_category)
            && in_subset
    }
}
