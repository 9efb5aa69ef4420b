//! Toolchains of this machine: found, asked what they are, and named as artifacts.

mod asking;
mod cache;
mod codegen_backends;
mod fetch;
mod of_job;
mod rustup;
mod version;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use shared_types::artifact::{HistoryPosition, Line};
use shared_types::object_key::ContentHash;
use shared_types::{Artifact, ArtifactId};

use crate::CollectorError;
use crate::execution::without_secrets;

pub use cache::{
    CACHE_BYTES_MAX, CacheParts, CachedToolchain, Clock, HeldToolchain, ToolchainCache,
};
use codegen_backends::codegen_backends;
pub use fetch::{
    Authorities, BuildKind, ComponentName, Compression, FetchLimits, FetchWatch, FetchedArchive,
    Placeholder, RetryPace, Sha256Sum, Source, Sources, UrlTemplate, install_component,
};
pub use of_job::JobToolchains;
pub use rustup::Rustup;
pub use version::RustcVersion;

/// A compiler with what is needed to measure it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Toolchain {
    /// What it is.
    pub artifact: Artifact,
    /// What people call it here: names of rustup, or the path that was given.
    pub names: Vec<String>,
    /// The compiler itself, never a proxy that would choose one.
    pub rustc: PathBuf,
    /// The cargo that builds dependencies: its own, or that of another toolchain.
    pub cargo: PathBuf,
    /// Its rustdoc, where it has one.
    pub rustdoc: Option<PathBuf>,
    /// Its Clippy, as it stands in front of rustc, where it has one.
    pub clippy_driver: Option<PathBuf>,
    /// The code generators that it has beside LLVM, sorted: `cranelift`.
    pub codegen_backends: Vec<String>,
    /// The target triple that it runs on.
    pub host: String,
    /// The version: `1.95.0`.
    pub release: String,
    /// Whether it has a standard library for its own host, without which it can build nothing.
    pub usable: bool,
    /// All that `rustc -vV` prints.
    #[serde(skip)]
    pub version_text: String,
    /// The folder of its libraries, as it says itself.
    #[serde(skip)]
    pub sysroot: PathBuf,
}

impl Toolchain {
    /// What a program that is confined has to read to run this toolchain.
    pub fn readable(&self) -> Vec<PathBuf> {
        let programs = [Some(&self.rustc), Some(&self.cargo), self.rustdoc.as_ref()];
        let mut readable = asking::installation(&self.sysroot);
        for program in programs.into_iter().flatten() {
            readable.extend(asking::around_program(program));
        }
        readable.sort();
        readable.dedup();
        readable
    }

    /// The toolchain that a text names: a name of rustup (`nightly`, `+nightly`), the path of a
    /// rustc, or the path of a toolchain's folder.
    ///
    /// # Errors
    /// When there is none, or it does not answer.
    pub fn named(name: &str, rustup: &Rustup) -> Result<Self, CollectorError> {
        let plain = name.strip_prefix('+').unwrap_or(name);
        if let Some(folder) = rustup.folder_of(plain) {
            return Self::of_rustc(&folder.join("bin/rustc"), plain, rustup);
        }
        let path = Path::new(name);
        if path.is_dir() {
            return Self::of_rustc(&path.join("bin/rustc"), name, rustup);
        }
        if path.is_file() {
            return Self::of_rustc(path, name, rustup);
        }
        let known: Vec<String> = rustup.names();
        Err(CollectorError::Toolchain {
            name: name.to_owned(),
            reason: format!(
                "it is neither a toolchain of rustup ({}) nor a path of a rustc or of a toolchain's \
                 folder",
                known.join(", ")
            ),
        })
    }

    /// All toolchains of rustup, those of one commit as one. One that does not answer is left out
    /// and named among the errors.
    pub fn of_rustup(rustup: &Rustup) -> (Vec<Self>, Vec<CollectorError>) {
        let mut found: Vec<Self> = Vec::new();
        let mut errors = Vec::new();
        for name in rustup.names() {
            match Self::named(&name, rustup) {
                Err(error) => errors.push(error),
                Ok(toolchain) => {
                    let same = found
                        .iter_mut()
                        .find(|known| known.artifact.id == toolchain.artifact.id);
                    match same {
                        Some(known) => known.names.extend(toolchain.names),
                        None => found.push(toolchain),
                    }
                }
            }
        }
        (found, errors)
    }

    /// Whether this is the compiler that an artifact's id names: its own id, its commit, or its
    /// release.
    pub fn is_artifact(&self, artifact: &ArtifactId) -> bool {
        match artifact {
            ArtifactId::Commit(sha) => self.artifact.commit_sha.as_ref() == Some(sha),
            ArtifactId::Local { short_sha, .. } => {
                let commit = self.artifact.commit_sha.as_deref();
                self.artifact.id == *artifact
                    || commit.is_some_and(|commit| commit.starts_with(short_sha.as_str()))
            }
            ArtifactId::Release(version) => self.release == *version,
        }
    }

    /// How rustup is told that this toolchain is meant, behind a command of its own: ` --toolchain
    /// nightly`. Empty where it is known by a path alone.
    pub fn rustup_option(&self) -> String {
        let name = self.names.first().filter(|name| !name.contains('/'));
        name.map_or_else(String::new, |name| format!(" --toolchain {name}"))
    }

    /// Whether it can compile for a target. Some targets have `core` and no `std`.
    pub fn has_standard_library(&self, target: &str) -> bool {
        has_library(&self.sysroot, target, "libcore-")
    }

    fn of_rustc(rustc: &Path, name: &str, rustup: &Rustup) -> Result<Self, CollectorError> {
        let refused = |reason: String| CollectorError::Toolchain {
            name: name.to_owned(),
            reason,
        };
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let given = absolute(rustc);
        let sysroot = PathBuf::from(
            ask(&given, &["--print", "sysroot"], rustup)
                .map_err(refused)?
                .trim(),
        );
        let rustc = if rustup.is_proxy(&given) {
            sysroot.join("bin/rustc")
        } else {
            given
        };
        let version_text = ask(&rustc, &["-vV"], rustup).map_err(refused)?;
        let version = RustcVersion::parse(&version_text).ok_or_else(|| {
            refused(format!(
                "`rustc -vV` printed something unexpected: {version_text}"
            ))
        })?;
        let beside = |program: &str| {
            let folders = [
                rustc.parent().map(Path::to_owned),
                Some(sysroot.join("bin")),
            ];
            let paths = folders
                .into_iter()
                .flatten()
                .map(|folder| folder.join(program));
            paths.into_iter().find(|path| path.is_file())
        };
        let cargo = beside("cargo")
            .or_else(|| rustup.any_cargo())
            .ok_or_else(|| {
                refused("it has no cargo, and rustup has no toolchain that has one".to_owned())
            })?;
        Ok(Self {
            artifact: artifact(&version, &version_text, &sysroot)?,
            names: vec![name.to_owned()],
            cargo,
            rustdoc: beside("rustdoc"),
            clippy_driver: beside("clippy-driver"),
            codegen_backends: codegen_backends(&sysroot, &version.host),
            usable: has_library(&sysroot, &version.host, "libstd-"),
            release: version.release,
            host: version.host,
            rustc,
            version_text,
            sysroot,
        })
    }
}

/// What a program prints to standard output.
fn ask(program: &Path, arguments: &[&str], rustup: &Rustup) -> Result<String, String> {
    let words = format!("{} {}", program.display(), arguments.join(" "));
    // A proxy is rustup's own, and looks for the compiler where no other program may.
    match rustup.confining().filter(|_| !rustup.is_proxy(program)) {
        Some(sandbox) => {
            let mut command = asking::confined(program, arguments, sandbox);
            let confined = "it runs confined: where it needs files beside the toolchain's own, \
                            name their folder by --readable DIR";
            asking::answer(&mut command, &words).map_err(|error| format!("{error} ({confined})"))
        }
        None => {
            let mut command = Command::new(program);
            asking::answer(without_secrets(&mut command).args(arguments), &words)
        }
    }
}

fn artifact(
    version: &RustcVersion,
    version_text: &str,
    sysroot: &Path,
) -> Result<Artifact, CollectorError> {
    let identity = match &version.commit_hash {
        Some(hash) => hash.clone(),
        None => identity_without_commit(version_text, sysroot),
    };
    Ok(Artifact {
        id: ArtifactId::local(&version.release, &identity)?,
        title: Some(version.title.clone()),
        commit_sha: version.commit_hash.clone(),
        commit_date: version.commit_date,
        history: version.commit_date.map(|date| HistoryPosition {
            line: Line::Local,
            ordinal: date.as_second(),
            parent: None,
        }),
    })
}

/// Tells builds apart that know no commit: by what they print and by the size of the compiler's
/// library, which changes with most rebuilds, and its time, which changes with all.
fn identity_without_commit(version_text: &str, sysroot: &Path) -> String {
    let mut identity = version_text.as_bytes().to_vec();
    let entries = std::fs::read_dir(sysroot.join("lib")).into_iter().flatten();
    let mut libraries: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(b"librustc_driver")
        })
        .collect();
    libraries.sort_by_key(std::fs::DirEntry::file_name);
    for library in libraries {
        identity.extend(library.file_name().as_encoded_bytes());
        if let Ok(metadata) = library.metadata() {
            identity.extend(metadata.len().to_le_bytes());
            identity.extend(format!("{:?}", metadata.modified().ok()).bytes());
        }
    }
    ContentHash::of(&identity).to_string()
}

/// Whether there is a library that begins with `name` for a target.
fn has_library(sysroot: &Path, target: &str, name: &str) -> bool {
    let folder = sysroot.join("lib/rustlib").join(target).join("lib");
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(Result::ok).any(|entry| {
        let file = entry.file_name();
        file.as_encoded_bytes().starts_with(name.as_bytes())
    })
}
