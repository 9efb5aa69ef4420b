//! Why something is not counted, and the one line that mends it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A metric that is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The metric.
    pub metric: String,
    /// Why not.
    pub reason: RefusalReason,
}

/// Why a metric is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RefusalReason {
    /// The kernel refused the call.
    Refused {
        /// The number of the system's error.
        error: i32,
    },
    /// The chosen kind of core has no event of this meaning.
    NotOffered {
        /// The kernel's name of the counters.
        counters: String,
    },
    /// The processor was shared with other events, so that only a part was counted.
    Shared {
        /// How long it was to count, in nanoseconds.
        time_enabled_ns: u64,
        /// How long it did, in nanoseconds.
        time_running_ns: u64,
    },
    /// The events of a group were not counted over the same time.
    NotTogether,
    /// The counters were read and did not say what was asked.
    Unreadable {
        /// What was wrong.
        problem: String,
    },
    /// The program cannot be kept on the cores that count.
    NotKept {
        /// The number of the system's error.
        error: i32,
    },
    /// This system has no `perf_event_open`.
    NotLinux,
}

impl RefusalReason {
    /// One line that mends it, where there is one.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Refused { error } => known(*error).map(|known| known.remedy),
            Self::NotOffered { .. } | Self::NotTogether | Self::Unreadable { .. } => None,
            Self::Shared { .. } => {
                Some("sudo sysctl kernel.nmi_watchdog=0, and end other profilers (perf, VTune)")
            }
            Self::NotKept { .. } => {
                Some("start the collector without a limit to its processors (taskset, cpuset)")
            }
            Self::NotLinux => Some("measure on Linux"),
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { error } => match known(*error) {
                Some(known) => write!(formatter, "{} ({})", known.meaning, known.name),
                None => write!(
                    formatter,
                    "the kernel refused: {}",
                    std::io::Error::from_raw_os_error(*error)
                ),
            },
            Self::NotOffered { counters } => write!(
                formatter,
                "the counters of the cores that are measured on (`{counters}`) have no such event"
            ),
            Self::Shared {
                time_running_ns: 0, ..
            } => formatter.write_str(
                "it was never counted: something else has the processor's counters for itself",
            ),
            Self::Shared {
                time_enabled_ns,
                time_running_ns,
            } => write!(
                formatter,
                "only {:.1} % of the time was counted, since the processor's counters were shared \
                 with something else; a part is not scaled up",
                *time_running_ns as f64 / *time_enabled_ns as f64 * 100.0
            ),
            Self::NotTogether => formatter.write_str(
                "it was not counted over the same time as the other events of its group",
            ),
            Self::Unreadable { problem } => {
                write!(formatter, "the counter could not be read: {problem}")
            }
            Self::NotKept { error } => write!(
                formatter,
                "the program cannot be kept on the kind of core that counts: {}",
                std::io::Error::from_raw_os_error(*error)
            ),
            Self::NotLinux => formatter.write_str("only Linux lets programs be counted"),
        }
    }
}

/// What an error of `perf_event_open` means, and what mends it. Source: perf_event_open(2).
struct Known {
    number: i32,
    name: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

fn known(error: i32) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.number == error)
}

/// Numbers as on Linux x86_64 and aarch64; elsewhere the call is never made.
const KNOWN: [Known; 11] = [
    Known {
        number: 1,
        name: "EPERM",
        meaning: "a container's filter of system calls, or a security module, forbids counting",
        remedy: "start the container with `--cap-add PERFMON`, or with a seccomp profile that \
                 allows perf_event_open",
    },
    Known {
        number: 2,
        name: "ENOENT",
        meaning: "this host has no such counter: a virtual machine without them, or a processor \
                  without this event",
        remedy: "give the virtual machine counters (QEMU: `-cpu host,pmu=on`), or measure on the \
                 bare machine",
    },
    Known {
        number: 3,
        name: "ESRCH",
        meaning: "the program was gone before it could be counted",
        remedy: "look at how the program ended",
    },
    Known {
        number: 7,
        name: "E2BIG",
        meaning: "the kernel is too old to understand the request",
        remedy: "boot Linux 4.13 or newer",
    },
    Known {
        number: 13,
        name: "EACCES",
        meaning: "the kernel lets only privileged programs count this",
        remedy: "sudo sysctl kernel.perf_event_paranoid=1",
    },
    Known {
        number: 16,
        name: "EBUSY",
        meaning: "another program has the processor's counters for itself",
        remedy: "sudo sysctl kernel.nmi_watchdog=0, and end other profilers (perf, VTune)",
    },
    Known {
        number: 19,
        name: "ENODEV",
        meaning: "the processor lacks what this event needs, or the kernel has no driver for it",
        remedy: "boot a kernel that knows this processor, with CONFIG_PERF_EVENTS and its PMU driver",
    },
    Known {
        number: 22,
        name: "EINVAL",
        meaning: "the processor cannot count this beside the other events of its group, or not in \
                  this way",
        remedy: "end other profilers, and switch off `kernel.nmi_watchdog`, which takes a counter",
    },
    Known {
        number: 24,
        name: "EMFILE",
        meaning: "the collector has too many open files",
        remedy: "ulimit -n 4096",
    },
    Known {
        number: 38,
        name: "ENOSYS",
        meaning: "this kernel, or the sandbox that it runs in, has no perf_event_open",
        remedy: "boot a kernel with CONFIG_PERF_EVENTS=y, and measure outside of gVisor and the like",
    },
    Known {
        number: 95,
        name: "EOPNOTSUPP",
        meaning: "the processor's counters cannot tell programs from the kernel, or cannot \
                  interrupt",
        remedy: "measure on the bare machine, or give the virtual machine a full set of counters",
    },
];
