//! What a reader of a comparison is told of disturbed hosts.

use shared_types::disturbance::{DisturbedRun, DisturbedState};
use shared_types::run::{Side, SidePair};

/// The warnings of a comparison of these sides.
pub(crate) fn warnings(known: &[DisturbedRun], sides: &SidePair) -> Vec<String> {
    [("Base", &sides.base), ("Head", &sides.head)]
        .into_iter()
        .flat_map(|(name, side)| {
            let of_side = known.iter().filter(|one| has_part(one, side));
            of_side.map(move |found| warning(name, found, side))
        })
        .collect()
}

/// Whether a replicate has a part in a side of a comparison.
fn has_part(found: &DisturbedRun, side: &Side) -> bool {
    let wanted = side.replicate.unwrap_or(found.run.replicate);
    found.run.artifact == side.artifact && found.run.replicate == wanted
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
