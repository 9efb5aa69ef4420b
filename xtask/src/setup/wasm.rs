//! A toolchain that compiles to WebAssembly: the active one where it can or can be made to, else
//! Debian's.

use std::path::Path;
use std::process::Command;

use super::debian_toolchain;
use crate::command::{self, say};
use crate::error::Error;

/// What the page is compiled to.
pub(super) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A server that does not answer is given up after this.
const DOWNLOAD_SECONDS_MAX: u32 = 300;

/// Allocates and is linked with fat LTO, as the page is: a `std` without bitcode fails here.
const PROBE: &str = "#![crate_type = \"cdylib\"]\n\
    #[unsafe(no_mangle)] pub extern \"C\" fn f(n: u32) -> usize { vec![0u8; n as usize].len() }\n";

/// Makes sure that there is a toolchain for WebAssembly, with the source of `std`, and returns its name
/// for rustup.
pub(super) fn ensure_toolchain(cache: &Path) -> Result<String, Error> {
    let active = active_toolchain()?;
    if serves(cache, &active)? {
        return Ok(active);
    }
    if serves(cache, debian_toolchain::NAME)? {
        return Ok(debian_toolchain::NAME.into());
    }
    say(
        "setup",
        &format!("adding {WASM_TARGET} and the source of std to toolchain {active} by rustup"),
    );
    let wanted = [
        ["target", "add", WASM_TARGET],
        ["component", "add", "rust-src"],
    ];
    let added = wanted.iter().all(|arguments| {
        command::succeeds(
            command::with_time_limit("rustup", DOWNLOAD_SECONDS_MAX)
                .args(arguments)
                .args(["--toolchain", &active]),
        )
    });
    if added && serves(cache, &active)? {
        return Ok(active);
    }
    say(
        "setup",
        "rustup cannot supply it: using Debian's rustc, with std built from its source",
    );
    debian_toolchain::ensure(cache)?;
    debian_toolchain::build_wasm_std(cache)?;
    if serves(cache, debian_toolchain::NAME)? {
        return Ok(debian_toolchain::NAME.into());
    }
    Err(Error::Missing {
        what: format!("a toolchain for {WASM_TARGET} with the source of std"),
        remedy: format!(
            "run `rustup target add {WASM_TARGET}` and `rustup component add rust-src`, and see why one fails"
        ),
    })
}

fn serves(cache: &Path, toolchain: &str) -> Result<bool, Error> {
    Ok(has_source_of_std(toolchain) && builds_wasm(cache, toolchain)?)
}

/// The page is built with a `std` of its own, as small as can be.
fn has_source_of_std(toolchain: &str) -> bool {
    let sysroot = command::capture(Command::new("rustup").args([
        "run",
        toolchain,
        "rustc",
        "--print=sysroot",
    ]));
    sysroot.is_ok_and(|sysroot| {
        Path::new(sysroot.trim())
            .join("lib/rustlib/src/rust/library/Cargo.toml")
            .is_file()
    })
}

/// The toolchain that rustup uses here.
pub(super) fn active_toolchain() -> Result<String, Error> {
    if command::find_program("rustup").is_none() {
        return Err(Error::Missing {
            what: "rustup".into(),
            remedy: "install Rust from https://rustup.rs".into(),
        });
    }
    let shown = command::capture(Command::new("rustup").args(["show", "active-toolchain"]))?;
    first_word(&shown)
        .map(str::to_owned)
        .ok_or_else(|| Error::NotUnderstood {
            what: "the active toolchain that rustup shows".into(),
            reason: format!("`{shown}` is empty"),
        })
}

fn builds_wasm(cache: &Path, toolchain: &str) -> Result<bool, Error> {
    let folder = cache.join(format!("wasm-probe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let source = folder.join("probe.rs");
    std::fs::write(&source, PROBE).map_err(Error::file("write", &source))?;
    let built = command::succeeds(
        Command::new("rustup")
            .args([
                "run",
                toolchain,
                "rustc",
                "--edition=2024",
                "--target",
                WASM_TARGET,
            ])
            .args(["-O", "-Clto=fat", "-Cpanic=abort", "-o"])
            .arg(folder.join("probe.wasm"))
            .arg(&source),
    );
    std::fs::remove_dir_all(&folder).map_err(Error::file("remove", &folder))?;
    Ok(built)
}

fn first_word(text: &str) -> Option<&str> {
    text.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_stands_before_the_reason() {
        let shown = "stable-x86_64-unknown-linux-gnu (default)\n";
        assert_eq!(first_word(shown), Some("stable-x86_64-unknown-linux-gnu"));
        assert_eq!(first_word("\n"), None);
    }
}
