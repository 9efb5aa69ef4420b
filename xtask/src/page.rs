//! Building the page with Trunk, cutting it into parts, and not building it when nothing has changed.

mod link_script;
mod loader;
mod parts;
mod unused_exports;
pub(crate) mod weight;

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::command::{self, say};
use crate::error::Error;
use crate::setup::PageTools;
use crate::workspace::Workspace;

use parts::Cutting;

/// What the page is made from, relative to the checkout.
const SOURCES: [&str; 9] = [
    ".cargo/config.toml",
    "Cargo.toml",
    "Cargo.lock",
    "shared-types",
    "analysis",
    "frontend",
    "docs/glossary.md",
    "xtask/src/page.rs",
    "xtask/src/page",
];

/// Folders below the sources that are no part of the page: those that are made, not written, and
/// what looks at it.
const OTHER_FOLDERS: [&str; 4] = ["dist", "node_modules", "target", "browser-tests"];

/// Digits of the fingerprint in the names of files: servers take a name with as many for one that is
/// the name of its content for ever.
const HASH_DIGITS: usize = 16;

/// Compresses the built files once, as well as can be, so that the server need not do it badly each
/// time. Node.js brings Brotli along.
const COMPRESS: &str = r#"
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { brotliCompressSync, constants } = require("node:zlib");
for (const entry of readdirSync(process.argv[1], { recursive: true, withFileTypes: true })) {
  const path = `${entry.parentPath ?? entry.path}/${entry.name}`;
  if (!entry.isFile() || !/\.(wasm|js|css|html|svg|md)$/.test(path)) continue;
  const content = readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
}
"#;

/// Builds the page unless it is up to date, and returns the folder that a web server serves.
pub(crate) fn build_page(workspace: &Workspace, tools: &PageTools) -> Result<PathBuf, Error> {
    let dist = workspace.frontend().join("dist");
    let wanted = fingerprint(workspace.root(), &tools.toolchain)?;
    let stamp_path = workspace.target().join("page-fingerprint");
    let found = std::fs::read_to_string(&stamp_path).ok();
    if dist.join("index.html").is_file() && found.as_deref() == Some(&wanted) {
        return Ok(dist);
    }
    say("page", "building (some minutes the first time)");
    // Trunk is told to stay offline, and so is the cargo that it starts.
    command::run(
        with_small_std(&mut Command::new("cargo"), &tools.toolchain)
            .args(["fetch", "--quiet"])
            .current_dir(workspace.root()),
    )?;
    command::run(
        with_small_std(&mut Command::new("trunk"), &tools.toolchain)
            .args(["build", "--release", "--offline", "--minify=true"])
            .args(["--features", "split"])
            .current_dir(workspace.frontend())
            .env("PATH", command::path_with(&tools.path_folders))
            // Trunk takes only `true` and `false` where others set 1.
            .env_remove("NO_COLOR"),
    )?;
    let target = workspace.target();
    Cutting {
        compiled: &target.join("wasm32-unknown-unknown/page/frontend.wasm"),
        work: &target.join("page-parts"),
        dist: &dist,
        path_folders: &tools.path_folders,
        hash: &wanted[..HASH_DIGITS],
    }
    .run()?;
    command::run(Command::new("node").args(["-e", COMPRESS]).arg(&dist))?;
    std::fs::create_dir_all(&target).map_err(Error::file("create", &target))?;
    std::fs::write(&stamp_path, wanted).map_err(Error::file("write", &stamp_path))?;
    Ok(dist)
}

/// Makes cargo build `std` too, as small as can be: the one that comes compiled takes apart numbers and
/// texts fast, and can say what went wrong where it panics. That is a tenth of what a reader downloads,
/// and nobody hears it: a page that panicked has stopped either way.
fn with_small_std<'c>(command: &'c mut Command, toolchain: &str) -> &'c mut Command {
    command
        .env("RUSTUP_TOOLCHAIN", toolchain)
        // Building `std` is unstable; what the page is written in is not.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Zunstable-options -Cpanic=immediate-abort",
        )
        // These describe how this program was built, by another toolchain.
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("CARGO")
}

/// Changes when anything changes that the page is made from.
fn fingerprint(root: &Path, toolchain: &str) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    hasher.update(toolchain);
    for source in SOURCES {
        let mut files = Vec::new();
        collect_files(&root.join(source), &mut files)?;
        files.sort();
        for file in files {
            let content = std::fs::read(&file).map_err(Error::file("read", &file))?;
            let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy();
            // With the lengths, no other cut of the same bytes gives the same hash.
            hasher.update(format!("\n{}:{name}{}:", name.len(), content.len()));
            hasher.update(content);
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn collect_files(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    if !path.is_dir() {
        if path.is_file() {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(Error::file("read", path))? {
        let entry = entry.map_err(Error::file("read", path))?;
        if !OTHER_FOLDERS
            .iter()
            .any(|folder| entry.file_name() == *folder)
        {
            collect_files(&entry.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_follows_the_sources_and_nothing_else() {
        let checkout = tempfile::tempdir().unwrap();
        let root = checkout.path();
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("frontend/src/main.rs", "one");
        let first = fingerprint(root, "stable").unwrap();

        write("frontend/dist/index.html", "made");
        write("collector/src/lib.rs", "no part of the page");
        assert_eq!(fingerprint(root, "stable").unwrap(), first);

        assert_ne!(fingerprint(root, "wasm-fallback").unwrap(), first);
        write("analysis/src/lib.rs", "two");
        assert_ne!(fingerprint(root, "stable").unwrap(), first);
    }
}
