//! `perfleet dead-letters` on a data folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod story;

use store::embedded::EmbeddedStore;
use story::Perfleet;

#[tokio::test]
async fn dead_letters_are_listed_shown_retried_and_discarded() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let data_dir = folder.path().to_str().unwrap().to_owned();
    let perfleet = Perfleet {
        place: vec!["--data-dir".to_owned(), data_dir],
        variables: Vec::new(),
    };
    story::dead_letters_are_listed_shown_retried_and_discarded(&perfleet, &store).await;
}

#[test]
fn a_server_is_no_place_to_look_at_dead_letters_from_afar() {
    let perfleet = Perfleet {
        place: vec!["--server".to_owned(), "http://127.0.0.1:1".to_owned()],
        variables: Vec::new(),
    };
    let answer = perfleet.run(&["dead-letters", "list"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("run it there"), "{}", answer.stderr);
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_program_without_aws_says_how_to_build_one_with_it() {
    let place = ["--aws", "staging", "--bucket", "b"].map(str::to_owned);
    let perfleet = Perfleet {
        place: place.to_vec(),
        variables: Vec::new(),
    };
    let answer = perfleet.run(&["status"]);
    assert_eq!(answer.code, 2);
    let message = answer.stderr;
    assert!(message.contains("--features aws"), "{message}");
}
