//! What the coordinator says of a job's compilers: whether somebody vouches for them.

use std::collections::BTreeMap;

use shared_types::job::Trust;
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line};

use crate::world::{ONE, World, document};

const RELEASE: &str = "release-1.95.0";
const ON_MAIN: &str = "1111111111111111111111111111111111111111";
const TRY_BUILD: &str = "2222222222222222222222222222222222222222";
const LOCAL: &str = "local-mine-59807616e";

async fn put_onto_main(world: &World, commit: &str) {
    let id: ArtifactId = commit.parse().unwrap();
    let artifact = Artifact {
        history: Some(HistoryPosition {
            line: Line::Main,
            ordinal: 1,
            parent: None,
        }),
        ..Artifact::named(id)
    };
    let index = &world.context.store.index;
    index.put_artifacts(&[artifact]).await.unwrap();
}

/// What the coordinator says of the jobs of a request, by the compiler that each measures.
async fn trusts(base: &str, head: &str) -> BTreeMap<String, Trust> {
    let world = World::new().await;
    put_onto_main(&world, ON_MAIN).await;
    world.announce("c1", &[ONE]).await;
    world.ask(base, head, &[ONE]).await;
    world.tick().await;
    let mut trusts = BTreeMap::new();
    while let Some(taken) = world.take(ONE).await {
        let artifact = taken.message.runs[0].artifact.to_string();
        trusts.insert(artifact, taken.message.trust.unwrap());
        let result = document(&taken.message, taken.attempt(), |_| 1.0);
        world.finish(&taken, &result).await;
        world.work_off().await;
        world.tick().await;
    }
    trusts
}

#[tokio::test]
async fn releases_and_the_main_branch_are_vouched_for_and_nothing_else_is() {
    let expected = |pairs: [(&str, Trust); 2]| {
        BTreeMap::from(pairs.map(|(artifact, trust)| (artifact.to_owned(), trust)))
    };
    assert_eq!(
        trusts(RELEASE, ON_MAIN).await,
        expected([(RELEASE, Trust::Trusted), (ON_MAIN, Trust::Trusted)])
    );
    assert_eq!(
        trusts(ON_MAIN, TRY_BUILD).await,
        expected([(ON_MAIN, Trust::Trusted), (TRY_BUILD, Trust::Untrusted)])
    );
    assert_eq!(
        trusts(RELEASE, LOCAL).await,
        expected([(RELEASE, Trust::Trusted), (LOCAL, Trust::Untrusted)])
    );
}
