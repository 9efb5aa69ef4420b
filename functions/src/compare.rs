//! Compares runs, within one configuration.

use shared_types::comparison::Comparison;
use shared_types::run::SidePair;
use shared_types::{ConfigurationId, MetricName};

use crate::{Context, FunctionsError};

/// Comparisons that were made lately.
#[derive(Default)]
pub struct ComparisonCache {}

/// Which comparison is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ComparisonQuery {
    /// Under which configuration.
    pub configuration: ConfigurationId,
    /// Of what.
    pub sides: SidePair,
    /// In which metric, or the default one of the runs.
    pub metric: Option<MetricName>,
    /// By which method, or the default one.
    pub method: Option<String>,
}

/// Makes a comparison now, or takes it from where it was kept.
///
/// # Errors
/// When a side, the metric or the method is not there, or the store fails.
pub async fn on_demand(
    _context: &Context,
    _query: &ComparisonQuery,
) -> Result<Comparison, FunctionsError> {
    Err(FunctionsError::Defect("comparing is not written yet".to_owned()))
}
