//! LocalStack's own image, where a container engine works.

use std::process::{Command, Stdio};

use crate::LocalAwsError;
use crate::process::{EndBy, Launch, Place};

pub(super) const DESCRIPTION: &str = "LocalStack 4.14.0, its own image with nothing substituted. \
    Signatures and rights are not checked.";

const IMAGE: &str = "localstack/localstack:4.14.0";

/// What the engine's client may want to know.
const CLIENT_VARIABLES: [&str; 6] = [
    "PATH",
    "HOME",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "XDG_RUNTIME_DIR",
];

/// A client without an engine is common.
pub(super) fn engine_answers() -> bool {
    Command::new("docker")
        .arg("info")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

pub(super) fn pull() -> Result<(), LocalAwsError> {
    let command = format!("docker pull --quiet {IMAGE}");
    let output = Command::new("docker")
        .args(["pull", "--quiet", IMAGE])
        .output()
        .map_err(|source| LocalAwsError::CannotStart {
            program: command.clone(),
            source,
        })?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(LocalAwsError::InstallationFailed { command, output })
}

pub(super) fn launch(place: &Place) -> Launch {
    let port = format!("127.0.0.1:{}:4566", place.port);
    let address = format!("LOCALSTACK_HOST=127.0.0.1:{}", place.port);
    let arguments = [
        "run",
        "--rm",
        "--publish",
        &port,
        // Its functions are containers beside it.
        "--volume",
        "/var/run/docker.sock:/var/run/docker.sock",
        "--env",
        &address,
        "--env",
        "SQS_ENDPOINT_STRATEGY=off",
        "--env",
        "DISABLE_EVENTS=1",
        IMAGE,
    ];
    let variables = CLIENT_VARIABLES.into_iter();
    Launch {
        program: "docker".into(),
        arguments: arguments.into_iter().map(Into::into).collect(),
        environment: variables
            .filter_map(|name| Some((name, std::env::var_os(name)?)))
            .collect(),
        ready_line: "Ready.".into(),
        ready_path: "/_localstack/health",
        end_by: EndBy::Asking,
    }
}
