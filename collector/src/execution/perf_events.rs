//! Counting by `perf_event_open`: which events the host has, and what they counted for one program.
//!
//! What is compared is counted together: the events of a [group](CounterGroup) are on the processor
//! at the same time or not at all. A group that had to share the counters with others saw a part
//! alone, and is refused instead of scaled up. Only [`system_call`](self) asks the kernel; all else
//! are functions of what it answered, so that hosts which nobody has at hand can be tested.

mod core_pmu;
mod counter_plan;
mod event_code;
mod opening;
mod reading;
mod refusal;
#[cfg(target_os = "linux")]
mod request;
#[cfg(target_os = "linux")]
mod system_call;
mod trial;

pub use core_pmu::{CorePmu, core_pmus};
pub use counter_plan::{CounterGroup, CounterPlan, PlannedEvent};
pub use event_code::{BitField, EventCode};
pub use opening::{GroupCounts, OpenGroup, Reading, Start, open_group};
pub use reading::{GroupReading, SingleReading};
pub use refusal::{Refusal, RefusalReason};
#[cfg(target_os = "linux")]
pub(super) use system_call::Counting;

/// An event that may be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerfEvent {
    /// The name of the metric.
    pub name: &'static str,
    /// Who counts it.
    pub source: EventSource,
}

/// Who counts an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSource {
    /// The processor, in the code of programs and not in the kernel's.
    Processor {
        /// The kernel's own number for it, which it translates for the processor.
        number: u64,
        /// What processors name it themselves, the first known one counts.
        names: &'static [&'static str],
    },
    /// The kernel.
    Kernel {
        /// Its number.
        number: u64,
    },
}

/// The events that are wanted, the most important first: where the processor has too few counters,
/// the last ones are left out.
pub const EVENTS: [PerfEvent; 7] = [
    processor("instructions:u", 1, &["instructions", "inst_retired"]),
    processor("cycles:u", 0, &["cpu-cycles", "cpu_cycles", "cycles"]),
    processor("branch-misses:u", 5, &["branch-misses", "br_mis_pred"]),
    processor("cache-misses:u", 3, &["cache-misses", "l1d_cache_refill"]),
    kernel("task-clock", 1),
    kernel("page-faults", 2),
    kernel("context-switches", 3),
];

const fn processor(name: &'static str, number: u64, names: &'static [&'static str]) -> PerfEvent {
    let source = EventSource::Processor { number, names };
    PerfEvent { name, source }
}

const fn kernel(name: &'static str, number: u64) -> PerfEvent {
    let source = EventSource::Kernel { number };
    PerfEvent { name, source }
}

impl CounterPlan {
    /// Finds out what this host can count, by counting a little of the collector itself.
    #[cfg(target_os = "linux")]
    pub fn of_this_host() -> Self {
        let tree = crate::host::HostTree::of_this_host();
        let plan = Self::new(&core_pmus(&tree), &system_call::usable_cpus(), &EVENTS);
        let cpus = plan.cpus.clone();
        trial::tried(plan, &mut |group| {
            system_call::count_a_little(group, cpus.as_ref())
        })
    }

    /// Nothing is counted on this system.
    #[cfg(not(target_os = "linux"))]
    pub fn of_this_host() -> Self {
        let plan = Self::new(&[], &crate::host::CpuList::default(), &EVENTS);
        trial::tried(plan, &mut |group| {
            GroupCounts::refused(group, &RefusalReason::NotLinux)
        })
    }
}

#[cfg(test)]
mod recorded_host_tests;
