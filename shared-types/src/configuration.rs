//! A configuration: all that must be equal for two results to be comparable.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::InvalidInput;
use crate::text::{is_slug, text_conversions, word_enum};

/// A configuration with its name, its record and what the project does with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The slug.
    pub id: ConfigurationId,
    /// What is compared. It never changes under one slug.
    pub record: ConfigurationRecord,
    /// What its verdicts are used for. May change.
    pub tier: Tier,
}

/// All that must be equal for two results to be comparable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConfigurationRecord {
    /// The target triple that is compiled for, `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// The model of the host, as people call it: `AMD EPYC 9354P`. `imported` where it is not
    /// known.
    pub hardware_model: String,
    /// The code generator.
    pub backend: Backend,
    /// Threads of the compiler's front end. At least 1.
    pub frontend_threads: u32,
    /// Further compiler flags, in order.
    #[serde(default)]
    pub flags: Vec<String>,
}

word_enum! {
    /// A code generator of rustc.
    Backend, "a backend: llvm, cranelift or unknown" {
        /// LLVM.
        Llvm => "llvm",
        /// Cranelift.
        Cranelift => "cranelift",
        /// Measured elsewhere, by a compiler that has no such choice.
        Unknown => "unknown",
    }
}

word_enum! {
    /// What the verdicts of a configuration are used for.
    Tier, "a tier: gating, advisory or experimental" {
        /// Sets labels and blocks.
        Gating => "gating",
        /// Sets labels after confirmation, never blocks.
        Advisory => "advisory",
        /// Is shown, and nothing more.
        Experimental => "experimental",
    }
}

/// The slug of a configuration: 1 to 48 ASCII letters, digits, `_` and `-`. It has no dots, since
/// it is part of queue names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfigurationId(String);

impl ConfigurationId {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the queue that feeds the collectors of this configuration.
    pub fn queue_name(&self, environment: &str) -> String {
        format!("perfleet-{environment}-{self}")
    }

    /// The name of the queue that takes what no collector could handle. A slug never begins with
    /// `-`, so this is no configuration's own queue, whatever the slugs are; and with an
    /// environment of 18 letters it still fits into the 80 that SQS allows.
    pub fn dead_letter_queue_name(&self, environment: &str) -> String {
        format!("perfleet-{environment}--dead-{self}")
    }
}

impl fmt::Display for ConfigurationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for ConfigurationId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_slug(text, 48, b"_-") {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidInput::word(
                text,
                "a configuration id: 1 to 48 letters, digits, `_` and `-`, first a letter or digit",
            ))
        }
    }
}

text_conversions!(ConfigurationId);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_either_refused_or_kept_as_it_is(text in ".{0,60}") {
            if let Ok(id) = text.parse::<ConfigurationId>() {
                prop_assert_eq!(id.as_str(), text);
            }
        }

        #[test]
        fn slugs_are_accepted(text in "[A-Za-z0-9][A-Za-z0-9_-]{0,47}") {
            prop_assert!(text.parse::<ConfigurationId>().is_ok());
        }
    }

    #[test]
    fn no_configurations_queue_is_the_dead_letter_queue_of_another() {
        let id = |text: &str| text.parse::<ConfigurationId>().unwrap();
        let longest = id(&"c".repeat(48));
        assert!(longest.dead_letter_queue_name("production").len() <= 80);
        assert_ne!(
            id("x-dead-letters").queue_name("staging"),
            id("x").dead_letter_queue_name("staging")
        );
    }

    #[test]
    fn a_dot_is_refused_since_queue_names_have_none() {
        assert!("x86.64".parse::<ConfigurationId>().is_err());
    }
}
