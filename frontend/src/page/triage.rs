//! Triage: what got worse, what people decided about it, and what a week looked like.

mod acting;
mod acts;
mod finding;
mod inbox;
mod report;

pub(crate) use finding::FindingPage;
pub(crate) use inbox::TriagePage;
pub(crate) use report::ReportPage;

use crate::prelude::*;
use jiff::Timestamp;
use shared_types::api::TriageStanding;
use shared_types::triage::{TriageState, day_of};

/// The two pages of triage that are lists.
fn tabs(current: &'static str) -> AnyView {
    let tab = |address: &'static str, name: &'static str| {
        let current = (name == current).then_some("page");
        view! { <a href=address aria-current=current>{name}</a> }
    };
    view! {
        <nav class="tabs" aria-label="Triage">
            {tab("/triage", "Inbox")} {tab("/triage/report", "Weekly report")}
        </nav>
    }
    .into_any()
}

/// A state as a word with a sign, so that colour is not all that tells.
fn state_badge(state: TriageState) -> AnyView {
    let sign = match state {
        TriageState::Untriaged => "\u{25cf}",
        TriageState::Overdue => "!",
        TriageState::Acknowledged => "\u{25cb}",
        TriageState::Fixed => "\u{2713}",
    };
    view! {
        <span class=format!("triage-state {state}")>
            <span aria-hidden="true">{sign}</span> " " {state.as_str()}
        </span>
    }
    .into_any()
}

/// By when somebody has to do something, in words.
fn deadline_in_words(standing: &TriageStanding) -> Option<String> {
    let day = last_day(standing.deadline?);
    Some(if standing.late {
        format!("was due on {day}")
    } else {
        format!("due on {day}")
    })
}

/// The day that ends with a deadline. The end of a day is the beginning of the next, and people say
/// the day that ends.
fn last_day(deadline: Timestamp) -> jiff::civil::Date {
    let before = Timestamp::from_nanosecond(deadline.as_nanosecond() - 1);
    day_of(before.unwrap_or(deadline))
}
