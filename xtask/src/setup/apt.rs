//! Packages of the distribution, installed only when what they bring is missing.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::command::{self, say};
use crate::error::Error;

/// A package, and how to tell that it is not needed.
pub(super) struct Package {
    /// The names that bring it, to be installed together.
    packages: &'static [&'static str],
    /// It is there when one of these is on PATH.
    programs: &'static [&'static str],
    /// And when this command succeeds, where a program alone proves nothing.
    proof: Option<&'static [&'static str]>,
}

pub(super) const C_COMPILER: Package = by_program(&["gcc", "libc6-dev"], &["cc"]);
pub(super) const CPP_COMPILER: Package = by_program(&["g++"], &["c++"]);
pub(super) const NODE: Package = by_program(&["nodejs"], &["node"]);
pub(super) const NPM: Package = by_program(&["npm"], &["npm"]);
pub(super) const CHROMIUM: Package = by_program(
    &["chromium"],
    &["chromium", "chromium-browser", "google-chrome"],
);
pub(super) const CHROMIUM_DRIVER: Package = by_program(&["chromium-driver"], &["chromedriver"]);
pub(super) const VALGRIND: Package = by_program(&["valgrind"], &["valgrind"]);
pub(super) const BUBBLEWRAP: Package = by_program(&["bubblewrap"], &["bwrap"]);
/// It links the disassembler library that its plugin interface needs, so that one comes with it.
pub(super) const QEMU: Package = by_program(&["qemu-user"], &[qemu_of_this_host()]);
pub(super) const QEMU_FOR_ARM: Package = by_program(&["qemu-user"], &["qemu-aarch64"]);
/// With the C library that it links, and that emulated programs load.
pub(super) const LINKER_FOR_ARM: Package = by_program(
    &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
    &["aarch64-linux-gnu-gcc"],
);
pub(super) const PYTHON_VENV: Package = Package {
    packages: &["python3", "python3-venv"],
    programs: &["python3"],
    proof: Some(&["python3", "-c", "import venv, ensurepip"]),
};

const fn by_program(
    packages: &'static [&'static str],
    programs: &'static [&'static str],
) -> Package {
    Package {
        packages,
        programs,
        proof: None,
    }
}

const fn qemu_of_this_host() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "qemu-aarch64"
    } else {
        "qemu-x86_64"
    }
}

/// Installs those of `wanted` that are missing.
pub(super) fn ensure(wanted: &[Package]) -> Result<(), Error> {
    let missing: Vec<&Package> = wanted
        .iter()
        .filter(|package| !package.is_present())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing
        .iter()
        .flat_map(|package| package.packages)
        .copied()
        .collect();
    say(
        "setup",
        &format!("installing {} by apt-get", names.join(", ")),
    );
    update_lists();
    let install = ["install", "--yes", "--no-install-recommends"];
    command::capture(apt_get()?.args(install).args(&names))?;
    match missing.iter().find(|package| !package.is_present()) {
        None => Ok(()),
        Some(package) => Err(package.missing()),
    }
}

/// Where the program of a package that `ensure` has seen to is.
pub(super) fn program(package: &Package) -> Result<PathBuf, Error> {
    let found = package
        .programs
        .iter()
        .find_map(|name| command::find_program(name));
    found.ok_or_else(|| package.missing())
}

/// Fetches the lists of packages, once in this process. Old lists are better than none, so that a
/// failure is only said.
pub(super) fn update_lists() {
    static UPDATED: OnceLock<()> = OnceLock::new();
    UPDATED.get_or_init(|| {
        let updated = apt_get().and_then(|mut apt_get| command::capture(apt_get.arg("update")));
        if let Err(error) = updated {
            say(
                "setup",
                &format!("warning: the lists of packages may be old: {error}"),
            );
        }
    });
}

impl Package {
    fn is_present(&self) -> bool {
        program(self).is_ok()
            && self
                .proof
                .is_none_or(|proof| command::succeeds(Command::new(proof[0]).args(&proof[1..])))
    }

    fn missing(&self) -> Error {
        Error::Missing {
            what: self.programs.join(" or "),
            remedy: format!(
                "install the package {} and repeat",
                self.packages.join(" and ")
            ),
        }
    }
}

fn apt_get() -> Result<Command, Error> {
    if command::find_program("apt-get").is_none() {
        return Err(Error::Missing {
            what: "apt-get".into(),
            remedy: "this is neither Debian nor Ubuntu: install what is missing by hand".into(),
        });
    }
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    if !is_root() {
        command.arg("env");
    }
    // A machine that has just started often has an apt-get of its own at work.
    let patience = ["-o", "DPkg::Lock::Timeout=300"];
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
        .args(patience);
    Ok(command)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_on_the_path_is_not_installed_again() {
        const SHELL: Package = by_program(&["no-such-package"], &["no-such-shell", "sh"]);
        ensure(&[SHELL]).unwrap();
        assert!(program(&SHELL).unwrap().ends_with("sh"));
    }

    #[test]
    fn a_program_that_proves_broken_counts_as_missing() {
        const BROKEN: Package = Package {
            packages: &["p"],
            programs: &["sh"],
            proof: Some(&["sh", "-c", "exit 1"]),
        };
        assert!(!BROKEN.is_present());
        assert_eq!(
            BROKEN.missing().to_string(),
            "sh is missing: install the package p and repeat"
        );
    }
}
