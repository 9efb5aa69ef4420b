//! What a confined program sees of the system.

use std::path::{Path, PathBuf};

/// One thing of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemEntry {
    /// A file or folder that is there inside as it is outside.
    Path(PathBuf),
    /// A link.
    Link {
        /// Where it is.
        at: PathBuf,
        /// What it points to.
        to: PathBuf,
    },
}

/// Programs, libraries, and what says which of them is the linker: everything else of the system,
/// `/etc` and `/home` above all, is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemView(pub Vec<SystemEntry>);

/// Where programs and libraries lie. On most systems all but the first are links into it.
const FOLDERS: [&str; 9] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
];

/// What the C compiler and the loader of programs read of `/etc`.
const OF_ETC: [&str; 4] = [
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
];

impl SystemView {
    /// What of it this host has.
    pub fn of_this_host() -> Self {
        let look = |path: &&str| {
            let at = Path::new(path);
            match at.read_link() {
                Ok(to) => Some(SystemEntry::Link {
                    at: at.to_owned(),
                    to,
                }),
                Err(_) => at.exists().then(|| SystemEntry::Path(at.to_owned())),
            }
        };
        Self(FOLDERS.iter().chain(&OF_ETC).filter_map(look).collect())
    }

    /// The paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|entry| match entry {
            SystemEntry::Path(path) | SystemEntry::Link { at: path, .. } => path.as_path(),
        })
    }
}
