//! What the marks on charts mean: only those that are there.

use std::sync::Arc;

use crate::prelude::*;

use super::events::Drawn;
use super::history::History;
use crate::chart::Marks;

/// A kind of mark: how it is drawn, and its word.
type Kind = (&'static str, &'static str);

/// The kinds of marks that are there, in the order in which they are drawn.
fn kinds(marks: &Marks) -> Vec<Kind> {
    let all = [
        (
            !marks.retracted.shaded.is_empty(),
            ("retracted", "retracted"),
        ),
        (!marks.changes.is_empty(), ("change", "new level")),
        (
            !marks.hosts.is_empty(),
            ("host", "another host, or another set-up of it"),
        ),
        (!marks.disturbed.is_empty(), ("disturbed", "disturbed host")),
        (!marks.releases.is_empty(), ("release", "release")),
    ];
    all.into_iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, kind)| kind)
        .collect()
}

/// The legend of the marks that are drawn over the charts of a configuration. Nothing where there is none.
#[component]
pub(crate) fn MarkLegend(history: Memo<Option<Arc<History>>>, drawn: Drawn) -> impl IntoView {
    let there = Memo::new(move |_| {
        history.with(|history| {
            let history = history.as_ref()?;
            Some(kinds(&Marks {
                changes: drawn.changes(history, None),
                ..drawn.shared.get()
            }))
        })
    });
    move || {
        let there = there.get().filter(|kinds| !kinds.is_empty())?;
        Some(legend(there))
    }
}

fn legend(kinds: Vec<Kind>) -> AnyView {
    let entries: Vec<AnyView> = kinds
        .into_iter()
        .map(|(class, word)| {
            view! {
                <li>
                    <svg class=format!("mark-sample {class}") viewBox="0 0 14 14" aria-hidden="true">
                        <rect width="14" height="14"></rect>
                        <line x1="7" x2="7" y1="0" y2="14"></line>
                    </svg>
                    {word}
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <ul class="plain legend small muted" aria-label="Marks on the charts" data-testid="mark-legend">
            {entries}
        </ul>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::retracted::Retracted;

    #[test]
    fn only_what_is_drawn_is_explained() {
        assert!(kinds(&Marks::default()).is_empty());
        let marks = Marks {
            releases: vec![1.5],
            retracted: Retracted {
                shaded: vec![(1.0, 2.0)],
                cuts: Vec::new(),
            },
            ..Marks::default()
        };
        let words: Vec<&str> = kinds(&marks).into_iter().map(|(_, word)| word).collect();
        assert_eq!(words, ["retracted", "release"]);
    }
}
