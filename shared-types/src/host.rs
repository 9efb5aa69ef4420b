//! Facts about the host that measured. A fact that could not be read is absent.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What is known of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Its name.
    pub name: String,
    /// The target triple it runs, `x86_64-unknown-linux-gnu`.
    pub target: String,
    /// The processor, as it names itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_model: Option<String>,
    /// Logical processors that are online.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logical_cpus: Option<u32>,
    /// Main memory, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The version of the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// The revision of the processor's microcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microcode: Option<String>,
    /// The frequency governor of the first processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// Whether the processor may run above its base frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turbo: Option<bool>,
    /// Whether processors share a core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simultaneous_multithreading: Option<bool>,
    /// Whether addresses are randomised for processes that do not ask otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_space_randomisation: Option<bool>,
    /// Swap space, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap_bytes: Option<u64>,
    /// The kernel's `perf_event_paranoid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perf_event_paranoid: Option<i32>,
    /// The hypervisor, where one is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypervisor: Option<String>,
    /// Whether the kernel's watchdog for hanging processors is on, which takes a counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nmi_watchdog: Option<bool>,
    /// When the kernel gives huge pages to a program: `always`, `madvise` or `never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transparent_huge_pages: Option<String>,
    /// What the kernel reads the time from: `tsc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_source: Option<String>,
    /// Logical processors that the scheduler leaves alone, as the kernel lists them: `2-3`. Absent
    /// also where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolated_cpus: Option<String>,
    /// The program that emulates this host, with its version, where it is no machine:
    /// `qemu-aarch64 7.2.17`. What is counted there are the instructions of the emulated processor;
    /// no time of it means anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulator: Option<String>,
}

/// A host as it was set up while it measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostSetup {
    /// The host.
    pub host: String,
    /// What may change on a host and move what is measured there, as a person reads it, by name:
    /// `kernel` is `6.1.0`. What is not known is not there. Names are added as collectors learn
    /// more, so that a reader compares those that both setups have.
    pub settings: BTreeMap<String, String>,
}

/// A setting that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SettingChange {
    /// Its name: `kernel`.
    pub setting: String,
    /// What it was.
    pub before: String,
    /// What it is from then on.
    pub after: String,
}

impl HostSetup {
    /// How this set-up differs from an earlier one, in what is known of both.
    pub fn changes_since(&self, earlier: &Self) -> Vec<SettingChange> {
        let changed = |(setting, after): (&String, &String)| {
            let before = earlier.settings.get(setting)?;
            (before != after).then(|| SettingChange {
                setting: setting.clone(),
                before: before.clone(),
                after: after.clone(),
            })
        };
        self.settings.iter().filter_map(changed).collect()
    }
}

impl fmt::Display for SettingChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            before,
            after,
        } = self;
        write!(formatter, "{setting} {before} \u{2192} {after}")
    }
}

impl HostFacts {
    /// A host of which nothing but its name and target is known.
    pub fn named(name: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            target: target.into(),
            cpu_model: None,
            logical_cpus: None,
            memory_bytes: None,
            kernel: None,
            microcode: None,
            governor: None,
            turbo: None,
            simultaneous_multithreading: None,
            address_space_randomisation: None,
            swap_bytes: None,
            perf_event_paranoid: None,
            hypervisor: None,
            nmi_watchdog: None,
            transparent_huge_pages: None,
            clock_source: None,
            isolated_cpus: None,
            emulator: None,
        }
    }

    /// The part of the facts that may change from one result to the next and move it.
    pub fn setup(&self) -> HostSetup {
        let switch =
            |is_on: Option<bool>| is_on.map(|is_on| if is_on { "on" } else { "off" }.to_owned());
        let swap = self.swap_bytes.map(|bytes| bytes > 0);
        let settings = [
            (
                "address randomisation",
                switch(self.address_space_randomisation),
            ),
            ("clock source", self.clock_source.clone()),
            ("emulator", self.emulator.clone()),
            ("governor", self.governor.clone()),
            ("huge pages", self.transparent_huge_pages.clone()),
            ("hypervisor", self.hypervisor.clone()),
            ("isolated processors", self.isolated_cpus.clone()),
            ("kernel", self.kernel.clone()),
            (
                "logical processors",
                self.logical_cpus.map(|cpus| cpus.to_string()),
            ),
            ("microcode", self.microcode.clone()),
            ("NMI watchdog", switch(self.nmi_watchdog)),
            (
                "perf_event_paranoid",
                self.perf_event_paranoid.map(|level| level.to_string()),
            ),
            (
                "simultaneous multithreading",
                switch(self.simultaneous_multithreading),
            ),
            ("swap", switch(swap)),
            ("turbo", switch(self.turbo)),
        ];
        let known = settings
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        HostSetup {
            host: self.name.clone(),
            settings: known.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(kernel: Option<&str>, turbo: Option<bool>) -> HostSetup {
        let mut facts = HostFacts::named("bench-1", "x86_64-unknown-linux-gnu");
        facts.kernel = kernel.map(str::to_owned);
        facts.turbo = turbo;
        facts.setup()
    }

    #[test]
    fn a_change_says_what_was_before_and_what_is_after() {
        let changes = setup(Some("6.8"), Some(true)).changes_since(&setup(Some("6.1"), Some(true)));
        let words: Vec<String> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(words, ["kernel 6.1 \u{2192} 6.8"]);
    }

    #[test]
    fn what_only_one_of_two_tells_is_no_change() {
        let one = setup(Some("6.1"), None);
        let other = setup(None, Some(false));
        assert_eq!(one.changes_since(&other), []);
        assert_eq!(other.changes_since(&one), []);
    }

    #[test]
    fn facts_of_an_older_collector_are_read() {
        let json = r#"{"name":"bench-1","target":"x86_64-unknown-linux-gnu","kernel":"6.1"}"#;
        let facts: HostFacts = serde_json::from_str(json).unwrap();
        assert_eq!(facts.setup(), setup(Some("6.1"), None));
    }
}
