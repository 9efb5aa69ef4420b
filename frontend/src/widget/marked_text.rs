//! A sentence with a little Markdown in it: `code`, *emphasis*, **strong** and links, of which the
//! page shows the text, since they lead to files beside it.

use leptos::prelude::*;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Code(&'a str),
    Emphasis(&'a str),
    Strong(&'a str),
}

/// A sentence.
pub(crate) fn marked_text(text: &str) -> AnyView {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(text) => text.to_owned().into_any(),
            Piece::Code(text) => view! { <code>{text.to_owned()}</code> }.into_any(),
            Piece::Emphasis(text) => view! { <em>{text.to_owned()}</em> }.into_any(),
            Piece::Strong(text) => view! { <strong>{text.to_owned()}</strong> }.into_any(),
        })
        .collect_view()
        .into_any()
}

/// Cuts a sentence at its marks. A mark that is not closed is a letter like any other.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while at < text.len() {
        match marked(&text[at..]) {
            Some((piece, length)) => {
                if plain_from < at {
                    pieces.push(Piece::Plain(&text[plain_from..at]));
                }
                pieces.push(piece);
                at += length;
                plain_from = at;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    if plain_from < text.len() {
        pieces.push(Piece::Plain(&text[plain_from..]));
    }
    pieces
}

/// The marked piece that a text begins with, and how many bytes of it that is.
fn marked(text: &str) -> Option<(Piece<'_>, usize)> {
    let between = |mark: &str| {
        let rest = text.strip_prefix(mark)?;
        let end = rest.find(mark).filter(|end| *end > 0)?;
        Some((&rest[..end], end + 2 * mark.len()))
    };
    if let Some((inside, length)) = between("`") {
        return Some((Piece::Code(inside), length));
    }
    if let Some((inside, length)) = between("**") {
        return Some((Piece::Strong(inside), length));
    }
    if let Some((inside, length)) = between("*").filter(|_| !text.starts_with("**")) {
        return Some((Piece::Emphasis(inside), length));
    }
    let rest = text.strip_prefix('[')?;
    let (inside, behind) = rest.split_once("](")?;
    let address = behind.find(')').filter(|_| !inside.contains(['[', ']']))?;
    Some((Piece::Plain(inside), inside.len() + address + "[]()".len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_taken_off_and_told() {
        assert_eq!(
            pieces("A *base* of `rustc` in [a doc](a.md), **here**"),
            [
                Piece::Plain("A "),
                Piece::Emphasis("base"),
                Piece::Plain(" of "),
                Piece::Code("rustc"),
                Piece::Plain(" in "),
                Piece::Plain("a doc"),
                Piece::Plain(", "),
                Piece::Strong("here"),
            ]
        );
    }

    #[test]
    fn a_mark_that_is_not_closed_is_a_letter() {
        assert_eq!(pieces("2 * 3 ` [x"), [Piece::Plain("2 * 3 ` [x")]);
    }

    proptest! {
        #[test]
        fn no_letter_but_marks_and_addresses_is_lost(text in "[a-z *`\\[\\]()é]{0,40}") {
            let shown: String = pieces(&text)
                .iter()
                .map(|piece| match piece {
                    Piece::Plain(text) | Piece::Code(text) | Piece::Emphasis(text) | Piece::Strong(text) => *text,
                })
                .collect();
            if !text.contains(['*', '`', '[']) {
                prop_assert_eq!(&shown, &text);
            }
            prop_assert!(shown.len() <= text.len());
        }
    }
}
