//! What was found of a host, in words.

use shared_types::disturbance::{CommonShift, DisturbanceFinding};

use super::{RUNS_MIN, Reason, TEST_CASES_MIN, is_beyond_noise};
use crate::words;

/// The finding in words, with its numbers.
pub(super) fn of(finding: &DisturbanceFinding, reason: Reason) -> String {
    match reason {
        Reason::TooLittle => format!(
            "Whether the host was disturbed is not known: that takes {TEST_CASES_MIN} test cases \
             with a time, and {RUNS_MIN} earlier runs of them on the same host."
        ),
        Reason::NothingShifted => format!("The host was not disturbed: {}.", largest(finding)),
        Reason::NoCounts => format!(
            "{}. Whether the host was disturbed is not known: there is no instruction count \
             with a history to tell it from a change of the compiler.",
            capital(&shifted(finding))
        ),
        Reason::CountsMoved => format!(
            "{}, and so did what was executed ({}): a change of the compiler, not of the host.",
            capital(&shifted(finding)),
            counts(finding)
        ),
        Reason::HasLasted => format!(
            "{}, and the run before is as far from the level: it has lasted, so no single run is \
             to blame.",
            capital(&shifted(finding))
        ),
        Reason::Disturbed => format!(
            "The host was disturbed: {}, while what was executed stayed the same ({}).",
            shifted(finding),
            counts(finding)
        ),
    }
}

fn largest(finding: &DisturbanceFinding) -> String {
    finding.shifts.first().map_or_else(String::new, |shift| {
        format!(
            "{} shifted by {} together, and {} is usual from run to run",
            shift.metric,
            words::signed_share(shift.change),
            words::share(shift.noise)
        )
    })
}

fn shifted(finding: &DisturbanceFinding) -> String {
    let beyond = finding.shifts.iter().filter(|shift| is_beyond_noise(shift));
    let described: Vec<String> = beyond.map(described).collect();
    described.join(" and ")
}

fn described(shift: &CommonShift) -> String {
    let together = (shift.together * f64::from(shift.test_cases)).round();
    format!(
        "{} shifted by {} in {together} of {} test cases together ({:.1} times the {} that is usual \
         from run to run)",
        shift.metric,
        words::signed_share(shift.change),
        shift.test_cases,
        shift.deviations.abs(),
        words::share(shift.noise)
    )
}

fn counts(finding: &DisturbanceFinding) -> String {
    finding
        .instructions
        .as_ref()
        .map_or_else(String::new, |counts| {
            format!(
                "{} {} together; {} of {} test cases where they were",
                counts.metric,
                words::signed_share(counts.change),
                finding.still_test_cases,
                finding.counted_test_cases
            )
        })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
