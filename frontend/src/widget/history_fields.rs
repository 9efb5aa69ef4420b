//! What charts of history are asked: how much of it, and what the height of a point means.

use crate::prelude::*;

use crate::url_state::{Range, ValueKind};
use crate::widget::choice_field::ChoiceField;

/// How much of history is drawn.
#[component]
pub(crate) fn RangeField(
    /// What labels and tests call it.
    id: &'static str,
    /// What the address says.
    #[prop(into)]
    chosen: Signal<Range>,
    /// Is told what a reader chose.
    #[prop(into)]
    on_choice: Callback<Range>,
) -> impl IntoView {
    view! {
        <ChoiceField
            id
            label="History"
            chosen=Signal::derive(move || chosen.get().to_string())
            choices=vec![
                (Range::Newest.to_string(), "newest artifacts"),
                (Range::All.to_string(), "all artifacts"),
            ]
            on_choice=move |word: String| on_choice.run(word.parse().unwrap_or_default())
        />
    }
    .into_any()
}

/// What the height of a point means.
#[component]
pub(crate) fn KindField(
    /// What labels and tests call it.
    id: &'static str,
    /// What the address says.
    #[prop(into)]
    chosen: Signal<ValueKind>,
    /// Is told what a reader chose.
    #[prop(into)]
    on_choice: Callback<ValueKind>,
) -> impl IntoView {
    view! {
        <ChoiceField
            id
            label="Values"
            chosen=Signal::derive(move || chosen.get().to_string())
            choices=vec![
                (ValueKind::Raw.to_string(), "as measured"),
                (ValueKind::FromFirst.to_string(), "change from first"),
                (ValueKind::Normalised.to_string(), "multiple of the median"),
            ]
            on_choice=move |word: String| on_choice.run(word.parse().unwrap_or_default())
        />
    }
    .into_any()
}
