//! Buttons that change something, the question before what cannot be undone, and what came of it.

use crate::prelude::*;
use leptos::html::Dialog;
use shared_types::api::AccessRole;

use crate::access::{Access, Act, use_access};
use crate::part::{Piece, part, when_fetched};
use crate::widget::modal::follow_open;

/// A button for whoever may. Nobody else sees it.
pub(crate) fn act_button(role: AccessRole, text: &'static str, act: Act) -> AnyView {
    let access = use_access();
    let test_id = format!("act-{}", text.to_ascii_lowercase().replace(' ', "-"));
    live(move || {
        access.may(role).then(|| {
            let begun = act.clone();
            let label = act.label.clone();
            view! {
                <button
                    type="button"
                    class="act"
                    data-testid=test_id.clone()
                    aria-label=label
                    prop:disabled=move || access.is_busy.get()
                    on:click=move |_| access.begin(begun.clone())
                >
                    {text}
                </button>
            }
        })
    })
    .into_any()
}

/// What is asked, and what came of the last act. Once on every page, outside of what news redraw.
#[component]
pub(crate) fn ActDialog(access: Access) -> impl IntoView {
    // What few readers ever see is fetched when the first of them acts.
    let is_wanted = Memo::new(move |was_wanted: Option<&bool>| {
        was_wanted.copied().unwrap_or_default() || access.asked.with(Option::is_some)
    });
    view! {
        {shown_while(move || is_wanted.get(), move || when_fetched(question_in_every_page(), access, "the question"))}
        <Told access />
    }
}

part! {
    /// What is asked before something is done.
    question_in_every_page -> Piece<Access> {
        |access| view! { <Question access /> }.into_any()
    }
}

#[component]
fn Question(access: Access) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let reason = RwSignal::new(String::new());
    let is_asked = Signal::derive(move || access.asked.with(Option::is_some));
    follow_open(dialog, is_asked, move || reason.set(String::new()));
    let asked = move |part: fn(&Act) -> String| {
        access
            .asked
            .with(|act| act.as_ref().map(part).unwrap_or_default())
    };
    let takes_reason = move || {
        access
            .asked
            .with(|act| act.as_ref().is_some_and(|it| it.takes_reason))
    };
    view! {
        <dialog
            node_ref=dialog
            class="help question"
            aria-labelledby="question-title"
            data-testid="question"
            on:close=move |_| access.asked.set(None)
        >
            <form
                method="dialog"
                on:submit=move |event| {
                    event.prevent_default();
                    if let Some(act) = access.asked.get_untracked() {
                        access.carry_out(act, reason.get_untracked());
                    }
                }
            >
                <h2 id="question-title">{live(move || asked(|act| act.label.clone()))}</h2>
                <p>{live(move || asked(|act| act.question.clone().unwrap_or_default()))}</p>
                <div class="field" hidden=move || !takes_reason()>
                    <label for="question-reason">"Why (others see it; may be left empty)"</label>
                    <input
                        id="question-reason"
                        autocomplete="off"
                        maxlength="1000"
                        prop:value=move || reason.get()
                        on:input=move |event| reason.set(event_target_value(&event))
                    />
                </div>
                <p class="buttons">
                    <button type="submit" class="primary" data-testid="question-yes">
                        {live(move || asked(|act| act.label.clone()))}
                    </button>
                    <button
                        type="button"
                        data-testid="question-no"
                        on:click=move |_| access.asked.set(None)
                    >
                        "Leave it as it is"
                    </button>
                </p>
            </form>
        </dialog>
    }
}

#[component]
fn Told(access: Access) -> impl IntoView {
    let sentence = move || {
        access.outcome.with(|it| {
            it.as_ref()
                .map(|it| it.sentence.clone())
                .unwrap_or_default()
        })
    };
    let failed = move || {
        access
            .outcome
            .with(|it| it.as_ref().is_some_and(|it| !it.is_done))
    };
    // The region is always there: one that comes with its text is not read aloud.
    view! {
        <div class="told" class:failed=failed class:silent=move || access.outcome.with(Option::is_none)>
            <span role="status" aria-live="polite" data-testid="told">{sentence}</span>
            <button
                type="button"
                class="quiet-dark"
                aria-label="Close this message"
                on:click=move |_| access.outcome.set(None)
            >
                "\u{d7}"
            </button>
        </div>
    }
}
