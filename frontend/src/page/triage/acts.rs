//! What people did about a finding, and who was reminded.

use crate::prelude::*;
use shared_types::triage::{CoveredConfigurations, Ping, TriageAct, TriageRecord, TriageStep};

use crate::clock::Age;

/// The history, the last first.
pub(super) fn history(record: Option<&TriageRecord>) -> AnyView {
    let Some(record) = record.filter(|record| !record.acts.is_empty() || !record.pings.is_empty())
    else {
        return view! {
            <p class="muted" data-testid="acts">"Nothing yet: nobody has said anything of it."</p>
        }
        .into_any();
    };
    let acts: Vec<AnyView> = record.acts.iter().rev().map(act).collect();
    let pings: Vec<AnyView> = record.pings.iter().rev().map(ping).collect();
    view! {
        <ol class="plain acts" reversed data-testid="acts">{acts}</ol>
        {(!pings.is_empty()).then(|| view! { <ul class="plain small muted">{pings}</ul> })}
    }
    .into_any()
}

fn act(act: &TriageAct) -> AnyView {
    let (what, words) = in_words(&act.what);
    view! {
        <li>
            <strong>{act.who.clone()}</strong> " " {what} " "
            <span class="muted small"><Age of=act.at /></span>
            {words.map(|words| view! { <p class="break words">{words}</p> })}
        </li>
    }
    .into_any()
}

/// What was done, and what was said with it.
fn in_words(step: &TriageStep) -> (String, Option<String>) {
    match step {
        TriageStep::Acknowledge {
            configurations,
            reason,
            words,
            owner,
            due,
        } => {
            let due = due.map(|day| format!(", due on {day}")).unwrap_or_default();
            let under = names(configurations);
            let what = format!("acknowledged it under {under}: {reason}; {owner} sees to it{due}");
            (what, Some(words.to_string()))
        }
        TriageStep::Culprit { artifact, words } => (
            format!("named the culprit: {artifact}"),
            words.as_ref().map(ToString::to_string),
        ),
        TriageStep::Fix { by, configurations } => (
            format!("linked a fix{}: {by}", on(configurations.as_ref())),
            None,
        ),
        TriageStep::Reopen {
            words,
            configurations,
        } => (
            format!("reopened it{}", on(configurations.as_ref())),
            Some(words.to_string()),
        ),
    }
}

fn on(configurations: Option<&CoveredConfigurations>) -> String {
    configurations.map_or_else(String::new, |named| format!(" under {}", names(named)))
}

fn names(configurations: &CoveredConfigurations) -> String {
    let names: Vec<&str> = configurations.iter().map(|id| id.as_str()).collect();
    names.join(", ")
}

fn ping(ping: &Ping) -> AnyView {
    let sent = ping.delivery.sent_at.map_or_else(
        || view! { "to be reminded" }.into_any(),
        |at| view! { "reminded " <Age of=at /> }.into_any(),
    );
    view! { <li>{ping.owner.to_string()} " under " {ping.configuration.to_string()} ": " {sent}</li> }
        .into_any()
}
