//! What is known of the host that measures, read from `/proc` and `/sys`.

mod configuration;
pub mod proc_text;

use std::path::Path;

use shared_types::host::HostFacts;

pub use configuration::{hardware_model, proposed_configuration, proposed_id};
use proc_text::{cpu_field, kilobytes, number, switched_on};

/// Reads the facts of this host. A fact that cannot be read is absent.
pub fn facts() -> HostFacts {
    facts_under(Path::new("/"), std::env::consts::ARCH)
}

/// Reads the facts from the files under `root`.
fn facts_under(root: &Path, architecture: &str) -> HostFacts {
    let read = |path: &str| {
        let text = std::fs::read_to_string(root.join(path)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let cpu = read("proc/cpuinfo").unwrap_or_default();
    let memory = read("proc/meminfo").unwrap_or_default();
    let bytes = |field: &str| kilobytes(&memory, field).and_then(|kb| kb.checked_mul(1_024));
    let name = read("proc/sys/kernel/hostname").unwrap_or_else(|| "unnamed-host".to_owned());
    let frequency = "sys/devices/system/cpu/cpu0/cpufreq";
    let mut facts = HostFacts::named(name, format!("{architecture}-unknown-linux-gnu"));
    facts.cpu_model = cpu_field(&cpu, "model name").or_else(|| cpu_field(&cpu, "CPU part"));
    facts.logical_cpus = read("sys/devices/system/cpu/online").and_then(|list| number(&list));
    facts.memory_bytes = bytes("MemTotal");
    facts.kernel = read("proc/sys/kernel/osrelease");
    facts.microcode = cpu_field(&cpu, "microcode");
    facts.governor = read(&format!("{frequency}/scaling_governor"));
    facts.turbo = read("sys/devices/system/cpu/intel_pstate/no_turbo")
        .and_then(|text| switched_on(&text).map(|off| !off))
        .or_else(|| {
            read("sys/devices/system/cpu/cpufreq/boost").and_then(|text| switched_on(&text))
        });
    facts.simultaneous_multithreading =
        read("sys/devices/system/cpu/smt/active").and_then(|text| switched_on(&text));
    facts.address_space_randomisation = read("proc/sys/kernel/randomize_va_space")
        .and_then(|text| text.parse::<u32>().ok())
        .map(|level| level > 0);
    facts.swap_bytes = bytes("SwapTotal");
    facts.perf_event_paranoid =
        read("proc/sys/kernel/perf_event_paranoid").and_then(|text| text.parse().ok());
    facts.hypervisor = read("sys/hypervisor/type").or_else(|| {
        let flags = cpu_field(&cpu, "flags")?;
        let is_guest = flags.split(' ').any(|flag| flag == "hypervisor");
        is_guest
            .then(|| read("sys/class/dmi/id/sys_vendor").unwrap_or_else(|| "unnamed".to_owned()))
    });
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(files: &[(&str, &str)]) -> HostFacts {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        facts_under(root.path(), "x86_64")
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
