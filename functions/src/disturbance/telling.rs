//! What a reader of a comparison is told of disturbed hosts.

use shared_types::disturbance::{DisturbedRun, DisturbedState};
use shared_types::run::{Side, SidePair};

/// What is known of the replicates that have a part in a comparison.
fn told_of<'a>(
    known: &'a [DisturbedRun],
    sides: &SidePair,
) -> Vec<(&'static str, &'a DisturbedRun)> {
    let of_side = |name: &'static str, side: &Side| {
        let side = side.clone();
        let of_side = known.iter().filter(move |one| {
            one.run.artifact == side.artifact
                && side
                    .replicate
                    .is_none_or(|replicate| replicate == one.run.replicate)
        });
        of_side.map(move |one| (name, one))
    };
    of_side("Base", &sides.base)
        .chain(of_side("Head", &sides.head))
        .collect()
}

/// The warnings of a comparison of these sides.
pub(crate) fn warnings(known: &[DisturbedRun], sides: &SidePair) -> Vec<String> {
    let told = told_of(known, sides);
    let warnings = told.into_iter().map(|(name, found)| {
        let side = if name == "Base" {
            &sides.base
        } else {
            &sides.head
        };
        warning(name, found, side)
    });
    warnings.collect()
}

fn warning(name: &str, found: &DisturbedRun, side: &Side) -> String {
    let replicate = found.run.replicate.number();
    let sentence = &found.finding.sentence;
    let note = found
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!(" {note}"));
    match (&found.superseded, found.state) {
        (Some(superseding), _) if side.replicate.is_none() => format!(
            "{name}: replicate {replicate} has no part in this, and replicate {} counts instead. \
             {sentence}",
            superseding.replicate.number()
        ),
        (Some(_), _) => format!("{name} is a replicate that was set aside. {sentence}"),
        (None, DisturbedState::RerunAsked) => format!(
            "{name}: replicate {replicate} was measured on a disturbed host, and is measured once \
             more. {sentence} Until then differences in times are not to be trusted."
        ),
        (None, DisturbedState::Stands) => format!("{name}: {sentence}{note}"),
        (None, _) => format!(
            "{name}: replicate {replicate} was measured on a disturbed host. {sentence}{note} \
             Differences in times are not to be trusted."
        ),
    }
}
