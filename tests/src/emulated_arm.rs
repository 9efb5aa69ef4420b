//! The emulated ARM host of `cargo xtask emulated-arm`, and the compilers beside it.

use std::path::PathBuf;
use std::process::Command;

use crate::fleet::{Answer, Fleet, program};
use crate::toolchain::Toolchain;

/// Two releases of rustc, each emulated and as this machine runs it itself.
pub struct EmulatedArm {
    /// Base and head for ARM.
    pub emulated: [Toolchain; 2],
    /// Base and head for this machine.
    pub native: [Toolchain; 2],
}

impl EmulatedArm {
    /// The host that `cargo xtask emulated-arm` has prepared.
    ///
    /// # Panics
    /// When it was not prepared: a test of it would prepare it, which takes minutes and the network.
    pub fn prepared() -> Self {
        let folder = std::env::var_os("PERFLEET_TEST_EMULATED_ARM").map(PathBuf::from);
        let folder = folder.filter(|folder| folder.join("emulated").is_dir()).unwrap_or_else(|| {
            panic!(
                "the emulated ARM host is not prepared: run `cargo xtask emulated-arm` once, then \
                 `cargo xtask test`"
            )
        });
        let both = |kind: &str| {
            RELEASES.map(|release| Toolchain::in_folder(&folder.join(kind).join(release)))
        };
        Self {
            emulated: both("emulated"),
            native: both("native"),
        }
    }

    /// Registers the host with a fleet as a person does, and returns what that said.
    pub fn register(&self, fleet: &Fleet) -> String {
        let perfleet = program("perfleet");
        let answer = Answer::of(
            Command::new(program("xtask"))
                .args(["emulated-arm", "--data-dir"])
                .arg(fleet.data_dir())
                .arg("--programs")
                .arg(perfleet.parent().unwrap()),
        );
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        answer.stdout
    }
}

/// The releases that are prepared unless others are asked for.
const RELEASES: [&str; 2] = ["1.95.0", "1.96.0"];
