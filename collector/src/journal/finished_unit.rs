//! One finished unit, and its file: a line with the checksum of the rest, and the rest in JSON.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared_types::format::Versioned;
use shared_types::ids::Attempt;
use shared_types::object_key::ContentHash;
use shared_types::result_document::{Measurement, MeasuringFailure};
use shared_types::{FormatVersion, InvalidInput, Metric};

use super::Conditions;

/// How the first line begins.
const MAGIC: &str = "perfleet-unit ";

/// All that came of a unit, for all runs of its job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishedUnit {
    /// The version of this format.
    pub format: FormatVersion,
    /// What tells the unit from all others of its job.
    pub unit: String,
    /// What people call it: `syn/check`.
    pub name: String,
    /// The attempt that measured it.
    pub attempt: Attempt,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When it was finished.
    pub finished_at: Timestamp,
    /// Under which conditions.
    pub conditions: Conditions,
    /// The metrics that its measurements name.
    pub metrics: Vec<Metric>,
    /// What was measured.
    pub measurements: Vec<Measurement>,
    /// What could not be measured.
    pub failures: Vec<MeasuringFailure>,
    /// What the log says of it, a line each.
    pub log: String,
    /// Its raw self-profiles.
    pub profiles: Vec<KeptProfile>,
}

/// A raw self-profile beside the units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptProfile {
    /// Its number within the job.
    pub number: u32,
    /// The name of its file.
    pub file: String,
    /// The hash of its content.
    pub content: ContentHash,
}

impl Versioned for FinishedUnit {
    const WHAT: &'static str = "a unit of the journal";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let leads_elsewhere = |profile: &KeptProfile| {
            profile.file.is_empty()
                || profile.file.starts_with('.')
                || profile.file.contains(['/', '\\'])
        };
        if self.profiles.iter().any(leads_elsewhere) {
            let reason = "a self-profile is said to be elsewhere";
            return Err(InvalidInput::inconsistent(Self::WHAT, reason));
        }
        Ok(())
    }
}

impl FinishedUnit {
    /// The content of its file.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let mut bytes = format!("{MAGIC}{}\n", ContentHash::of(&json)).into_bytes();
        bytes.extend(json);
        Ok(bytes)
    }

    /// Reads the content of a file.
    ///
    /// # Errors
    /// When any of it is missing or altered, or it is of a version that is not understood.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidInput> {
        let torn = || InvalidInput::Document {
            what: Self::WHAT,
            reason: "it was not written to its end, or is damaged".to_owned(),
        };
        let rest = bytes.strip_prefix(MAGIC.as_bytes()).ok_or_else(torn)?;
        let line_end = rest.iter().position(|byte| *byte == b'\n');
        let (sum, json) = line_end
            .and_then(|end| Some((&rest[..end], rest.get(end + 1..)?)))
            .ok_or_else(torn)?;
        if sum != ContentHash::of(json).as_str().as_bytes() {
            return Err(torn());
        }
        Self::from_json(json)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use shared_types::result_document::{FailureKind, MetricValues};
    use shared_types::{Epoch, Profile, Replicate, Scenario, TestCase, Unit};

    use super::*;

    /// A unit with a measurement and a failure.
    pub(in crate::journal) fn finished(name: &str, conditions: Conditions) -> FinishedUnit {
        let artifact: shared_types::ArtifactId = "release-1.95.0".parse().unwrap();
        FinishedUnit {
            format: FormatVersion::V1_0,
            unit: format!("{{\"unit\":\"{name}\"}}"),
            name: name.to_owned(),
            attempt: Attempt(1),
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: Timestamp::UNIX_EPOCH,
            conditions,
            metrics: vec![Metric::cost("wall-time".parse().unwrap(), Unit::Seconds)],
            measurements: vec![Measurement {
                artifact: artifact.clone(),
                replicate: Replicate::FIRST,
                test_case: TestCase::Compile {
                    benchmark: "syn".parse().unwrap(),
                    profile: Profile::Check,
                    scenario: Scenario::Full,
                },
                category: None,
                epoch: Epoch::of([b"1".as_slice()]),
                values: vec![MetricValues {
                    metric: "wall-time".parse().unwrap(),
                    iterations: vec![Some(0.1), None, Some(1.5)],
                }],
                disturbed: Vec::new(),
                self_profile: None,
            }],
            failures: vec![MeasuringFailure {
                test_case: None,
                artifact,
                replicate: Replicate::FIRST,
                benchmark: "syn".parse().unwrap(),
                profile: Profile::Check,
                scenario: Some(Scenario::IncrFull),
                kind: FailureKind::Crashed,
                message: "it crashed".to_owned(),
                output: String::new(),
            }],
            log: "a line\n".to_owned(),
            profiles: Vec::new(),
        }
    }

    fn written() -> Vec<u8> {
        let conditions = [("kernel", "6.1")].into_iter().collect();
        finished("syn/check", conditions).to_bytes().unwrap()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let unit = finished("syn/check", Conditions::default());
        let again = FinishedUnit::from_bytes(&unit.to_bytes().unwrap()).unwrap();
        assert_eq!(again, unit);
    }

    #[test]
    fn a_unit_of_a_version_that_is_not_understood_is_refused_as_such() {
        let json = serde_json::to_string(&finished("syn/check", Conditions::default())).unwrap();
        let newer = json.replacen("1.0", "2.0", 1);
        let file = format!("{MAGIC}{}\n{newer}", ContentHash::of(newer.as_bytes()));
        let error = FinishedUnit::from_bytes(file.as_bytes()).unwrap_err();
        assert!(matches!(error, InvalidInput::Version { .. }), "{error}");
    }

    #[test]
    fn a_profile_that_is_said_to_be_outside_the_journal_is_refused() {
        for file in ["../../secret", "/etc/passwd", "", ".", "a\\b"] {
            let mut unit = finished("syn/check", Conditions::default());
            unit.profiles = vec![KeptProfile {
                number: 0,
                file: file.to_owned(),
                content: ContentHash::of(b""),
            }];
            let bytes = unit.to_bytes().unwrap();
            assert!(FinishedUnit::from_bytes(&bytes).is_err(), "{file}");
        }
    }

    proptest! {
        #[test]
        fn a_file_that_was_not_written_to_its_end_is_refused(keep in 0.0..1.0) {
            let mut bytes = written();
            bytes.truncate((bytes.len() as f64 * keep) as usize);
            prop_assert!(FinishedUnit::from_bytes(&bytes).is_err());
        }

        #[test]
        fn one_altered_byte_is_found(place in 0.0..1.0, other in 1u8..) {
            let mut bytes = written();
            let at = (bytes.len() as f64 * place) as usize;
            bytes[at] ^= other;
            prop_assert!(FinishedUnit::from_bytes(&bytes).is_err());
        }

        #[test]
        fn whatever_the_bytes_nothing_panics(bytes: Vec<u8>) {
            prop_assert!(FinishedUnit::from_bytes(&bytes).is_err());
        }
    }
}
