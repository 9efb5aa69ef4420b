//! Running cargo for what it does best: the registry, with the user's configuration.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::CollectorError;
use crate::execution::without_secrets_of_the_fleet;

/// How much of cargo's complaint is passed on, in bytes from its end.
const OUTPUT_BYTES_MAX: usize = 4_000;

/// A cargo that can be run, and the folder to run it in.
#[derive(Debug, Clone, Copy)]
pub(super) struct CargoIn<'a> {
    pub(super) cargo: &'a Path,
    pub(super) directory: &'a Path,
}

impl CargoIn<'_> {
    /// Runs cargo to its end and returns what it wrote to standard output.
    pub(super) fn run(self, arguments: &[&str], purpose: &str) -> Result<Vec<u8>, CollectorError> {
        // It asks the compiler for its version, and the compiler is a measured one.
        let output = without_secrets_of_the_fleet(&mut Command::new(self.cargo))
            .args(arguments)
            .current_dir(self.directory)
            // What a surrounding cargo build sets for its own crates is not meant for these.
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET")
            .env("CARGO_TERM_COLOR", "never")
            // New lock files must serve the oldest compiler that a crate itself supports.
            .env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback")
            .stdin(Stdio::null())
            .output()
            .map_err(|source| CollectorError::ProgramNotStarted {
                program: self.cargo.to_owned(),
                source,
            })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(CollectorError::Cargo {
            command: format!("cargo {}", arguments.join(" ")),
            purpose: purpose.to_owned(),
            status: output.status,
            output: last_part(&String::from_utf8_lossy(&output.stderr)),
        })
    }
}

fn last_part(text: &str) -> String {
    let text = text.trim();
    let start = text.ceil_char_boundary(text.len().saturating_sub(OUTPUT_BYTES_MAX));
    text[start..].to_owned()
}
