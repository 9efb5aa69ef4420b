use proptest::prelude::*;
use shared_types::RequestId;
use shared_types::comparison::{Magnitude, Verdict};

use super::*;

fn brief(verdict: Verdict, magnitude: Option<Magnitude>) -> VerdictInBrief {
    VerdictInBrief {
        verdict,
        relevant: u32::from(magnitude.is_some()),
        largest_change: magnitude.map(|_| 0.021),
        magnitude,
    }
}

fn any_brief() -> impl Strategy<Value = Option<VerdictInBrief>> {
    let verdict = proptest::sample::select(Verdict::ALL.to_vec());
    let magnitude = proptest::option::of(proptest::sample::select(Magnitude::ALL.to_vec()));
    proptest::option::of((verdict, magnitude).prop_map(|(verdict, size)| brief(verdict, size)))
}

fn row(
    number: u64,
    configuration: &str,
    theirs: Option<VerdictInBrief>,
    ours: Option<VerdictInBrief>,
) -> ShadowRow {
    ShadowRow {
        their_request: format!("request-{number}"),
        request: RequestId::from_parts(number, &[7; 10]),
        base: "11".repeat(20).parse().unwrap(),
        head: "22".repeat(20).parse().unwrap(),
        their_configuration: "theirs-llvm-t1".parse().unwrap(),
        configuration: configuration.parse().unwrap(),
        metric: theirs
            .as_ref()
            .or(ours.as_ref())
            .map(|_| "instructions:u".parse().unwrap()),
        agreement: agreement(theirs.as_ref(), ours.as_ref()),
        theirs,
        ours,
    }
}

fn at() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn day() -> Date {
    "2026-11-26".parse().unwrap()
}

/// What an agreement is, seen from the other side.
fn turned(agreement: Agreement) -> Agreement {
    match agreement {
        Agreement::OursMissing => Agreement::TheirsMissing,
        Agreement::TheirsMissing => Agreement::OursMissing,
        other => other,
    }
}

proptest! {
    #[test]
    fn it_does_not_matter_from_which_side_two_verdicts_are_seen(
        theirs in any_brief(), ours in any_brief()
    ) {
        let seen = agreement(theirs.as_ref(), ours.as_ref());
        prop_assert_eq!(seen, turned(agreement(ours.as_ref(), theirs.as_ref())));
    }

    #[test]
    fn who_says_the_same_agrees_and_who_agrees_says_the_same(
        theirs in any_brief(), ours in any_brief()
    ) {
        let with_itself = agreement(theirs.as_ref(), theirs.as_ref());
        let expected = if theirs.is_some() { Agreement::Agree } else { Agreement::BothMissing };
        prop_assert_eq!(with_itself, expected);
        if agreement(theirs.as_ref(), ours.as_ref()) == Agreement::Agree {
            let what = |brief: Option<VerdictInBrief>| brief.map(|one| (one.verdict, one.magnitude));
            prop_assert_eq!(what(theirs), what(ours));
        }
    }

    #[test]
    fn a_table_counts_every_row_once_in_whatever_order_and_however_often_they_come(
        sides in proptest::collection::vec((any_brief(), any_brief()), 0..12),
        again in proptest::collection::vec(0usize..12, 0..6),
    ) {
        let rows: Vec<ShadowRow> = sides
            .into_iter()
            .enumerate()
            .map(|(number, (theirs, ours))| row(number as u64, "ours-llvm-t1", theirs, ours))
            .collect();
        let mut shuffled: Vec<ShadowRow> = rows.iter().rev().cloned().collect();
        shuffled.extend(again.iter().filter_map(|place| rows.get(*place).cloned()));
        let orderly = table("production", day(), at(), rows.clone());
        prop_assert_eq!(&table("production", day(), at(), shuffled), &orderly);
        let totals = orderly.totals;
        let all = totals.compared() + totals.theirs_missing + totals.ours_missing + totals.both_missing;
        prop_assert_eq!(all as usize, rows.len());
        let json = serde_json::to_vec(&orderly).unwrap();
        prop_assert_eq!(ShadowTable::from_json(&json).unwrap(), orderly);
    }

    #[test]
    fn every_row_is_one_line_of_the_table(
        sides in proptest::collection::vec((any_brief(), any_brief()), 1..12)
    ) {
        let rows: Vec<ShadowRow> = sides
            .into_iter()
            .enumerate()
            .map(|(number, (theirs, ours))| row(number as u64, "ours-llvm-t1", theirs, ours))
            .collect();
        let count = rows.len();
        let text = markdown(&table("a | b", day(), at(), rows));
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        prop_assert_eq!(lines.len(), count + 2);
        for line in lines {
            prop_assert_eq!(line.matches('|').count(), 8, "{}", line);
        }
    }
}

#[test]
fn the_table_says_what_differs_first() {
    let small = |verdict| Some(brief(verdict, Some(Magnitude::Small)));
    let neutral = || Some(brief(Verdict::Neutral, None));
    let rows = vec![
        row(1, "ours-llvm-t1", neutral(), neutral()),
        row(2, "ours-llvm-t1", small(Verdict::Regressed), neutral()),
        row(
            3,
            "ours-llvm-t1",
            small(Verdict::Improved),
            Some(brief(Verdict::Improved, Some(Magnitude::Large))),
        ),
        row(4, "ours-llvm-t1", small(Verdict::Regressed), None),
        row(4, "ours-llvm-t4", None, None),
        row(5, "ours-llvm-t1", None, small(Verdict::Mixed)),
    ];
    insta::assert_snapshot!(markdown(&table("perf.rust-lang.org", day(), at(), rows)));
}

#[test]
fn a_day_without_requests_says_so() {
    let text = markdown(&table("production", day(), at(), Vec::new()));
    assert!(text.contains("No request was mirrored."), "{text}");
}

#[test]
fn a_table_whose_totals_are_not_those_of_its_rows_is_refused() {
    let mut wrong = table("production", day(), at(), vec![row(1, "ours", None, None)]);
    wrong.totals.agree = 9;
    let json = serde_json::to_vec(&wrong).unwrap();
    assert!(ShadowTable::from_json(&json).is_err());
}

#[test]
fn the_metric_is_the_least_noisy_that_both_have() {
    let names = |words: &[&str]| -> Vec<MetricName> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    };
    let theirs = names(&["max-rss", "instructions:u", "wall-time"]);
    assert_eq!(
        common_metric(&theirs, &names(&["max-rss", "wall-time"])),
        Some("wall-time".parse().unwrap())
    );
    assert_eq!(common_metric(&theirs, &names(&["cycles:u"])), None);
}
