//! Watching the space that a program takes on the disk.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;

use super::limits::{Limits, space_taken};

/// Watches some folders for a limit on what all that is in them takes together.
#[derive(Debug)]
pub(super) struct DiskWatch {
    folders: Vec<OsString>,
    limit_bytes: Option<u64>,
    /// What was free on the disk of each folder at the beginning, in bytes.
    free_bytes: Vec<Option<u64>>,
}

impl DiskWatch {
    /// Begins to watch.
    pub(super) fn begin(folders: Vec<OsString>, limits: Option<Limits>) -> Self {
        Self {
            free_bytes: folders.iter().map(free_bytes).collect(),
            folders,
            limit_bytes: limits.map(|limits| limits.disk_bytes),
        }
    }

    /// Whether the limit is exceeded while the program runs. Reading the folders would disturb what
    /// is measured: that is done only when the disk has lost more of its free space than the limit
    /// since the last time, be it to this program or to another.
    pub(super) fn exceeded_now(&mut self) -> bool {
        let Some(limit) = self.limit_bytes else {
            return false;
        };
        let free: Vec<_> = self.folders.iter().map(free_bytes).collect();
        let lost = |(before, now): (&Option<u64>, &Option<u64>)| match (before, now) {
            (Some(before), Some(now)) => before.saturating_sub(*now) > limit,
            _ => false,
        };
        if !self.free_bytes.iter().zip(&free).any(lost) {
            return false;
        }
        self.free_bytes = free;
        space_taken(&self.folders) > limit
    }

    /// Whether the limit is exceeded when the program has ended.
    pub(super) fn exceeded_at_end(&self) -> bool {
        self.limit_bytes
            .is_some_and(|limit| space_taken(&self.folders) > limit)
    }
}

fn free_bytes(folder: &OsString) -> Option<u64> {
    let path = CString::new(folder.as_bytes()).ok()?;
    // SAFETY: `statvfs` consists of numbers, of which zero is one.
    let mut disk: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a null byte, and `disk` lives across the call.
    let asked = unsafe { libc::statvfs(path.as_ptr(), &raw mut disk) };
    (asked == 0).then(|| disk.f_bfree.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        memory_bytes: 0,
        processes: 0,
        disk_bytes: 1 << 20,
    };

    #[test]
    fn many_small_files_exceed_a_limit_that_none_of_them_reaches() {
        let folder = tempfile::tempdir().unwrap();
        let folders = vec![folder.path().into()];
        let watch = DiskWatch::begin(folders.clone(), Some(LIMITS));
        let unlimited = DiskWatch::begin(folders, None);
        for number in 0..32 {
            assert!(number > 2 || !watch.exceeded_at_end());
            std::fs::write(folder.path().join(number.to_string()), vec![7; 100_000]).unwrap();
        }
        assert!(watch.exceeded_at_end());
        assert!(!unlimited.exceeded_at_end());
    }
}
