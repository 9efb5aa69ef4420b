//! The glossary, read from the same file that the documentation has.

use crate::prelude::*;
use leptos::task::spawn_local;

use crate::api_client::{self, ApiError};
use crate::widget::markdown::line;
use crate::widget::notice::{ErrorNotice, Loading};

/// Where the file is beside the page.
const ADDRESS: &str = "/glossary.md";

/// The words and what they mean.
#[component]
pub(super) fn Glossary() -> impl IntoView {
    let text = RwSignal::new(None::<Result<String, ApiError>>);
    spawn_local(async move {
        let answer = api_client::text(ADDRESS).await;
        // The page may be gone by now.
        let _ = text.try_set(Some(answer));
    });
    live(move || match text.get() {
        None => view! { <Loading what="the glossary" /> }.into_any(),
        Some(Err(error)) => view! { <ErrorNotice error /> }.into_any(),
        Some(Ok(text)) => {
            let rows: Vec<_> = entries(&text)
                .into_iter()
                .map(|(word, meaning)| {
                    view! {
                        <dt>{line(word)}</dt>
                        <dd>{line(meaning)}</dd>
                    }
                })
                .collect();
            view! { <dl class="glossary" data-testid="glossary">{rows}</dl> }.into_any()
        }
    })
}

/// The rows of the table: a word in bold, and its meaning.
fn entries(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| {
            let row = line.strip_prefix('|')?.trim_end().strip_suffix('|')?;
            let (word, meaning) = row.split_once('|')?;
            let word = word.trim();
            word.starts_with("**").then_some((word, meaning.trim()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glossary_of_the_documentation_is_read_whole() {
        let text = include_str!("../../../../docs/glossary.md");
        let found = entries(text);
        let rows = text.lines().filter(|line| line.starts_with("| **")).count();
        assert_eq!(found.len(), rows);
        assert!(found.iter().any(|(word, meaning)| {
            *word == "**artifact**" && meaning.starts_with("One compiler that can be measured")
        }));
        assert!(found.iter().all(|(_, meaning)| !meaning.is_empty()));
    }
}
