use proptest::prelude::*;
use shared_types::object_key::ContentHash;
use shared_types::run::Side;

use super::*;

fn artifact(number: u32) -> ArtifactId {
    format!("release-1.{number}.0").parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Base, head, request and second of a comparison.
type Made = (u32, u32, Option<u64>, i64);

fn reference((base, head, request, second): Made) -> ComparisonReference {
    ComparisonReference {
        configuration: "zen4".parse().unwrap(),
        base: Side::pooled(artifact(base)),
        head: Side::pooled(artifact(head)),
        metric: "wall-time".to_owned(),
        method: "segment-level".to_owned(),
        input_hash: ContentHash::of(format!("{base} {head} {request:?} {second}").as_bytes()),
        verdict: Verdict::Neutral,
        headline: String::new(),
        request: request.map(|number| RequestId::from_parts(number, &[1; 10])),
        computed_at: at(second),
    }
}

proptest! {
    #[test]
    fn whatever_is_touched_is_made_again_once_and_nothing_else(
        made in proptest::collection::vec(
            (0u32..5, 0u32..5, proptest::option::of(0u64..3), 0i64..20), 0..30),
        retracted in proptest::collection::btree_set(0u32..5, 0..3),
        behind in proptest::collection::btree_set(0u32..5, 0..3),
        moved_at in 0i64..20,
    ) {
        let touched = TouchedArtifacts {
            retracted: retracted.iter().map(|number| artifact(*number)).collect(),
            behind: behind.iter().map(|number| artifact(*number)).collect(),
        };
        let references: Vec<ComparisonReference> = made.iter().copied().map(reference).collect();
        let again = to_make_again(references.clone(), &touched, at(moved_at));
        let names: Vec<String> = again.iter().map(MadeAgain::name).collect();
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        prop_assert_eq!(&names, &sorted);
        for one in &references {
            let found = again.iter().find(|again| again.name() == name(one));
            let wanted = touched.touch(&one.base.artifact, &one.head.artifact);
            prop_assert_eq!(found.is_some(), wanted);
            let Some(found) = found else { continue };
            prop_assert!(found.newest.computed_at >= one.computed_at);
            prop_assert!(one.request.is_none_or(|request| found.requests.contains(&request)));
            if one.computed_at < at(moved_at) {
                prop_assert!(found.before.computed_at >= one.computed_at);
                prop_assert!(found.before.computed_at < at(moved_at));
            }
        }
    }

    #[test]
    fn no_order_of_what_was_made_changes_what_is_made_again(
        made in proptest::collection::vec(
            (0u32..3, 0u32..3, proptest::option::of(0u64..3), 0i64..20), 0..12)
            .prop_shuffle(),
    ) {
        let touched = TouchedArtifacts {
            retracted: BTreeSet::from([artifact(1)]),
            behind: BTreeSet::new(),
        };
        let forwards = to_make_again(made.iter().copied().map(reference), &touched, at(9));
        let backwards = to_make_again(made.iter().rev().copied().map(reference), &touched, at(9));
        prop_assert_eq!(forwards, backwards);
    }
}

#[test]
fn a_stretch_reaches_from_the_first_to_the_last_artifact_of_its_line() {
    let placed = |number: u32, line: Line| Artifact {
        history: Some(shared_types::HistoryPosition {
            line,
            ordinal: i64::from(number),
            parent: None,
        }),
        ..Artifact::named(artifact(number))
    };
    let artifacts = [
        placed(7, Line::Releases),
        placed(3, Line::Releases),
        Artifact::named(artifact(1)),
        placed(9, Line::Main),
    ];
    let found = stretches(&"zen4".parse().unwrap(), &artifacts);
    let of_releases = found.iter().find(|one| one.line == Line::Releases).unwrap();
    assert_eq!(
        (of_releases.first_ordinal, of_releases.last_ordinal),
        (3, 7)
    );
    assert_eq!(of_releases.last, artifact(7));
    assert_eq!(found.len(), 2);
}
