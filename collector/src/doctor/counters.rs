//! Whether the host can count.

use super::{Emulators, Finding, Seen};
use crate::execution::perf_events::{CounterPlan, EVENTS};

/// One finding for each event.
pub(super) fn counters(plan: &CounterPlan) -> Vec<Finding> {
    let kept = match &plan.cpus {
        Some(cpus) => format!("counted, on the processors {cpus} alone"),
        None => "counted".to_owned(),
    };
    EVENTS
        .iter()
        .map(|event| {
            let refusal = plan.refusal(event.name);
            let finding = match refusal {
                None => Finding::new(event.name, Some(plan.counts(event.name)), &*kept),
                Some(reason) => Finding::new(event.name, Some(false), reason.to_string()),
            };
            let finding = finding.wanted(
                "counted",
                "this metric is absent, or taken from the kernel's accounting",
            );
            match refusal.and_then(|reason| reason.remedy()) {
                Some(remedy) => finding.mended_by(remedy),
                None => finding,
            }
        })
        .collect()
}

pub(super) fn emulated_counting(seen: &Seen) -> Finding {
    let Emulators {
        qemu,
        c_compiler,
        valgrind,
    } = seen.emulators;
    let (good, found) = if seen.counters.counts("instructions:u") {
        (true, "not needed: the processor counts")
    } else if qemu && c_compiler {
        (true, "by QEMU, as instructions:qemu")
    } else if valgrind {
        (true, "by callgrind, as instructions:valgrind")
    } else {
        (
            false,
            "neither QEMU with a C compiler nor valgrind is there",
        )
    };
    Finding::new("counting instructions by emulation", Some(good), found)
        .wanted(
            "a processor that counts, or a program that does",
            "no metric without noise is there, and small changes stay unseen",
        )
        .mended_by("sudo apt-get install qemu-user gcc")
}
