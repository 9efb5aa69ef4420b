//! Who acts on this page: nobody, until a token is entered.

use crate::prelude::*;
use shared_types::api::{AccessRole, OwnToken};

use crate::access::{Access, Keep, use_access};

/// Says who acts, and lets a token be entered and forgotten.
#[component]
pub(crate) fn AccessBar() -> impl IntoView {
    let access = use_access();
    live(move || match access.own() {
        Some(own) => acting(access, &own),
        None => view! { <EnterToken access /> }.into_any(),
    })
}

fn acting(access: Access, own: &OwnToken) -> AnyView {
    view! {
        <div class="access" data-testid="access">
            <span>
                "Acting as " <strong>{own.person.clone()}</strong> ", role "
                <strong>{own.role.as_str()}</strong> ". " {in_words(own)}
            </span>
            <button type="button" data-testid="forget-token" on:click=move |_| access.forget()>
                "Forget the token"
            </button>
        </div>
    }
    .into_any()
}

/// What a role may and may not do, so that nobody looks for a button that is not there.
fn in_words(own: &OwnToken) -> String {
    let tasks = [
        (AccessRole::Request, "cancel, pause and repeat requests"),
        (AccessRole::Triage, "decide in triage"),
        (
            AccessRole::Admin,
            "drain collectors and pause configurations",
        ),
    ];
    let (may, may_not): (Vec<_>, Vec<_>) = tasks
        .into_iter()
        .partition(|(role, _)| own.may.contains(role));
    let list = |tasks: Vec<(AccessRole, &str)>| {
        let words: Vec<&str> = tasks.into_iter().map(|(_, words)| words).collect();
        words.join("; ")
    };
    match (may.is_empty(), may_not.is_empty()) {
        (true, _) => "It may read alone.".to_owned(),
        (false, true) => "It may do everything.".to_owned(),
        (false, false) => format!("It may {}. It may not {}.", list(may), list(may_not)),
    }
}

#[component]
fn EnterToken(access: Access) -> impl IntoView {
    let (typed, is_kept) = (RwSignal::new(String::new()), RwSignal::new(false));
    let refused = move || {
        access.refused().map(|reason| {
            view! { <p class="worse" role="alert" data-testid="token-refused">{reason}</p> }
        })
    };
    view! {
        <details class="access" data-testid="access" open=move || access.refused().is_some()>
            <summary>"Read only. Enter a token to act."</summary>
            <form
                class="filters"
                on:submit=move |event| {
                    event.prevent_default();
                    let keep = if is_kept.get_untracked() { Keep::InBrowser } else { Keep::InTab };
                    access.enter(&typed.get_untracked(), keep);
                }
            >
                <div class="field grow">
                    <label for="token">"Token"</label>
                    <input
                        id="token"
                        type="password"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder="pft_\u{2026}"
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                </div>
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid="keep-token"
                        on:change=move |event| is_kept.set(event_target_checked(&event))
                    />
                    "Keep it in this browser"
                </label>
                <button type="submit" data-testid="enter-token">"Use it"</button>
            </form>
            {refused}
            <p class="muted small">
                "Else it is kept until this tab is closed. It is sent with what you change, and not \
                 with what you read. Whoever keeps the server makes one: "
                <code>"perfleet token create NAME --role triage"</code>
            </p>
        </details>
    }
}
