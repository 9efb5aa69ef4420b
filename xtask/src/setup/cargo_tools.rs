//! Programs from the crates registry, built once into the cache and keyed by version.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, say};
use crate::error::Error;

/// A program that cargo can install.
pub(super) struct CargoTool {
    crate_name: &'static str,
    version: &'static str,
    program: &'static str,
    /// The features that it is built with, separated by commas.
    features: &'static str,
    /// Minutes of one core that building it takes, for the person who waits.
    build_minutes: u32,
}

pub(super) const TRUNK: CargoTool = CargoTool {
    crate_name: "trunk",
    version: "0.21.14",
    program: "trunk",
    features: "",
    build_minutes: 9,
};
/// The version of the crate in `frontend/Cargo.toml`: they speak a private format.
pub(super) const WASM_BINDGEN: CargoTool = CargoTool {
    crate_name: "wasm-bindgen-cli",
    version: "0.2.129",
    program: "wasm-bindgen",
    features: "",
    build_minutes: 4,
};
/// Reads what the crate `wasm_split_helpers` in `frontend/Cargo.toml` leaves behind.
pub(super) const WASM_SPLIT: CargoTool = CargoTool {
    crate_name: "wasm_split_cli_support",
    version: "0.2.4",
    program: "wasm-split-cli",
    features: "build-binary",
    build_minutes: 2,
};
pub(super) const NEXTEST: CargoTool = CargoTool {
    crate_name: "cargo-nextest",
    version: "0.9.143",
    program: "cargo-nextest",
    features: "",
    build_minutes: 10,
};
pub(super) const DENY: CargoTool = CargoTool {
    crate_name: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    features: "",
    build_minutes: 10,
};

pub(super) const FUZZ: CargoTool = CargoTool {
    crate_name: "cargo-fuzz",
    version: "0.13.2",
    program: "cargo-fuzz",
    features: "",
    build_minutes: 2,
};

/// The folder to put on PATH, if the program is in the cache.
pub(super) fn find(cache: &Path, tool: &CargoTool) -> Option<PathBuf> {
    let folder = root(cache, tool).join("bin");
    folder.join(tool.program).is_file().then_some(folder)
}

/// Installs the program unless it is in the cache, and returns the folder to put on PATH.
pub(super) fn ensure(cache: &Path, tool: &CargoTool) -> Result<PathBuf, Error> {
    if let Some(folder) = find(cache, tool) {
        return Ok(folder);
    }
    let tools = cache.join("tools");
    std::fs::create_dir_all(&tools).map_err(Error::file("create", &tools))?;
    let root = root(cache, tool);
    install(&tools, &root, tool)?;
    Ok(root.join("bin"))
}

fn root(cache: &Path, tool: &CargoTool) -> PathBuf {
    cache
        .join("tools")
        .join(format!("{}-{}", tool.crate_name, tool.version))
}

fn install(tools: &Path, root: &Path, tool: &CargoTool) -> Result<(), Error> {
    let CargoTool {
        crate_name,
        version,
        features,
        build_minutes,
        ..
    } = tool;
    say(
        "setup",
        &format!("building {crate_name} {version}, about {build_minutes} min of a core"),
    );
    let target = tools.join(format!("{crate_name}-{version}-build"));
    let mut cargo = Command::new("cargo");
    cargo
        .args(["install", "--locked", crate_name, "--version", version])
        .args(["--features", features])
        .arg("--root")
        .arg(root)
        .env("CARGO_TARGET_DIR", &target);
    // Progress for a person; a log would only fill with hundreds of lines.
    let installed = if std::io::stderr().is_terminal() {
        command::run(&mut cargo)
    } else {
        command::capture(&mut cargo).map(drop)
    };
    // Gigabytes that nothing reads again; a leftover does no harm but to the disk.
    let _ = std::fs::remove_dir_all(&target);
    installed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_in_the_cache_is_not_built_again() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("tools/trunk-0.21.14/bin");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("trunk"), "").unwrap();
        assert_eq!(ensure(cache.path(), &TRUNK).unwrap(), folder);
    }

    #[test]
    fn wasm_bindgen_has_the_same_version_as_the_crate_that_the_page_uses() {
        let manifest = include_str!("../../../frontend/Cargo.toml");
        let line = format!("wasm-bindgen = \"={}\"", WASM_BINDGEN.version);
        assert!(
            manifest.lines().any(|found| found == line),
            "{line} is not in the manifest"
        );
    }
}
