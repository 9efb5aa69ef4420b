//! SHA-256 checksums of archives, and the files that hold them.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 checksum.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Sum(String);

impl Sha256Sum {
    /// The checksum of all that a reader gives.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn of(mut reader: impl Read) -> std::io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 64 * 1_024];
        loop {
            match reader.read(&mut buffer)? {
                0 => break,
                length => hasher.update(&buffer[..length]),
            }
        }
        let digits = hasher.finalize();
        Ok(Self(
            digits.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// The checksum in the file beside an archive: `DIGITS  NAME`, as sha256sum writes it, or the
    /// digits alone.
    ///
    /// # Errors
    /// When it is neither, or of another file than `archive`.
    pub fn of_file_beside(text: &str, archive: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let sum = words.next().unwrap_or_default().parse()?;
        match words.next() {
            None => Ok(sum),
            Some(name) => {
                let name = name.strip_prefix('*').unwrap_or(name);
                let named = name.rsplit('/').next().unwrap_or(name);
                if named == archive && words.next().is_none() {
                    Ok(sum)
                } else {
                    Err(format!("it is the checksum of `{named}`"))
                }
            }
        }
    }
}

impl fmt::Display for Sha256Sum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for Sha256Sum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            let shown: String = text.chars().take(80).collect();
            Err(format!(
                "`{shown}` is not a SHA-256 checksum: 64 hexadecimal digits"
            ))
        }
    }
}

impl TryFrom<String> for Sha256Sum {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Sha256Sum> for String {
    fn from(sum: Sha256Sum) -> Self {
        sum.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    proptest! {
        #[test]
        fn any_file_is_read_without_panic(text in ".{0,90}") {
            let _ = Sha256Sum::of_file_beside(&text, "rustc.tar.xz");
        }

        #[test]
        fn a_checksum_is_found_in_each_form_that_sha256sum_writes(
            sum in "[0-9a-f]{64}", mark in " [ *]", folder in "([a-z]{1,5}/){0,2}", end in "\n?",
        ) {
            let expected = Ok(Sha256Sum(sum.clone()));
            let named = format!("{sum}{mark}{folder}rustc.tar.xz{end}");
            prop_assert_eq!(&Sha256Sum::of_file_beside(&named, "rustc.tar.xz"), &expected);
            let bare = format!("{sum}{end}");
            prop_assert_eq!(&Sha256Sum::of_file_beside(&bare, "rustc.tar.xz"), &expected);
        }
    }

    #[test]
    fn the_checksum_of_nothing_is_the_known_one() {
        assert_eq!(Sha256Sum::of(&b""[..]).unwrap().to_string(), NOTHING);
    }

    #[test]
    fn the_checksum_of_another_file_and_what_is_none_are_refused() {
        let other = format!("{NOTHING}  cargo.tar.xz");
        let refusal = Sha256Sum::of_file_beside(&other, "rustc.tar.xz").unwrap_err();
        assert_eq!(refusal, "it is the checksum of `cargo.tar.xz`");
        for text in ["", "<html>", &NOTHING[1..]] {
            assert!(
                Sha256Sum::of_file_beside(text, "rustc.tar.xz").is_err(),
                "{text}"
            );
        }
    }
}
