//! Whether the collector compiles for systems that this machine is not.

use std::process::Command;

use super::cargo;
use super::report::Report;
use crate::command;
use crate::workspace::Workspace;

/// A system, and what is checked for it.
struct OtherSystem {
    step: &'static str,
    target: &'static str,
    skipped: &'static str,
    /// Whether the tests compile there, too: they speak to Linux.
    with_tests: bool,
}

const SYSTEMS: [OtherSystem; 3] = [
    OtherSystem {
        step: "collector for Linux on ARM",
        target: "aarch64-unknown-linux-gnu",
        skipped: "`rustup target add aarch64-unknown-linux-gnu` was not done",
        with_tests: true,
    },
    OtherSystem {
        step: "collector for macOS",
        target: "aarch64-apple-darwin",
        skipped: "`rustup target add aarch64-apple-darwin` was not done",
        with_tests: false,
    },
    OtherSystem {
        step: "collector for Windows",
        target: "x86_64-pc-windows-gnu",
        skipped: "`rustup target add x86_64-pc-windows-gnu` was not done",
        with_tests: false,
    },
];

/// Checks the collector for every system whose standard library is installed.
pub(super) fn check(report: &mut Report, workspace: &Workspace) {
    for system in &SYSTEMS {
        if !is_installed(system.target) {
            report.skip(system.step, system.skipped);
            continue;
        }
        // Nothing is linked, so that the C parts of dependencies need not be compiled for real, and
        // a folder of its own keeps these stand-ins away from real builds.
        let mut check = cargo(workspace, &["check", "--quiet", "--package", "collector"]);
        check
            .args(["--target", system.target])
            .args(system.with_tests.then_some("--tests"))
            .arg("--target-dir")
            .arg(workspace.target().join("other-systems"))
            .envs([("TARGET_CC", "true"), ("TARGET_AR", "true")])
            .env("RUSTFLAGS", "-D warnings");
        report.step(system.step, || command::run(&mut check));
    }
}

/// Whether the compiler that cargo uses has a standard library for a target.
pub(super) fn is_installed(target: &str) -> bool {
    let mut asked = Command::new("rustc");
    asked.args(["--print", "target-libdir", "--target", target]);
    let folder = command::capture(&mut asked).unwrap_or_default();
    let libraries = std::fs::read_dir(folder.trim());
    libraries.is_ok_and(|mut libraries| libraries.next().is_some())
}
