//! The table of configurations: one row each, whether it has answered or not.

use analysis::policy::{Consequence, Opinion};
use analysis::words::{counted, percent};
use shared_types::ConfigurationId;
use shared_types::comparison::{ChangeSummary, ComparedTestCase, Comparison};
use shared_types::job::{Job, JobState};
use shared_types::request::RequestState;

use super::{Telling, first_line};

/// The table, in the order in which the policy tells of configurations.
pub(super) fn table(telling: &Telling<'_>) -> String {
    let has_links = telling.page().is_some();
    let mut lines = vec![
        "| configuration | verdict | regressions | improvements | largest | how sure |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    if has_links {
        lines[0].push_str(" |");
        lines[1].push_str("---|");
    }
    for id in in_order(telling) {
        let mut row = match telling.comparison_of(id) {
            Some(comparison) => answered(telling, comparison),
            None => format!(
                "{} | {} | | | | |",
                name(telling, id),
                unanswered(telling, id)
            ),
        };
        if let Some(page) = telling.page() {
            row.push_str(&link(telling, id, page));
        }
        lines.push(format!("| {row}"));
    }
    lines.join("\n")
}

fn in_order<'a>(telling: &Telling<'a>) -> Vec<&'a ConfigurationId> {
    let wanted = &telling.detail.request.configurations;
    let told: Vec<&ConfigurationId> = telling
        .decision
        .opinions
        .iter()
        .map(|opinion| &opinion.configuration)
        .filter(|id| wanted.contains(id))
        .collect();
    let rest = wanted.iter().filter(|id| !told.contains(id));
    told.iter().copied().chain(rest).collect()
}

fn opinion<'a>(telling: &Telling<'a>, id: &ConfigurationId) -> Option<&'a Opinion> {
    telling
        .decision
        .opinions
        .iter()
        .find(|opinion| opinion.configuration == *id)
}

fn name(telling: &Telling<'_>, id: &ConfigurationId) -> String {
    match opinion(telling, id) {
        Some(opinion) => format!("`{id}` ({})", opinion.tier),
        None => format!("`{id}`"),
    }
}

fn answered(telling: &Telling<'_>, comparison: &Comparison) -> String {
    let id = &comparison.configuration;
    if analysis::retraction::is_without_answer(comparison) {
        let reason = first_line(&comparison.headline);
        return format!("{} | {reason} | | | | |", name(telling, id));
    }
    let opinion = opinion(telling, id);
    // What the policy makes of it, which may be more careful than the comparison alone.
    let verdict = opinion
        .and_then(|opinion| opinion.verdict)
        .unwrap_or(comparison.verdict);
    let largest = largest(comparison);
    let named = largest.map_or_else(String::new, |(case, change)| {
        format!("`{}` {}", case.name, percent(change))
    });
    format!(
        "{} | **{verdict}** | {} | {} | {named} | {} |",
        name(telling, id),
        changes(comparison, |both| both.0),
        changes(comparison, |both| both.1),
        how_sure(opinion, largest.map(|(case, _)| case)),
    )
}

/// Count and mean of the changes of one direction, over all parts of the summary.
fn changes<'a>(
    comparison: &'a Comparison,
    direction: impl Fn(&(&'a ChangeSummary, &'a ChangeSummary)) -> &'a ChangeSummary,
) -> String {
    let parts = comparison.summary.parts();
    let of: Vec<&ChangeSummary> = parts
        .map(|(_, one)| direction(&(&one.regressions, &one.improvements)))
        .collect();
    let count: u32 = of.iter().map(|one| one.count).sum();
    if count == 0 {
        return "none".to_owned();
    }
    let sum: f64 = of
        .iter()
        .filter_map(|one| Some(one.mean? * f64::from(one.count)))
        .sum();
    let mean = percent(sum / f64::from(count));
    if count == 1 {
        format!("1: {mean}")
    } else {
        format!("{count}: mean {mean}")
    }
}

fn largest(comparison: &Comparison) -> Option<(&ComparedTestCase, f64)> {
    comparison
        .test_cases
        .iter()
        .filter(|case| case.relevant)
        .filter_map(|case| Some((case, case.change?)))
        .max_by(|(one, size), (other, other_size)| {
            let by_size = size.abs().total_cmp(&other_size.abs());
            by_size.then_with(|| other.name.cmp(&one.name))
        })
}

/// How far the largest change is from what noise explains, and whether it was measured again.
fn how_sure(opinion: Option<&Opinion>, largest: Option<&ComparedTestCase>) -> String {
    let mut said = Vec::new();
    if let Some(case) = largest {
        match (case.low, case.high, case.threshold) {
            (Some(low), Some(high), _) => {
                said.push(format!("{} to {}", percent(low), percent(high)));
            }
            (_, _, Some(threshold)) => {
                said.push(format!("noise explains {:.2} %", threshold * 100.0));
            }
            _ => {}
        }
    }
    match opinion {
        Some(one) if one.confirmed => said.push("confirmed".to_owned()),
        Some(one) if one.consequence == Consequence::AwaitsConfirmation => {
            said.push("not confirmed yet".to_owned());
        }
        _ => {}
    }
    said.join("; ")
}

fn link(telling: &Telling<'_>, id: &ConfigurationId, page: &str) -> String {
    let request = &telling.detail.request;
    let Some(comparison) = telling.comparison_of(id) else {
        return format!(" [jobs]({page}/requests/{}) |", request.id);
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("base", &comparison.base.to_string())
        .append_pair("head", &comparison.head.to_string())
        .append_pair("configuration", id.as_str())
        .append_pair("metric", comparison.metric_details.name.as_str())
        .finish();
    format!(" [compare]({page}/compare?{query}) |")
}

/// What is to be said of a configuration that has no comparison.
fn unanswered(telling: &Telling<'_>, id: &ConfigurationId) -> String {
    let detail = telling.detail;
    let jobs: Vec<&Job> = detail
        .jobs
        .iter()
        .filter(|job| job.configuration == *id)
        .collect();
    if detail.request.state == RequestState::Cancelled {
        return "cancelled".to_owned();
    }
    let failed: Vec<&&Job> = jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
        .collect();
    if let Some(job) = failed.first() {
        let reason = job
            .failures
            .last()
            .map_or("no reason was given", |failure| failure.reason.as_str());
        return format!(
            "{} of {} failed: {}",
            failed.len(),
            counted(jobs.len(), "job"),
            first_line(reason)
        );
    }
    let ended = jobs.iter().filter(|job| job.state.is_final()).count();
    if jobs.is_empty() {
        let note = detail.request.note.as_deref().map(first_line);
        return note.unwrap_or_else(|| "waits for its jobs to be cut".to_owned());
    }
    if ended < jobs.len() {
        return format!("{ended} of {} done", counted(jobs.len(), "job"));
    }
    match detail.request.base {
        Some(_) => "measured; the comparison is being made".to_owned(),
        None => "measured; there is nothing to compare with".to_owned(),
    }
}
