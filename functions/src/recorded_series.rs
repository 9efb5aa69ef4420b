//! Everything that was ever measured of some configurations, as series for a back-test.

use std::collections::BTreeMap;

use analysis::backtest::series::RecordedSeries;
use shared_types::series::{SeriesBlock, SeriesColumns};
use shared_types::{ConfigurationId, Epoch, Line, MetricName, TestCase};

use crate::{Context, FunctionsError, series_blocks};

/// The series of these configurations, or of all there are, in these metrics, or in all. One for
/// each epoch of a test case; a value is the median of an artifact's iterations, and not a number
/// where it was not measured.
///
/// # Errors
/// When the store fails.
pub async fn recorded_series(
    context: &Context,
    configurations: &[ConfigurationId],
    metrics: &[MetricName],
) -> Result<Vec<RecordedSeries>, FunctionsError> {
    let known = context.store.index.configurations().await?;
    let mut recorded = Vec::new();
    for configuration in known.iter().map(|one| &one.id) {
        if !configurations.is_empty() && !configurations.contains(configuration) {
            continue;
        }
        let mut blocks = series_blocks::blocks_of_metrics(context, configuration, metrics).await?;
        blocks.sort_by_key(|block| block.artifacts.first().map(|first| first.ordinal));
        recorded.extend(joined(configuration, &blocks));
    }
    Ok(recorded)
}

/// The series of one configuration, over all its blocks, which come in the order of history.
fn joined(configuration: &ConfigurationId, blocks: &[SeriesBlock]) -> Vec<RecordedSeries> {
    type Name<'a> = (&'a MetricName, Line, &'a TestCase, &'a Epoch);
    let mut by_name: BTreeMap<Name<'_>, RecordedSeries> = BTreeMap::new();
    for block in blocks {
        for columns in &block.series {
            let name = (
                &block.metric.name,
                block.line,
                &columns.test_case,
                &columns.epoch,
            );
            let series = by_name.entry(name).or_insert_with(|| RecordedSeries {
                configuration: configuration.to_string(),
                test_case: columns.test_case.name(),
                metric: block.metric.clone(),
                values: Vec::new(),
            });
            series.values.extend(values(columns));
        }
    }
    by_name.into_values().collect()
}

fn values(columns: &SeriesColumns) -> impl Iterator<Item = f64> {
    let medians = columns.median.iter();
    medians.map(|median| median.unwrap_or(f64::NAN))
}
