//! How much a confined program may take of the host, together with all that it starts.

use std::collections::BTreeMap;
#[cfg(target_os = "linux")]
use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(target_os = "linux")]
use super::descendants::Census;

/// How much a confined program may take.
///
/// The kernel holds each process to `memory_bytes` of its own writable memory (`RLIMIT_DATA`; not
/// `RLIMIT_AS`, since a compiler maps gigabytes of metadata and libraries that it never writes to,
/// and an emulator reserves address space by the terabyte), and each file to `disk_bytes`
/// (`RLIMIT_FSIZE`). In a user namespace of its own, from Linux 5.14 on, `RLIMIT_NPROC` counts the
/// processes of that namespace alone, and root's not at all. What no limit of the kernel's can hold
/// is looked at once a second: memory and processes taken together, and the space on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory, in bytes: of one process, and of all together.
    pub memory_bytes: u64,
    /// Processes and threads at one time.
    pub processes: u64,
    /// Space on the disk, in bytes: of one file, and of all that may be written together.
    pub disk_bytes: u64,
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::processes`].
    Processes,
    /// [`Limits::disk_bytes`].
    Disk,
}

/// More than a build with all cores of a large host has at one time, and less than hurts one.
const PROCESSES: u64 = 4_096;
/// Several times the largest build folder of the suite.
const DISK_BYTES: u64 = 32 << 30;
/// Where the host does not tell its memory.
const MEMORY_BYTES: u64 = 8 << 30;

impl Limits {
    /// The limits where nobody chose others, on a host of so much memory: three quarters of it, so
    /// that the rest of the host goes on.
    pub fn of_host(memory_bytes: Option<u64>) -> Self {
        Self {
            memory_bytes: memory_bytes.map_or(MEMORY_BYTES, |bytes| bytes / 4 * 3),
            processes: PROCESSES,
            disk_bytes: DISK_BYTES,
        }
    }

    /// The limit that so many processes with so much memory are beyond.
    #[cfg(target_os = "linux")]
    pub(super) fn reached_by(&self, census: Census) -> Option<Limit> {
        if census.processes > self.processes {
            return Some(Limit::Processes);
        }
        (census.resident_bytes > self.memory_bytes).then_some(Limit::Memory)
    }

    /// What happened to a program that was ended at a limit, in words.
    pub fn in_words(&self, limit: Limit) -> String {
        match limit {
            Limit::Memory => format!(
                "took more than {} of memory with all its processes and was killed \
                 (--memory-limit)",
                ByteSize(self.memory_bytes)
            ),
            Limit::Processes => format!(
                "had more than {} processes and threads at a time and was killed \
                 (--process-limit)",
                self.processes
            ),
            Limit::Disk => format!(
                "wrote more than {} to the disk and was ended (--disk-limit)",
                ByteSize(self.disk_bytes)
            ),
        }
    }

    /// Words for whoever reads what a confined program wrote before it failed, where it looks as if
    /// it had met a barrier: the message of the system alone would send them looking elsewhere.
    pub fn hint(&self, output: &str) -> Option<String> {
        let barriers = BTreeMap::from([
            (
                "It runs without network.",
                &[
                    "Network is unreachable",
                    "Could not resolve host",
                    "failed to lookup address",
                    "Temporary failure in name resolution",
                ][..],
            ),
            (
                "It can write into its own folders and the temporary one alone.",
                &["Read-only file system", "os error 30"],
            ),
        ])
        .into_iter()
        .map(|(words, signs)| (words.to_owned(), signs));
        let limits = [
            (
                Limit::Memory,
                &[
                    "memory allocation of",
                    "Cannot allocate memory",
                    "os error 12)",
                ][..],
            ),
            (
                Limit::Processes,
                &["Resource temporarily unavailable", "os error 11)"],
            ),
            (
                Limit::Disk,
                &["SIGXFSZ", "(signal: 25", "File too large", "os error 27)"],
            ),
        ]
        .map(|(limit, signs)| (self.limit_in_words(limit), signs));
        let met: Vec<String> = barriers
            .chain(limits)
            .filter(|(_, signs)| signs.iter().any(|sign| output.contains(sign)))
            .map(|(words, _)| words)
            .collect();
        (!met.is_empty()).then(|| met.join(" "))
    }

    fn limit_in_words(&self, limit: Limit) -> String {
        match limit {
            Limit::Memory => format!(
                "A process may take {} of memory (--memory-limit).",
                ByteSize(self.memory_bytes)
            ),
            Limit::Processes => format!(
                "It may have {} processes and threads at a time (--process-limit).",
                self.processes
            ),
            Limit::Disk => format!(
                "A file may have {} (--disk-limit).",
                ByteSize(self.disk_bytes)
            ),
        }
    }
}

/// A number of bytes as people write it: `512MiB`, `12GiB`, `4096`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSize(pub u64);

/// A text that is no number of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a size: say a number of bytes, or as in 512MiB or 12GiB")]
pub struct NotASize(String);

const UNITS: [(&str, u64); 4] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
];

impl FromStr for ByteSize {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (digits, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
            .unwrap_or((text, 1));
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let bytes = digits.parse::<u64>().ok().filter(|_| is_number);
        bytes
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| NotASize(text.to_owned()))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS
            .iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor));
        match whole {
            Some((unit, factor)) => write!(formatter, "{}{unit}", self.0 / factor),
            None => write!(formatter, "{} bytes", self.0),
        }
    }
}

/// The space that everything in these folders takes on the disk, in bytes. What vanishes meanwhile
/// does not count, and links are not followed.
#[cfg(target_os = "linux")]
pub(super) fn space_taken(folders: &[OsString]) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let mut waiting: Vec<_> = folders.iter().map(std::path::PathBuf::from).collect();
    let mut blocks = 0_u64;
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            blocks = blocks.saturating_add(metadata.blocks());
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    blocks.saturating_mul(512)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        memory_bytes: 6 << 30,
        processes: 100,
        disk_bytes: 512 << 20,
    };

    proptest! {
        #[test]
        fn a_size_is_read_as_it_was_written(number in 1_u64..1 << 20, unit in 0_usize..4) {
            let (unit, factor) = UNITS[unit];
            let read: ByteSize = format!("{number}{unit}").parse().unwrap();
            prop_assert_eq!(read, ByteSize(number * factor));
            prop_assert_eq!(read.to_string().parse::<ByteSize>().unwrap(), read);
        }

        #[test]
        fn any_text_is_a_size_or_an_error_and_never_a_panic(text in ".{0,24}") {
            let _ = text.parse::<ByteSize>();
        }

        #[test]
        fn limits_are_reached_beyond_them_and_not_before(
            processes in 0_u64..300, resident_bytes in 0_u64..12 << 30
        ) {
            let reached = LIMITS.reached_by(Census { processes, resident_bytes });
            let within = processes <= 100 && resident_bytes <= 6 << 30;
            prop_assert_eq!(reached.is_none(), within);
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "GiB", "-1", "+1", "1 GiB", "1GB", "20000000TiB"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_stranger_is_told_which_barrier_a_program_met() {
        let outputs = [
            "connect: Network is unreachable (os error 101)",
            "cannot write /etc/x: Read-only file system (os error 30)",
            "memory allocation of 9663676416 bytes failed",
            "fork: Resource temporarily unavailable (os error 11)",
            "process didn't exit successfully: `build-script-build` (signal: 25, SIGXFSZ)",
        ];
        let hints = outputs.map(|output| LIMITS.hint(output).unwrap());
        insta::assert_snapshot!(hints.join("\n"));
        assert_eq!(LIMITS.hint("error[E0308]: mismatched types"), None);
    }

    #[test]
    fn a_stranger_is_told_at_which_limit_a_program_was_ended() {
        let words = [Limit::Memory, Limit::Processes, Limit::Disk]
            .map(|limit| format!("rustc {}", LIMITS.in_words(limit)));
        insta::assert_snapshot!(words.join("\n"));
    }

    #[test]
    fn the_space_that_files_take_is_found_in_folders_of_folders() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("file"), vec![7; 300_000]).unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("link")).unwrap();
        let taken = space_taken(&[folder.path().into()]);
        assert!((300_000..3_000_000).contains(&taken), "{taken}");
    }
}
