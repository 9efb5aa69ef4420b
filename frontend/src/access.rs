//! Who may act here. Reading needs no token. Whoever has one enters it once; it is kept in this tab or
//! in this browser, as they choose, and sent with writes alone.

mod storage;
mod write_client;

use crate::prelude::*;
use leptos::task::spawn_local;
use shared_types::api::{AccessRole, OwnToken};

use crate::part::part;
pub(crate) use storage::Keep;

/// What can be asked before something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Act {
    /// What is done, as a button says it: `Cancel the request`.
    pub(crate) label: String,
    /// What to ask before. `None` does it at once.
    pub(crate) question: Option<String>,
    /// Whether a reason may be given.
    pub(crate) takes_reason: bool,
    /// Where it is written to, behind the API's prefix.
    pub(crate) path: String,
    /// What is sent, as JSON; a reason is sent instead where one may be given.
    pub(crate) body: Option<String>,
    /// What is said when it is done.
    pub(crate) done: String,
}

/// What came of the last act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Whether it was done.
    pub(crate) is_done: bool,
    /// What to tell the reader.
    pub(crate) sentence: String,
}

/// Who acts, and what they are about to do.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    token: RwSignal<Option<String>>,
    own: RwSignal<Option<OwnToken>>,
    refused: RwSignal<Option<String>>,
    /// What is asked about right now.
    pub(crate) asked: RwSignal<Option<Act>>,
    /// What came of the last act.
    pub(crate) outcome: RwSignal<Option<Outcome>>,
    /// Whether an act is under way.
    pub(crate) is_busy: RwSignal<bool>,
    writes: RwSignal<u32>,
}

/// What writes, in a part of its own: most readers only read.
#[derive(Clone, Copy)]
pub(crate) struct Writing {
    check: fn(Access, String),
    carry_out: fn(Access, Act, &str, &str),
}

part! {
    writing_in_every_page -> Writing {
        Writing {
            check: write_client::check,
            carry_out: write_client::carry_out,
        }
    }
}

/// What is said where that part could not be fetched.
const NOT_FETCHED: &str =
    "This part of the page could not be loaded: reload the page, then try again.";

/// Gives every page the access, with the token that is kept here, where one is.
pub(crate) fn provide_access() -> Access {
    let access = Access {
        token: RwSignal::new(None),
        own: RwSignal::new(None),
        refused: RwSignal::new(None),
        asked: RwSignal::new(None),
        outcome: RwSignal::new(None),
        is_busy: RwSignal::new(false),
        writes: RwSignal::new(0),
    };
    provide_context(access);
    if let Some(token) = storage::kept() {
        access.check(token);
    }
    access
}

/// The access of this page.
pub(crate) fn use_access() -> Access {
    expect_context()
}

impl Access {
    /// Whose token is entered, once the server has said so.
    pub(crate) fn own(self) -> Option<OwnToken> {
        self.own.get()
    }

    /// Why the token is of no use, where it is not.
    pub(crate) fn refused(self) -> Option<String> {
        self.refused.get()
    }

    /// Whether the reader may do what needs a role.
    pub(crate) fn may(self, role: AccessRole) -> bool {
        self.own
            .with(|own| own.as_ref().is_some_and(|own| own.may.contains(&role)))
    }

    /// Changes with each write, so that what it changed is asked for at once.
    pub(crate) fn writes(self) -> u32 {
        self.writes.get()
    }

    /// Takes a token that a reader typed, and keeps it where they said.
    pub(crate) fn enter(self, token: &str, keep: Keep) {
        let token = token.trim().to_owned();
        if token.is_empty() {
            self.refused
                .set(Some("Type a token first; it begins with pft_.".to_owned()));
            return;
        }
        storage::keep(&token, keep);
        self.check(token);
    }

    /// Forgets the token, here and wherever it is kept.
    pub(crate) fn forget(self) {
        storage::forget();
        self.token.set(None);
        self.own.set(None);
        self.refused.set(None);
        self.tell(true, "The token is forgotten.".to_owned());
    }

    fn check(self, token: String) {
        self.token.set(Some(token.clone()));
        spawn_local(async move {
            match writing_in_every_page().await {
                Ok(writing) => (writing.check)(self, token),
                Err(_) => self.refused.set(Some(NOT_FETCHED.to_owned())),
            }
        });
    }

    /// Does something, after asking where it has a question or takes a reason.
    pub(crate) fn begin(self, act: Act) {
        if act.question.is_some() || act.takes_reason {
            self.asked.set(Some(act));
        } else {
            self.carry_out(act, String::new());
        }
    }

    /// Does what was asked about.
    pub(crate) fn carry_out(self, act: Act, reason: String) {
        let Some(token) = self.token.get_untracked() else {
            self.tell(false, "Enter a token first.".to_owned());
            return;
        };
        self.asked.set(None);
        self.is_busy.set(true);
        spawn_local(async move {
            match writing_in_every_page().await {
                Ok(writing) => (writing.carry_out)(self, act, &token, &reason),
                Err(_) => {
                    self.is_busy.set(false);
                    self.tell(false, NOT_FETCHED.to_owned());
                }
            }
        });
    }

    fn tell(self, is_done: bool, sentence: String) {
        self.outcome.set(Some(Outcome { is_done, sentence }));
    }
}
