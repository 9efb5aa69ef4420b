//! The form of each act. A mistake is told beside the field, before anything is sent.

use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::triage::{ReasonCode, TriageStep, parse_day};

use super::{Covered, Sending};

/// A folded form with its mistake.
fn folded(
    title: &'static str,
    test_id: &'static str,
    mistake: RwSignal<Option<String>>,
    submit: impl Fn() -> Result<(), String> + 'static,
    fields: AnyView,
) -> AnyView {
    view! {
        <details class="panel" data-testid=test_id>
            <summary>{title}</summary>
            <form on:submit=move |event| {
                event.prevent_default();
                mistake.set(submit().err());
            }>
                {fields}
                {live(move || {
                    mistake.get().map(|mistake| view! { <p class="worse" role="alert">{mistake}</p> })
                })}
                <button type="submit" class="primary" data-testid=format!("{test_id}-send")>
                    {title}
                </button>
            </form>
        </details>
    }
    .into_any()
}

fn text_field(
    id: &'static str,
    label: &'static str,
    placeholder: &'static str,
    value: RwSignal<String>,
) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                autocomplete="off"
                placeholder=placeholder
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}

fn parsed<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text.trim()
        .parse()
        .map_err(|error| format!("{what}: {error}"))
}

fn covering(covered: Covered) -> Result<shared_types::triage::CoveredConfigurations, String> {
    let named = covered.named();
    named
        .try_into()
        .map_err(|_| "Tick at least one configuration that this is said of.".to_owned())
}

#[component]
pub(super) fn Acknowledge(send: Sending, worse: Vec<ConfigurationId>) -> impl IntoView {
    let covered = Covered::all(&worse);
    let reason = RwSignal::new(ReasonCode::Accepted);
    let (words, owner, due, mistake) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(None),
    );
    let submit = move || {
        let day = due.get_untracked();
        let step = TriageStep::Acknowledge {
            configurations: covering(covered)?,
            reason: reason.get_untracked(),
            words: parsed("Why", &words.get_untracked())?,
            owner: parsed("Who sees to it", &owner.get_untracked())?,
            due: (!day.is_empty())
                .then(|| parse_day(&day).map_err(|error| format!("Due: {error}")))
                .transpose()?,
        };
        send.send(step, "Acknowledge", "It is acknowledged.");
        Ok(())
    };
    let choices: Vec<_> = ReasonCode::ALL
        .iter()
        .map(|code| view! { <option value=code.as_str()>{in_words(*code)}</option> })
        .collect();
    let fields = view! {
        {covered.boxes(worse)}
        <div class="field">
            <label for="ack-reason">"Reason"</label>
            <select
                id="ack-reason"
                on:change=move |event| {
                    reason.set(event_target_value(&event).parse().unwrap_or(ReasonCode::Other));
                }
            >
                {choices}
            </select>
        </div>
        <div class="field">
            <label for="ack-words">"Why, in words: what it costs, what it buys"</label>
            <textarea
                id="ack-words"
                rows="3"
                prop:value=move || words.get()
                on:input=move |event| words.set(event_target_value(&event))
            ></textarea>
        </div>
        {text_field("ack-owner", "Who sees to it", "a person or a team", owner)}
        {text_field("ack-due", "Due (may be left empty)", "2026-12-31", due)}
    };
    folded(
        "Acknowledge",
        "acknowledge",
        mistake,
        submit,
        fields.into_any(),
    )
}

fn in_words(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Accepted => "accepted: it is worth what it buys",
        ReasonCode::FixPlanned => "fix-planned: somebody will mend it",
        ReasonCode::Noise => "noise: measured again, it is not there",
        ReasonCode::Infrastructure => "infrastructure: the host or the suite changed",
        ReasonCode::Reverted => "reverted: the change was taken back",
        ReasonCode::Other => "other: the words say what",
    }
}

#[component]
pub(super) fn Culprit(send: Sending, proposed: String) -> impl IntoView {
    let (artifact, words, mistake) = (
        RwSignal::new(proposed),
        RwSignal::new(String::new()),
        RwSignal::new(None),
    );
    let submit = move || {
        let said = words.get_untracked();
        let step = TriageStep::Culprit {
            artifact: parsed("Artifact", &artifact.get_untracked())?,
            words: (!said.trim().is_empty())
                .then(|| parsed("How that is known", &said))
                .transpose()?,
        };
        send.send(step, "Name the culprit", "The culprit is noted.");
        Ok(())
    };
    let fields = view! {
        {text_field("culprit-artifact", "Artifact it came with", "full sha or release-1.95.0", artifact)}
        {text_field("culprit-words", "How that is known (may be left empty)", "bisected", words)}
    };
    folded(
        "Name the culprit",
        "culprit",
        mistake,
        submit,
        fields.into_any(),
    )
}

#[component]
pub(super) fn Fix(send: Sending, worse: Vec<ConfigurationId>) -> impl IntoView {
    let covered = Covered::all(&worse);
    let (by, mistake) = (RwSignal::new(String::new()), RwSignal::new(None));
    let submit = move || {
        let step = TriageStep::Fix {
            by: parsed("Fix", &by.get_untracked())?,
            configurations: Some(covering(covered)?),
        };
        send.send(step, "Link the fix", "The fix is linked.");
        Ok(())
    };
    let fields = view! {
        {covered.boxes(worse)}
        {text_field("fix-by", "Commit or address of the fix", "https://\u{2026}/pull/123", by)}
    };
    folded("Link the fix", "fix", mistake, submit, fields.into_any())
}

#[component]
pub(super) fn Reopen(send: Sending, worse: Vec<ConfigurationId>) -> impl IntoView {
    let covered = Covered::all(&worse);
    let (words, mistake) = (RwSignal::new(String::new()), RwSignal::new(None));
    let submit = move || {
        let step = TriageStep::Reopen {
            words: parsed("Why", &words.get_untracked())?,
            configurations: Some(covering(covered)?),
        };
        send.send(step, "Reopen", "It is open again.");
        Ok(())
    };
    let fields = view! {
        {covered.boxes(worse)}
        {text_field("reopen-words", "Why what was said does not hold", "the fix did not help", words)}
    };
    folded("Reopen", "reopen", mistake, submit, fields.into_any())
}
