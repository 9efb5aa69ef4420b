//! What a confined program may reach of the disk, beside the system's own programs and libraries.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files and folders that a confined program may reach. All lie inside at the paths that they have
/// outside: results and incremental caches depend on paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// What it may read and execute. What is not there is left out.
    pub readable: Vec<PathBuf>,
    /// What it may change, too. Each must be there.
    pub writable: Vec<PathBuf>,
}

/// How a path may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    Read,
    Write,
}

impl Access {
    /// Each path once, those that hold others before them, so that what is inside a folder can be
    /// of another use than the folder. What is readable with its folder is left out: it may be a
    /// link there, and nothing can be put in the place of one.
    pub(super) fn by_path(&self) -> BTreeMap<&PathBuf, Use> {
        let readable = self.readable.iter().map(|path| (path, Use::Read));
        let writable = self.writable.iter().map(|path| (path, Use::Write));
        let all: BTreeMap<&PathBuf, Use> = readable.chain(writable).collect();
        let use_of_folder = |path: &PathBuf| {
            let mut folders = path.ancestors().skip(1);
            folders.find_map(|folder| all.get(&folder.to_owned()).copied())
        };
        let is_needed = |(path, usage): &(&PathBuf, Use)| {
            *usage == Use::Write || use_of_folder(path) != Some(Use::Read)
        };
        let needed = all.iter().map(|(path, usage)| (*path, *usage));
        needed.filter(is_needed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_readable_with_its_folder_is_left_out_and_what_is_writable_in_it_is_not() {
        let access = Access {
            readable: ["/t/bin", "/t/bin/cargo", "/t/bin/own/file", "/u"]
                .map(PathBuf::from)
                .to_vec(),
            writable: ["/t/bin/own", "/u/output"].map(PathBuf::from).to_vec(),
        };
        let uses: Vec<_> = access.by_path().into_iter().collect();
        assert_eq!(
            uses,
            [
                (&PathBuf::from("/t/bin"), Use::Read),
                (&PathBuf::from("/t/bin/own"), Use::Write),
                (&PathBuf::from("/t/bin/own/file"), Use::Read),
                (&PathBuf::from("/u"), Use::Read),
                (&PathBuf::from("/u/output"), Use::Write),
            ]
        );
    }
}
