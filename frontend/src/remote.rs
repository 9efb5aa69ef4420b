//! Data that lives on the server, as a signal: nothing yet, what was answered, or why not.
//!
//! What is asked, and when, is the same for every kind of answer, and compiled once: a kind brings
//! nothing along but how its text is read.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api_client::{self, ApiError};
use crate::json::{self, Unreadable};

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

/// A signal of what is known of something on the server.
pub(crate) struct RemoteSignal<T> {
    known: ArcRwSignal<Known>,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for RemoteSignal<T> {
    fn clone(&self) -> Self {
        Self::of(self.known.clone())
    }
}

impl<T> RemoteSignal<T> {
    fn of(known: ArcRwSignal<Known>) -> Self {
        Self {
            known,
            value: PhantomData,
        }
    }
}

impl<T: Send + Sync + 'static> RemoteSignal<T> {
    /// What is known. Whoever asks follows it.
    pub(crate) fn get(&self) -> Remote<T> {
        self.known.get().typed()
    }

    /// What `read` makes of what is known. Whoever asks follows it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&Remote<T>) -> R) -> R {
        read(&self.get())
    }

    /// What was last answered: moves only when another answer is there, not when one is awaited.
    pub(crate) fn value(&self) -> Memo<Option<Arc<T>>> {
        let known = self.known.clone();
        Memo::new_with_compare(
            move |_| known.get().typed().value,
            |before, now| match (before, now) {
                (Some(Some(before)), Some(Some(now))) => !Arc::ptr_eq(before, now),
                (Some(None), Some(None)) => false,
                _ => true,
            },
        )
    }

    /// Why the last question was not answered.
    pub(crate) fn error(&self) -> Memo<Option<ApiError>> {
        error_of(self.known.clone())
    }

    /// Whether the answer to another question is awaited.
    pub(crate) fn is_awaited(&self) -> bool {
        self.known.with(|known| known.awaited)
    }

    /// The same up to the first answer: it moves when that comes, and with errors, but not with each
    /// answer after it.
    pub(crate) fn once_there(&self) -> Self {
        Self::of(once_there(self.known.clone()))
    }
}

/// What is known of something, whatever its type.
#[derive(Debug, Clone, Default)]
struct Known {
    answer: Option<Answer>,
    error: Option<ApiError>,
    awaited: bool,
}

impl Known {
    fn typed<T: Send + Sync + 'static>(self) -> Remote<T> {
        Remote {
            value: self.answer.and_then(|answer| answer.value.downcast().ok()),
            error: self.error,
            awaited: self.awaited,
        }
    }
}

#[derive(Debug, Clone)]
struct Answer {
    /// What was read from the text.
    value: Arc<dyn Any + Send + Sync>,
    /// By it an answer is known again. Only where it is asked for again and again.
    text: Option<Arc<str>>,
}

fn error_of(known: ArcRwSignal<Known>) -> Memo<Option<ApiError>> {
    Memo::new(move |_| known.with(|known| known.error.clone()))
}

fn once_there(known: ArcRwSignal<Known>) -> ArcRwSignal<Known> {
    let first = ArcRwSignal::new(Known::default());
    let target = first.clone();
    Effect::new(move |_| {
        let now = known.get();
        target.update(|first| {
            first.error = now.error;
            first.answer = first.answer.take().or(now.answer);
        });
    });
    first
}

/// What can be fetched.
pub(crate) trait Fetched: DeserializeOwned + Send + Sync + 'static {}
impl<T: DeserializeOwned + Send + Sync + 'static> Fetched for T {}

/// Reads the text of an answer.
type ReadAnswer = fn(&str) -> Result<Arc<dyn Any + Send + Sync>, Unreadable>;

fn read_answer<T: Fetched>(text: &str) -> Result<Arc<dyn Any + Send + Sync>, Unreadable> {
    Ok(Arc::new(json::from_str::<T>(text)?))
}

/// Fetches what `path` names, and again whenever it changes. `None` fetches nothing.
pub(crate) fn fetched<T: Fetched>(path: Signal<Option<String>>) -> RemoteSignal<T> {
    let question = Question::new(read_answer::<T>, false);
    follow(path, &question);
    RemoteSignal::of(question.known)
}

/// Fetches what `path` names, now and every `period` while the page is looked at. Answers that
/// did not change cost an empty answer, since the browser asks with the entity tag it has.
pub(crate) fn polled<T: Fetched>(
    path: Signal<Option<String>>,
    period: Duration,
) -> RemoteSignal<T> {
    let question = Question::new(read_answer::<T>, true);
    follow(path, &question);
    poll(path, period, question.clone());
    RemoteSignal::of(question.known)
}

/// Fetches once what `path` names.
pub(crate) fn fetched_once<T: Fetched>(path: String) -> RemoteSignal<T> {
    let question = Question::new(read_answer::<T>, false);
    question.ask(path, true);
    RemoteSignal::of(question.known)
}

/// Something that is asked for, and what is known of it.
#[derive(Clone)]
struct Question {
    known: ArcRwSignal<Known>,
    /// Counts the questions, so that the answer to an earlier one is not taken for the last's.
    asked: ArcRwSignal<u32>,
    read: ReadAnswer,
    is_polled: bool,
}

fn follow(path: Signal<Option<String>>, question: &Question) {
    let question = question.clone();
    Effect::new(move |_| match path.get() {
        Some(path) => question.ask(path, true),
        None => question.known.set(Known::default()),
    });
}

fn poll(path: Signal<Option<String>>, period: Duration, question: Question) {
    let again = move || {
        let is_seen = document().visibility_state() == web_sys::VisibilityState::Visible;
        if let Some(Some(path)) = path.try_get_untracked()
            && is_seen
            && !question.known.with_untracked(|known| known.awaited)
        {
            question.ask(path, false);
        }
    };
    if let Ok(handle) = set_interval_with_handle(again, period) {
        on_cleanup(move || handle.clear());
    }
}

impl Question {
    fn new(read: ReadAnswer, is_polled: bool) -> Self {
        Self {
            known: ArcRwSignal::new(Known::default()),
            asked: ArcRwSignal::new(0),
            read,
            is_polled,
        }
    }

    /// Asks, and takes the answer unless something else was asked since.
    fn ask(&self, path: String, is_new_question: bool) {
        self.asked.update_untracked(|number| *number += 1);
        let number = self.asked.get_untracked();
        if is_new_question {
            self.known.update(|known| known.awaited = true);
        }
        let question = self.clone();
        spawn_local(async move {
            let text = api_client::text(&path).await;
            if question.asked.get_untracked() == number {
                question.take_answer(&path, text, is_new_question);
            }
        });
    }

    fn take_answer(&self, path: &str, text: Result<String, ApiError>, is_new_question: bool) {
        let before = self.known.get_untracked();
        let known_answer = before.answer.as_ref();
        let known_text = known_answer.and_then(|answer| answer.text.as_deref());
        let is_known = known_text.is_some_and(|known| text.as_deref().is_ok_and(|it| it == known));
        if is_known && before.error.is_none() && !before.awaited {
            // An unchanged answer must not redraw what a reader is in the middle of.
            return;
        }
        let answer = match text {
            Ok(_) if is_known => Ok(before.answer.clone()),
            Ok(text) => self.read(path, &text).map(Some),
            Err(error) => Err(error),
        };
        self.known.set(match answer {
            Ok(answer) => Known {
                answer,
                error: None,
                awaited: false,
            },
            Err(error) => Known {
                // The answer to another question would be a lie; an old answer is only old.
                answer: before.answer.filter(|_| !is_new_question),
                error: Some(error),
                awaited: false,
            },
        });
    }

    fn read(&self, path: &str, text: &str) -> Result<Answer, ApiError> {
        let value = (self.read)(text).map_err(|error| api_client::unreadable(path, &error))?;
        Ok(Answer {
            value,
            text: self.is_polled.then(|| Arc::from(text)),
        })
    }
}
