//! Facts about the host that measured. A fact that could not be read is absent.

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
        }
    }
}
