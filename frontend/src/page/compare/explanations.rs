//! What the test cases that changed have in common.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::comparison::Comparison;

/// The explanations of a comparison, the best first. Nothing where there are none.
#[component]
pub(super) fn Explanations(comparison: Arc<Comparison>) -> impl IntoView {
    let explanations = &comparison.explanations;
    (!explanations.is_empty()).then(|| {
        view! {
            <section aria-labelledby="explanations-title" data-testid="explanations">
                <h2 id="explanations-title">"What the changes have in common"</h2>
                <ol class="plain">
                    {explanations
                        .iter()
                        .map(|explanation| view! { <li>{explanation.sentence.clone()}</li> })
                        .collect_view()}
                </ol>
            </section>
        }
    })
}
