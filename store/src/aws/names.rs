//! What things are called in an account.

use std::fmt;
use std::str::FromStr;

use shared_types::InvalidInput;

use crate::QueueName;

/// Where a fleet's data is: everything else follows from these two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsPlace {
    /// The fleet.
    pub environment: Environment,
    /// The bucket that holds its data.
    pub bucket: String,
}

impl AwsPlace {
    /// The name of a queue.
    pub(super) fn queue(&self, queue: &QueueName) -> String {
        let environment = self.environment.as_str();
        match queue {
            QueueName::Jobs(configuration) => configuration.queue_name(environment),
            of_function => format!("perfleet-{environment}--{of_function}"),
        }
    }

    /// The name of the queue that takes a queue's dead letters.
    pub(super) fn dead_letter_queue(&self, queue: &QueueName) -> String {
        let environment = self.environment.as_str();
        match queue {
            QueueName::Jobs(configuration) => configuration.dead_letter_queue_name(environment),
            of_function => format!("perfleet-{environment}--{of_function}-dead-letters"),
        }
    }

    /// The name of the table that holds the index.
    pub(super) fn table(&self) -> String {
        format!("perfleet-{}-index", self.environment)
    }
}

/// The name of a fleet, part of every other name: 1 to 16 lower-case letters and digits, first a
/// letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Environment(String);

impl Environment {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Environment {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let allowed = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let is_name = (1..=16).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with(|first: char| first.is_ascii_digit());
        if is_name {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidInput::inconsistent(
            "an environment",
            format!("`{text}` is not 1 to 16 lower-case letters and digits, first a letter"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_a_short_word_in_lower_case() {
        for good in ["staging", "production", "t1", "a"] {
            assert_eq!(good.parse::<Environment>().unwrap().as_str(), good);
        }
        for bad in ["", "Staging", "1a", "with-hyphen", "abcdefghijklmnopq", "ä"] {
            assert!(bad.parse::<Environment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_queue_has_a_name_of_its_own() {
        let place = AwsPlace {
            environment: "staging".parse().unwrap(),
            bucket: "a-bucket".to_owned(),
        };
        let jobs = QueueName::Jobs("x86_64-llvm-t1".parse().unwrap());
        assert_eq!(place.queue(&jobs), "perfleet-staging-x86_64-llvm-t1");
        assert_eq!(
            place.dead_letter_queue(&jobs),
            "perfleet-staging--dead-x86_64-llvm-t1"
        );
        assert_eq!(place.queue(&QueueName::Events), "perfleet-staging--events");
        assert_eq!(
            place.dead_letter_queue(&QueueName::Github),
            "perfleet-staging--github-dead-letters"
        );
        assert_eq!(place.table(), "perfleet-staging-index");
    }
}
