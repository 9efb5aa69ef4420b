//! The counters of the processor, as the kernel offers them below
//! `/sys/bus/event_source/devices`. A processor with two kinds of core has two sets of them.

use std::collections::BTreeMap;

use super::event_code::{BitField, EventCode};
use crate::host::{CpuList, HostTree};

const DEVICES: &str = "sys/bus/event_source/devices";

/// The counters of one kind of core (a performance monitoring unit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorePmu {
    /// The kernel's name of it: `cpu`, `cpu_core`, `armv8_cortex_a76`.
    pub name: String,
    /// The number by which a request names it.
    pub kind: u32,
    /// The logical processors that have these counters. All, where the kernel names none.
    pub cpus: Option<CpuList>,
    /// How fast its cores are, in a unit that only compares the cores of one host.
    pub speed: u64,
    /// The events that it names, by its own names.
    pub events: BTreeMap<String, EventCode>,
}

/// The counters of all kinds of core that a host has. None where it has no counters, or does not
/// show them.
pub fn core_pmus(tree: &HostTree) -> Vec<CorePmu> {
    let devices = tree.names_in(DEVICES);
    devices
        .into_iter()
        .filter_map(|name| core_pmu(tree, name))
        .collect()
}

fn core_pmu(tree: &HostTree, name: String) -> Option<CorePmu> {
    let folder = format!("{DEVICES}/{name}");
    // Counters outside of cores have a `cpumask` instead, and no program's events.
    if name != "cpu" && !tree.has(&format!("{folder}/cpus")) {
        return None;
    }
    let kind = tree.read_number(&format!("{folder}/type"))?;
    let cpus = tree
        .read(&format!("{folder}/cpus"))
        .and_then(|list| CpuList::parse(&list));
    let texts = |part: &str| -> Vec<(String, String)> {
        let names = tree.names_in(&format!("{folder}/{part}"));
        let text =
            |name: String| Some((name.clone(), tree.read(&format!("{folder}/{part}/{name}"))?));
        names.into_iter().filter_map(text).collect()
    };
    let fields: BTreeMap<String, BitField> = texts("format")
        .into_iter()
        .filter_map(|(name, format)| Some((name, BitField::parse(&format)?)))
        .collect();
    let events = texts("events")
        .into_iter()
        .filter_map(|(name, event)| Some((name, EventCode::parse(&event, &fields)?)))
        .collect();
    Some(CorePmu {
        name,
        kind,
        speed: speed(tree, cpus.as_ref()),
        cpus,
        events,
    })
}

/// The speed of the fastest of some processors: the kernel's capacity where it tells one, which is
/// relative to the host's fastest core, else the highest frequency in kHz.
fn speed(tree: &HostTree, cpus: Option<&CpuList>) -> u64 {
    let of_cpu = |cpu: u32, file: &str| -> Option<u64> {
        tree.read_number(&format!("sys/devices/system/cpu/cpu{cpu}/{file}"))
    };
    let cpus: Vec<u32> = cpus.map(|cpus| cpus.iter().collect()).unwrap_or_default();
    let fastest = |file: &str| cpus.iter().filter_map(|cpu| of_cpu(*cpu, file)).max();
    fastest("cpu_capacity")
        .or_else(|| fastest("cpufreq/cpuinfo_max_freq"))
        .unwrap_or_default()
}
