//! Ids that are made here: requests and jobs, as UUIDv7, so that they sort by age.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::InvalidInput;
use crate::text::text_conversions;

macro_rules! uuid_v7 {
    ($(#[$outer:meta])* $name:ident, $expected:literal) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// The id made at `unix_ms` (milliseconds since 1970) from 80 random bits, of which
            /// UUIDv7 (RFC 9562, section 5.7) keeps 74.
            pub fn from_parts(unix_ms: u64, random: &[u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match Uuid::try_parse(text) {
                    Ok(uuid) if uuid.get_version_num() == 7 => Ok(Self(uuid)),
                    _ => Err(InvalidInput::word(text, $expected)),
                }
            }
        }

        text_conversions!($name);
    };
}

uuid_v7!(
    /// A benchmark request.
    RequestId,
    "a request id (UUIDv7)"
);
uuid_v7!(
    /// A job: the unit that is queued.
    JobId,
    "a job id (UUIDv7)"
);

uuid_v7!(
    /// A retraction of results.
    RetractionId,
    "a retraction id (UUIDv7)"
);

/// Which delivery of a job this is, counted from 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Attempt(pub u32);

impl fmt::Display for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        let earlier = JobId::from_parts(1_000, &[255; 10]);
        let later = JobId::from_parts(1_001, &[0; 10]);
        assert!(earlier < later);
        assert!(earlier.to_string() < later.to_string());
    }

    #[test]
    fn an_id_of_another_uuid_version_is_refused() {
        let random = "8c5f7a9e-3f0d-4b52-9a5e-0f7d1a2b3c4d";
        let error = random.parse::<RequestId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{random}` is not a request id (UUIDv7)")
        );
    }
}
