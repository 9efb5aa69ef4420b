//! The options that choose benchmarks by category.

use clap::Args;
use shared_types::test_case::WantedCategory;

/// Which categories are wanted.
#[derive(Debug, Args)]
pub(super) struct CategoryOptions {
    /// Only benchmarks of these categories: primary, secondary, stable (those that stay at their
    /// versions, for comparing releases; each is primary or secondary as well). Several add up
    #[arg(long, value_delimiter = ',')]
    category: Vec<WantedCategory>,
    /// The same as `--category stable`
    #[arg(long, conflicts_with = "category")]
    stable: bool,
}

impl CategoryOptions {
    /// The wanted categories; none means all.
    pub(super) fn wanted(&self) -> Vec<WantedCategory> {
        match self.stable {
            true => vec![WantedCategory::Stable],
            false => self.category.clone(),
        }
    }
}
