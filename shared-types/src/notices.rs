//! What the functions tell each other, by way of the queues between them.

use serde::{Deserialize, Serialize};

use crate::format::Versioned;
use crate::object_key::ContentHash;
use crate::result_document::MeasuredRun;
use crate::{ConfigurationId, FormatVersion, RequestId};

/// A run has no jobs left: it can be compared.
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
}

/// A comparison of a request was made and is kept: it can be told where people work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparisonMade {
    /// The version of this format.
    pub format: FormatVersion,
    /// The request.
    pub request: RequestId,
    /// Under which configuration.
    pub configuration: ConfigurationId,
    /// The hash of all that went in.
    pub input_hash: ContentHash,
}

impl Versioned for ComparisonMade {
    const WHAT: &'static str = "a message of a comparison";
    const VERSION: FormatVersion = FormatVersion::V1_0;
}

impl ComparisonMade {
    /// The message in the version that this program writes.
    pub fn new(
        request: RequestId,
        configuration: ConfigurationId,
        input_hash: ContentHash,
    ) -> Self {
        Self {
            format: Self::VERSION,
            request,
            configuration,
            input_hash,
        }
    }
}
