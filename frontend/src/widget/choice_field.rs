//! Fields in which one of several words is chosen.

use crate::prelude::*;

/// A field whose words are fixed.
#[component]
pub(crate) fn ChoiceField(
    /// What labels and tests call it.
    id: &'static str,
    /// What readers call it.
    label: &'static str,
    /// The word that is chosen, as the address spells it.
    #[prop(into)]
    chosen: Signal<String>,
    /// The words, and what readers call each.
    choices: Vec<(String, &'static str)>,
    /// Is told the word that a reader chose.
    #[prop(into)]
    on_choice: Callback<String>,
) -> impl IntoView {
    let options = choices
        .into_iter()
        .map(|(word, name)| view! { <option value=word>{name}</option> })
        .collect_view();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                data-testid=id
                prop:value=move || chosen.get()
                on:change=move |event| on_choice.run(event_target_value(&event))
            >
                {options}
            </select>
        </div>
    }
}

/// A field whose words are only known once something has loaded.
#[component]
pub(crate) fn LoadedChoiceField(
    /// What labels call it.
    id: &'static str,
    /// What tests call it.
    test_id: &'static str,
    /// What readers call it.
    label: &'static str,
    /// The words that are known by now.
    #[prop(into)]
    names: Signal<Vec<String>>,
    /// The word that is chosen, as the address spells it; nothing where none is.
    #[prop(into)]
    chosen: Signal<String>,
    /// Is told the word that a reader chose.
    #[prop(into)]
    on_choice: Callback<String>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                data-testid=test_id
                on:change=move |event| on_choice.run(event_target_value(&event))
            >
                {live(move || options(names.get(), &chosen.get()))}
            </select>
        </div>
    }
    .into_any()
}

/// Options of words that are only known once something has loaded. The chosen one is among them even
/// when what has loaded does not name it.
pub(crate) fn options(mut names: Vec<String>, chosen: &str) -> impl IntoView + use<> {
    if !chosen.is_empty() && !names.iter().any(|name| name == chosen) {
        names.insert(0, chosen.to_owned());
    }
    names
        .into_iter()
        .map(|name| {
            let is_chosen = name == chosen;
            let label = name.clone();
            view! { <option value=name selected=is_chosen>{label}</option> }
        })
        .collect_view()
}
