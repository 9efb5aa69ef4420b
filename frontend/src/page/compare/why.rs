//! Why the comparison says what it says: of its verdict, or of one test case step by step.

use std::sync::Arc;

use crate::prelude::*;
use analysis::why::{ComparisonExplanation, Section, SectionKind, ToldStep, sections};
use shared_types::comparison::Comparison;

use super::CompareUrl;
use crate::api_client;
use crate::part::{Piece, part, when_fetched};
use crate::remote::fetched;
use crate::url_state::WhyOf;
use crate::widget::notice::when_ready;

/// A button that asks why, and the answer below it. What is asked is part of the address.
#[component]
pub(super) fn Why(url: CompareUrl, comparison: Memo<Arc<Comparison>>) -> impl IntoView {
    let asked = Memo::new(move |_| url.state.with(|state| state.why.clone()));
    let is_open = Memo::new(move |_| asked.with(Option::is_some));
    let toggle = move |_| {
        url.change(|state| {
            state.why = match state.why {
                Some(_) => None,
                None => Some(WhyOf::Verdict),
            };
        });
    };
    view! {
        <div class="why" id="why" data-testid="why">
            <button
                type="button"
                aria-expanded=move || is_open.get().to_string()
                aria-controls="why-answer"
                data-testid="why-button"
                on:click=toggle
            >
                {live(move || if is_open.get() { "Close" } else { "Why?" })}
            </button>
            <div id="why-answer">
                {live(move || {
                    is_open.get().then(|| when_fetched(reasons_in_compare(), (url, comparison), "the reasons"))
                })}
            </div>
        </div>
    }
}

part! {
    reasons_in_compare -> Piece<(CompareUrl, Memo<Arc<Comparison>>)> {
        |(url, comparison)| view! { <Answer url comparison /> }.into_any()
    }
}

/// What the server says to what is asked.
#[component]
fn Answer(url: CompareUrl, comparison: Memo<Arc<Comparison>>) -> impl IntoView {
    let asked = Memo::new(move |_| url.state.with(|state| state.why.clone()));
    let path = Memo::new(move |_| {
        let asked = asked.get()?;
        Some(comparison.with(|it| {
            let test_case = match &asked {
                WhyOf::Verdict => None,
                WhyOf::TestCase(name) => Some(name.as_str()),
            };
            api_client::why(it, test_case)
        }))
    });
    let explanation = fetched::<ComparisonExplanation>(path.into());
    when_ready(explanation, "the reasons", |it| {
        view! { <Reasons explanation=it /> }.into_any()
    })
}

#[component]
fn Reasons(explanation: Arc<ComparisonExplanation>) -> impl IntoView {
    let mut parts = sections(&explanation);
    parts.sort_by_key(|part| place(part.kind));
    view! {
        <div class="panel reasons">
            {parts.into_iter().map(|section| view! { <Part section /> }).collect_view()}
        </div>
    }
}

/// What was asked for comes first, and the rules, which are always the same, last.
fn place(kind: SectionKind) -> u8 {
    match kind {
        SectionKind::TestCase => 0,
        SectionKind::Findings => 1,
        SectionKind::TestCases => 2,
        SectionKind::Rules => 3,
    }
}

#[component]
fn Part(section: Section) -> impl IntoView {
    let lines = section.lines.into_iter();
    view! {
        <h3>{section.title}</h3>
        <ul>{lines.map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        {(!section.steps.is_empty()).then(|| view! { <Steps steps=section.steps /> })}
        {(section.kind == SectionKind::TestCases)
            .then(|| {
                view! {
                    <p class="muted small">
                        "Choose \u{201c}why\u{201d} in a row below to see how it was computed, step by step."
                    </p>
                }
            })}
    }
}

#[component]
fn Steps(steps: Vec<ToldStep>) -> impl IntoView {
    view! {
        <table class="dense steps">
            <thead>
                <tr>
                    <th scope="col">"Step"</th>
                    <th scope="col" class="number">
                        "Number"
                    </th>
                    <th scope="col">"Because"</th>
                </tr>
            </thead>
            <tbody>
                {steps
                    .into_iter()
                    .map(|step| {
                        view! {
                            <tr>
                                <th scope="row">{step.what}</th>
                                <td class="number">{step.value}</td>
                                <td>{step.because}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}
