//! The marks within a line.

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    Plain(String),
    Strong(String),
    Emphasis(String),
    Code(String),
    Link { text: String, address: String },
}

/// The parts of a line.
pub(super) fn marks(line: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut plain = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        if let Some((mark, behind)) = marked(rest) {
            if !plain.is_empty() {
                marks.push(Mark::Plain(std::mem::take(&mut plain)));
            }
            marks.push(mark);
            rest = behind;
            continue;
        }
        let escaped = (letter == '\\')
            .then(|| rest[1..].chars().next())
            .flatten()
            .filter(char::is_ascii_punctuation);
        match escaped {
            Some(escaped) => {
                plain.push(escaped);
                rest = &rest[2..];
            }
            None => {
                plain.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        marks.push(Mark::Plain(plain));
    }
    marks
}

/// The mark at the beginning of a text, and what stands behind it.
fn marked(text: &str) -> Option<(Mark, &str)> {
    if let Some((inside, rest)) = between(text, "`", "`") {
        return Some((Mark::Code(inside.to_owned()), rest));
    }
    if let Some((inside, rest)) = between(text, "**", "**") {
        return Some((Mark::Strong(inside.to_owned()), rest));
    }
    if let Some((inside, rest)) = between(text, "*", "*") {
        // A star between blanks is a star.
        let is_word =
            !inside.starts_with(char::is_whitespace) && !inside.ends_with(char::is_whitespace);
        return is_word.then(|| (Mark::Emphasis(inside.to_owned()), rest));
    }
    let (inside, rest) = between(text, "[", "](")?;
    let (address, rest) = rest.split_once(')')?;
    if is_document(address) {
        // It lies beside the text that names it, and not beside the page.
        return Some((Mark::Plain(inside.to_owned()), rest));
    }
    let is_safe = address.starts_with('/')
        || address.starts_with("https://")
        || address.starts_with("http://");
    is_safe.then(|| {
        let mark = Mark::Link {
            text: inside.to_owned(),
            address: address.to_owned(),
        };
        (mark, rest)
    })
}

/// Whether an address is that of a document of ours: `policy.md#tiers`.
fn is_document(address: &str) -> bool {
    let path = address.split('#').next().unwrap_or_default();
    let is_name =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    path.strip_suffix(".md")
        .is_some_and(|name| name.chars().all(is_name))
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<(&'a str, &'a str)> {
    let (inside, rest) = text.strip_prefix(begin)?.split_once(end)?;
    (!inside.is_empty()).then_some((inside, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_line_has_marks(line in "[a-z`*\\[\\]()\\\\/é]{0,40}|.{0,40}") {
            let _ = marks(&line);
        }
    }

    #[test]
    fn marks_are_told_from_text() {
        let found = marks("a `b` **c** [d `e`](https://example.org/) \\*f\\*");
        assert_eq!(
            found,
            [
                Mark::Plain("a ".to_owned()),
                Mark::Code("b".to_owned()),
                Mark::Plain(" ".to_owned()),
                Mark::Strong("c".to_owned()),
                Mark::Plain(" ".to_owned()),
                Mark::Link {
                    text: "d `e`".to_owned(),
                    address: "https://example.org/".to_owned()
                },
                Mark::Plain(" *f*".to_owned()),
            ]
        );
    }

    #[test]
    fn an_address_of_another_kind_is_no_link() {
        let line = "[x](javascript:alert)";
        assert_eq!(marks(line), [Mark::Plain(line.to_owned())]);
    }
}
