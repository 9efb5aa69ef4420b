//! An emulated ARM host: compilers for ARM that this machine runs in QEMU's user mode.
//!
//! Everything but the distribution's packages is in a folder of the cache: a rustup of its own, so
//! that the user's does not list compilers that do not start here; and for each release a toolchain
//! whose `rustc` is a script that starts QEMU. Cargo is this machine's own of the same release: it
//! asks the compiler for which host it builds, and needs no emulating.

mod foreign_library;
mod scripts;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{apt, lock_cache};
use crate::command::{self, say};
use crate::error::Error;
use crate::workspace::Workspace;

/// The target of the emulated compilers.
pub(crate) const ARM: &str = "aarch64-unknown-linux-gnu";

/// The target of the compilers beside them, which this machine runs itself.
const NATIVE: &str = "x86_64-unknown-linux-gnu";

/// One release of rustc, for both.
#[derive(Debug, Clone)]
pub(crate) struct CompilerPair {
    /// The release: `1.95.0`.
    pub(crate) release: String,
    /// The folder of the toolchain that runs emulated.
    pub(crate) emulated: PathBuf,
    /// The folder of the one that runs as it is.
    pub(crate) native: PathBuf,
}

/// Where all of it is.
pub(crate) fn folder(cache: &Path) -> PathBuf {
    cache.join("emulated-aarch64")
}

/// The folder of the rustup that holds these compilers alone.
pub(crate) fn rustup_home(cache: &Path) -> PathBuf {
    folder(cache).join("rustup")
}

/// Whether these releases were prepared.
pub(crate) fn is_prepared(cache: &Path, releases: &[&str]) -> bool {
    let pairs = releases.iter().map(|release| pair(cache, release));
    let programs =
        pairs.flat_map(|pair| [pair.emulated, pair.native].map(|it| it.join("bin/rustc")));
    let emulator = apt::program(&apt::QEMU_FOR_ARM);
    emulator.is_ok() && programs.into_iter().all(|program| program.is_file())
}

/// Prepares for compiling programs for ARM with this machine's own compiler, and for running them.
///
/// # Errors
/// When a package cannot be installed.
pub(crate) fn prepare_running() -> Result<(), Error> {
    apt::ensure(&[apt::C_COMPILER, apt::QEMU_FOR_ARM, apt::LINKER_FOR_ARM])
}

/// Prepares these releases of rustc.
///
/// # Errors
/// When this machine is not of the architecture that this is for, or something cannot be had; the
/// error says what.
pub(crate) fn prepare(
    workspace: &Workspace,
    releases: &[&str],
) -> Result<Vec<CompilerPair>, Error> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Error::Unfit {
            what: "this machine".into(),
            reason: "is not x86_64 Linux, where an ARM host is emulated: a machine that is ARM \
                     itself is a collector's host as it is"
                .into(),
        });
    }
    let _lock = lock_cache(workspace)?;
    let cache = workspace.cache();
    prepare_running()?;
    let library = foreign_library::ensure(&folder(cache))?;
    releases
        .iter()
        .map(|release| prepare_release(cache, release, &library))
        .collect()
}

fn prepare_release(cache: &Path, release: &str, library: &Path) -> Result<CompilerPair, Error> {
    let home = rustup_home(cache);
    let pair = pair(cache, release);
    let native = install(&home, release, NATIVE)?;
    link(&native, &pair.native)?;
    let real = pair.emulated.join("lib/toolchain");
    if !real.join("bin/rustc").is_file() {
        take_out_of_rustup(&install(&home, release, ARM)?, &real)?;
    }
    scripts::write(&pair.emulated, &native, library)?;
    let said = command::capture(Command::new(pair.emulated.join("bin/rustc")).arg("-vV"))?;
    let is_it = [format!("host: {ARM}"), format!("release: {release}")]
        .iter()
        .all(|fact| said.lines().any(|line| line == fact));
    if is_it {
        return Ok(pair);
    }
    Err(Error::NotUnderstood {
        what: format!("the emulated rustc {release}"),
        reason: format!("`rustc -vV` printed {said}"),
    })
}

fn pair(cache: &Path, release: &str) -> CompilerPair {
    let folder = folder(cache);
    CompilerPair {
        release: release.to_owned(),
        emulated: folder.join("emulated").join(release),
        native: folder.join("native").join(release),
    }
}

/// Installs a toolchain, unless it is there. Returns its folder.
fn install(home: &Path, release: &str, target: &str) -> Result<PathBuf, Error> {
    let name = format!("{release}-{target}");
    let toolchain = home.join("toolchains").join(&name);
    if toolchain.join("bin/rustc").is_file() {
        return Ok(toolchain);
    }
    if toolchain.exists() {
        // rustup was ended in the middle, and would take what is there for an older installation.
        std::fs::remove_dir_all(&toolchain).map_err(Error::file("remove", &toolchain))?;
    }
    std::fs::create_dir_all(home).map_err(Error::file("create", home))?;
    say("setup", &format!("installing {name} by rustup"));
    let install = ["toolchain", "install", &name, "--profile", "minimal"];
    let installed = command::capture(
        Command::new("rustup")
            .args(install)
            // rustup warns of a compiler that this machine cannot start by itself.
            .args(["--force-non-host", "--no-self-update"])
            .env("RUSTUP_HOME", home)
            .env("RUST_BACKTRACE", "0"),
    );
    installed
        .map(|_| toolchain)
        .map_err(|error| Error::Missing {
            what: format!("the toolchain {name}"),
            remedy: format!(
                "rustup's server does not have it or cannot be reached; choose other releases by \
             `--releases BASE HEAD` ({error})"
            ),
        })
}

/// Moves a toolchain into the folder of the one that starts it: a confined program sees the folder of
/// its toolchain and not what is beside it.
fn take_out_of_rustup(toolchain: &Path, into: &Path) -> Result<(), Error> {
    if let Some(folder) = into.parent() {
        std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    std::fs::rename(toolchain, into).map_err(Error::file("move", toolchain))
}

fn link(original: &Path, link: &Path) -> Result<(), Error> {
    if std::fs::read_link(link).is_ok_and(|there| there == original) {
        return Ok(());
    }
    if let Some(folder) = link.parent() {
        std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    }
    if link.is_symlink() {
        std::fs::remove_file(link).map_err(Error::file("remove", link))?;
    }
    std::os::unix::fs::symlink(original, link).map_err(Error::file("link", link))
}
