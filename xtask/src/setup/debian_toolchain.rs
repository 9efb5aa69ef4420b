//! Debian's rustc as a rustup toolchain, unpacked privately.
//!
//! Its packages conflict with Debian's own rustc and with rustup, so they are not installed but
//! fetched and unpacked into the cache. It serves twice: where rustup cannot supply WebAssembly,
//! `rust-web-src` holds the source of exactly this compiler's `std`; and it is a second compiler
//! with a real commit hash (`rustc -vV` tells it) on a machine that has only one toolchain.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt;
use super::wasm::{WASM_TARGET, active_toolchain};
use crate::command::{self, say};
use crate::error::Error;

/// Its name in rustup.
pub(super) const NAME: &str = "wasm-fallback";

/// What is wanted by name; libraries that these need come along.
const PACKAGES: [&str; 4] = [
    "rustc-web",
    "libstd-rust-web-dev",
    "rust-web-src",
    "patchelf",
];

/// Makes sure that the toolchain is there, for this host. Returns its name for rustup.
pub(super) fn ensure(cache: &Path) -> Result<&'static str, Error> {
    let folder = folder(cache);
    if is_linked(cache) {
        return Ok(NAME);
    }
    let unpacked = folder.with_extension("part");
    for old in [&folder, &unpacked] {
        if old.exists() {
            std::fs::remove_dir_all(old).map_err(Error::file("remove", old))?;
        }
    }
    unpack(&unpacked)?;
    let usr = unpacked.join("usr");
    set_library_paths(&usr)?;
    borrow_from_rustup(&usr)?;
    std::fs::rename(&unpacked, &folder).map_err(Error::file("move", &unpacked))?;
    command::capture(
        Command::new("rustup")
            .args(["toolchain", "link", NAME])
            .arg(folder.join("usr")),
    )?;
    if is_linked(cache) {
        return Ok(NAME);
    }
    Err(Error::Missing {
        what: "a working Debian rustc".into(),
        remedy: format!("run `rustup run {NAME} rustc -vV` and see why it fails"),
    })
}

/// Builds `std` for WebAssembly into the toolchain. It takes about a minute.
pub(super) fn build_wasm_std(cache: &Path) -> Result<(), Error> {
    say("setup", "building std for WebAssembly, about a minute");
    let work = cache.join("wasm-std-build");
    let package = work.join("package");
    write_empty_package(&package)?;
    command::capture(
        Command::new("rustup")
            .args([
                "run",
                NAME,
                "cargo",
                "build",
                "--release",
                "--target",
                WASM_TARGET,
            ])
            .arg("-Zbuild-std=std,panic_abort,test")
            .current_dir(&package)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            // Without bitcode in std, fat LTO of the page fails.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", work.join("target")),
    )?;
    let installed = folder(cache)
        .join("usr/lib/rustlib")
        .join(WASM_TARGET)
        .join("lib");
    std::fs::create_dir_all(&installed).map_err(Error::file("create", &installed))?;
    let built = work.join("target").join(WASM_TARGET).join("release/deps");
    for file in files_of(&built)? {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            std::fs::copy(&file, installed.join(name)).map_err(Error::file("copy", &file))?;
        }
    }
    std::fs::remove_dir_all(&work).map_err(Error::file("remove", &work))
}

fn folder(cache: &Path) -> PathBuf {
    cache.join("debian-rustc")
}

/// Asks through rustup, so that a link that points elsewhere counts as missing.
fn is_linked(cache: &Path) -> bool {
    let linked = Command::new("rustup")
        .args(["run", NAME, "rustc", "--print=sysroot"])
        .output();
    linked.is_ok_and(|output| {
        let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let own = folder(cache).join("usr");
        std::fs::canonicalize(sysroot).ok() == std::fs::canonicalize(own).ok()
            && output.status.success()
    })
}

fn unpack(into: &Path) -> Result<(), Error> {
    apt::update_lists();
    let names = packages_to_unpack()?;
    say(
        "setup",
        &format!("fetching {} packages of Debian's rustc", names.len()),
    );
    let downloads = into.join("downloads");
    std::fs::create_dir_all(&downloads).map_err(Error::file("create", &downloads))?;
    // apt's own user may not write into a home folder.
    let sandbox = ["-o", "APT::Sandbox::User=root"];
    command::capture(
        Command::new("apt-get")
            .args(sandbox)
            .arg("download")
            .args(&names)
            .current_dir(&downloads),
    )?;
    for archive in files_of(&downloads)? {
        command::capture(Command::new("dpkg").arg("-x").arg(&archive).arg(into))?;
    }
    std::fs::remove_dir_all(&downloads).map_err(Error::file("remove", &downloads))
}

fn packages_to_unpack() -> Result<BTreeSet<String>, Error> {
    let dependencies = command::capture(
        Command::new("apt-cache")
            .args([
                "depends",
                "--recurse",
                "--no-recommends",
                "--no-suggests",
                "--no-conflicts",
            ])
            .args(["--no-breaks", "--no-replaces", "--no-enhances"])
            .args(PACKAGES),
    )?;
    let installed = command::capture(
        Command::new("dpkg-query").args(["-W", "-f=${db:Status-Abbrev}${Package}\n"]),
    )?;
    Ok(select_packages(&dependencies, &installed))
}

/// `dependencies` as `apt-cache depends` prints them: each package at the start of a line, what it
/// needs indented below. `installed`: `ii NAME` in each line.
fn select_packages(dependencies: &str, installed: &str) -> BTreeSet<String> {
    let is_installed = |name: &str| {
        installed
            .lines()
            .any(|line| line.strip_prefix("ii ") == Some(name))
    };
    let is_its_own = |name: &str| name.starts_with("libstd-rust-") || name.starts_with("libllvm");
    let is_lacking_library =
        |name: &str| name.starts_with("lib") && !name.ends_with("-dev") && !is_installed(name);
    let names = dependencies
        .lines()
        .filter(|line| !line.starts_with([' ', '<', '|']));
    names
        .filter(|name| PACKAGES.contains(name) || is_its_own(name) || is_lacking_library(name))
        .map(str::to_owned)
        .collect()
}

/// Lets programs and libraries find each other where they were unpacked, with no wrapper scripts:
/// a measured compiler must be the program itself.
fn set_library_paths(usr: &Path) -> Result<(), Error> {
    let libraries = library_folder(usr)?;
    let architecture = libraries.file_name().unwrap_or_default().to_string_lossy();
    let patchelf = usr.join("bin/patchelf");
    let from_programs = format!("$ORIGIN/../lib/{architecture}");
    for program in ["rustc", "rustdoc"] {
        let program = usr.join("bin").join(program);
        command::capture(
            Command::new(&patchelf)
                .arg("--set-rpath")
                .arg(&from_programs)
                .arg(program),
        )?;
    }
    for library in files_of(&libraries)? {
        let is_library = library.to_string_lossy().contains(".so");
        if is_library && !library.is_symlink() {
            command::capture(
                Command::new(&patchelf)
                    .args(["--set-rpath", "$ORIGIN"])
                    .arg(library),
            )?;
        }
    }
    Ok(())
}

/// The folder of the compiler's own library, `usr/lib/x86_64-linux-gnu`.
fn library_folder(usr: &Path) -> Result<PathBuf, Error> {
    let mut folders = files_of(&usr.join("lib"))?
        .into_iter()
        .filter(|folder| folder.is_dir());
    folders
        .find(|folder| {
            files_of(folder).is_ok_and(|files| {
                files
                    .iter()
                    .any(|file| file.to_string_lossy().contains("librustc_driver"))
            })
        })
        .ok_or_else(|| Error::Missing {
            what: "librustc_driver in Debian's packages".into(),
            remedy: "their layout has changed: report it".into(),
        })
}

/// cargo and the WebAssembly linker are rustup's: the compiler needs none of its own.
fn borrow_from_rustup(usr: &Path) -> Result<(), Error> {
    let active = active_toolchain()?;
    let which = ["which", "--toolchain", &active, "cargo"];
    let cargo = PathBuf::from(command::capture(Command::new("rustup").args(which))?.trim());
    let verbose = command::capture(Command::new("rustup").args(["run", &active, "rustc", "-vV"]))?;
    let host = verbose
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let programs = format!("lib/rustlib/{host}/bin");
    let toolchain = cargo.ancestors().nth(2).unwrap_or(&cargo);
    std::fs::create_dir_all(usr.join(&programs)).map_err(Error::file("create", usr))?;
    for (original, link) in [
        (cargo.clone(), usr.join("bin/cargo")),
        (
            toolchain.join(&programs).join("rust-lld"),
            usr.join(&programs).join("rust-lld"),
        ),
    ] {
        std::os::unix::fs::symlink(&original, &link).map_err(Error::file("link", &link))?;
    }
    Ok(())
}

fn write_empty_package(package: &Path) -> Result<(), Error> {
    let sources = package.join("src");
    std::fs::create_dir_all(&sources).map_err(Error::file("create", &sources))?;
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
        [profile.release]\npanic = \"abort\"\n[workspace]\n";
    for (path, text) in [
        (package.join("Cargo.toml"), manifest),
        (sources.join("lib.rs"), ""),
    ] {
        std::fs::write(&path, text).map_err(Error::file("write", &path))?;
    }
    Ok(())
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(folder).map_err(Error::file("read", folder))?;
    entries
        .map(|entry| Ok(entry.map_err(Error::file("read", folder))?.path()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPENDENCIES: &str = "rustc-web\n  Depends: libc6\n  Depends: libllvm22\nlibc6\n\
        libc6-dev\ngcc\nlibllvm22\nlibz3-4\n<libgcc1>\nlibstd-rust-web-1.96\npatchelf\n";

    #[test]
    fn libraries_that_are_installed_are_not_fetched_again() {
        let selected = select_packages(DEPENDENCIES, "ii libc6\nii gcc\nrc libz3-4\n");
        let expected = [
            "libllvm22",
            "libstd-rust-web-1.96",
            "libz3-4",
            "patchelf",
            "rustc-web",
        ];
        assert_eq!(
            selected.iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn the_compilers_own_libraries_are_fetched_even_when_installed() {
        let selected = select_packages(DEPENDENCIES, "ii libllvm22\nii libc6\n");
        assert!(selected.contains("libllvm22"));
    }
}
