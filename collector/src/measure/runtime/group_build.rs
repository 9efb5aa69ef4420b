//! Building a crate of runtime benchmarks with the compiler that is measured.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use shared_types::object_key::ContentHash;

use super::super::confined_access::compiling;
use super::super::problem::{Stop, judge_build};
use super::super::scenario_run::{needs_unstable_options, variable};
use super::super::source_copy::remove_folder;
use super::super::unit_folder::base_environment;
use super::super::work_directory::WorkDirectory;
use crate::CollectorError;
use crate::execution::{Execution, Executor};
use crate::suite::RuntimeGroup;
use crate::toolchain::Toolchain;

/// How long cargo may build a group, in milliseconds.
const TIME_LIMIT_MS: u64 = 20 * 60 * 1_000;

/// Changes when groups are built differently, so that old programs are not taken up.
const PREPARATION: &str = "1";

/// A group and what it is built with.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupBuild<'a> {
    pub(super) group: &'a RuntimeGroup,
    /// The folder of the group's crate, beside which the library lies.
    pub(super) source: &'a Path,
    pub(super) toolchain: &'a Toolchain,
    /// The flags of the configuration. They hold for what the group depends on, too.
    pub(super) flags: &'a [String],
}

/// A program that was built, and the folder that it needs.
#[derive(Debug, Clone)]
pub(super) struct BuiltGroup {
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
}

impl GroupBuild<'_> {
    /// The program, built now unless an earlier job did.
    pub(super) fn built(
        &self,
        work: &WorkDirectory,
        executor: &Executor,
    ) -> Result<BuiltGroup, Stop> {
        let root = self.root(work);
        let folder = root.join("target");
        let program = folder.join("release").join(self.group.name.as_str());
        let stamp_file = root.join("stamp");
        let stamp = self.stamp();
        let is_there = std::fs::read_to_string(&stamp_file).is_ok_and(|there| there == stamp);
        if !(is_there && program.is_file()) {
            remove_folder(&root)?;
            std::fs::create_dir_all(&folder)
                .map_err(CollectorError::io("create the folder", &folder))?;
            self.build(&folder, executor)?;
            std::fs::write(&stamp_file, stamp).map_err(CollectorError::io("write", &stamp_file))?;
        }
        Ok(BuiltGroup { program, folder })
    }

    /// Of one length for all compilers and flags.
    fn root(&self, work: &WorkDirectory) -> PathBuf {
        let hash = ContentHash::of(self.flags.join("\0").as_bytes());
        let flags = &hash.as_str()[..8];
        work.builds_of(self.toolchain)
            .join(format!("runtime-{}-{flags}", self.group.name))
    }

    /// Everything that, when it changes, makes an earlier program useless.
    fn stamp(&self) -> String {
        format!(
            "{PREPARATION}\n{}\n{}\n{}\n{}",
            self.group.epoch_inputs_hash(),
            self.flags.join(" "),
            self.toolchain.cargo.display(),
            self.toolchain.version_text
        )
    }

    fn build(&self, folder: &Path, executor: &Executor) -> Result<(), Stop> {
        let mut access = compiling(self.toolchain);
        access
            .readable
            .extend(self.source.parent().map(Path::to_owned));
        access.writable.push(folder.to_owned());
        let words = ["build", "--release", "--offline", "--locked"];
        let execution = Execution {
            program: self.toolchain.cargo.clone().into(),
            arguments: words.map(OsString::from).to_vec(),
            environment: self.environment(folder),
            directory: self.source.into(),
            output: folder.with_extension("txt").into(),
            time_limit_ms: TIME_LIMIT_MS,
            access,
        };
        let report = executor.run(&execution)?;
        let title = self.toolchain.artifact.title.as_deref().unwrap_or("rustc");
        let what = format!(
            "cargo {} of the runtime benchmarks {}, by {title}",
            words.join(" "),
            self.group.name
        );
        let limits = executor.sandbox().limits_in_force();
        judge_build(&what, &report, &execution, limits)
    }

    fn environment(&self, folder: &Path) -> Vec<(OsString, OsString)> {
        let mut environment = base_environment();
        environment.extend(
            [
                // Set, though empty, they keep flags out that the user's configuration names.
                ("CARGO_ENCODED_RUSTFLAGS", self.flags.join("\x1f").into()),
                ("CARGO_INCREMENTAL", "0".into()),
                ("CARGO_NET_OFFLINE", "true".into()),
                ("CARGO_TARGET_DIR", OsString::from(folder)),
                ("CARGO_TERM_COLOR", "never".into()),
                ("RUSTC", self.toolchain.rustc.clone().into()),
                ("RUSTC_WRAPPER", OsString::new()),
            ]
            .map(|(name, value)| (OsString::from(name), value)),
        );
        if needs_unstable_options(self.flags) {
            environment.push(variable("RUSTC_BOOTSTRAP", "1"));
        }
        environment
    }
}
