//! What this host can measure, what each missing thing costs, and how to mend it.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use shared_types::host::HostFacts;

use crate::CollectorError;
use crate::execution::perf_events::{self, PerfEvent};
use crate::host;
use crate::measure::program_on_path;

/// One thing about the host that matters for measuring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// Whether it is as measuring wants it. Absent where that could not be found out.
    pub good: Option<bool>,
    /// What was found.
    pub found: String,
    /// What it costs, where it is not good.
    pub cost: &'static str,
    /// The command that mends it, where there is one and it is not good.
    pub remedy: Option<&'static str>,
}

/// Examines this host. `work_dir` is where the collector would work.
///
/// # Errors
/// When the host has no folder that the collector could work in.
pub fn examine(work_dir: &Path) -> Result<Vec<Finding>, CollectorError> {
    let counters: Vec<(PerfEvent, Option<String>)> = perf_events::EVENTS
        .into_iter()
        .map(|event| {
            (
                event,
                perf_events::refusal(event).map(|error| error.to_string()),
            )
        })
        .collect();
    let seen = Seen {
        facts: host::facts(),
        counters,
        qemu: program_on_path(&format!("qemu-{}", std::env::consts::ARCH)).is_some(),
        valgrind: program_on_path("valgrind").is_some(),
        c_compiler: program_on_path("cc").is_some(),
        load: std::fs::read_to_string("/proc/loadavg").unwrap_or_default(),
        free_bytes: free_bytes(work_dir)?,
    };
    Ok(judge(&seen))
}

/// What was seen of the host.
#[derive(Debug, Clone)]
struct Seen {
    facts: HostFacts,
    counters: Vec<(PerfEvent, Option<String>)>,
    qemu: bool,
    valgrind: bool,
    c_compiler: bool,
    load: String,
    free_bytes: u64,
}

/// The least free disk space that a suite with several toolchains fits into, in bytes.
const FREE_BYTES_WANTED: u64 = 10 << 30;

fn judge(seen: &Seen) -> Vec<Finding> {
    let mut findings: Vec<Finding> = seen.counters.iter().map(counter).collect();
    let facts = &seen.facts;
    let hardware_counts = seen
        .counters
        .iter()
        .any(|(event, refusal)| event.name == "instructions:u" && refusal.is_none());
    findings.push(emulated_counting(seen, hardware_counts));
    findings.extend([
        paranoid(facts.perf_event_paranoid),
        Finding {
            subject: "frequency governor",
            good: facts
                .governor
                .as_deref()
                .map(|governor| governor == "performance"),
            found: facts
                .governor
                .clone()
                .unwrap_or_else(|| "not told by this host".to_owned()),
            cost: "the frequency changes while measuring, and times with it",
            remedy: Some("sudo cpupower frequency-set --governor performance"),
        },
        switch(
            ("turbo", facts.turbo),
            "times depend on temperature and on what other cores do",
            "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost",
        ),
        switch(
            (
                "simultaneous multithreading",
                facts.simultaneous_multithreading,
            ),
            "times depend on what the other thread of the core does",
            "echo off | sudo tee /sys/devices/system/cpu/smt/control",
        ),
        Finding {
            subject: "address space randomisation",
            good: Some(true),
            found: match facts.address_space_randomisation {
                Some(true) => "on, and switched off for each measured process".to_owned(),
                Some(false) => "off".to_owned(),
                None => "not told by this host".to_owned(),
            },
            cost: "",
            remedy: None,
        },
        Finding {
            subject: "swap",
            good: facts.swap_bytes.map(|bytes| bytes == 0),
            found: facts.swap_bytes.map_or_else(
                || "not told by this host".to_owned(),
                |bytes| format!("{bytes} bytes"),
            ),
            cost: "a compiler that is swapped out is slow for no reason of its own",
            remedy: Some("sudo swapoff --all"),
        },
        hypervisor(facts),
        load(&seen.load, facts.logical_cpus),
        Finding {
            subject: "free disk space",
            good: Some(seen.free_bytes >= FREE_BYTES_WANTED),
            found: format!("{} GiB", seen.free_bytes >> 30),
            cost: "builds fail when the disk is full; their failures are reported as the host's",
            remedy: Some("free some, or name another folder by --work-dir"),
        },
    ]);
    findings
}

fn counter((event, refusal): &(PerfEvent, Option<String>)) -> Finding {
    Finding {
        subject: event.name,
        good: Some(refusal.is_none()),
        found: refusal
            .clone()
            .unwrap_or_else(|| "can be counted".to_owned()),
        cost: "this metric is absent, or taken from the kernel's accounting",
        remedy: None,
    }
}

fn emulated_counting(seen: &Seen, hardware_counts: bool) -> Finding {
    let (good, found) = if hardware_counts {
        (true, "not needed: the processor counts".to_owned())
    } else if seen.qemu && seen.c_compiler {
        (true, "by QEMU, as instructions:qemu".to_owned())
    } else if seen.valgrind {
        (true, "by callgrind, as instructions:valgrind".to_owned())
    } else {
        (
            false,
            "neither QEMU with a C compiler nor valgrind is there".to_owned(),
        )
    };
    Finding {
        subject: "counting instructions by emulation",
        good: Some(good),
        found,
        cost: "no metric without noise is there, and small changes stay unseen",
        remedy: Some("sudo apt-get install qemu-user gcc"),
    }
}

fn paranoid(level: Option<i32>) -> Finding {
    Finding {
        subject: "perf_event_paranoid",
        good: level.map(|level| level <= 1),
        found: level.map_or_else(
            || "not told by this host".to_owned(),
            |level| level.to_string(),
        ),
        cost: "without root some events cannot be counted",
        remedy: Some("sudo sysctl kernel.perf_event_paranoid=1"),
    }
}

fn switch(
    (subject, is_on): (&'static str, Option<bool>),
    cost: &'static str,
    remedy: &'static str,
) -> Finding {
    let words = |is_on| if is_on { "on" } else { "off" };
    Finding {
        subject,
        good: is_on.map(|is_on| !is_on),
        found: is_on.map_or("not told by this host", words).to_owned(),
        cost,
        remedy: Some(remedy),
    }
}

fn hypervisor(facts: &HostFacts) -> Finding {
    Finding {
        subject: "virtual machine",
        good: Some(facts.hypervisor.is_none()),
        found: facts.hypervisor.clone().unwrap_or_else(|| "no".to_owned()),
        cost: "neighbours disturb times; counts and sizes are not affected",
        remedy: None,
    }
}

fn load(loadavg: &str, cpus: Option<u32>) -> Finding {
    let last_minute: Option<f64> = loadavg.split(' ').next().and_then(|text| text.parse().ok());
    Finding {
        subject: "load",
        good: last_minute.map(|load| load < 0.5 * f64::from(cpus.unwrap_or(1))),
        found: last_minute.map_or_else(
            || "not told by this host".to_owned(),
            |load| format!("{load}"),
        ),
        cost: "other programs disturb times",
        remedy: Some("end other programs, or wait"),
    }
}

fn free_bytes(work_dir: &Path) -> Result<u64, CollectorError> {
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
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.good {
            Some(true) => "good",
            Some(false) => "poor",
            None => "?",
        };
        writeln!(formatter, "{mark:<5} {}: {}", self.subject, self.found)?;
        if self.good == Some(false) {
            writeln!(formatter, "      {}", self.cost)?;
            if let Some(remedy) = self.remedy {
                writeln!(formatter, "      mend: {remedy}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poor_host_is_told_what_each_thing_costs_and_how_to_mend_it() {
        let mut facts = HostFacts::named("bench-1", "x86_64-unknown-linux-gnu");
        facts.governor = Some("powersave".to_owned());
        facts.turbo = Some(true);
        facts.swap_bytes = Some(1 << 30);
        facts.perf_event_paranoid = Some(2);
        facts.hypervisor = Some("KVM".to_owned());
        facts.logical_cpus = Some(2);
        let refused = |event| {
            (
                event,
                Some("No such file or directory (os error 2)".to_owned()),
            )
        };
        let seen = Seen {
            facts,
            counters: perf_events::EVENTS
                .into_iter()
                .take(2)
                .map(refused)
                .collect(),
            qemu: true,
            valgrind: false,
            c_compiler: false,
            load: "2.75 1.00 0.50 1/100 4242\n".to_owned(),
            free_bytes: 3 << 30,
        };
        let report: String = judge(&seen).iter().map(Finding::to_string).collect();
        insta::assert_snapshot!(report);
    }
}
