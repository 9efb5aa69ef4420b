//! A plan is tried before it is used. That the kernel opens a group does not mean that it ever gets
//! onto the processor: the watchdog for hanging kernels, or another profiler, may hold a counter.

use super::counter_plan::{CounterGroup, CounterPlan};
use super::opening::GroupCounts;
use super::refusal::RefusalReason;

/// What is left of a plan once it was tried. `count` counts a group of events for a moment.
///
/// A group that was opened and not counted whole is tried again without its last event, which is
/// the least important, until it is counted or nothing is left.
pub(super) fn tried(
    plan: CounterPlan,
    count: &mut impl FnMut(&CounterGroup) -> GroupCounts,
) -> CounterPlan {
    let mut kept = CounterPlan {
        groups: Vec::new(),
        ..plan
    };
    for mut group in plan.groups {
        while !group.events.is_empty() {
            let GroupCounts { counts, refusals } = count(&group);
            let is_counted = !counts.is_empty();
            let mut shared = Vec::new();
            for refusal in refusals {
                match refusal.reason {
                    RefusalReason::Shared { .. } if !is_counted => shared.push(refusal),
                    _ => kept.leave_out(refusal),
                }
            }
            if let Some(last) = shared.pop() {
                kept.leave_out(last);
            }
            group
                .events
                .retain(|event| !kept.left_out.contains_key(&event.metric));
            if is_counted {
                break;
            }
        }
        if !group.events.is_empty() {
            kept.groups.push(group);
        }
    }
    kept
}
