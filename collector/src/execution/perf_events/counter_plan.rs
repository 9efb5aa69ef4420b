//! Which events are counted together, on which cores.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::core_pmu::CorePmu;
use super::event_code::EventCode;
use super::refusal::{Refusal, RefusalReason};
use super::{EventSource, PerfEvent};
use crate::host::CpuList;

/// What is counted of each program that is measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterPlan {
    /// The groups. All of them fit onto the processor at the same time.
    pub groups: Vec<CounterGroup>,
    /// The logical processors that the program is kept on, where not all of them count alike.
    pub cpus: Option<CpuList>,
    /// What is not counted, and why, by metric.
    pub left_out: BTreeMap<String, RefusalReason>,
}

/// Events that are on the processor at the same time or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterGroup {
    /// The events, the most important first.
    pub events: Vec<PlannedEvent>,
}

/// An event as the kernel is asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedEvent {
    /// The metric that it gives.
    pub metric: String,
    /// Whose event it is: the `type` of `perf_event_attr`.
    pub kind: u32,
    /// Which it is: `config`, `config1` and `config2`.
    pub code: [u64; 3],
    /// Whether the kernel's own code does not count.
    pub user_code_only: bool,
}

/// `PERF_TYPE_HARDWARE`.
const HARDWARE: u32 = 0;
/// `PERF_TYPE_SOFTWARE`.
const SOFTWARE: u32 = 1;

impl CounterPlan {
    /// The plan for a host with these kinds of core: what the processor counts is one group, what
    /// the kernel counts is another, which needs no counter of the processor.
    ///
    /// Where all cores are alike, the kernel's own names of events are used. Where they are not,
    /// the program is kept on the fastest kind, whose counters are asked by their own names: the
    /// counters of the other kind would stand still there. `usable` are the processors that programs
    /// may run on, and no others are ever chosen.
    pub fn new(pmus: &[CorePmu], usable: &CpuList, wanted: &[PerfEvent]) -> Self {
        let mut plan = Self::default();
        let chosen = match pmus {
            [] => None,
            [only] => {
                plan.cpus = only.cpus_to_keep_to(usable);
                None
            }
            several => fastest(several, usable),
        };
        if let Some(pmu) = chosen {
            plan.cpus = pmu.cpus_to_keep_to(usable);
        }
        let [mut by_processor, mut by_kernel] = [CounterGroup::default(), CounterGroup::default()];
        for event in wanted {
            match (event.source, chosen) {
                (EventSource::Kernel { number }, _) => {
                    by_kernel.events.push(event.planned(SOFTWARE, number));
                }
                (EventSource::Processor { number, .. }, None) => {
                    by_processor.events.push(event.planned(HARDWARE, number));
                }
                (EventSource::Processor { names, .. }, Some(pmu)) => {
                    match names.iter().find_map(|name| pmu.events.get(*name)) {
                        Some(EventCode { words }) => by_processor.events.push(PlannedEvent {
                            code: *words,
                            ..event.planned(pmu.kind, 0)
                        }),
                        None => plan.leave_out(Refusal {
                            metric: event.name.to_owned(),
                            reason: RefusalReason::NotOffered {
                                counters: pmu.name.clone(),
                            },
                        }),
                    }
                }
            }
        }
        let groups = [by_processor, by_kernel].into_iter();
        plan.groups = groups.filter(|group| !group.events.is_empty()).collect();
        plan
    }

    /// Why a metric is not counted, or `None` where it is.
    pub fn refusal(&self, metric: &str) -> Option<&RefusalReason> {
        self.left_out.get(metric)
    }

    /// Whether a metric is counted.
    pub fn counts(&self, metric: &str) -> bool {
        let mut events = self.groups.iter().flat_map(|group| &group.events);
        events.any(|event| event.metric == metric)
    }

    pub(super) fn leave_out(&mut self, refusal: Refusal) {
        self.left_out.insert(refusal.metric, refusal.reason);
    }
}

impl PerfEvent {
    fn planned(&self, kind: u32, number: u64) -> PlannedEvent {
        PlannedEvent {
            metric: self.name.to_owned(),
            kind,
            code: [number, 0, 0],
            user_code_only: matches!(self.source, EventSource::Processor { .. }),
        }
    }
}

/// The fastest kind of core of which a processor may be used; of several that are as fast, the one
/// with the most of them.
fn fastest<'a>(pmus: &'a [CorePmu], usable: &CpuList) -> Option<&'a CorePmu> {
    let processors = |pmu: &CorePmu| pmu.usable(usable).len();
    let there = pmus.iter().filter(|pmu| processors(pmu) > 0);
    there.max_by_key(|pmu| (pmu.speed, processors(pmu)))
}

impl CorePmu {
    fn usable(&self, usable: &CpuList) -> CpuList {
        match &self.cpus {
            Some(cpus) => cpus.common(usable),
            None => usable.clone(),
        }
    }

    /// The processors to keep a program on, or `None` where it may be anywhere already.
    fn cpus_to_keep_to(&self, usable: &CpuList) -> Option<CpuList> {
        let kept = self.usable(usable);
        (kept != *usable && !kept.is_empty()).then_some(kept)
    }
}
