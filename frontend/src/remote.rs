//! Data that lives on the server, as a signal: nothing yet, what was answered, or why not.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api_client::{self, ApiError};

/// What is known of something on the server.
#[derive(Debug)]
pub(crate) struct Remote<T> {
    /// What was last answered. Kept while a newer answer is awaited.
    pub(crate) value: Option<Arc<T>>,
    /// Why the last question was not answered.
    pub(crate) error: Option<ApiError>,
    /// Whether the answer to another question is awaited.
    pub(crate) awaited: bool,
}

impl<T> Clone for Remote<T> {
    fn clone(&self) -> Self {
        Self {
            value: self.value.clone(),
            error: self.error.clone(),
            awaited: self.awaited,
        }
    }
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self {
            value: None,
            error: None,
            awaited: false,
        }
    }
}

/// What can be fetched.
pub(crate) trait Fetched: DeserializeOwned + PartialEq + Send + Sync + 'static {}
impl<T: DeserializeOwned + PartialEq + Send + Sync + 'static> Fetched for T {}

/// Fetches what `path` names, and again whenever it changes. `None` fetches nothing.
pub(crate) fn fetched<T: Fetched>(path: Signal<Option<String>>) -> ArcRwSignal<Remote<T>> {
    follow(path, &ArcRwSignal::new(0))
}

/// `asked` counts the questions, so that the answer to an earlier one is not taken for the last's.
fn follow<T: Fetched>(
    path: Signal<Option<String>>,
    asked: &ArcRwSignal<u32>,
) -> ArcRwSignal<Remote<T>> {
    let remote = ArcRwSignal::new(Remote::default());
    let (answer_to, asked) = (remote.clone(), asked.clone());
    Effect::new(move |_| match path.get() {
        Some(path) => ask(path, &answer_to, &asked, true),
        None => answer_to.set(Remote::default()),
    });
    remote
}

/// Fetches what `path` names, now and every `period` while the page is looked at. Answers that
/// did not change cost an empty answer, since the browser asks with the entity tag it has.
pub(crate) fn polled<T: Fetched>(
    path: Signal<Option<String>>,
    period: Duration,
) -> ArcRwSignal<Remote<T>> {
    let asked = ArcRwSignal::new(0);
    let remote = follow(path, &asked);
    let answer_to = remote.clone();
    let again = move || {
        let is_seen = document().visibility_state() == web_sys::VisibilityState::Visible;
        if let Some(Some(path)) = path.try_get_untracked()
            && is_seen
            && !answer_to.with_untracked(|remote| remote.awaited)
        {
            ask(path, &answer_to, &asked, false);
        }
    };
    if let Ok(handle) = set_interval_with_handle(again, period) {
        on_cleanup(move || handle.clear());
    }
    remote
}

/// Fetches once what `path` names.
pub(crate) fn fetched_once<T: Fetched>(path: String) -> ArcRwSignal<Remote<T>> {
    let remote = ArcRwSignal::new(Remote::default());
    ask(path, &remote, &ArcRwSignal::new(0), true);
    remote
}

/// Asks, and takes the answer unless something else was asked since.
fn ask<T: Fetched>(
    path: String,
    remote: &ArcRwSignal<Remote<T>>,
    asked: &ArcRwSignal<u32>,
    is_new_question: bool,
) {
    asked.update_untracked(|number| *number += 1);
    let number = asked.get_untracked();
    if is_new_question {
        remote.update(|remote| remote.awaited = true);
    }
    let (remote, asked) = (remote.clone(), asked.clone());
    spawn_local(async move {
        let answer = api_client::get::<T>(&path).await;
        if asked.get_untracked() == number {
            take_answer(&remote, answer, is_new_question);
        }
    });
}

fn take_answer<T: Fetched>(
    remote: &ArcRwSignal<Remote<T>>,
    answer: Result<T, ApiError>,
    is_new_question: bool,
) {
    let before = remote.get_untracked();
    let next = match answer {
        Ok(value) => {
            let is_known = before.value.as_deref() == Some(&value);
            if is_known && before.error.is_none() && !before.awaited {
                // An unchanged answer must not redraw what a reader is in the middle of.
                return;
            }
            let value = match before.value {
                Some(known) if is_known => known,
                _ => Arc::new(value),
            };
            Remote {
                value: Some(value),
                error: None,
                awaited: false,
            }
        }
        Err(error) => Remote {
            // The answer to another question would be a lie; an old answer is only old.
            value: before.value.filter(|_| !is_new_question),
            error: Some(error),
            awaited: false,
        },
    };
    remote.set(next);
}
