//! One test case of a comparison in every respect that was measured: what a reader asks for who has
//! found the row that changed and wants to know what in it changed.

use std::collections::BTreeMap;

use analysis::explanation::{QueryTime, QueryTimes};
use analysis::{CaseValues, RunValues};
use shared_types::api::{MetricFigures, QueryFigures, TestCaseDetail};
use shared_types::{Metric, MetricName};

use super::{ComparisonQuery, Inputs};
use crate::{Context, FunctionsError};

/// Every metric and every query of one test case, by its whole name.
///
/// # Errors
/// When a side or the test case is not there, or the store fails.
pub async fn test_case_detail(
    context: &Context,
    query: &ComparisonQuery,
    test_case: &str,
) -> Result<TestCaseDetail, FunctionsError> {
    let inputs = Inputs::gather(context, query).await?;
    let base = inputs.base.pool(context).await?;
    let head = inputs.head.pool(context).await?;
    detail(&base, &head, test_case).ok_or_else(|| {
        FunctionsError::NotMeasured(format!(
            "the test case `{}` was not measured in one epoch on both sides: the comparison lists \
             those that were",
            test_case.chars().take(200).collect::<String>()
        ))
    })
}

/// `None` where the sides do not both have the test case in one epoch.
fn detail(base: &RunValues, head: &RunValues, test_case: &str) -> Option<TestCaseDetail> {
    let (base_case, head_case) = common_case(base, head, test_case)?;
    let queries = QueryTimes::of(
        &base_case.test_case,
        &base_case.self_profiles,
        &head_case.self_profiles,
    );
    Some(TestCaseDetail {
        configuration: base.configuration.clone(),
        base: base.side.clone(),
        head: head.side.clone(),
        test_case: base_case.test_case.clone(),
        metrics: metrics(base, head)
            .into_values()
            .filter_map(|metric| figures(metric, base_case, head_case))
            .collect(),
        queries: queries.map_or_else(Vec::new, |times| by_difference(times.queries)),
    })
}

/// The test case in the epoch that both sides have; in the last of them, as comparisons have it.
fn common_case<'a>(
    base: &'a RunValues,
    head: &'a RunValues,
    test_case: &str,
) -> Option<(&'a CaseValues, &'a CaseValues)> {
    let named = |case: &&CaseValues| case.test_case.name() == test_case;
    head.cases.iter().filter(named).rev().find_map(|of_head| {
        let of_base = base.cases.iter().find(|of_base| {
            of_base.test_case == of_head.test_case && of_base.epoch == of_head.epoch
        })?;
        Some((of_base, of_head))
    })
}

fn metrics<'a>(base: &'a RunValues, head: &'a RunValues) -> BTreeMap<&'a MetricName, &'a Metric> {
    let all = base.metrics.iter().chain(&head.metrics);
    all.map(|metric| (&metric.name, metric)).collect()
}

fn figures(metric: &Metric, base: &CaseValues, head: &CaseValues) -> Option<MetricFigures> {
    let smallest = |case: &CaseValues| {
        let values = case.values.get(&metric.name)?.iter().copied();
        values.min_by(f64::total_cmp)
    };
    let (base, head) = (smallest(base), smallest(head));
    (base.is_some() || head.is_some()).then(|| MetricFigures {
        metric: metric.clone(),
        base,
        head,
    })
}

fn by_difference(times: Vec<QueryTime>) -> Vec<QueryFigures> {
    let mut figures: Vec<QueryFigures> = times
        .into_iter()
        .map(|time| QueryFigures {
            query: time.query,
            base_ns: time.base_ns,
            head_ns: time.head_ns,
            base_calls: time.base_calls,
            head_calls: time.head_calls,
        })
        .collect();
    let difference = |it: &QueryFigures| (it.head_ns - it.base_ns).abs();
    figures.sort_by(|a, b| {
        let by_size = difference(b).total_cmp(&difference(a));
        by_size.then_with(|| a.query.cmp(&b.query))
    });
    figures
}
