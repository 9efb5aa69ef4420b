//! The message by which ingest hands a complete run on to be compared.

use serde::{Deserialize, Serialize};
use shared_types::format::Versioned;
use shared_types::result_document::MeasuredRun;
use shared_types::{ConfigurationId, FormatVersion, RequestId};

use crate::FunctionsError;

/// A run that has no jobs left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCompleted {
    /// The version of this format.
    pub format: FormatVersion,
    /// Under which configuration.
    pub configuration: ConfigurationId,
    /// The run.
    pub run: MeasuredRun,
    /// The request whose job was the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

impl Versioned for RunCompleted {
    const WHAT: &'static str = "a message of a complete run";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl RunCompleted {
    /// The message in the version that this program writes.
    pub fn new(
        configuration: ConfigurationId,
        run: MeasuredRun,
        request: Option<RequestId>,
    ) -> Self {
        Self {
            format: Self::VERSION,
            configuration,
            run,
            request,
        }
    }

    /// The message as it is queued.
    ///
    /// # Errors
    /// When it has no JSON, which would be a defect.
    pub fn to_json(&self) -> Result<String, FunctionsError> {
        serde_json::to_string(self)
            .map_err(|error| FunctionsError::Defect(format!("{} has no JSON: {error}", Self::WHAT)))
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Replicate;

    use super::*;

    #[test]
    fn a_message_of_version_1_0_is_read_as_it_was_written() {
        let json = r#"{"format":"1.0","configuration":"x86_64-llvm-t1","run":{"artifact":"release-1.95.0","replicate":1}}"#;
        let message = RunCompleted::from_json(json.as_bytes()).unwrap();
        assert_eq!(message.run.replicate, Replicate::FIRST);
        assert_eq!(message.to_json().unwrap(), json);
    }
}
