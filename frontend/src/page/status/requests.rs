//! Requests, as a table, and what whoever may can do about one.

use crate::prelude::*;
use shared_types::api::AccessRole;
use shared_types::request::{Request, RequestState};

use crate::access::Act;
use crate::clock::Age;
use crate::url_state::request_address;
use crate::widget::act::act_button;
use crate::widget::artifact_name::ArtifactName;
use crate::widget::quoted::{quoted, sentence};

/// All requests.
pub(super) fn request_table(requests: Vec<Request>) -> AnyView {
    if requests.is_empty() {
        return view! {
            <p class="empty">
                "Nobody asked for anything yet. Ask with "
                <code>"perfleet request HEAD --base BASE --configuration NAME"</code>
            </p>
        }
        .into_any();
    }
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Requests as a table">
            <table class="dense stacking requests">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Configurations"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"Made"</th>
                        <th scope="col">"Reason, and what it waits for"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{requests.into_iter().map(request_row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn request_row(request: Request) -> AnyView {
    let buttons = request_buttons(&request);
    let configurations: Vec<String> = request
        .configurations
        .iter()
        .map(ToString::to_string)
        .collect();
    let base = request.base.as_ref().map(|base| {
        view! { <ArtifactName id=base.artifact.clone() /> " \u{2192} " }
    });
    view! {
        <tr>
            <td>
                <a href=request_address(request.id) data-row-link="">
                    {base}
                    <ArtifactName id=request.head.artifact.clone() />
                </a>
            </td>
            <td><span class=format!("state {}", request.state)>{request.state.as_str()}</span></td>
            <td>{configurations.join(", ")}</td>
            <td data-label="By">{request.requester}</td>
            <td data-label="Made"><Age of=request.created_at /></td>
            <td>
                {request.reason}
                {request.note.map(|note| view! { <span class="worse">" " {quoted(&sentence(&note))}</span> })}
            </td>
            <td class="buttons">{buttons}</td>
        </tr>
    }
    .into_any()
}

/// What can be done about a request: hold it, let it go, cancel it, or ask for it once more.
pub(crate) fn request_buttons(request: &Request) -> AnyView {
    let name = match &request.base {
        Some(base) => format!(
            "{} \u{2192} {}",
            base.artifact.short(),
            request.head.artifact.short()
        ),
        None => request.head.artifact.short(),
    };
    let button = |text: &'static str, word: &str, question: Option<&str>, done: &str| {
        let act = Act {
            label: format!("{text} the request {name}"),
            question: question.map(str::to_owned),
            takes_reason: word == "pause",
            path: format!("requests/{}/{word}", request.id),
            body: None,
            done: done.to_owned(),
        };
        act_button(AccessRole::Request, text, act)
    };
    let cancel = || {
        let question = "What is being measured of it is given up, and this cannot be undone. What \
                        was measured stays.";
        button(
            "Cancel",
            "cancel",
            Some(question),
            "The request is cancelled.",
        )
    };
    match request.state {
        RequestState::Waiting | RequestState::Running => {
            let question = "Nothing more of it is handed out until it is resumed; what is being \
                            measured is finished.";
            view! {
                {button("Pause", "pause", Some(question), "The request is paused.")}
                {cancel()}
            }
            .into_any()
        }
        RequestState::Paused => view! {
            {button("Resume", "resume", None, "The request goes on.")}
            {cancel()}
        }
        .into_any(),
        RequestState::Done | RequestState::Failed | RequestState::Cancelled => button(
            "Run again",
            "rerun",
            None,
            "It is asked for once more, as a new request.",
        ),
    }
}
