//! The file of the running program: what stands between the agent and compilers stays of this version
//! while another is put into its place, and the agent becomes the other between two jobs.

use std::ffi::OsString;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::CollectorError;
use crate::execution::without_secrets;

/// The file that this program was started from.
#[derive(Debug)]
pub(super) struct OwnProgram {
    path: PathBuf,
    known: Mutex<Known>,
}

/// What is known of the file.
#[derive(Debug)]
struct Known {
    /// As it was when this program started.
    started: FileState,
    /// As it was when it was last looked at.
    seen: FileState,
    /// As it was when it turned out to be of no use.
    refused: Option<FileState>,
}

/// What tells a file from the one that takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileState {
    file: u64,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl FileState {
    fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        Some(Self {
            file: number_of(&file),
            bytes: file.len(),
            changed: file.modified().ok(),
        })
    }
}

#[cfg(unix)]
fn number_of(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn number_of(_: &Metadata) -> u64 {
    0
}

impl OwnProgram {
    /// Finds it. To be called before anybody can have replaced it.
    ///
    /// # Errors
    /// When the system does not say where it is.
    pub(super) fn find() -> Result<Self, CollectorError> {
        let running = std::env::current_exe()
            .map_err(CollectorError::io("find the program", "collector".as_ref()))?;
        let started_as = std::env::args_os().next().map(PathBuf::from);
        let path = watched(&running, started_as.as_deref());
        let state = FileState::of(&path).ok_or_else(|| not_there(&path))?;
        Ok(Self {
            path,
            known: Mutex::new(Known {
                started: state,
                seen: state,
                refused: None,
            }),
        })
    }

    /// Gives the program a second name in `folder`, under which it stays what it is when the file is
    /// replaced: by a link, or by a copy where the folder is elsewhere.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn held_in(&self, folder: &Path) -> Result<PathBuf, CollectorError> {
        let held = folder.join("collector");
        let partial = folder.join("collector.partial");
        let _ = std::fs::remove_file(&partial);
        let own = running_file(&self.path);
        let is_same = FileState::of(&own) == FileState::of(&self.path);
        let source = self.path.canonicalize().unwrap_or_else(|_| own.clone());
        let linked = is_same && std::fs::hard_link(source, &partial).is_ok();
        let copied = if linked {
            Ok(())
        } else {
            std::fs::copy(&own, &partial).map(drop)
        };
        // A name that leads to the same file already is left where it is, and so is the partial one.
        let placed = copied.and_then(|()| std::fs::rename(&partial, &held));
        let _ = std::fs::remove_file(&partial);
        placed.map_err(CollectorError::io("put this program into", &held))?;
        Ok(held)
    }

    /// Whether another program is in its place, and has not changed since the last look, so that it
    /// is not being written.
    pub(super) fn is_replaced(&self) -> bool {
        let Some(now) = FileState::of(&self.path) else {
            // It was taken away; perhaps another is on its way.
            return false;
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_settled = known.seen == now;
        known.seen = now;
        is_settled && now != known.started && known.refused != Some(now)
    }

    /// Becomes what is in its place now, with the same arguments and the same process id. Only returns
    /// where that failed, with the reason; the same file is then not taken for a replacement again.
    pub(super) fn become_replacement(&self) -> String {
        let state = FileState::of(&self.path);
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        let reason = match self.trial(&arguments) {
            Ok(()) => self.start_in_place(&arguments),
            Err(reason) => reason,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.refused = state;
        format!("`{}`: {reason}", self.path.display())
    }

    /// Whether the program that is there now starts and knows all options of this command line. It is
    /// asked for help with them, since for that it looks at them and does nothing.
    fn trial(&self, arguments: &[OsString]) -> Result<(), String> {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .arg("--help")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let tried = without_secrets(&mut command)
            .output()
            .map_err(|error| format!("it cannot be started: {error}"))?;
        if tried.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&tried.stderr);
        Err(format!(
            "it does not take this command line ({}): {}",
            tried.status,
            said.lines().next().unwrap_or_default()
        ))
    }

    #[cfg(unix)]
    fn start_in_place(&self, arguments: &[OsString]) -> String {
        use std::os::unix::process::CommandExt;
        let error = Command::new(&self.path).args(arguments).exec();
        format!("it cannot be started: {error}")
    }

    #[cfg(not(unix))]
    fn start_in_place(&self, _: &[OsString]) -> String {
        "this system cannot replace a running program: start it anew".to_owned()
    }
}

/// The path under which a replacement will come: the one by which the program was started, where
/// that leads to it, since it may be a link that is led elsewhere.
fn watched(running: &Path, started_as: Option<&Path>) -> PathBuf {
    let named = started_as.filter(|path| path.components().count() > 1);
    let absolute = named.and_then(|path| std::path::absolute(path).ok());
    absolute
        .filter(|path| path.canonicalize().is_ok_and(|target| target == running))
        .unwrap_or_else(|| running.to_owned())
}

/// A path that leads to the very file that runs, whatever has happened to its name.
#[cfg(target_os = "linux")]
fn running_file(_: &Path) -> PathBuf {
    "/proc/self/exe".into()
}

#[cfg(not(target_os = "linux"))]
fn running_file(path: &Path) -> PathBuf {
    path.to_owned()
}

fn not_there(path: &Path) -> CollectorError {
    CollectorError::io("look at this program's own file", path)(std::io::Error::from(
        std::io::ErrorKind::NotFound,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program_in(folder: &Path) -> OwnProgram {
        let path = folder.join("collector");
        std::fs::write(&path, "old").unwrap();
        let state = FileState::of(&path).unwrap();
        OwnProgram {
            path,
            known: Mutex::new(Known {
                started: state,
                seen: state,
                refused: None,
            }),
        }
    }

    fn replace(program: &OwnProgram, text: &str) {
        let new = program.path.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &program.path).unwrap();
    }

    #[test]
    fn a_replacement_is_seen_once_it_has_settled() {
        let folder = tempfile::tempdir().unwrap();
        let program = program_in(folder.path());
        assert!(!program.is_replaced());
        replace(&program, "newer");
        assert!(!program.is_replaced(), "it may still be written");
        assert!(program.is_replaced());
        std::fs::remove_file(&program.path).unwrap();
        assert!(!program.is_replaced(), "there is nothing to become");
    }

    #[cfg(unix)]
    #[test]
    fn what_does_not_start_is_refused_until_it_changes_again() {
        let folder = tempfile::tempdir().unwrap();
        let program = program_in(folder.path());
        replace(&program, "no program at all");
        program.is_replaced();
        assert!(program.is_replaced());
        let reason = program.become_replacement();
        assert!(reason.contains("cannot be started"), "{reason}");
        assert!(!program.is_replaced());
        replace(&program, "another that is none");
        program.is_replaced();
        assert!(program.is_replaced());
    }

    #[cfg(unix)]
    #[test]
    fn the_name_by_which_it_was_started_is_watched_where_it_is_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("collector-1"), "1").unwrap();
        std::os::unix::fs::symlink(root.join("collector-1"), root.join("collector")).unwrap();
        let running = root.join("collector-1");
        let link = root.join("collector");
        assert_eq!(watched(&running, Some(&link)), link);
        assert_eq!(watched(&running, Some(Path::new("collector"))), running);
        assert_eq!(watched(&running, Some(Path::new("/bin/sh"))), running);
        assert_eq!(watched(&running, None), running);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_held_program_stays_what_it_is_when_the_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let own = std::env::current_exe().unwrap();
        let program = OwnProgram {
            known: Mutex::new(Known {
                started: FileState::of(&own).unwrap(),
                seen: FileState::of(&own).unwrap(),
                refused: None,
            }),
            path: folder.path().join("replaced"),
        };
        std::fs::write(&program.path, "another").unwrap();
        for _ in 0..2 {
            let held = program.held_in(folder.path()).unwrap();
            let bytes = |path: &Path| std::fs::metadata(path).unwrap().len();
            assert_eq!(bytes(&held), bytes(&own));
        }
    }
}
