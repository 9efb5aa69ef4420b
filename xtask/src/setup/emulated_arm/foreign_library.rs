//! The one library that rustc for ARM needs and the cross compiler's packages do not bring: zlib.
//!
//! It is Debian's for arm64, fetched with an apt of its own, so that this machine's packages and
//! architectures stay as they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, say};
use crate::error::Error;

const PACKAGE: &str = "zlib1g";
const LIBRARY: &str = "libz.so.1";

/// Makes sure that the library is in `folder`. Returns its path.
pub(super) fn ensure(folder: &Path) -> Result<PathBuf, Error> {
    let library = folder.join(LIBRARY);
    if library.is_file() {
        return Ok(library);
    }
    say("setup", &format!("fetching {PACKAGE} for arm64 by apt-get"));
    let work = folder.join("apt");
    let fetched = fetch(&work).map_err(|error| Error::Missing {
        what: format!("the package {PACKAGE} for arm64"),
        remedy: format!(
            "put {LIBRARY} of a 64-bit ARM system into {} and repeat ({error})",
            folder.display()
        ),
    })?;
    // The name is a link to the file of the whole version.
    std::fs::copy(&fetched, &library).map_err(Error::file("copy", &fetched))?;
    std::fs::remove_dir_all(&work).map_err(Error::file("remove", &work))?;
    Ok(library)
}

fn fetch(work: &Path) -> Result<PathBuf, Error> {
    let unpacked = work.join("unpacked");
    for part in ["lists/partial", "cache/archives/partial", "unpacked"] {
        let part = work.join(part);
        std::fs::create_dir_all(&part).map_err(Error::file("create", &part))?;
    }
    let configuration = work.join("apt.conf");
    for (path, text) in [
        (&configuration, configuration_text(work)),
        (&work.join("status"), String::new()),
    ] {
        std::fs::write(path, text).map_err(Error::file("write", path))?;
    }
    let apt_get = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(words)
            .env("APT_CONFIG", &configuration)
            .current_dir(work);
        command::capture(&mut command)
    };
    apt_get(&["--quiet", "update"])?;
    apt_get(&["--quiet", "download", PACKAGE])?;
    let is_package = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "deb");
    let entries = std::fs::read_dir(work).map_err(Error::file("read", work))?;
    let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let missing = |what: String| Error::Missing {
        what,
        remedy: "apt-get has changed: report it".into(),
    };
    let package = paths
        .find(is_package)
        .ok_or_else(|| missing(format!("what apt-get downloaded of {PACKAGE}")))?;
    command::capture(Command::new("dpkg").arg("-x").arg(package).arg(&unpacked))?;
    ["lib", "usr/lib"]
        .map(|part| unpacked.join(part).join("aarch64-linux-gnu").join(LIBRARY))
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| missing(format!("{LIBRARY} in {PACKAGE}")))
}

/// An apt that has this machine's sources, and nothing else of it.
fn configuration_text(work: &Path) -> String {
    let work = work.display();
    format!(
        "APT::Architecture \"arm64\";\n\
         APT::Architectures {{ \"arm64\"; }};\n\
         APT::Sandbox::User \"root\";\n\
         Dir::State \"{work}/\";\n\
         Dir::State::Lists \"{work}/lists/\";\n\
         Dir::State::status \"{work}/status\";\n\
         Dir::Cache \"{work}/cache/\";\n"
    )
}
