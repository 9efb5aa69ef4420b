//! What people do about what got worse. The record only grows, and is written in place of what was
//! read; whoever meets another who was faster decides anew.

use analysis::policy::Policy;
use analysis::triage::{Finding, Said, TriageDetail};
use shared_types::ConfigurationId;
use shared_types::api::NewTriageAct;
use shared_types::run::SidePair;
use shared_types::triage::{ReasonCode, TriageAct, TriageRecord, TriageStep, day_of, end_of};

use super::inbox::{Found, detail};
use crate::{Context, FunctionsError};

/// How often an act is tried again while others act on the same.
const ATTEMPTS_MAX: usize = 50;

/// Adds to the record of a pair what `person` did.
///
/// # Errors
/// When nothing got worse there, or not under the configurations that are named; when a day is past;
/// when the store fails.
pub async fn act(
    context: &Context,
    sides: &SidePair,
    wanted: NewTriageAct,
    person: &str,
) -> Result<TriageDetail, FunctionsError> {
    let found = Found::gather(context).await?;
    let finding = found.about(sides)?;
    let at = context.now();
    let act = TriageAct {
        who: person.to_owned(),
        at,
        what: completed(&found.policy, wanted.act, at)?,
    };
    check(finding, &act.what)?;
    let index = &context.store.index;
    for _ in 0..ATTEMPTS_MAX {
        let known = index.triage_record(sides).await?;
        let mut new = known
            .clone()
            .unwrap_or_else(|| TriageRecord::beginning(sides.clone(), at));
        new.add(act.clone())
            .map_err(|full| FunctionsError::Refused(full.to_string()))?;
        if index.replace_triage_record(known.as_ref(), &new).await? {
            tracing::info!(%sides, person, act = act.what.word(), "somebody acted on a change");
            return detail(context, sides).await;
        }
    }
    Err(FunctionsError::Server {
        action: format!("noting an act on {sides}"),
        reason: "others kept acting on it at the same time; try again".to_owned(),
    })
}

/// The step with what was left out: a promised fix has a day.
fn completed(
    policy: &Policy,
    step: TriageStep,
    now: jiff::Timestamp,
) -> Result<TriageStep, FunctionsError> {
    let TriageStep::Acknowledge {
        configurations,
        reason,
        words,
        owner,
        due,
    } = step
    else {
        return Ok(step);
    };
    let today = day_of(now);
    let promised = || {
        let days = jiff::Span::new().days(i64::from(policy.triage.fix_within_days));
        (reason == ReasonCode::FixPlanned).then(|| today.saturating_add(days))
    };
    if let Some(day) = due
        && end_of(day) < now
    {
        return Err(FunctionsError::Usage(format!(
            "the day {day} is past: name one from {today} on"
        )));
    }
    Ok(TriageStep::Acknowledge {
        configurations,
        reason,
        words,
        owner,
        due: due.or_else(promised),
    })
}

/// Whether the step is about something that got worse.
fn check(finding: &Finding, step: &TriageStep) -> Result<(), FunctionsError> {
    let sides = &finding.sides;
    let worse: Vec<&ConfigurationId> = finding
        .said
        .iter()
        .filter(|one| one.got_worse())
        .map(|one| &one.configuration)
        .collect();
    if worse.is_empty() {
        return Err(FunctionsError::Refused(format!(
            "nothing got worse from {sides}, so there is nothing to decide about it"
        )));
    }
    let names = worse.iter().map(|id| id.as_str()).collect::<Vec<_>>();
    let covered = step.named().into_iter().flat_map(|named| named.iter());
    for configuration in covered {
        let said = finding.of(configuration);
        if !said.is_some_and(Said::got_worse) {
            let what = said.map_or_else(
                || "was not compared".to_owned(),
                |said| format!("is {}", said.verdict),
            );
            return Err(FunctionsError::Refused(format!(
                "{sides} {what} under {configuration}, and got worse under {}: name one of these",
                names.join(", ")
            )));
        }
    }
    Ok(())
}
