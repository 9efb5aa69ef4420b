//! What this host can measure, what disturbs measuring on it, and how to mend that.
//!
//! Each check is a function from what was seen of the host to a [`Finding`], so that hosts which
//! nobody has at hand can be examined from their recorded files.

mod counters;
mod kernel_settings;
mod mending;
mod surroundings;
mod system_calls;

use std::fmt;
use std::path::Path;

use serde::Serialize;
use shared_types::host::HostFacts;

use crate::CollectorError;
use crate::execution::perf_events::CounterPlan;
use crate::host::{HostTree, facts_in};
use crate::measure::program_on_path;

pub use mending::{Mended, Mending, mend};
pub(crate) use system_calls::free_bytes;

/// One thing about the host that matters for measuring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// Whether it is as measuring wants it. Absent where that could not be found out.
    pub good: Option<bool>,
    /// What was found.
    pub found: String,
    /// What measuring wants.
    pub wanted: &'static str,
    /// What it costs where it is otherwise.
    pub why: &'static str,
    /// The line that mends it, where there is one and it is not good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What `--apply` writes to mend it. Empty where it is good, or a person has to decide.
    #[serde(skip)]
    pub settings: Vec<KernelSetting>,
}

/// A value that the kernel takes from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelSetting {
    /// The file, relative to the root.
    pub path: String,
    /// What is written.
    pub value: &'static str,
}

/// What was seen of a host.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its facts.
    pub facts: HostFacts,
    /// What it can count.
    pub counters: CounterPlan,
    /// The programs that can count instead.
    pub emulators: Emulators,
    /// The free space at the spool, in bytes. Absent where it is not known.
    pub free_bytes: Option<u64>,
    /// Whether the clock is kept right by some other one. Absent where it is not known.
    pub clock_is_synchronised: Option<bool>,
}

/// The programs that count instructions where the processor does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Emulators {
    /// QEMU's user mode for this processor.
    pub qemu: bool,
    /// A C compiler, for the plugin of QEMU.
    pub c_compiler: bool,
    /// Valgrind.
    pub valgrind: bool,
}

impl Seen {
    /// Looks at this host. `work_dir` is where the collector would work.
    ///
    /// # Errors
    /// When the host has no folder that the collector could work in.
    pub fn of_this_host(tree: &HostTree, work_dir: &Path) -> Result<Self, CollectorError> {
        let is_there = |name: &str| program_on_path(name).is_some();
        Ok(Self {
            facts: facts_in(tree, std::env::consts::ARCH),
            counters: CounterPlan::of_this_host(),
            emulators: Emulators {
                qemu: is_there(&format!("qemu-{}", std::env::consts::ARCH)),
                c_compiler: is_there("cc"),
                valgrind: is_there("valgrind"),
            },
            free_bytes: system_calls::free_bytes(work_dir)?,
            clock_is_synchronised: system_calls::clock_is_synchronised(),
        })
    }
}

/// Examines a host. `tree` holds its files.
pub fn examine(tree: &HostTree, seen: &Seen) -> Vec<Finding> {
    let facts = &seen.facts;
    let mut findings = counters::counters(&seen.counters);
    findings.extend([
        counters::emulated_counting(seen),
        kernel_settings::paranoid(facts),
        kernel_settings::nmi_watchdog(facts),
        kernel_settings::governor(tree),
        kernel_settings::turbo(tree, facts),
        kernel_settings::simultaneous_multithreading(tree, facts),
        kernel_settings::address_space_randomisation(facts),
        kernel_settings::huge_pages(facts),
        surroundings::swap(facts),
        surroundings::throttling(tree),
        surroundings::isolated_processors(facts),
        surroundings::hypervisor(facts),
        surroundings::load(tree, facts),
        surroundings::free_space(seen.free_bytes),
        surroundings::clock_source(facts),
        surroundings::clock_synchronisation(seen.clock_is_synchronised),
    ]);
    findings
}

/// What is said where a host does not tell.
const NOT_TOLD: &str = "not told by this host";

impl Finding {
    /// A finding that has nothing to mend, or is yet to be told how.
    fn new(subject: &'static str, good: Option<bool>, found: impl Into<String>) -> Self {
        Self {
            subject,
            good,
            found: found.into(),
            wanted: "",
            why: "",
            remedy: None,
            settings: Vec::new(),
        }
    }

    /// With what measuring wants, and what it costs where it is otherwise.
    fn wanted(self, wanted: &'static str, why: &'static str) -> Self {
        Self {
            wanted,
            why,
            ..self
        }
    }

    /// With the line that mends it, which is kept only where there is something to mend.
    fn mended_by(self, remedy: impl Into<String>) -> Self {
        let remedy = (self.good == Some(false)).then(|| remedy.into());
        Self { remedy, ..self }
    }

    /// With the values that mend it, and the line by which a person writes them.
    fn mended_by_setting(self, settings: Vec<KernelSetting>) -> Self {
        if self.good != Some(false) || settings.is_empty() {
            return self;
        }
        let remedy = mending::line(&settings);
        Self {
            remedy: Some(remedy),
            settings,
            ..self
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.good {
            Some(true) => "good",
            Some(false) => "poor",
            None => "?",
        };
        write!(formatter, "{mark:<5} {}: {}", self.subject, self.found)?;
        if self.good != Some(false) {
            return writeln!(formatter);
        }
        if !self.wanted.is_empty() {
            write!(formatter, " (wanted: {})", self.wanted)?;
        }
        writeln!(formatter, "\n      {}", self.why)?;
        if let Some(remedy) = &self.remedy {
            writeln!(formatter, "      mend: {remedy}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
