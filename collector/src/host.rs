//! What is known of the host that measures, read from `/proc` and `/sys`.

mod configuration;
mod cpu_list;
mod emulated;
pub mod proc_text;
#[cfg(test)]
mod recorded;
mod tree;

use shared_types::host::HostFacts;

pub use configuration::{hardware_model, proposed_configuration, proposed_id};
pub use cpu_list::CpuList;
pub use emulated::{EmulatedArchitecture, EmulatedHost};
use proc_text::{chosen_word, cpu_field, kilobytes, number, switched_on};
#[cfg(test)]
pub(crate) use recorded::RecordedHost;
pub use tree::HostTree;

/// Reads the facts of this host. A fact that cannot be read is absent.
pub fn facts() -> HostFacts {
    facts_in(&HostTree::of_this_host(), std::env::consts::ARCH)
}

/// The facts of a host as they are now, under the name and for the target that it had.
pub fn facts_now(earlier: &HostFacts) -> HostFacts {
    let now = facts();
    match &earlier.emulator {
        Some(_) => emulated::facts_through_emulator(earlier, &now),
        None => HostFacts {
            name: earlier.name.clone(),
            target: earlier.target.clone(),
            ..now
        },
    }
}

/// Reads the facts from the files of a host.
pub(crate) fn facts_in(tree: &HostTree, architecture: &str) -> HostFacts {
    const CPUS: &str = "sys/devices/system/cpu";
    let cpu = tree.read("proc/cpuinfo").unwrap_or_default();
    let memory = tree.read("proc/meminfo").unwrap_or_default();
    let bytes = |field: &str| kilobytes(&memory, field).and_then(|kb| kb.checked_mul(1_024));
    let switch = |path: &str| tree.read(path).and_then(|text| switched_on(&text));
    let name = tree
        .read("proc/sys/kernel/hostname")
        .or_else(system_name)
        .unwrap_or_else(|| "unnamed-host".to_owned());
    let mut facts = HostFacts::named(name, target(architecture));
    facts.cpu_model = cpu_field(&cpu, "model name").or_else(|| cpu_field(&cpu, "CPU part"));
    facts.logical_cpus = tree
        .read(&format!("{CPUS}/online"))
        .and_then(|list| number(&list));
    facts.memory_bytes = bytes("MemTotal");
    facts.kernel = tree.read("proc/sys/kernel/osrelease");
    facts.microcode = cpu_field(&cpu, "microcode");
    facts.governor = tree.read(&format!("{CPUS}/cpu0/cpufreq/scaling_governor"));
    facts.turbo = switch(&format!("{CPUS}/intel_pstate/no_turbo"))
        .map(|off| !off)
        .or_else(|| switch(&format!("{CPUS}/cpufreq/boost")));
    facts.simultaneous_multithreading = switch(&format!("{CPUS}/smt/active"));
    facts.address_space_randomisation = tree
        .read_number::<u32>("proc/sys/kernel/randomize_va_space")
        .map(|level| level > 0);
    facts.swap_bytes = bytes("SwapTotal");
    facts.perf_event_paranoid = tree.read_number("proc/sys/kernel/perf_event_paranoid");
    facts.hypervisor = tree.read("sys/hypervisor/type").or_else(|| {
        let flags = cpu_field(&cpu, "flags")?;
        let is_guest = flags.split(' ').any(|flag| flag == "hypervisor");
        is_guest.then(|| {
            tree.read("sys/class/dmi/id/sys_vendor")
                .unwrap_or_else(|| "unnamed".to_owned())
        })
    });
    facts.nmi_watchdog = switch("proc/sys/kernel/nmi_watchdog");
    facts.transparent_huge_pages = tree
        .read("sys/kernel/mm/transparent_hugepage/enabled")
        .and_then(|text| chosen_word(&text));
    facts.clock_source =
        tree.read("sys/devices/system/clocksource/clocksource0/current_clocksource");
    facts.isolated_cpus = tree.read(&format!("{CPUS}/isolated"));
    facts
}

/// The name of this host where no file tells it.
fn system_name() -> Option<String> {
    let variable = if cfg!(windows) {
        "COMPUTERNAME"
    } else {
        "HOSTNAME"
    };
    if cfg!(target_os = "linux") {
        return None;
    }
    std::env::var(variable).ok().filter(|name| !name.is_empty())
}

/// The target triple of programs for this system.
fn target(architecture: &str) -> String {
    let system = match std::env::consts::OS {
        "macos" => "apple-darwin",
        "windows" => "pc-windows-msvc",
        _ => "unknown-linux-gnu",
    };
    format!("{architecture}-{system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(files: &[(&str, &str)]) -> HostFacts {
        let host = RecordedHost::of(files.iter().copied());
        facts_in(&host.tree, "x86_64")
    }

    #[test]
    fn the_facts_of_a_virtual_machine_are_read_from_its_files() {
        let facts = recorded(&[
            (
                "proc/cpuinfo",
                "processor\t: 0\nmodel name\t: AMD EPYC 9354P\nmicrocode\t: 0xa101144\n\
                 flags\t\t: fpu vme hypervisor\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 9354P\n",
            ),
            (
                "proc/meminfo",
                "MemTotal:       24683312 kB\nSwapTotal:             0 kB\n",
            ),
            ("proc/sys/kernel/hostname", "bench-1\n"),
            ("proc/sys/kernel/osrelease", "6.18.44\n"),
            ("proc/sys/kernel/perf_event_paranoid", "2\n"),
            ("proc/sys/kernel/randomize_va_space", "2\n"),
            ("sys/devices/system/cpu/online", "0-1\n"),
            ("sys/devices/system/cpu/smt/active", "0\n"),
            ("sys/devices/system/cpu/cpufreq/boost", "1\n"),
        ]);
        insta::assert_json_snapshot!(facts);
    }

    #[test]
    fn what_cannot_be_read_is_absent() {
        let facts = recorded(&[]);
        assert_eq!(
            facts,
            HostFacts::named("unnamed-host", "x86_64-unknown-linux-gnu")
        );
    }
}
