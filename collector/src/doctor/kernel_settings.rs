//! What the kernel can be told.

use shared_types::host::HostFacts;

use super::{Finding, KernelSetting, NOT_TOLD};
use crate::host::HostTree;

const CPUS: &str = "sys/devices/system/cpu";

fn setting(path: impl Into<String>, value: &'static str) -> KernelSetting {
    KernelSetting {
        path: path.into(),
        value,
    }
}

fn switch_in_words(is_on: Option<bool>) -> &'static str {
    match is_on {
        Some(true) => "on",
        Some(false) => "off",
        None => NOT_TOLD,
    }
}

pub(super) fn paranoid(facts: &HostFacts) -> Finding {
    let level = facts.perf_event_paranoid;
    Finding::new(
        "perf_event_paranoid",
        level.map(|level| level <= 1),
        level.map_or_else(|| NOT_TOLD.to_owned(), |level| level.to_string()),
    )
    .wanted("1 or less", "without root some events cannot be counted")
    .mended_by_setting(vec![setting("proc/sys/kernel/perf_event_paranoid", "1")])
}

pub(super) fn nmi_watchdog(facts: &HostFacts) -> Finding {
    Finding::new(
        "NMI watchdog",
        facts.nmi_watchdog.map(|is_on| !is_on),
        switch_in_words(facts.nmi_watchdog),
    )
    .wanted(
        "off",
        "it keeps one of the processor's few counters to itself, so that a group may not fit",
    )
    .mended_by_setting(vec![setting("proc/sys/kernel/nmi_watchdog", "0")])
}

/// The governor of every policy, since one of many may have been forgotten.
pub(super) fn governor(tree: &HostTree) -> Finding {
    const WANTED: &str = "performance";
    let folder = format!("{CPUS}/cpufreq");
    let policies: Vec<(String, String)> = tree
        .names_in(&folder)
        .into_iter()
        .filter(|name| name.starts_with("policy"))
        .filter_map(|name| {
            let path = format!("{folder}/{name}/scaling_governor");
            let governor = tree.read(&path)?;
            Some((path, governor))
        })
        .collect();
    let mut governors: Vec<&str> = policies
        .iter()
        .map(|(_, governor)| governor.as_str())
        .collect();
    governors.sort_unstable();
    governors.dedup();
    let (good, found) = match governors.as_slice() {
        [] => (None, NOT_TOLD.to_owned()),
        all => (Some(all == [WANTED]), all.join(" and ")),
    };
    let wrong = policies.iter().filter(|(_, governor)| governor != WANTED);
    let settings = wrong.map(|(path, _)| setting(path, WANTED)).collect();
    Finding::new("frequency governor", good, found)
        .wanted(
            WANTED,
            "the frequency changes while measuring, and times with it",
        )
        .mended_by_setting(settings)
}

/// Intel's driver has a switch for "no turbo", the others one for "boost".
pub(super) fn turbo(tree: &HostTree, facts: &HostFacts) -> Finding {
    let no_turbo = format!("{CPUS}/intel_pstate/no_turbo");
    let settings = if tree.has(&no_turbo) {
        vec![setting(no_turbo, "1")]
    } else {
        vec![setting(format!("{CPUS}/cpufreq/boost"), "0")]
    };
    Finding::new(
        "turbo",
        facts.turbo.map(|is_on| !is_on),
        switch_in_words(facts.turbo),
    )
    .wanted(
        "off",
        "times depend on temperature and on what other cores do",
    )
    .mended_by_setting(settings)
}

pub(super) fn simultaneous_multithreading(tree: &HostTree, facts: &HostFacts) -> Finding {
    let control = format!("{CPUS}/smt/control");
    // Where the processor or the kernel decides, there is nothing to write.
    let can_be_set = tree.read(&control).as_deref() == Some("on");
    let settings = can_be_set.then(|| setting(control, "off"));
    Finding::new(
        "simultaneous multithreading",
        facts.simultaneous_multithreading.map(|is_on| !is_on),
        switch_in_words(facts.simultaneous_multithreading),
    )
    .wanted(
        "off",
        "times depend on what the other thread of the core does",
    )
    .mended_by_setting(settings.into_iter().collect())
}

pub(super) fn address_space_randomisation(facts: &HostFacts) -> Finding {
    let found = match facts.address_space_randomisation {
        Some(true) => "on, and switched off for each measured process",
        Some(false) => "off",
        None => NOT_TOLD,
    };
    Finding::new("address space randomisation", Some(true), found).wanted(
        "off for measured processes",
        "other addresses are other cache lines, and times with them",
    )
}

pub(super) fn huge_pages(facts: &HostFacts) -> Finding {
    let chosen = facts.transparent_huge_pages.as_deref();
    Finding::new(
        "transparent huge pages",
        chosen.map(|chosen| chosen != "always"),
        chosen.unwrap_or(NOT_TOLD),
    )
    .wanted(
        "madvise or never",
        "the kernel moves memory together when it finds the time, and max-rss and times with it",
    )
    .mended_by_setting(vec![setting(
        "sys/kernel/mm/transparent_hugepage/enabled",
        "madvise",
    )])
}
