//! LocalStack as a process, where there is no container engine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::LocalAwsError;
use crate::process::{EndBy, Launch, Place};
use crate::python_environment::{PythonEnvironment, Requirements, cache_folder};

pub(super) const DESCRIPTION: &str = "LocalStack 4.14.0 as a process. Its own are S3, SQS, \
    EventBridge, IAM and Lambda's control plane; substituted are what runs Lambda functions (plain \
    processes by our plug-in, not containers) and what keeps DynamoDB tables (moto 5.2.5 behind \
    LocalStack's interface, not DynamoDB Local). No CloudFront. Signatures and rights are not \
    checked.";

const LOCALSTACK: Requirements = Requirements {
    name: "localstack-4.14.0",
    // It takes `warnings.deprecated`, which 3.12 does not have, where it tags what it makes.
    python_minor_min: 13,
    pinned: include_str!("../../localstack-requirements.txt"),
    own_package: &[
        (
            "pyproject.toml",
            include_str!("../../process-executor/pyproject.toml"),
        ),
        (
            "process_executor/__init__.py",
            include_str!("../../process-executor/process_executor/__init__.py"),
        ),
        (
            "process_executor/plugin.py",
            include_str!("../../process-executor/process_executor/plugin.py"),
        ),
        (
            "process_executor/executor.py",
            include_str!("../../process-executor/process_executor/executor.py"),
        ),
        (
            "process_executor/function_process.py",
            include_str!("../../process-executor/process_executor/function_process.py"),
        ),
    ],
};

/// Apart from LocalStack, which brings a moto of its own.
const MOTO: Requirements = Requirements {
    name: "moto-5.2.5",
    python_minor_min: 10,
    pinned: include_str!("../../moto-requirements.txt"),
    own_package: &[(DYNAMODB, include_str!("../../process-executor/dynamodb.py"))],
};

const DYNAMODB: &str = "dynamodb.py";

/// Where LocalStack looks for the Java that it would otherwise download.
const JAVA: &str = "var/lib/localstack/lib/java/21/bin/java";

/// By this it recognises a DynamoDB Local that it need not download.
const DYNAMODB_LOCAL: &str = "var/lib/localstack/lib/dynamodb-local/2/DynamoDBLocal.jar";

pub(super) struct LocalstackProcess {
    localstack: PythonEnvironment,
    moto: PythonEnvironment,
}

pub(super) fn ensure() -> Result<LocalstackProcess, LocalAwsError> {
    let cache = cache_folder()?;
    Ok(LocalstackProcess {
        localstack: PythonEnvironment::ensure(&cache, &LOCALSTACK)?,
        moto: PythonEnvironment::ensure(&cache, &MOTO)?,
    })
}

impl LocalstackProcess {
    pub(super) fn launch(&self, place: &Place) -> Result<Launch, LocalAwsError> {
        self.substitute_java(&place.folder)?;
        let address = format!("127.0.0.1:{}", place.port);
        Ok(Launch {
            program: self.localstack.program("python"),
            arguments: vec!["-m".into(), "localstack.runtime.main".into()],
            environment: vec![
                ("GATEWAY_LISTEN", address.clone().into()),
                ("LOCALSTACK_HOST", address.into()),
                ("FILESYSTEM_ROOT", place.folder.clone().into()),
                // In a container, too, it is to keep to its own folder.
                ("OVERRIDE_IN_DOCKER", "0".into()),
                ("SQS_ENDPOINT_STRATEGY", "off".into()),
                ("LAMBDA_RUNTIME_EXECUTOR", "process".into()),
                (
                    "PERFLEET_FUNCTION_ENDPOINT_URL",
                    place.seen_at.clone().into(),
                ),
                // It calls nobody outside this machine, and leaves its name server alone.
                ("DISABLE_EVENTS", "1".into()),
                ("DNS_ADDRESS", "0".into()),
                ("SKIP_SSL_CERT_DOWNLOAD", "1".into()),
            ],
            ready_line: "Ready.".into(),
            ready_path: "/_localstack/health",
            // It takes seconds to say good-bye, and has nothing to save.
            end_by: EndBy::Killing,
        })
    }

    /// A `java` that starts moto, whatever it is told to start.
    fn substitute_java(&self, root: &Path) -> Result<(), LocalAwsError> {
        let java = root.join(JAVA);
        let jar = root.join(DYNAMODB_LOCAL);
        for file in [&java, &jar] {
            let folder = file.parent().unwrap_or(root);
            std::fs::create_dir_all(folder).map_err(LocalAwsError::file("create", folder))?;
        }
        let script = format!(
            "#!/bin/sh\nexec '{}' '{}' \"$@\"\n",
            self.moto.program("python").display(),
            self.moto.own_file(DYNAMODB).display(),
        );
        std::fs::write(&java, script).map_err(LocalAwsError::file("write", &java))?;
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&java, executable).map_err(LocalAwsError::file("write", &java))?;
        std::fs::write(&jar, "").map_err(LocalAwsError::file("write", &jar))
    }
}
