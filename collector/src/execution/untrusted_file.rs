//! Reading what a confined program wrote. It may have put a link there, to a file that it cannot
//! read itself and would like to see in the log, or something that never ends.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// Opens a plain file for reading: no link, no pipe, no device.
///
/// # Errors
/// When it is something else, or the system refuses.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = following_no_link(OpenOptions::new().read(true)).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::other("it is not a plain file"))
}

/// The content of a plain file, if it has at most `bytes_max` bytes.
///
/// # Errors
/// As [`open`], and when it is larger.
pub(crate) fn read(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?.take(bytes_max + 1).read_to_end(&mut content)?;
    if content.len() as u64 > bytes_max {
        return Err(io::Error::other(format!(
            "it has more than {bytes_max} bytes"
        )));
    }
    Ok(content)
}

/// Makes a file empty, or an empty file, and follows no link to another.
pub(crate) fn make_empty(path: &Path) -> io::Result<File> {
    following_no_link(OpenOptions::new().create(true).write(true).truncate(true)).open(path)
}

#[cfg(unix)]
fn following_no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
}

/// Where no program is confined there is nobody to keep anything from.
#[cfg(not(unix))]
fn following_no_link(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_a_pipe_and_a_large_file_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("plain"), "12345").unwrap();
        std::os::unix::fs::symlink(path("plain"), path("link")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(path("pipe"))
            .status();
        assert!(made.unwrap().success());
        assert_eq!(read(&path("plain"), 5).unwrap(), b"12345");
        assert!(read(&path("plain"), 4).is_err());
        assert!(read(&path("link"), 5).is_err());
        assert!(read(&path("pipe"), 5).is_err());
        assert!(make_empty(&path("link")).is_err());
        assert_eq!(std::fs::read(path("plain")).unwrap(), b"12345");
    }
}
