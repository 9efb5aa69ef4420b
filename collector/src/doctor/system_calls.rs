//! What no file tells of a host.

use std::path::Path;

use crate::CollectorError;

/// The free space that a program of this user has where `work_dir` is or will be, in bytes.
#[cfg(unix)]
pub(crate) fn free_bytes(work_dir: &Path) -> Result<Option<u64>, CollectorError> {
    use std::os::unix::ffi::OsStrExt;
    let existing = work_dir
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("/"));
    let path = std::ffi::CString::new(existing.as_os_str().as_bytes())
        .map_err(|error| CollectorError::io("look at", existing)(std::io::Error::other(error)))?;
    // SAFETY: `statvfs` consists of numbers, of which zero is one.
    let mut disk: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a null byte, and `disk` lives across the call.
    if unsafe { libc::statvfs(path.as_ptr(), &raw mut disk) } != 0 {
        let error = std::io::Error::last_os_error();
        return Err(CollectorError::io("look at the disk of", existing)(error));
    }
    // These numbers have other types on other systems.
    #[allow(clippy::useless_conversion)]
    let (blocks, block_bytes) = (u64::from(disk.f_bavail), u64::from(disk.f_frsize));
    Ok(Some(blocks.saturating_mul(block_bytes)))
}

/// Not known on this system.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_: &Path) -> Result<Option<u64>, CollectorError> {
    Ok(None)
}

/// Whether the kernel's clock is kept right by another one, as a daemon for NTP or the hypervisor
/// tells the kernel. A container may not ask.
#[cfg(target_os = "linux")]
pub(super) fn clock_is_synchronised() -> Option<bool> {
    /// `TIME_ERROR`: nobody keeps it right.
    const ERROR: i32 = 5;
    // SAFETY: `timex` consists of numbers, of which zero is one; zero modes change nothing.
    let mut clock: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: `clock` lives across the call.
    match unsafe { libc::adjtimex(&raw mut clock) } {
        -1 => None,
        state => Some(state != ERROR),
    }
}

/// Not known on this system.
#[cfg(not(target_os = "linux"))]
pub(super) fn clock_is_synchronised() -> Option<bool> {
    None
}
