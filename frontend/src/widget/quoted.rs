//! Sentences in which names and commands stand between backticks, as the server and the tools write them.

use crate::prelude::*;

/// Shows what stands between backticks as code.
pub(crate) fn quoted(text: &str) -> AnyView {
    let pieces: Vec<AnyView> = text
        .split('`')
        .enumerate()
        .map(|(place, piece)| {
            let piece = piece.to_owned();
            if place % 2 == 0 {
                piece.into_any()
            } else {
                view! { <code>{piece}</code> }.into_any()
            }
        })
        .collect();
    pieces.into_any()
}

/// The sentence with a capital at its beginning; one that begins with a name or an address keeps it.
/// Sentences are English: the letters of all languages would be 7 kB of tables.
pub(crate) fn sentence(text: &str) -> String {
    let mut sentence = text.to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_name_stays_as_it_is() {
        assert_eq!(sentence("there is no job"), "There is no job");
        assert_eq!(sentence("`abc` is no artifact"), "`abc` is no artifact");
        assert_eq!(sentence("/api/v1/jobs: no"), "/api/v1/jobs: no");
        assert_eq!(sentence(""), "");
    }
}
