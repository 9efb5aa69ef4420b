//! A Node.js that is new enough for the browser driver. Debian 12 has version 18, which does for
//! npm and wasm-opt and is refused by the driver.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::apt;
use crate::command::{self, say};
use crate::error::Error;

/// The oldest that the browser driver runs on.
const MAJOR_VERSION_MIN: u32 = 20;

/// What is fetched where the machine's own is older.
const FETCHED_VERSION: &str = "22.23.3";

/// The program: the machine's own, or else one from the JavaScript registry, in the cache.
pub(super) fn ensure(cache: &Path) -> Result<PathBuf, Error> {
    let own = apt::program(&apt::NODE)?;
    let version = command::capture(Command::new(&own).arg("--version"))?;
    if major_version(&version).is_some_and(|major| major >= MAJOR_VERSION_MIN) {
        return Ok(own);
    }
    let root = cache.join(format!("tools/node-{FETCHED_VERSION}"));
    let package = format!("node-linux-{}", architecture());
    let program = root.join("node_modules").join(&package).join("bin/node");
    if program.is_file() {
        return Ok(program);
    }
    say(
        "setup",
        &format!(
            "fetching Node.js {FETCHED_VERSION}: this machine's is {}",
            version.trim()
        ),
    );
    std::fs::create_dir_all(&root).map_err(Error::file("create", &root))?;
    command::capture(
        Command::new("npm")
            .args([
                "install",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--prefix",
            ])
            .arg(&root)
            .arg(format!("{package}@{FETCHED_VERSION}"))
            .current_dir(&root),
    )?;
    Ok(program)
}

/// As the packages call it.
fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    }
}

/// Of `v18.20.4` it is 18.
fn major_version(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major_version("v18.20.4\n"), Some(18));
        assert_eq!(major_version("v22.1.0"), Some(22));
        assert_eq!(major_version("20"), None);
        assert_eq!(major_version(""), None);
    }
}
