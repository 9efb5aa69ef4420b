//! What the coordinator says of a job's compilers: whether somebody vouches for them.

use shared_types::job::Trust;
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line};

use crate::world::{ONE, World};

const OLD_RELEASE: &str = "release-1.95.0";
const NEW_RELEASE: &str = "release-1.96.0";
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

#[tokio::test]
async fn releases_and_the_main_branch_are_vouched_for_and_nothing_else_is() {
    for (base, head, expected) in [
        (OLD_RELEASE, NEW_RELEASE, Trust::Trusted),
        (OLD_RELEASE, ON_MAIN, Trust::Trusted),
        (ON_MAIN, TRY_BUILD, Trust::Untrusted),
        (OLD_RELEASE, LOCAL, Trust::Untrusted),
    ] {
        let world = World::new().await;
        put_onto_main(&world, ON_MAIN).await;
        world.announce("c1", &[ONE]).await;
        world.ask(base, head, &[ONE]).await;
        world.tick().await;
        let mut worst = Trust::Trusted;
        let mut jobs = 0;
        while let Some(taken) = world.take(ONE).await {
            let trust = taken.message.trust.unwrap();
            worst = worst.max(trust);
            jobs += 1;
            world.tick().await;
        }
        assert!(jobs > 0, "{base}..{head}");
        assert_eq!(worst, expected, "{base}..{head}");
    }
}
