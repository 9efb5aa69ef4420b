//! The queue of each configuration: how far it is, who paused it, and what is in it.

use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::{AccessRole, ConfigurationStatus};
use shared_types::scheduling::Pause;

use super::jobs::job_table;
use crate::access::Act;
use crate::clock::Age;
use crate::url_state::GraphsState;
use crate::widget::act::act_button;
use crate::widget::progress::Progress;

/// All queues, the busy ones in full.
pub(super) fn queue_list(queues: Vec<ConfigurationStatus>) -> AnyView {
    if queues.is_empty() {
        return view! {
            <p class="empty">
                "No configuration is registered. A collector registers its configurations when it \
                 starts: " <code>"collector run --data-dir DIR --configuration NAME"</code>
            </p>
        }
        .into_any();
    }
    let is_busy =
        |one: &ConfigurationStatus| one.queue.pending + one.queue.queued + one.queue.running > 0;
    let (busy, idle): (Vec<_>, Vec<_>) = queues.into_iter().partition(is_busy);
    let busy: Vec<AnyView> = busy.into_iter().map(queue_panel).collect();
    let idle: Vec<AnyView> = idle.iter().map(idle_line).collect();
    view! {
        {busy}
        {(!idle.is_empty())
            .then(|| {
                view! {
                    <div class="panel">
                        <h3>"Empty"</h3>
                        <ul class="plain idle">{idle}</ul>
                    </div>
                }
            })}
    }
    .into_any()
}

fn graphs(id: &ConfigurationId) -> String {
    let state = GraphsState {
        configuration: Some(id.clone()),
        ..GraphsState::default()
    };
    state.address()
}

fn idle_line(queue: &ConfigurationStatus) -> AnyView {
    let id = &queue.configuration;
    view! {
        <li class="line" data-testid=format!("queue-{id}")>
            <a class="break" href=graphs(id) data-row-link="">{id.to_string()}</a>
            {queue.paused.as_ref().map(paused_by)}
            {hold_button(id, queue.paused.is_some())}
        </li>
    }
    .into_any()
}

fn queue_panel(queue: ConfigurationStatus) -> AnyView {
    let numbers = queue.queue;
    let id = &queue.configuration;
    view! {
        <div class="panel" data-testid=format!("queue-{id}")>
            <div class="panel-head">
                <h3><a href=graphs(id) data-row-link="">{id.to_string()}</a></h3>
                <span class="muted">
                    {numbers.running} " running \u{b7} " {numbers.queued} " queued \u{b7} "
                    {numbers.pending} " pending"
                </span>
                {hold_button(id, queue.paused.is_some())}
            </div>
            {queue.paused.as_ref().map(paused_by)}
            <Progress
                done=numbers.compilations_done
                total=numbers.compilations_total
                seconds_left=numbers.seconds_left
            />
            {job_table(queue.jobs)}
        </div>
    }
    .into_any()
}

/// Who paused it, when, and why.
fn paused_by(pause: &Pause) -> AnyView {
    let reason = pause.reason.as_ref().map(|reason| format!(": {reason}"));
    view! {
        <p class="paused">
            <span class="state paused">"paused"</span>
            " by " {pause.by.clone()} " " <Age of=pause.at /> {reason}
        </p>
    }
    .into_any()
}

/// Pauses a configuration, or lets it go.
fn hold_button(id: &ConfigurationId, is_paused: bool) -> AnyView {
    if is_paused {
        let act = Act {
            label: format!("Resume {id}"),
            question: None,
            takes_reason: false,
            path: format!("configurations/{id}/resume"),
            body: None,
            done: format!("{id} goes on."),
        };
        return act_button(AccessRole::Admin, "Resume", act);
    }
    let act = Act {
        label: format!("Pause {id}"),
        question: Some(
            "No job of it is handed out until it is resumed; what is being measured is finished."
                .to_owned(),
        ),
        takes_reason: true,
        path: format!("configurations/{id}/pause"),
        body: None,
        done: format!("{id} is paused."),
    };
    act_button(AccessRole::Admin, "Pause", act)
}
