//! What SQS takes as text: the characters that XML 1.0 has.

use std::borrow::Cow;

/// The longest reason that is kept with a dead letter, in bytes.
const REASON_BYTES_MAX: usize = 1024;

/// A body as SQS takes it, or why it does not.
///
/// Messages are JSON, where these characters stand in strings alone and may be written as escapes:
/// what a reader understands is the same. Others that XML lacks cannot occur in JSON.
pub(super) fn body(text: &str) -> Result<Cow<'_, str>, String> {
    if text.is_empty() {
        return Err("is empty, and SQS takes no empty message".to_owned());
    }
    let foreign = text.chars().find(|&one| !is_allowed(one));
    match foreign {
        None => Ok(Cow::Borrowed(text)),
        Some('\u{FFFE}' | '\u{FFFF}') if !text.chars().any(is_control) => Ok(text
            .replace('\u{FFFE}', "\\ufffe")
            .replace('\u{FFFF}', "\\uffff")
            .into()),
        Some(_) => {
            let control = text.chars().find(|&one| is_control(one)).unwrap_or('\0');
            Err(format!(
                "holds the character U+{:04X}, which SQS does not take: write it as an escape",
                u32::from(control)
            ))
        }
    }
}

/// A reason as SQS takes it: shortened, never empty, other characters replaced.
pub(super) fn reason(text: &str) -> String {
    let mut kept = String::new();
    for letter in text.chars() {
        let letter = if is_allowed(letter) {
            letter
        } else {
            char::REPLACEMENT_CHARACTER
        };
        if kept.len() + letter.len_utf8() > REASON_BYTES_MAX {
            break;
        }
        kept.push(letter);
    }
    if kept.trim().is_empty() {
        return "no reason was given".to_owned();
    }
    kept
}

fn is_allowed(letter: char) -> bool {
    !is_control(letter) && !matches!(letter, '\u{FFFE}' | '\u{FFFF}')
}

fn is_control(letter: char) -> bool {
    letter < ' ' && !matches!(letter, '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_character_that_xml_lacks_is_written_as_an_escape_of_json() {
        let json = serde_json::to_string("\u{FFFE} and \u{FFFF}").unwrap();
        let sent = body(&json).unwrap();
        assert_eq!(sent, "\"\\ufffe and \\uffff\"");
        let read: String = serde_json::from_str(&sent).unwrap();
        assert_eq!(read, "\u{FFFE} and \u{FFFF}");
    }

    #[test]
    fn a_body_that_cannot_be_json_is_refused_with_what_is_wrong() {
        let refused = body("a\0b").unwrap_err();
        assert!(refused.contains("U+0000"), "{refused}");
        let refused = body("\u{FFFF}\u{1}").unwrap_err();
        assert!(refused.contains("U+0001"), "{refused}");
        assert!(body("").unwrap_err().contains("empty"));
    }

    #[test]
    fn a_reason_is_never_empty() {
        assert_eq!(reason(""), "no reason was given");
        assert_eq!(reason(" \n"), "no reason was given");
        assert_eq!(reason("not\0JSON"), "not\u{FFFD}JSON");
    }

    proptest! {
        #[test]
        fn every_json_string_survives(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let sent = body(&json).unwrap();
            prop_assert!(sent.chars().all(is_allowed));
            prop_assert_eq!(serde_json::from_str::<String>(&sent).unwrap(), text);
        }

        #[test]
        fn every_reason_is_taken(text in any::<String>()) {
            let kept = reason(&text);
            prop_assert!(kept.chars().all(is_allowed));
            prop_assert!(!kept.is_empty() && kept.len() <= REASON_BYTES_MAX);
        }

        #[test]
        fn a_long_reason_is_shortened(letters in "[aä☃𝄞]{1000}") {
            let kept = reason(&letters);
            prop_assert!(letters.starts_with(&kept));
            prop_assert!(kept.len() <= REASON_BYTES_MAX);
        }
    }
}
