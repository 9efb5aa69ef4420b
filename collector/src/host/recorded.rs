//! Hosts that nobody has at hand, as files under a folder of the test's own.

use std::path::Path;

use super::{CpuList, HostTree};

/// A recorded host: its files, and the folder that goes when this does.
pub(crate) struct RecordedHost {
    pub(crate) tree: HostTree,
    folder: tempfile::TempDir,
}

impl RecordedHost {
    /// The host of a file in `tests/host-trees`: `amd-zen4`.
    pub(crate) fn named(name: &str) -> Self {
        let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host-trees");
        let text = std::fs::read_to_string(recordings.join(format!("{name}.txt"))).unwrap();
        let (_, files) = text.split_once("=== ").unwrap();
        let files = files
            .split("\n=== ")
            .map(|file| file.split_once('\n').unwrap_or((file, "")));
        Self::of(files)
    }

    /// A host of these files: path and text.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path.trim());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self {
            tree: HostTree::under(folder.path()),
            folder,
        }
    }

    /// Its logical processors.
    pub(crate) fn online(&self) -> CpuList {
        let list = self.tree.read("sys/devices/system/cpu/online");
        list.and_then(|list| CpuList::parse(&list))
            .unwrap_or_default()
    }

    /// Makes a file one that can be read and that not even the administrator can write.
    pub(crate) fn protect(&self, path: &str) {
        let path = self.folder.path().join(path);
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/proc/version", &path).unwrap();
    }
}
