//! ministack, as a process.

use crate::LocalAwsError;
use crate::process::{EndBy, Launch, Place};
use crate::python_environment::{PythonEnvironment, Requirements, cache_folder};

pub(super) const DESCRIPTION: &str = "ministack 1.5.33, an emulator of AWS by other people. \
    Lambda functions run as plain processes. Signatures and rights are not checked.";

/// It is young: another version is another emulator.
const REQUIREMENTS: Requirements = Requirements {
    name: "ministack-1.5.33",
    python_minor_min: 10,
    pinned: include_str!("../../ministack-requirements.txt"),
    own_package: &[],
};

pub(super) struct Ministack(PythonEnvironment);

pub(super) fn ensure() -> Result<Ministack, LocalAwsError> {
    PythonEnvironment::ensure(&cache_folder()?, &REQUIREMENTS).map(Ministack)
}

impl Ministack {
    pub(super) fn launch(&self, place: &Place) -> Launch {
        Launch {
            program: self.0.program("ministack"),
            arguments: Vec::new(),
            environment: vec![
                ("GATEWAY_PORT", place.port.to_string().into()),
                ("BIND_HOST", "127.0.0.1".into()),
                ("LAMBDA_EXECUTOR", "local".into()),
                // It hands its environment on to the functions.
                ("AWS_ENDPOINT_URL", place.seen_at.clone().into()),
            ],
            ready_line: format!("Running on {}", place.endpoint()),
            ready_path: "/_ministack/ready",
            end_by: EndBy::Asking,
        }
    }
}
