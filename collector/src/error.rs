//! What can go wrong in the collector.

use std::path::{Path, PathBuf};

use shared_types::ArtifactId;
use thiserror::Error;

/// Why the collector could not do what it was asked for.
#[derive(Debug, Error)]
pub enum CollectorError {
    /// The operating system refused something on a file or folder.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase: "read".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A self-profile of a compiler is not there, or cannot be read.
    #[error("the self-profile in `{}` cannot be used: {reason}", path.display())]
    SelfProfile {
        /// The file, or the folder where it was looked for.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no suite where one was looked for.
    #[error(
        "there is no benchmark suite in `{}` (no `suite.toml`): \
         name its folder by `--suite DIR` or in PERFLEET_SUITE_DIR", directory.display()
    )]
    SuiteNotFound {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// The suite's manifest cannot be understood.
    #[error("the suite's manifest cannot be used: {reason}")]
    SuiteManifest {
        /// What is wrong, and where in the file it stands.
        reason: String,
    },
    /// The suite's manifest is of a format version that this program does not read.
    #[error(
        "the suite's manifest has format version {found}, and this program reads {supported}: \
         use a collector and a suite of the same release"
    )]
    SuiteVersion {
        /// The version that the manifest states.
        found: String,
        /// The versions that are read, in words.
        supported: &'static str,
    },
    /// Somebody asked for a benchmark that the suite does not have.
    #[error("the suite has no benchmark `{name}`; it has: {known}")]
    UnknownBenchmark {
        /// What was asked for.
        name: String,
        /// The names that there are, separated by commas.
        known: String,
    },
    /// A selection leaves nothing to measure.
    #[error(
        "no benchmark of the suite fits the selection: leave out one of its filters \
         (names, excluded names, categories, subset)"
    )]
    NothingSelected,
    /// A program could not be started.
    #[error("cannot start `{}`: {source}; is it installed, and is its path right?", program.display())]
    ProgramNotStarted {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Cargo failed.
    #[error("`{command}` failed for {purpose} ({status}): {output}")]
    Cargo {
        /// The command line.
        command: String,
        /// What it was run for, as a noun phrase.
        purpose: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it wrote to standard error.
        output: String,
    },
    /// A registry benchmark is not yet fully in the suite.
    #[error(
        "benchmark `{benchmark}` has no lock file: make one with \
         `cargo run -p collector --example suite_maintenance -- lock {benchmark}`"
    )]
    LockMissing {
        /// The benchmark.
        benchmark: String,
    },
    /// The archive of a crate is not the one that the suite names.
    #[error(
        "checksum mismatch for crate {package}: the suite expects sha256 {expected}, and \
         `{}` has {found}. If the file was damaged, delete it and fetch again; if the suite is \
         being changed, correct `sha256` in suite.toml after checking where the crate came from",
        archive.display()
    )]
    ChecksumMismatch {
        /// Name and version of the crate.
        package: String,
        /// What the manifest says, in hexadecimal digits.
        expected: String,
        /// What the file has.
        found: String,
        /// The file.
        archive: PathBuf,
    },
    /// The archive of a crate cannot be used.
    #[error("crate {package} cannot be unpacked: {reason}")]
    CrateArchive {
        /// Name and version of the crate.
        package: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A toolchain cannot be found or does not answer.
    #[error("the toolchain `{name}` cannot be used: {reason}")]
    Toolchain {
        /// What was asked for.
        name: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// No source is known that could have the compiler of an artifact.
    #[error(
        "this collector has no toolchain {artifact}, and no source to fetch it from: install it, \
         name one by `--toolchain {artifact}=PATH`, or say by `--toolchain-sources` where such \
         builds are"
    )]
    NoSourceFor {
        /// What was asked for.
        artifact: ArtifactId,
    },
    /// The sources that could have a build do not have it.
    #[error(
        "there are no archives of {artifact} at {tried}: its build may not be finished, may have \
         failed, or may have been removed since; if it was just begun, ask again later"
    )]
    BuildNotFound {
        /// What was asked for.
        artifact: ArtifactId,
        /// The URLs that were asked, separated by commas.
        tried: String,
    },
    /// A download failed for a reason that may pass.
    #[error("cannot download {url} now: {reason}")]
    DownloadFailed {
        /// What was asked for.
        url: String,
        /// What happened.
        reason: String,
    },
    /// A download failed for a reason that will not pass by itself.
    #[error("cannot download {url}: {reason}")]
    DownloadRefused {
        /// What was asked for.
        url: String,
        /// What happened, and what to do.
        reason: String,
    },
    /// An archive of a toolchain is not the one that was promised.
    #[error(
        "checksum mismatch for {url}: by {promised_by} it has sha256 {expected}, and what was \
         downloaded has {found}; it is not used. If the archive was replaced on purpose, correct \
         the checksum, or forget a recorded one by `collector toolchains remove --forget ARTIFACT`"
    )]
    ArchiveChecksum {
        /// Where the archive came from.
        url: String,
        /// Who says what it should be, as a noun phrase.
        promised_by: String,
        /// What it should be, in hexadecimal digits.
        expected: String,
        /// What it is.
        found: String,
    },
    /// An archive of a toolchain cannot be used.
    #[error("the archive {url} cannot be used: {reason}")]
    ToolchainArchive {
        /// Where it came from.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What was fetched is not the compiler that was asked for.
    #[error("the archives of {artifact} hold another compiler, which is not used: {found}")]
    OtherCompiler {
        /// What was asked for.
        artifact: ArtifactId,
        /// What is there, as a noun phrase.
        found: String,
    },
    /// A toolchain cannot be removed now.
    #[error("the toolchain {artifact} is in use: end the collector that uses it, or wait for it")]
    ToolchainInUse {
        /// Which.
        artifact: ArtifactId,
    },
    /// The file of toolchain sources cannot be used.
    #[error("the file of toolchain sources `{}` cannot be used: {reason}", file.display())]
    ToolchainSources {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where in the file it stands.
        reason: String,
    },
    /// The process that runs a compilation for the collector failed itself.
    #[error("cannot run `{program}` for measuring: {reason}")]
    Execution {
        /// The program that was to be run.
        program: String,
        /// What went wrong.
        reason: String,
    },
    /// Another collector works in the same folder.
    #[error(
        "the work folder `{}` is used by another collector: \
         name another by `--work-dir DIR`, or end the other one", directory.display()
    )]
    WorkDirectoryInUse {
        /// The folder.
        directory: PathBuf,
    },
    /// What was asked for makes no sense.
    #[error("{reason}")]
    Usage {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A job is not for this collector.
    #[error("the job cannot be measured here: {reason}")]
    Unsuitable {
        /// Why.
        reason: String,
    },
    /// A name or document cannot be understood.
    #[error(transparent)]
    Invalid(#[from] shared_types::InvalidInput),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The work was called off.
    #[error("the work was called off")]
    CalledOff,
    /// A patch does not fit the crate that it is for.
    #[error(
        "patch `{patch}` cannot be applied to `{}`: {reason}; \
         make it anew against the version that the suite names", file.display()
    )]
    Patch {
        /// The name of the patch.
        patch: String,
        /// The file, or the folder if no single file is at fault.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },
}

impl CollectorError {
    /// Whether this says something of the compiler that was asked for, and so will come again on
    /// every host and at every attempt.
    pub fn is_about_artifact(&self) -> bool {
        matches!(
            self,
            Self::NoSourceFor { .. } | Self::BuildNotFound { .. } | Self::DownloadRefused { .. }
        ) || self.is_about_content()
    }

    /// Whether this says that what was downloaded cannot be used.
    pub(crate) fn is_about_content(&self) -> bool {
        matches!(
            self,
            Self::ArchiveChecksum { .. }
                | Self::ToolchainArchive { .. }
                | Self::OtherCompiler { .. }
        )
    }

    /// Turns an error of the operating system into one that says what was tried, and on what.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
