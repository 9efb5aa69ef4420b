//! What nearly every file of the page uses: what Leptos offers, with the signals of this page in the
//! place of its own.

pub(crate) use leptos::prelude::*;

pub(crate) use crate::signals::{Memo, RwSignal, Signal};
pub(crate) use crate::widget::live::{live, shown_while};
