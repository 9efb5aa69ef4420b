//! What a person has to look after.

use shared_types::host::HostFacts;

use super::{Finding, NOT_TOLD};
use crate::host::HostTree;

/// The least free disk space that a suite with several toolchains fits into, in bytes.
const FREE_BYTES_WANTED: u64 = 10 << 30;

/// Clocks that are read in a few cycles.
const FAST_CLOCKS: [&str; 4] = [
    "tsc",
    "arch_sys_counter",
    "kvm-clock",
    "hyperv_clocksource_tsc_page",
];

pub(super) fn swap(facts: &HostFacts) -> Finding {
    Finding::new(
        "swap",
        facts.swap_bytes.map(|bytes| bytes == 0),
        match facts.swap_bytes {
            None => NOT_TOLD.to_owned(),
            Some(0) => "none".to_owned(),
            Some(bytes) => format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)),
        },
    )
    .wanted(
        "none",
        "a compiler that is swapped out is slow for no reason of its own",
    )
    // Left to a person: without swap, memory that is in use may not fit any more.
    .mended_by("sudo swapoff --all")
}

/// How often a core, or its whole package, slowed down because it was too hot. The kernel tells it
/// on Intel's processors, since the start of the host.
pub(super) fn throttling(tree: &HostTree) -> Finding {
    const CPUS: &str = "sys/devices/system/cpu";
    let count = |cpu: &str, of: &str| -> Option<u64> {
        tree.read_number(&format!(
            "{CPUS}/{cpu}/thermal_throttle/{of}_throttle_count"
        ))
    };
    let most = |of: &str| {
        let cpus = tree.names_in(CPUS).into_iter();
        cpus.filter_map(|cpu| count(&cpu, of)).max()
    };
    let (core, package) = (most("core"), most("package"));
    let told = core.is_some() || package.is_some();
    let (core, package) = (core.unwrap_or_default(), package.unwrap_or_default());
    Finding::new(
        "temperature throttling",
        told.then_some(core == 0 && package == 0),
        match (told, core + package) {
            (false, _) => NOT_TOLD.to_owned(),
            (true, 0) => "never since the start".to_owned(),
            (true, _) => format!(
                "since the start a core was slowed down {core} times, its package {package} times"
            ),
        },
    )
    .wanted(
        "never",
        "a processor that is too hot is slower than it was, and the compiler seems to be",
    )
    .mended_by("switch turbo off, clean the fans, and start the host again to begin at zero")
}

pub(super) fn isolated_processors(facts: &HostFacts) -> Finding {
    match &facts.isolated_cpus {
        None => Finding::new("isolated processors", Some(true), "none"),
        Some(cpus) => Finding::new(
            "isolated processors",
            Some(false),
            format!("{cpus}, which nothing is measured on"),
        )
        .wanted(
            "none",
            "the kernel spreads no threads onto them, so that they stand still while programs share \
             the others",
        )
        .mended_by("take `isolcpus` and `nohz_full` from the kernel's command line"),
    }
}

pub(super) fn hypervisor(facts: &HostFacts) -> Finding {
    Finding::new(
        "virtual machine",
        Some(facts.hypervisor.is_none()),
        facts.hypervisor.clone().unwrap_or_else(|| "no".to_owned()),
    )
    .wanted(
        "no",
        "neighbours disturb times; counts and sizes are not affected",
    )
}

pub(super) fn load(tree: &HostTree, facts: &HostFacts) -> Finding {
    let last_minute: Option<f64> = tree
        .read("proc/loadavg")
        .and_then(|text| text.split(' ').next()?.parse().ok());
    let cpus = f64::from(facts.logical_cpus.unwrap_or(1));
    Finding::new(
        "load",
        last_minute.map(|load| load < 0.5 * cpus && load < 1.0),
        last_minute.map_or_else(|| NOT_TOLD.to_owned(), |load| format!("{load}")),
    )
    .wanted(
        "less than one program, and half of what runs at once",
        "other programs disturb times",
    )
    .mended_by("end other programs, or wait")
}

pub(super) fn free_space(free_bytes: Option<u64>) -> Finding {
    Finding::new(
        "free disk space",
        free_bytes.map(|bytes| bytes >= FREE_BYTES_WANTED),
        free_bytes.map_or_else(
            || NOT_TOLD.to_owned(),
            |bytes| format!("{} GiB", bytes >> 30),
        ),
    )
    .wanted(
        "10 GiB or more",
        "builds fail when the disk is full; their failures are reported as the host's",
    )
    .mended_by("free some, or name another folder by --work-dir")
}

pub(super) fn clock_source(facts: &HostFacts) -> Finding {
    let source = facts.clock_source.as_deref();
    Finding::new(
        "clock source",
        source.map(|source| FAST_CLOCKS.contains(&source)),
        source.unwrap_or(NOT_TOLD),
    )
    .wanted(
        "tsc, or the processor's own counter",
        "reading the time takes microseconds, which programs that read it often pay for",
    )
    .mended_by("look for why in `dmesg | grep -i clocksource`; a firmware update often helps")
}

pub(super) fn clock_synchronisation(is_synchronised: Option<bool>) -> Finding {
    Finding::new(
        "clock",
        is_synchronised,
        match is_synchronised {
            Some(true) => "kept right",
            Some(false) => "not kept right by any other clock",
            None => NOT_TOLD,
        },
    )
    .wanted(
        "kept right by NTP",
        "leases, certificates and the times of results are wrong when the clock is",
    )
    .mended_by("sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true")
}
