//! One test case of a comparison in every respect that was measured: what a reader asks for who has
//! found the row that changed and wants to know what in it changed.

use std::collections::{BTreeMap, BTreeSet};

use analysis::query_figures::{artifact_size_figures, query_figures};
use analysis::{CaseValues, RunValues};
use shared_types::api::{ComparedSide, MetricFigures, TestCaseDetail};
use shared_types::result_document::ResultDocument;
use shared_types::{Metric, MetricName};

use super::replicates::{Replicates, SideResults};
use super::{ComparisonQuery, Inputs, reproduce};
use crate::{Context, FunctionsError};

/// Every metric, every query and every measuring of one test case, by its whole name.
///
/// # Errors
/// When a side or the test case is not there, or the store fails.
pub async fn test_case_detail(
    context: &Context,
    query: &ComparisonQuery,
    test_case: &str,
) -> Result<TestCaseDetail, FunctionsError> {
    let inputs = Inputs::gather(context, query).await?;
    let base_documents = inputs.base.documents(context).await?;
    let head_documents = inputs.head.documents(context).await?;
    let base = inputs.base.pooled(&base_documents)?;
    let head = inputs.head.pooled(&head_documents)?;
    let Some((base_case, head_case)) = common_case(&base, &head, test_case) else {
        return Err(FunctionsError::NotMeasured(format!(
            "the test case `{}` was not measured in one epoch on both sides: the comparison lists \
             those that were",
            test_case.chars().take(200).collect::<String>()
        )));
    };
    let replicates = Replicates {
        context,
        configuration: &query.configuration,
        case: head_case,
    };
    let sides = [
        SideResults {
            name: ComparedSide::Base,
            side: &query.sides.base,
            counting: &base_documents,
        },
        SideResults {
            name: ComparedSide::Head,
            side: &query.sides.head,
            counting: &head_documents,
        },
    ];
    let mut detail = detail(&base, &head, (base_case, head_case));
    detail.replicates = replicates.of(&sides).await?;
    detail.reproduce = reproduce::command(
        [&query.sides.base.artifact, &query.sides.head.artifact],
        &head_case.test_case,
        &head.record,
        &host_targets(base_documents.iter().chain(&head_documents)),
    );
    Ok(detail)
}

fn host_targets<'a>(documents: impl Iterator<Item = &'a ResultDocument>) -> BTreeSet<String> {
    documents
        .map(|document| document.host.target.clone())
        .collect()
}

fn detail(
    base: &RunValues,
    head: &RunValues,
    (base_case, head_case): (&CaseValues, &CaseValues),
) -> TestCaseDetail {
    let profiles = (&base_case.self_profiles, &head_case.self_profiles);
    TestCaseDetail {
        configuration: base.configuration.clone(),
        base: base.side.clone(),
        head: head.side.clone(),
        test_case: base_case.test_case.clone(),
        metrics: metrics(base, head)
            .into_values()
            .filter_map(|metric| figures(metric, base_case, head_case))
            .collect(),
        queries: query_figures(profiles.0, profiles.1),
        artifact_sizes: artifact_size_figures(profiles.0, profiles.1),
        replicates: Vec::new(),
        reproduce: None,
    }
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
