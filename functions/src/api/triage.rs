//! `triage`: what got worse, and what people do about it.

use shared_types::api::{NewTriageAct, Problem, TriageEntry};
use shared_types::run::SidePair;
use shared_types::triage::IsoWeek;

use super::paging::page_of;
use super::parameters::{Parameters, parse_body, parse_named};
use super::problem;
use super::response::Success;
use crate::triage::{self, InboxFilter};
use crate::{Context, pull_request_of_artifact};

/// What got worse under at least one configuration, what waits for somebody first.
pub(super) async fn list(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let page = parameters.page()?;
    let filter = InboxFilter {
        configuration: parameters.optional("configuration")?,
        states: parameters.list("state")?,
    };
    let entries = triage::entries(context, &filter)
        .await
        .map_err(problem::of_error)?;
    let mut page = page_of(entries, &page, |entry: &TriageEntry| {
        format!("{}..{}", entry.base, entry.head)
    })?;
    triage::with_decisions(context, &mut page.items)
        .await
        .map_err(problem::of_error)?;
    for entry in &mut page.items {
        entry.pull_request = pull_request_of_artifact::of_finding(context, entry)
            .await
            .map_err(problem::of_error)?;
    }
    Success::json(&page)
}

/// All that is known of one pair of sides.
pub(super) async fn show(context: &Context, sides: &str) -> Result<Success, Problem> {
    let mut detail = triage::detail(context, &pair(sides)?)
        .await
        .map_err(problem::of_error)?;
    detail.entry.pull_request = pull_request_of_artifact::of_finding(context, &detail.entry)
        .await
        .map_err(problem::of_error)?;
    Success::json(&detail)
}

/// Adds what somebody did to the record of a pair.
pub(super) async fn act(
    context: &Context,
    sides: &str,
    body: &[u8],
    person: &str,
) -> Result<(Success, String), Problem> {
    let sides = pair(sides)?;
    let wanted: NewTriageAct = parse_body(body)?;
    let subject = format!("{sides} {}", wanted.act.word());
    let detail = triage::act(context, &sides, wanted, person)
        .await
        .map_err(problem::of_error)?;
    Ok((Success::json(&detail)?, subject))
}

/// The report of a week: of the one that is named, else of this one.
pub(super) async fn report(context: &Context, parameters: &Parameters) -> Result<Success, Problem> {
    let week: Option<IsoWeek> = parameters.optional("week")?;
    let week = week.unwrap_or_else(|| IsoWeek::of(context.now()));
    let report = triage::report(context, week)
        .await
        .map_err(problem::of_error)?;
    Success::json(&report)
}

fn pair(sides: &str) -> Result<SidePair, Problem> {
    parse_named("the pair in the path", sides)
}
