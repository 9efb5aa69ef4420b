//! The files in which Linux tells of a host, under a root that a test may choose.

use std::io;
use std::path::{Path, PathBuf};

/// The folder that holds `proc` and `sys`.
#[derive(Debug, Clone)]
pub struct HostTree(PathBuf);

impl HostTree {
    /// The files of the host that this program runs on.
    pub fn of_this_host() -> Self {
        Self(PathBuf::from("/"))
    }

    /// The files under another root: a recorded host.
    pub fn under(root: &Path) -> Self {
        Self(root.to_owned())
    }

    /// The text of a file without the white space around it, or `None` where it cannot be read or
    /// says nothing. `path` is relative to the root: `proc/meminfo`.
    pub fn read(&self, path: &str) -> Option<String> {
        let text = std::fs::read_to_string(self.0.join(path)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The number that a file holds.
    pub fn read_number<T: std::str::FromStr>(&self, path: &str) -> Option<T> {
        self.read(path)?.parse().ok()
    }

    /// The names in a folder, in order; none where there is no such folder.
    pub fn names_in(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(path)).into_iter().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    /// Whether there is such a file or folder.
    pub fn has(&self, path: &str) -> bool {
        self.0.join(path).exists()
    }

    /// Writes into a file that is there. The kernel's files are never made.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, path: &str, text: &str) -> io::Result<()> {
        use io::Write;
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).truncate(true).open(self.0.join(path))?;
        file.write_all(text.as_bytes())
    }
}
