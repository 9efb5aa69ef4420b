//! Keys of objects: built and parsed here, and nowhere else.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::ids::Attempt;
use crate::run::SidePair;
use crate::text::{is_slug, text_conversions};
use crate::triage::parse_day;
use crate::{ConfigurationId, InvalidInput, JobId, Line, MetricName, RequestId};

/// The key of an object in object storage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKey {
    /// `results/v1/{configuration}/{job}/{attempt}.json.zst`: written once.
    Result {
        /// The configuration.
        configuration: ConfigurationId,
        /// The job.
        job: JobId,
        /// The delivery.
        attempt: Attempt,
    },
    /// `logs/v1/{job}/{attempt}.log.zst`.
    Log {
        /// The job.
        job: JobId,
        /// The delivery.
        attempt: Attempt,
    },
    /// `self-profile/v1/{job}/{attempt}/{unit}.mm_profdata.zst`.
    SelfProfile {
        /// The job.
        job: JobId,
        /// The delivery.
        attempt: Attempt,
        /// The number of the profile within the attempt, from 0. The result says whose it is.
        unit: u32,
    },
    /// `series/v1/{configuration}/manifest.json`: replaced by compare-and-swap.
    SeriesManifest {
        /// The configuration.
        configuration: ConfigurationId,
    },
    /// `series/v1/{configuration}/{content hash}`: immutable.
    SeriesBlock {
        /// The configuration.
        configuration: ConfigurationId,
        /// The hash of the block's bytes.
        content_hash: ContentHash,
    },
    /// `changes/v1/{configuration}/{line}/{metric}.json.zst`: replaced by compare-and-swap.
    SeriesChanges {
        /// The configuration.
        configuration: ConfigurationId,
        /// The line of history.
        line: Line,
        /// The metric.
        metric: MetricName,
    },
    /// `comparisons/v1/{configuration}/{base}..{head}/{input hash}.json`.
    Comparison {
        /// The configuration.
        configuration: ConfigurationId,
        /// What is compared.
        sides: SidePair,
        /// The hash of all that went in.
        input_hash: ContentHash,
    },
    /// `comments/v1/{request}.md`: what a pull request is to see, replaced by compare-and-swap.
    Comment {
        /// The request.
        request: RequestId,
    },
    /// `shadow/v1/{day}.json`: what the one that is followed and this environment say of one day,
    /// replaced by compare-and-swap.
    ShadowTable {
        /// The day, UTC.
        day: Date,
    },
    /// `policy/v1/policy.toml`: the policy of an installation without a file of its own, replaced by
    /// compare-and-swap.
    Policy,
    /// `suite/v1/{hash}`: the catalogue of a suite.
    Suite {
        /// The hash of the catalogue.
        content_hash: ContentHash,
    },
}

impl ObjectKey {
    /// Reads the key of a storage event, which arrives form-encoded in one of several ways. Keys
    /// are decoded here, once, and nowhere else.
    ///
    /// # Errors
    /// When what is decoded is not a key of this system.
    pub fn from_event(encoded: &str) -> Result<Self, InvalidInput> {
        form_decode(encoded)
            .ok_or_else(|| InvalidInput::word(encoded, "a form-encoded object key"))?
            .parse()
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Result {
                configuration,
                job,
                attempt,
            } => write!(
                formatter,
                "results/v1/{configuration}/{job}/{attempt}.json.zst"
            ),
            Self::Log { job, attempt } => write!(formatter, "logs/v1/{job}/{attempt}.log.zst"),
            Self::SelfProfile { job, attempt, unit } => write!(
                formatter,
                "self-profile/v1/{job}/{attempt}/{unit}.mm_profdata.zst"
            ),
            Self::SeriesManifest { configuration } => {
                write!(formatter, "series/v1/{configuration}/manifest.json")
            }
            Self::SeriesBlock {
                configuration,
                content_hash,
            } => write!(formatter, "series/v1/{configuration}/{content_hash}"),
            Self::SeriesChanges {
                configuration,
                line,
                metric,
            } => write!(
                formatter,
                "changes/v1/{configuration}/{line}/{metric}.json.zst"
            ),
            Self::Comparison {
                configuration,
                sides,
                input_hash,
            } => write!(
                formatter,
                "comparisons/v1/{configuration}/{sides}/{input_hash}.json"
            ),
            Self::Comment { request } => write!(formatter, "comments/v1/{request}.md"),
            Self::ShadowTable { day } => write!(formatter, "shadow/v1/{day}.json"),
            Self::Policy => formatter.write_str("policy/v1/policy.toml"),
            Self::Suite { content_hash } => write!(formatter, "suite/v1/{content_hash}"),
        }
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || InvalidInput::word(text, "an object key of this system");
        let number = |text: &str| match text.parse::<u32>() {
            // A second spelling of a number would be a second name of one object.
            Ok(number) if number.to_string() == text => Ok(number),
            _ => Err(refused()),
        };
        let parts: Vec<&str> = text.split('/').collect();
        match parts[..] {
            ["results", "v1", configuration, job, file] => Ok(Self::Result {
                configuration: configuration.parse()?,
                job: canonical_job(job)?,
                attempt: Attempt(number(file.strip_suffix(".json.zst").ok_or_else(refused)?)?),
            }),
            ["logs", "v1", job, file] => Ok(Self::Log {
                job: canonical_job(job)?,
                attempt: Attempt(number(file.strip_suffix(".log.zst").ok_or_else(refused)?)?),
            }),
            ["self-profile", "v1", job, attempt, file] => Ok(Self::SelfProfile {
                job: canonical_job(job)?,
                attempt: Attempt(number(attempt)?),
                unit: number(file.strip_suffix(".mm_profdata.zst").ok_or_else(refused)?)?,
            }),
            ["series", "v1", configuration, "manifest.json"] => Ok(Self::SeriesManifest {
                configuration: configuration.parse()?,
            }),
            ["series", "v1", configuration, hash] => Ok(Self::SeriesBlock {
                configuration: configuration.parse()?,
                content_hash: hash.parse()?,
            }),
            ["changes", "v1", configuration, line, file] => Ok(Self::SeriesChanges {
                configuration: configuration.parse()?,
                line: line.parse()?,
                metric: file
                    .strip_suffix(".json.zst")
                    .ok_or_else(refused)?
                    .parse()?,
            }),
            ["comparisons", "v1", configuration, sides, file] => Ok(Self::Comparison {
                configuration: configuration.parse()?,
                sides: sides.parse()?,
                input_hash: file.strip_suffix(".json").ok_or_else(refused)?.parse()?,
            }),
            ["comments", "v1", file] => Ok(Self::Comment {
                request: canonical_request(file.strip_suffix(".md").ok_or_else(refused)?)?,
            }),
            ["shadow", "v1", file] => Ok(Self::ShadowTable {
                day: parse_day(file.strip_suffix(".json").ok_or_else(refused)?)?,
            }),
            ["policy", "v1", "policy.toml"] => Ok(Self::Policy),
            ["suite", "v1", hash] => Ok(Self::Suite {
                content_hash: hash.parse()?,
            }),
            _ => Err(refused()),
        }
    }
}

text_conversions!(ObjectKey);

fn canonical_job(text: &str) -> Result<JobId, InvalidInput> {
    let job: JobId = text.parse()?;
    if job.to_string() == text {
        Ok(job)
    } else {
        Err(InvalidInput::word(text, "a job id in its one spelling"))
    }
}

fn canonical_request(text: &str) -> Result<RequestId, InvalidInput> {
    let request: RequestId = text.parse()?;
    if request.to_string() == text {
        Ok(request)
    } else {
        Err(InvalidInput::word(text, "a request id in its one spelling"))
    }
}

/// The hash of some bytes: the first 32 hexadecimal digits of their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(bytes);
        Self(
            digest[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ContentHash {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if lower && is_slug(text, 32, b"") && text.len() == 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidInput::word(
                text,
                "a content hash: 32 lower-case hexadecimal digits",
            ))
        }
    }
}

text_conversions!(ContentHash);

/// Undoes `application/x-www-form-urlencoded`, or `None` where a `%` is not followed by two digits
/// or the bytes are not UTF-8.
fn form_decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let [high, low, after @ ..] = tail else {
                    return None;
                };
                bytes.push(hexadecimal_digit(*high)? << 4 | hexadecimal_digit(*low)?);
                rest = after;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RESULT: &str =
        "results/v1/x86_64-llvm-t1/0190163d-8694-739b-aea5-966c26f8ad91/1.json.zst";

    proptest! {
        #[test]
        fn whatever_is_accepted_is_printed_as_it_came(
            text in prop_oneof![".{0,60}", "(results|logs|series|suite|shadow)/v1/[a-z0-9/.-]{0,60}"]
        ) {
            if let Ok(key) = text.parse::<ObjectKey>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }

        #[test]
        fn decoding_an_event_never_panics(text in ".{0,60}") {
            let _ = ObjectKey::from_event(&text);
        }
    }

    #[test]
    fn an_event_key_is_understood_in_each_encoding_that_emulators_use() {
        let plain: ObjectKey = RESULT.parse().unwrap();
        assert_eq!(ObjectKey::from_event(RESULT).unwrap(), plain);
        assert_eq!(
            ObjectKey::from_event(&RESULT.replace('/', "%2F")).unwrap(),
            plain
        );
        assert_eq!(
            ObjectKey::from_event(&RESULT.replace('/', "%2f")).unwrap(),
            plain
        );
    }

    #[test]
    fn an_event_key_with_half_an_encoding_is_refused() {
        // `+2` reads as a number, and is no pair of digits.
        for half in ["%", "%2", "%+2", "%2g", "%-1"] {
            let key = RESULT.replacen('/', half, 1);
            assert!(ObjectKey::from_event(&key).is_err(), "{key}");
        }
        let line_feed = RESULT.replacen("llvm", "%+allvm", 1);
        assert!(ObjectKey::from_event(&line_feed).is_err());
        let letter = RESULT.replacen("llvm", "ll%76m", 1);
        assert_eq!(ObjectKey::from_event(&letter).unwrap().to_string(), RESULT);
    }

    #[test]
    fn a_key_has_one_spelling() {
        assert!(
            RESULT
                .replace("/1.json", "/01.json")
                .parse::<ObjectKey>()
                .is_err()
        );
        assert!(
            RESULT
                .replace("0190163d", "0190163D")
                .parse::<ObjectKey>()
                .is_err()
        );
    }

    #[test]
    fn a_comparison_key_names_both_sides() {
        let key: ObjectKey =
            "comparisons/v1/c/release-1.94.0..release-1.95.0#2/00112233445566778899aabbccddeeff.json"
                .parse()
                .unwrap();
        let ObjectKey::Comparison { sides, .. } = key else {
            panic!("another kind of key");
        };
        assert_eq!(sides.to_string(), "release-1.94.0..release-1.95.0#2");
    }
}
