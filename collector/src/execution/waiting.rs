//! Waiting for a program, and what the kernel accounted for it.

use std::io;

use super::{Ending, ResourceUsage};

/// A program that has ended.
pub(super) struct Ended {
    pub(super) ending: Ending,
    pub(super) usage: ResourceUsage,
}

/// Waits until a child of this process has ended.
pub(super) fn wait(process: libc::pid_t) -> io::Result<Ended> {
    let mut status = 0;
    // SAFETY: `rusage` consists of numbers, of which zero is one.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to memory of the right type that lives across the call.
        let waited = unsafe { libc::wait4(process, &raw mut status, 0, &raw mut usage) };
        if waited != -1 {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    let ending = if libc::WIFSIGNALED(status) {
        Ending::Signalled {
            signal: libc::WTERMSIG(status),
        }
    } else {
        Ending::Exited {
            code: libc::WEXITSTATUS(status),
        }
    };
    Ok(Ended {
        ending,
        usage: resource_usage(&usage),
    })
}

/// How many bytes the unit of `ru_maxrss` has. Source: getrusage(2) of Linux and of macOS.
const MAX_RSS_UNIT_BYTES: u64 = if cfg!(target_vendor = "apple") {
    1
} else {
    1_024
};

fn resource_usage(usage: &libc::rusage) -> ResourceUsage {
    let number = |value: libc::c_long| u64::try_from(value).unwrap_or_default();
    // The type of microseconds differs between systems.
    let microseconds = |time: libc::timeval| {
        number(time.tv_sec) * 1_000_000 + u64::try_from(time.tv_usec).unwrap_or_default()
    };
    ResourceUsage {
        user_time_us: microseconds(usage.ru_utime),
        system_time_us: microseconds(usage.ru_stime),
        max_rss_kb: number(usage.ru_maxrss) * MAX_RSS_UNIT_BYTES / 1_024,
        page_faults: number(usage.ru_minflt) + number(usage.ru_majflt),
        context_switches: number(usage.ru_nvcsw) + number(usage.ru_nivcsw),
        involuntary_switches: number(usage.ru_nivcsw),
    }
}
