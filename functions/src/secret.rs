//! Texts that nobody is to see.

use std::fmt;

/// A text that is never printed: a key, a password, what a webhook is signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever has to send it or to verify by it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_to_whoever_prints_what_holds_it() {
        let shown = format!("{:?}", Some(Secret::new("0123456789abcdef")));
        assert_eq!(shown, "Some((secret))");
    }
}
