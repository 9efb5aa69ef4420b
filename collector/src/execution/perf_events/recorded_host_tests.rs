//! What would be counted on hosts that were recorded, and on such as answer in their own ways.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::opening::{OpeningRequest, open_group};
use super::*;
use crate::host::{CpuList, RecordedHost};

fn plan_of(host: &str) -> CounterPlan {
    let host = RecordedHost::named(host);
    CounterPlan::new(&core_pmus(&host.tree), &host.online(), &EVENTS)
}

#[test]
fn a_collector_that_was_given_some_processors_keeps_to_them() {
    let host = RecordedHost::named("intel-hybrid");
    let plan = |usable: &str| {
        let usable = CpuList::parse(usable).unwrap();
        CounterPlan::new(&core_pmus(&host.tree), &usable, &EVENTS)
    };
    let kept = |usable| plan(usable).cpus.map(|cpus| cpus.to_string());
    assert_eq!(kept("12-18"), Some("12-15".to_owned()));
    assert_eq!(kept("2-3"), None);
    // The small cores alone: they are asked by their own counters.
    let small = plan("16-19");
    assert_eq!((small.cpus, small.groups[0].events[0].kind), (None, 10));
}

/// The events of a plan in words: type and code of each, and where the program is kept.
fn in_words(plan: &CounterPlan) -> String {
    let mut words = match &plan.cpus {
        Some(cpus) => format!("kept on {cpus}\n"),
        None => "not kept\n".to_owned(),
    };
    for group in &plan.groups {
        words += "group\n";
        for event in &group.events {
            let side = if event.user_code_only { "user" } else { "all" };
            let [config, ..] = event.code;
            words += &format!(
                "  {} type {} config {config:#x} {side}\n",
                event.metric, event.kind
            );
        }
    }
    for (metric, reason) in &plan.left_out {
        words += &format!("left out {metric}: {reason}\n");
    }
    words
}

#[test]
fn each_recorded_host_has_its_plan() {
    let hosts = [
        "amd-zen4",
        "intel-hybrid",
        "arm-server",
        "arm-big-little",
        "virtual-machine",
    ];
    let plans: String = hosts
        .iter()
        .map(|host| format!("{host}: {}\n", in_words(&plan_of(host))))
        .collect();
    insta::assert_snapshot!(plans);
}

#[test]
fn counters_outside_of_cores_are_not_taken_for_those_of_a_core() {
    let host = RecordedHost::named("arm-server");
    let names: Vec<String> = core_pmus(&host.tree)
        .into_iter()
        .map(|pmu| pmu.name)
        .collect();
    assert_eq!(names, ["armv8_pmuv3_0"]);
}

#[test]
fn what_is_measured_stays_on_the_fast_cores_whose_counters_are_asked() {
    let plan = plan_of("intel-hybrid");
    assert_eq!(plan.cpus.as_ref().unwrap().to_string(), "0-15");
    let mut processor_events = plan.groups[0].events.iter();
    assert!(processor_events.all(|event| event.kind == 4));
    let plan = plan_of("arm-big-little");
    assert_eq!(plan.cpus.as_ref().unwrap().to_string(), "4-7");
}

#[test]
fn an_event_that_the_chosen_cores_lack_is_left_out_and_not_asked_of_the_others() {
    let plan = plan_of("arm-big-little");
    assert!(!plan.counts("cache-misses:u"));
    assert!(matches!(
        plan.refusal("cache-misses:u"),
        Some(RefusalReason::NotOffered { counters }) if counters == "armv8_cortex_a76"
    ));
    assert!(plan.counts("instructions:u"));
}

/// A processor with so many counters, of which something else holds some: groups that are larger
/// than the processor are refused by the kernel, and groups that do not fit beside the others wait
/// forever.
fn trial_on(plan: CounterPlan, counters: usize, held: usize) -> CounterPlan {
    trial::tried(plan, &mut |group| {
        let mut opened_events = 0;
        let mut open = |request: OpeningRequest<'_>, _: Option<&String>| {
            opened_events += usize::from(request.event.user_code_only);
            if opened_events > counters {
                return Err(22);
            }
            Ok(request.event.metric.clone())
        };
        let opened = open_group(group, Start::WhenTold, &mut open);
        let needed = opened.events.len().min(opened_events);
        let events = opened.events.len() as u64;
        let free = counters.saturating_sub(held);
        let running = if needed > free { 0 } else { 900 };
        opened.finish(&mut |_, _| {
            let mut words = vec![events, 900, running];
            words.extend((0..events).map(|event| 1_000 - event));
            Ok(words.iter().flat_map(|word| word.to_ne_bytes()).collect())
        })
    })
}

fn counted(plan: &CounterPlan) -> Vec<&str> {
    let events = EVENTS.iter().map(|event| event.name);
    events.filter(|metric| plan.counts(metric)).collect()
}

#[test]
fn a_processor_with_enough_counters_counts_everything_together() {
    let plan = trial_on(plan_of("amd-zen4"), 6, 0);
    assert_eq!(counted(&plan).len(), EVENTS.len());
    assert_eq!(plan.groups.len(), 2);
    assert_eq!(plan.left_out, BTreeMap::new());
}

#[test]
fn the_least_important_events_go_where_the_processor_has_too_few_counters() {
    let plan = trial_on(plan_of("amd-zen4"), 2, 0);
    assert_eq!(counted(&plan)[..2], ["instructions:u", "cycles:u"]);
    assert!(!plan.counts("branch-misses:u"));
    assert_eq!(
        plan.refusal("cache-misses:u"),
        Some(&RefusalReason::Refused { error: 22 })
    );
}

#[test]
fn a_counter_that_the_watchdog_holds_costs_the_last_event_and_not_the_group() {
    let plan = trial_on(plan_of("amd-zen4"), 4, 1);
    assert!(plan.counts("branch-misses:u"));
    let reason = plan.refusal("cache-misses:u").unwrap();
    assert!(reason.to_string().contains("never counted"), "{reason}");
    assert!(reason.remedy().unwrap().contains("nmi_watchdog"));
}

#[test]
fn where_all_counters_are_held_the_kernels_own_events_are_still_counted() {
    let plan = trial_on(plan_of("amd-zen4"), 4, 4);
    assert_eq!(
        counted(&plan),
        ["task-clock", "page-faults", "context-switches"]
    );
    assert_eq!(plan.left_out.len(), 4);
}

#[test]
fn a_host_without_any_counter_has_a_reason_for_each_metric() {
    let plan = trial::tried(plan_of("virtual-machine"), &mut |group| {
        let mut open = |request: OpeningRequest<'_>, _: Option<&String>| match request.event.kind {
            0 => Err(2),
            _ => Err(13),
        };
        open_group(group, Start::WhenTold, &mut open).finish(&mut |_, _| Ok(Vec::new()))
    });
    assert_eq!(plan.groups, []);
    assert_eq!(plan.left_out.len(), EVENTS.len());
    let remedy = plan.refusal("task-clock").unwrap().remedy();
    assert_eq!(remedy, Some("sudo sysctl kernel.perf_event_paranoid=1"));
}

#[test]
fn a_plan_survives_its_way_to_the_process_in_between() {
    let plan = trial_on(plan_of("arm-big-little"), 2, 0);
    let json = serde_json::to_vec(&plan).unwrap();
    assert_eq!(serde_json::from_slice::<CounterPlan>(&json).unwrap(), plan);
}

/// Kinds of core that share a host's processors among them, some without some events.
fn any_pmus() -> impl Strategy<Value = Vec<CorePmu>> {
    let pmu = (
        0u64..4,
        proptest::collection::btree_set(0u32..8, 0..8),
        0u64..16,
    );
    proptest::collection::vec(pmu, 0..4).prop_map(|pmus| {
        let numbered = (4u32..).zip(pmus);
        numbered
            .map(|(kind, (speed, cpus, offered))| {
                let names = [
                    "instructions",
                    "cpu-cycles",
                    "branch-misses",
                    "cache-misses",
                ];
                let is_offered = |(bit, _): &(usize, &str)| offered >> bit & 1 == 1;
                let code = EventCode {
                    words: [u64::from(kind), 0, 0],
                };
                CorePmu {
                    name: format!("kind_{kind}"),
                    kind,
                    cpus: Some(cpus.into_iter().collect()),
                    speed,
                    events: names
                        .into_iter()
                        .enumerate()
                        .filter(is_offered)
                        .map(|(_, name)| (name.to_owned(), code))
                        .collect(),
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn whatever_the_cores_every_event_is_planned_or_left_out_and_programs_stay_where_they_may(
        pmus in any_pmus(),
        usable in proptest::collection::btree_set(0u32..8, 1..8),
    ) {
        let usable: CpuList = usable.into_iter().collect();
        let plan = CounterPlan::new(&pmus, &usable, &EVENTS);
        for event in EVENTS {
            prop_assert_ne!(plan.counts(event.name), plan.refusal(event.name).is_some());
        }
        let events = plan.groups.iter().flat_map(|group| &group.events);
        let mut kinds: Vec<u32> = events
            .filter(|event| event.user_code_only)
            .map(|event| event.kind)
            .collect();
        kinds.dedup();
        prop_assert!(kinds.len() <= 1, "counters of several kinds of core: {:?}", kinds);
        if let Some(cpus) = &plan.cpus {
            prop_assert!(!cpus.is_empty() && cpus.common(&usable) == *cpus);
            prop_assert!(*cpus != usable);
        }
    }

    #[test]
    fn a_trial_ends_with_every_event_counted_or_left_out(counters in 1usize..8, held in 0usize..8) {
        let plan = CounterPlan::new(&[], &CpuList::default(), &EVENTS);
        let plan = trial_on(plan, counters, held);
        for event in EVENTS {
            prop_assert_ne!(plan.counts(event.name), plan.refusal(event.name).is_some());
        }
        let by_processor = counted(&plan).len() - 3;
        prop_assert_eq!(by_processor, counters.saturating_sub(held).min(4));
    }
}
