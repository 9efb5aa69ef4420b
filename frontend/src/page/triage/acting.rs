//! What whoever may can do about a finding: acknowledge it, name the culprit, link a fix, reopen it.

mod forms;

use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::api::{AccessRole, NewTriageAct, TriageEntry};
use shared_types::run::SidePair;
use shared_types::triage::TriageStep;

use super::finding::act_path;
use crate::access::{Access, Act, use_access};
use forms::{Acknowledge, Culprit, Fix, Reopen};

/// The forms, each folded, for whoever may.
#[component]
pub(super) fn Acting(
    /// What is acted on.
    sides: SidePair,
    /// What is known of it.
    entry: Memo<Option<TriageEntry>>,
) -> impl IntoView {
    let access = use_access();
    let path = StoredValue::new(act_path(&sides));
    // Only what got worse can be decided about, and the choice must not come back with each answer.
    let worse = Memo::new(move |_| {
        entry.with(|entry| {
            let all = entry.iter().flat_map(|entry| &entry.configurations);
            let worse = all.filter(|one| one.standing.is_some());
            worse
                .map(|one| one.configuration.clone())
                .collect::<Vec<_>>()
        })
    });
    let culprit = Memo::new(move |_| {
        entry.with(|entry| {
            let head = entry.as_ref().map(|entry| entry.head.artifact.to_string());
            head.unwrap_or_default()
        })
    });
    live(move || {
        let worse = worse.get();
        if worse.is_empty() {
            return ().into_any();
        }
        if !access.may(AccessRole::Triage) {
            return why_not(access).into_any();
        }
        let send = Sending { access, path };
        view! {
            <h2>"Act"</h2>
            <div class="acting">
                <Acknowledge send worse=worse.clone() />
                <Culprit send proposed=culprit.get_untracked() />
                <Fix send worse=worse.clone() />
                <Reopen send worse />
            </div>
        }
        .into_any()
    })
}

fn why_not(access: Access) -> AnyView {
    let words = match access.own() {
        None => {
            "To acknowledge this or link a fix, enter a token of the role triage above.".to_owned()
        }
        Some(own) => format!(
            "Deciding needs the role triage, and the token of {} has the role {}.",
            own.person, own.role
        ),
    };
    view! { <p class="access" data-testid="why-not">{words}</p> }.into_any()
}

/// Sends steps.
#[derive(Clone, Copy)]
struct Sending {
    access: Access,
    path: StoredValue<String>,
}

impl Sending {
    fn send(self, step: TriageStep, label: &str, done: &str) {
        let body = serde_json::to_string(&NewTriageAct { act: step });
        let Ok(body) = body else {
            return;
        };
        self.access.begin(Act {
            label: label.to_owned(),
            question: None,
            takes_reason: false,
            path: self.path.get_value(),
            body: Some(body),
            done: done.to_owned(),
        });
    }
}

/// Which configurations an act is said of, as boxes to tick. All of them at first.
#[derive(Clone, Copy)]
struct Covered(RwSignal<Vec<ConfigurationId>>);

impl Covered {
    fn all(worse: &[ConfigurationId]) -> Self {
        Self(RwSignal::new(worse.to_vec()))
    }

    fn boxes(self, worse: Vec<ConfigurationId>) -> AnyView {
        let tick = move |id: ConfigurationId| {
            let name = id.to_string();
            view! {
                <label class="check">
                    <input
                        type="checkbox"
                        checked=true
                        on:change=move |event| {
                            let is_ticked = event_target_checked(&event);
                            self.0.update(|ticked| {
                                ticked.retain(|one| *one != id);
                                if is_ticked {
                                    ticked.push(id.clone());
                                }
                            });
                        }
                    />
                    <span class="break">{name}</span>
                </label>
            }
        };
        view! {
            <fieldset class="covered">
                <legend>"Said of"</legend>
                {worse.into_iter().map(tick).collect_view()}
            </fieldset>
        }
        .into_any()
    }

    fn named(self) -> Vec<ConfigurationId> {
        self.0.get_untracked()
    }
}
