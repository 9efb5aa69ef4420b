//! Texts that could be too long for an item. Nothing is lost of them but length.

use std::borrow::Cow;

/// The beginning of a text.
pub(super) fn beginning(text: &str, bytes_max: usize) -> Cow<'_, str> {
    if text.len() <= bytes_max {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(bytes_max);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// The end of a text.
pub(super) fn end(text: &str, bytes_max: usize) -> Cow<'_, str> {
    if text.len() <= bytes_max {
        return Cow::Borrowed(text);
    }
    let start = text.ceil_char_boundary(text.len() - bytes_max);
    Cow::Owned(format!("…{}", &text[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_as_it_is() {
        assert_eq!(beginning("äb", 3), "äb");
        assert_eq!(end("äb", 3), "äb");
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(beginning("aää", 4), "aä…");
        assert_eq!(end("ääa", 4), "…äa");
    }
}
