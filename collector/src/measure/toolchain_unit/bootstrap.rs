//! The compiler's own build, by its build system `x.py`, from a checkout that was prepared for it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use shared_types::job::JOB_SECONDS_MAX;
use shared_types::job_units::ToolchainUnit;
use shared_types::result_document::FailureKind;

use super::super::confined_access::compiling;
use super::super::counting::program_on_path;
use super::super::problem::Problem;
use super::super::unit_folder::base_environment;
use super::build_run::{Build, COLLECTOR, StandIn};
use crate::toolchain::Toolchain;

/// How the build system is configured; the second name is of older checkouts.
const CONFIGURATIONS: [&str; 2] = ["bootstrap.toml", "config.toml"];

/// What the build system says at its end, before how long it took.
const COMPLETED: &str = "Build completed successfully in ";

/// A checkout of the compiler's sources, and what builds it.
pub(super) struct Bootstrap<'a> {
    checkout: PathBuf,
    configuration: PathBuf,
    python: PathBuf,
    toolchain: &'a Toolchain,
    /// Which sources these are: their commit. Builds of different sources are never compared.
    pub(super) version: String,
}

impl<'a> Bootstrap<'a> {
    /// What is needed, or which part of it is not there.
    pub(super) fn find(checkout: Option<&Path>, toolchain: &'a Toolchain) -> Result<Self, Problem> {
        let lacking = |reason: String| Problem::new(FailureKind::Unavailable, reason);
        let checkout = checkout.ok_or_else(|| {
            lacking(
                "the compiler itself is not built here: this host has no checkout of its sources; \
                 name one by --rustc-checkout DIR or PERFLEET_RUSTC_CHECKOUT"
                    .to_owned(),
            )
        })?;
        let checkout = std::path::absolute(checkout).unwrap_or_else(|_| checkout.to_owned());
        let place = checkout.display();
        if !checkout.join("x.py").is_file() {
            return Err(lacking(format!(
                "{place} is no checkout of the compiler's sources: it has no x.py"
            )));
        }
        let configurations = CONFIGURATIONS.map(|name| checkout.join(name));
        let configuration = configurations.into_iter().find(|file| file.is_file());
        let configuration = configuration.ok_or_else(|| {
            lacking(format!(
                "{place} has no bootstrap.toml: write one that says where LLVM comes from, since \
                 nothing is downloaded while it is built"
            ))
        })?;
        if !checkout.join("vendor").is_dir() {
            return Err(lacking(format!(
                "{place} has no folder `vendor`, and nothing is downloaded while it is built: run \
                 `./x.py vendor` there"
            )));
        }
        let version = version(&checkout).ok_or_else(|| {
            lacking(format!(
                "it is not known which sources {place} has: it has neither a commit nor a file \
                 `git-commit-hash`"
            ))
        })?;
        let python = program_on_path("python3").ok_or_else(|| {
            lacking(
                "there is no python3, which x.py needs; on Debian: apt-get install python3"
                    .to_owned(),
            )
        })?;
        Ok(Self {
            checkout,
            configuration,
            python,
            toolchain,
            version,
        })
    }

    /// The build, into a folder.
    pub(super) fn into_build(self, output: PathBuf) -> Build<'a> {
        let mut readable = compiling(self.toolchain).readable;
        readable.push(self.checkout.clone());
        let mut environment = base_environment();
        // The checkout is not written to.
        environment.push(("PYTHONDONTWRITEBYTECODE".into(), "1".into()));
        environment.push(("CARGO_NET_OFFLINE".into(), "true".into()));
        Build {
            name: ToolchainUnit::Bootstrap.name(),
            toolchain: self.toolchain,
            program: self.python.clone(),
            arguments: self.arguments(&output),
            environment,
            directory: self.checkout,
            output,
            readable,
            stand_in: StandIn::Compiler,
            time_limit_ms: JOB_SECONDS_MAX * 1_000,
            complaint: incomplete,
        }
    }

    /// The measured compiler is the one that builds: stage 0.
    fn arguments(&self, output: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            ["x.py", "build", "--stage", "1", "compiler/rustc", "-j1"]
                .map(OsString::from)
                .to_vec();
        let mut option = |name: &str, value: &OsString| {
            arguments.push(name.into());
            arguments.push(value.clone());
        };
        option("--config", &self.configuration.clone().into());
        option("--build-dir", &output.into());
        let setting = |name: &str, value: &dyn AsRef<std::ffi::OsStr>| {
            let mut setting = OsString::from(format!("{name}="));
            setting.push(value);
            setting
        };
        let cargo = self.toolchain.cargo.as_os_str();
        for set in [
            setting("build.rustc", &COLLECTOR),
            setting("build.cargo", &cargo),
            setting("build.vendor", &"true"),
            setting("build.locked-deps", &"true"),
            // A compiler that is newer than the sources may warn of what they could not know.
            setting("rust.deny-warnings", &"false"),
        ] {
            option("--set", &set);
        }
        arguments
    }
}

/// Why a build is not complete, or `None` where it says that it is.
fn incomplete(messages: &str) -> Option<String> {
    completed_in_s(messages).is_none().then(|| {
        format!(
            "x.py ended without an error, and did not say `{}`",
            COMPLETED.trim_end()
        )
    })
}

/// How long the build system says that it took, in whole seconds, from the last of its lines
/// `Build completed successfully in 1:02:03`. `None` where it says nothing such.
fn completed_in_s(messages: &str) -> Option<u64> {
    let mut lines = messages.lines().rev();
    let time = lines.find_map(|line| line.trim().strip_prefix(COMPLETED))?;
    let parts: Vec<u64> = time
        .trim()
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes, seconds] if *minutes < 60 && *seconds < 60 => {
            let minutes = hours.checked_mul(60)?.checked_add(*minutes)?;
            minutes.checked_mul(60)?.checked_add(*seconds)
        }
        _ => None,
    }
}

/// The commit of a checkout.
fn version(checkout: &Path) -> Option<String> {
    let read = |path: &str| std::fs::read_to_string(checkout.join(path)).ok();
    let head = || {
        let head = read(".git/HEAD")?;
        match head.trim().strip_prefix("ref: ") {
            None => Some(head),
            Some(reference) => read(&format!(".git/{reference}"))
                .or_else(|| commit_of(&read(".git/packed-refs")?, reference)),
        }
    };
    let commit = head().or_else(|| read("git-commit-hash"))?;
    let commit = commit.trim();
    let is_commit = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| commit.to_owned())
}

/// The commit of a reference among those that git has packed: `COMMIT REFERENCE`, a line each.
fn commit_of(packed: &str, reference: &str) -> Option<String> {
    let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(_, name)| *name == reference);
    found.map(|(commit, _)| commit.to_owned())
}

#[cfg(test)]
#[path = "bootstrap_tests.rs"]
mod tests;
