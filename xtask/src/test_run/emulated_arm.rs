//! The tests of what measures, compiled for 64-bit ARM and run in QEMU's user mode.
//!
//! An emulator in user mode is no ARM host: it has no performance counters, the kernel below it is this
//! machine's, and a program of ARM cannot start another one. What cannot hold there is left out by name,
//! and the log of each run says what and why.

use std::path::PathBuf;

use super::report::Report;
use super::{cargo, nextest, other_systems};
use crate::command;
use crate::error::Error;
use crate::setup::emulated_arm::{self, ARM};
use crate::workspace::Workspace;

const NAME: &str = "tests on emulated ARM";

/// What holds the code that runs on a measuring host.
const PACKAGES: [&str; 4] = ["shared-types", "analysis", "store", "collector"];

/// With the port by which a collector speaks to a server.
const FEATURES: &str = "store/http";

const LINKER: &str = "aarch64-linux-gnu-gcc";
const ARCHIVER: &str = "aarch64-linux-gnu-ar";

/// The emulator, and where the C library for ARM is.
const RUNNER: &str = "qemu-aarch64 -L /usr/aarch64-linux-gnu";

/// Tests that cannot hold in an emulator, by an expression of the runner.
struct LeftOut {
    tests: &'static str,
    reason: &'static str,
}

const LEFT_OUT: [LeftOut; 4] = [
    LeftOut {
        tests: "package(collector) & binary(measuring)",
        reason: "they put the collector, a program of ARM, in front of this machine's own compiler, \
                 and count and confine by this machine's kernel",
    },
    LeftOut {
        tests: "package(collector) & binary(toolchains) & test(/^(agent|command_line)::/)",
        reason: "they start the collector, and this machine's kernel starts no programs of ARM",
    },
    LeftOut {
        tests: "package(collector) & binary(host_setup) & test(/^the_example_environment_/)",
        reason: "it starts the collector, and this machine's kernel starts no programs of ARM",
    },
    LeftOut {
        tests: "package(collector) & test(/::(a_cargo_that_fails_is_quoted\
                |a_program_that_is_not_there_says_why\
                |an_answer_is_what_was_printed_and_a_failure_says_what_was_complained_of\
                |what_does_not_start_is_refused_until_it_changes_again)$/)",
        reason: "QEMU makes a fork of what is to share memory with its parent, so that nobody hears \
                 why a program could not be started",
    },
];

/// Runs those whose names contain one of `filters`, or all, as one step. `path_folders` has the runner,
/// where it is the project's own.
pub(super) fn run(
    report: &mut Report,
    workspace: &Workspace,
    (filters, path_folders): (&[String], &[PathBuf]),
    summary: &mut Vec<String>,
) {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        report.skip(NAME, "this machine is not x86_64 Linux");
        return;
    }
    if !other_systems::is_installed(ARM) {
        report.skip(
            NAME,
            "`rustup target add aarch64-unknown-linux-gnu` was not done",
        );
        return;
    }
    report.step(NAME, || {
        emulated_arm::prepare_running()?;
        for LeftOut { tests, reason } in &LEFT_OUT {
            command::say(NAME, &format!("left out: {tests}: {reason}"));
        }
        run_tests(workspace, filters, path_folders, summary)
    });
}

fn run_tests(
    workspace: &Workspace,
    filters: &[String],
    path_folders: &[PathBuf],
    summary: &mut Vec<String>,
) -> Result<(), Error> {
    let mut tests = cargo(workspace, &["nextest", "run", "--target", ARM]);
    tests
        .args(PACKAGES.map(|package| format!("--package={package}")))
        .arg(format!("--features={FEATURES}"))
        .arg(format!("--filterset={}", expression()))
        .args(filters)
        .env("PATH", command::path_with(path_folders))
        .env("PERFLEET_CACHE_DIR", workspace.cache())
        .envs(environment());
    let mut own_summary = Vec::new();
    let outcome = nextest::run(&mut tests, &mut own_summary);
    summary.extend(own_summary);
    outcome
}

/// Everything but what is left out.
fn expression() -> String {
    let left_out = LEFT_OUT.iter().map(|one| one.tests);
    left_out.fold("all()".to_owned(), |all, tests| {
        format!("{all} & not ({tests})")
    })
}

/// What tells cargo how to compile, link and run for ARM.
fn environment() -> [(String, &'static str); 5] {
    let lower = ARM.replace('-', "_");
    let upper = lower.to_uppercase();
    [
        (format!("CARGO_TARGET_{upper}_LINKER"), LINKER),
        (format!("CARGO_TARGET_{upper}_RUNNER"), RUNNER),
        (format!("CC_{lower}"), LINKER),
        (format!("AR_{lower}"), ARCHIVER),
        // Emulation makes slow what was not optimised at all.
        ("CARGO_PROFILE_DEV_OPT_LEVEL".to_owned(), "1"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_told_of_linker_and_emulator_by_its_own_names() {
        let names = environment().map(|(name, _)| name);
        assert_eq!(names[0], "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER");
        assert_eq!(names[2], "CC_aarch64_unknown_linux_gnu");
    }

    #[test]
    fn what_is_left_out_has_a_reason_and_the_rest_is_run() {
        assert!(expression().starts_with("all()"));
        for LeftOut { tests, reason } in &LEFT_OUT {
            assert!(expression().contains(&format!("not ({tests})")));
            assert!(!reason.is_empty());
        }
    }
}
