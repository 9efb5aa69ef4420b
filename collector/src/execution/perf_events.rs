//! Counting by `perf_event_open`: which events the host has, and what they counted for one process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::FromRawFd;

/// An event that may be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerfEvent {
    /// The name of the metric.
    pub name: &'static str,
    kind: u32,
    number: u64,
    user_code_only: bool,
}

/// `PERF_TYPE_HARDWARE`.
const HARDWARE: u32 = 0;
/// `PERF_TYPE_SOFTWARE`.
const SOFTWARE: u32 = 1;

/// The events that are tried. Each is opened by itself, so that a host that has some of them gives
/// those.
pub const EVENTS: [PerfEvent; 7] = [
    PerfEvent::hardware("instructions:u", 1),
    PerfEvent::hardware("cycles:u", 0),
    PerfEvent::hardware("branch-misses:u", 5),
    PerfEvent::hardware("cache-misses:u", 3),
    PerfEvent::software("task-clock", 1),
    PerfEvent::software("page-faults", 2),
    PerfEvent::software("context-switches", 3),
];

impl PerfEvent {
    const fn hardware(name: &'static str, number: u64) -> Self {
        Self {
            name,
            kind: HARDWARE,
            number,
            user_code_only: true,
        }
    }

    const fn software(name: &'static str, number: u64) -> Self {
        Self {
            name,
            kind: SOFTWARE,
            number,
            user_code_only: false,
        }
    }

    /// Opens the event for a process and its children, to count from its next `exec` on.
    fn open(self, process: i32) -> io::Result<File> {
        let attributes = Attributes {
            kind: self.kind,
            size: size_of::<Attributes>() as u32,
            number: self.number,
            read_format: TIME_ENABLED | TIME_RUNNING,
            flags: DISABLED
                | INHERIT
                | ENABLE_ON_EXEC
                | if self.user_code_only {
                    EXCLUDE_KERNEL | EXCLUDE_HYPERVISOR
                } else {
                    0
                },
            ..Attributes::default()
        };
        // SAFETY: `attributes` is a `perf_event_attr` of the size that it states, and lives across
        // the call; the other arguments are plain numbers.
        let descriptor = unsafe {
            libc::syscall(
                libc::SYS_perf_event_open,
                &raw const attributes,
                process,
                -1_i32,
                -1_i32,
                CLOSE_ON_EXEC,
            )
        };
        match i32::try_from(descriptor) {
            // SAFETY: the kernel has just made this descriptor, and nobody else knows of it.
            Ok(descriptor) if descriptor >= 0 => Ok(unsafe { File::from_raw_fd(descriptor) }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// Events that are being counted for one process.
#[derive(Debug)]
pub(super) struct Counting(Vec<(&'static str, File)>);

impl Counting {
    /// Begins to count, from the process's next `exec` on, whatever the host can.
    pub(super) fn of(process: i32) -> Self {
        let open = |event: PerfEvent| Some((event.name, event.open(process).ok()?));
        Self(EVENTS.into_iter().filter_map(open).collect())
    }

    /// What was counted. A counter that was shared with others and so saw a part alone is left out.
    pub(super) fn finish(self) -> BTreeMap<String, u64> {
        self.0
            .into_iter()
            .filter_map(|(name, mut file)| {
                let mut bytes = [0; Reading::BYTES];
                file.read_exact(&mut bytes).ok()?;
                Some((name.to_owned(), Reading::parse(bytes).exact()?))
            })
            .collect()
    }
}

/// Why this host does not give an event, or `None` where it does.
pub fn refusal(event: PerfEvent) -> Option<io::Error> {
    event.open(0).err()
}

/// What the kernel tells of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    value: u64,
    time_enabled_ns: u64,
    time_running_ns: u64,
}

impl Reading {
    const BYTES: usize = 24;

    fn parse(bytes: [u8; Self::BYTES]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let mut words = words.iter().copied().map(u64::from_ne_bytes);
        let mut next = || words.next().unwrap_or_default();
        Self {
            value: next(),
            time_enabled_ns: next(),
            time_running_ns: next(),
        }
    }

    /// The value, if the counter ran as long as it was to.
    fn exact(self) -> Option<u64> {
        (self.time_running_ns > 0 && self.time_running_ns == self.time_enabled_ns)
            .then_some(self.value)
    }
}

/// `PERF_FORMAT_TOTAL_TIME_ENABLED`.
const TIME_ENABLED: u64 = 1;
/// `PERF_FORMAT_TOTAL_TIME_RUNNING`.
const TIME_RUNNING: u64 = 2;
/// `PERF_FLAG_FD_CLOEXEC`.
const CLOSE_ON_EXEC: u64 = 8;

const DISABLED: u64 = 1;
const INHERIT: u64 = 1 << 1;
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
const ENABLE_ON_EXEC: u64 = 1 << 12;

/// `struct perf_event_attr` of Linux, as far as version 5 (112 bytes), which every kernel that is
/// still in use knows.
#[repr(C)]
#[derive(Debug, Default)]
struct Attributes {
    kind: u32,
    size: u32,
    number: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    breakpoint_type: u32,
    config1: u64,
    config2: u64,
    branch_sample_type: u64,
    sample_registers_user: u64,
    sample_stack_user: u32,
    clock_id: i32,
    sample_registers_interrupt: u64,
    auxiliary_watermark: u32,
    sample_max_stack: u16,
    reserved: u16,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_counter_that_was_shared_is_refused(
            value: u64, enabled in 0u64..9, running in 0u64..9
        ) {
            let mut bytes = [0; Reading::BYTES];
            for (chunk, word) in bytes.chunks_exact_mut(8).zip([value, enabled, running]) {
                chunk.copy_from_slice(&word.to_ne_bytes());
            }
            let expected = (running > 0 && enabled == running).then_some(value);
            prop_assert_eq!(Reading::parse(bytes).exact(), expected);
        }
    }

    #[test]
    fn an_event_that_the_kernel_does_not_know_is_refused_with_its_reason() {
        let unknown = PerfEvent::software("unknown", 1_000_000);
        assert!(refusal(unknown).is_some());
    }
}
