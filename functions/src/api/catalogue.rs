//! `configurations` and `collectors`: what can be measured, and who measures.

use serde::Deserialize;
use shared_types::Configuration;
use shared_types::api::{CollectorStatus, Page, Problem};

use super::paging::page_of;
use super::parameters::{Parameters, parse_body};
use super::problem;
use super::response::Success;
use super::status::{configuration_overview, known_collectors};
use crate::Context;

/// Tells a collector to take no more jobs, or to take jobs again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drain {
    draining: bool,
}

pub(super) async fn configurations(
    context: &Context,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let index = &context.store.index;
    let page = parameters.page()?;
    let all = index.configurations().await.map_err(problem::of_store)?;
    let collectors = known_collectors(context).await.map_err(problem::of_store)?;
    let Page { items, next_cursor } =
        page_of(all, &page, |configuration| configuration.id.to_string())?;
    let mut overviews = Vec::with_capacity(items.len());
    for configuration in items {
        overviews.push(
            configuration_overview(context, configuration, &collectors)
                .await
                .map_err(problem::of_error)?,
        );
    }
    Success::json(&Page {
        items: overviews,
        next_cursor,
    })
}

pub(super) async fn register(context: &Context, body: &[u8]) -> Result<(Success, String), Problem> {
    let configuration: Configuration = parse_body(body)?;
    context
        .store
        .index
        .register_configuration(&configuration)
        .await
        .map_err(problem::of_store)?;
    let subject = configuration.id.to_string();
    Ok((Success::json(&configuration)?, subject))
}

pub(super) async fn collectors(
    context: &Context,
    parameters: &Parameters,
) -> Result<Success, Problem> {
    let page = parameters.page()?;
    let all = known_collectors(context).await.map_err(problem::of_store)?;
    Success::json(&page_of(all, &page, |status| {
        status.collector.report.collector.clone()
    })?)
}

pub(super) async fn drain(
    context: &Context,
    name: &str,
    body: &[u8],
) -> Result<(Success, String), Problem> {
    let drain: Drain = parse_body(body)?;
    let index = &context.store.index;
    let known = |statuses: Vec<CollectorStatus>| {
        statuses
            .into_iter()
            .find(|status| status.collector.report.collector == name)
            .ok_or_else(|| {
                problem::not_found(format!(
                    "there is no collector `{name}`: /api/v1/collectors lists those that were \
                     heard of"
                ))
            })
    };
    known(known_collectors(context).await.map_err(problem::of_store)?)?;
    index
        .set_draining(name, drain.draining)
        .await
        .map_err(problem::of_store)?;
    let status = known(known_collectors(context).await.map_err(problem::of_store)?)?;
    let subject = format!("{name} draining={}", drain.draining);
    Ok((Success::json(&status)?, subject))
}
