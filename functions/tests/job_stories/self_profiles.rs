//! A request that wants to know where the time of each compiler went.

use functions::coordinator;

use crate::world::{BASE, HEAD, ONE, World, compare_query, new_request};

async fn explanations(self_profile: bool) -> Vec<shared_types::explanation::Explanation> {
    let world = World::new().await;
    // Of fewer crates nobody could say what they have in common.
    let crates = ["a", "b", "c", "d", "e", "f"];
    world.announce_suite("c1", &[ONE], &crates).await;
    let mut wanted = new_request(BASE, HEAD, &[ONE]);
    wanted.self_profile = self_profile;
    let request = coordinator::create_request(&world.context, &wanted, "ada")
        .await
        .unwrap();
    assert_eq!(request.self_profile, self_profile);
    world.measure_all(ONE, 1.2).await;
    compare_query(&world.context, &format!("{BASE}..{HEAD}"), ONE)
        .await
        .unwrap()
        .explanations
}

#[tokio::test]
async fn the_profiles_of_both_sides_name_the_query_that_carries_the_change() {
    let [explanation] = explanations(true).await.try_into().unwrap();
    let [query] = explanation.queries.as_slice() else {
        panic!("{explanation:?}");
    };
    assert_eq!(query.query, "typeck");
    // All of the 0.2 s that head takes more, of 0.5 s.
    assert!((query.change.unwrap() - 0.4).abs() < 0.01, "{query:?}");
    assert!(
        explanation.sentence.contains("typeck"),
        "{}",
        explanation.sentence
    );
}

#[tokio::test]
async fn a_request_that_does_not_ask_for_profiles_gets_none() {
    let [explanation] = explanations(false).await.try_into().unwrap();
    assert_eq!(explanation.queries, []);
}
