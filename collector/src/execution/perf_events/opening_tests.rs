//! A kernel that answers as it was recorded.

use std::cell::RefCell;

use proptest::prelude::*;

use super::*;

const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const E2BIG: i32 = 7;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const EMFILE: i32 = 24;
const ENOSYS: i32 = 38;
const EOPNOTSUPP: i32 = 95;

fn group(metrics: &[&str]) -> CounterGroup {
    let event = |metric: &&str| PlannedEvent {
        metric: (*metric).to_owned(),
        kind: 0,
        code: [0; 3],
        user_code_only: true,
    };
    CounterGroup {
        events: metrics.iter().map(event).collect(),
    }
}

fn recorded(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

/// Opens under a kernel that answers for each metric with an error, or with the metric's name as
/// its handle. Also tells who led when which event was opened.
fn opened(
    metrics: &[&str],
    answer: impl Fn(OpeningRequest<'_>) -> Result<(), i32>,
) -> (OpenGroup<String>, Vec<Option<String>>) {
    let mut leaders = Vec::new();
    let group = group(metrics);
    let opened = open_group(
        &group,
        Start::WithProgram,
        &mut |request, first: Option<&String>| {
            answer(request)?;
            leaders.push(first.cloned());
            Ok(request.event.metric.clone())
        },
    );
    (opened, leaders)
}

#[test]
fn what_is_opened_is_one_group_and_read_by_one_call() {
    let (group, leaders) = opened(&["instructions:u", "cycles:u"], |_| Ok(()));
    assert_eq!(leaders, [None, Some("instructions:u".to_owned())]);
    let counts = group.finish(&mut |handle, bytes_max| {
        assert_eq!((handle.as_str(), bytes_max), ("instructions:u", 40));
        Ok(recorded(&[2, 500, 500, 1_000, 700]))
    });
    assert_eq!(counts.refusals, []);
    assert_eq!(counts.counts["instructions:u"], 1_000);
    assert_eq!(counts.counts["cycles:u"], 700);
}

#[test]
fn the_event_after_a_refused_one_leads_the_group() {
    let (group, leaders) = opened(
        &["instructions:u", "cycles:u", "cache-misses:u"],
        |request| match request.event.metric.as_str() {
            "instructions:u" => Err(ENOENT),
            _ => Ok(()),
        },
    );
    assert_eq!(leaders, [None, Some("cycles:u".to_owned())]);
    assert_eq!(group.refusals.len(), 1);
    assert_eq!(group.events[0].0, "cycles:u");
}

#[test]
fn an_event_that_does_not_fit_into_the_group_is_left_out_and_the_rest_is_counted() {
    let (group, _) = opened(
        &["instructions:u", "cycles:u", "cache-misses:u"],
        |request| match request.event.metric.as_str() {
            "cache-misses:u" => Err(EINVAL),
            _ => Ok(()),
        },
    );
    assert_eq!(group.reading, Reading::Together);
    assert_eq!(
        group.refusals[0].reason,
        RefusalReason::Refused { error: EINVAL }
    );
    let counts = group.finish(&mut |_, _| Ok(recorded(&[2, 500, 500, 1_000, 700])));
    assert_eq!(counts.counts.len(), 2);
}

/// A kernel before 4.13, which cannot read a group that children inherit.
fn old_kernel(request: OpeningRequest<'_>) -> Result<(), i32> {
    match request.reading {
        Reading::Together => Err(EINVAL),
        Reading::OneByOne => Ok(()),
    }
}

#[test]
fn an_old_kernel_opens_a_group_all_the_same_and_is_read_one_by_one() {
    let (group, leaders) = opened(&["instructions:u", "cycles:u"], old_kernel);
    assert_eq!(group.reading, Reading::OneByOne);
    assert_eq!(leaders[1], Some("instructions:u".to_owned()));
    let counts = group.finish(&mut |handle, bytes_max| {
        assert_eq!(bytes_max, 24);
        let count = if handle == "cycles:u" { 700 } else { 1_000 };
        Ok(recorded(&[count, 500, 500]))
    });
    assert_eq!(counts.counts["instructions:u"], 1_000);
    assert_eq!(counts.counts["cycles:u"], 700);
}

#[test]
fn events_that_are_read_one_by_one_and_ran_for_other_times_are_refused_together() {
    let (group, _) = opened(&["instructions:u", "cycles:u"], old_kernel);
    let time = RefCell::new(500);
    let counts = group.finish(&mut |_, _| {
        *time.borrow_mut() += 1;
        Ok(recorded(&[1, *time.borrow(), *time.borrow()]))
    });
    assert!(counts.counts.is_empty());
    assert_eq!(counts.refusals.len(), 2);
    assert_eq!(counts.refusals[0].reason, RefusalReason::NotTogether);
}

#[test]
fn a_group_that_was_multiplexed_is_refused_with_its_share() {
    let (group, _) = opened(&["instructions:u", "cycles:u"], |_| Ok(()));
    let counts = group.finish(&mut |_, _| Ok(recorded(&[2, 1_000, 640, 1_000, 700])));
    assert!(counts.counts.is_empty());
    let reasons: Vec<String> = counts
        .refusals
        .iter()
        .map(|refusal| refusal.reason.to_string())
        .collect();
    assert!(reasons[0].contains("64.0 %"), "{reasons:?}");
    assert_eq!(reasons[0], reasons[1]);
}

#[test]
fn a_counter_whose_file_has_ended_is_refused_and_not_zero() {
    let (group, _) = opened(&["instructions:u"], |_| Ok(()));
    let counts = group.finish(&mut |_, _| Ok(Vec::new()));
    assert!(counts.counts.is_empty());
    assert!(matches!(
        counts.refusals[0].reason,
        RefusalReason::Unreadable { .. }
    ));
}

#[test]
fn each_answer_of_the_kernel_is_explained_with_the_line_that_mends_it() {
    let errors = [
        EPERM, ENOENT, E2BIG, EACCES, EBUSY, ENODEV, EINVAL, EMFILE, ENOSYS, EOPNOTSUPP,
    ];
    let mut explained = String::new();
    for error in errors {
        let (group, _) = opened(&["instructions:u"], |_| Err(error));
        assert!(group.events.is_empty());
        let reason = &group.refusals[0].reason;
        let remedy = reason.remedy().expect("a known error has a remedy");
        explained += &format!("{reason}\n  mend: {remedy}\n");
    }
    insta::assert_snapshot!(explained);
}

#[test]
fn an_error_that_is_not_known_is_told_in_the_words_of_the_system() {
    let reason = RefusalReason::Refused { error: 5 };
    assert!(reason.to_string().contains("os error 5"), "{reason}");
    assert_eq!(reason.remedy(), None);
}

proptest! {
    #[test]
    fn every_event_is_counted_or_refused_and_never_both(
        answers in proptest::collection::vec(prop_oneof![Just(0), Just(EACCES), Just(EINVAL), Just(EBUSY)], 1..6),
        running in 0u64..3,
    ) {
        let names: Vec<String> = (0..answers.len()).map(|number| format!("event-{number}")).collect();
        let metrics: Vec<&str> = names.iter().map(String::as_str).collect();
        let (group, _) = opened(&metrics, |request| {
            let place = names.iter().position(|name| *name == request.event.metric).unwrap();
            match answers[place] {
                0 => Ok(()),
                error => Err(error),
            }
        });
        let counted = answers.iter().filter(|answer| **answer == 0).count();
        let counts = group.finish(&mut |_, _| {
            let mut words = vec![counted as u64, 2, running];
            words.resize(3 + counted, 9);
            Ok(recorded(&words))
        });
        let expected = if running == 2 { counted } else { 0 };
        prop_assert_eq!(counts.counts.len(), expected);
        prop_assert_eq!(counts.counts.len() + counts.refusals.len(), answers.len());
    }
}
