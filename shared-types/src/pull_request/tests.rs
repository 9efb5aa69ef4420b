use proptest::prelude::*;

use super::*;

fn id() -> PullRequestId {
    "rust-lang/rust#12".parse().unwrap()
}

fn build(comment: u64) -> TryBuild {
    TryBuild {
        comment,
        commit: "a".repeat(40).parse().unwrap(),
        parent: None,
    }
}

fn awaited(comment: u64) -> AwaitedBuild {
    AwaitedBuild {
        comment,
        command: 0,
        asked_at: Timestamp::UNIX_EPOCH,
        by: "ada".parse().unwrap(),
        wanted: WantedMeasuring {
            configurations: Vec::new(),
            selection: crate::request::Selection::default(),
            iterations: None,
        },
    }
}

proptest! {
    #[test]
    fn any_text_is_refused_or_comes_back_as_it_was(text in ".{0,60}|[a-z/#0-9-]{0,20}") {
        if let Ok(id) = text.parse::<PullRequestId>() {
            prop_assert_eq!(id.to_string(), text.clone());
        }
        if let Ok(name) = text.parse::<RepositoryName>() {
            prop_assert_eq!(name.to_string(), text.clone());
        }
        if let Ok(login) = text.parse::<Login>() {
            prop_assert_eq!(login.to_string(), text);
        }
    }

    #[test]
    fn the_build_of_a_command_is_the_first_after_it_in_whatever_order_they_are_heard_of(
        comments in proptest::collection::vec(1u64..40, 0..12), asked in 0u64..40
    ) {
        let mut pull_request = PullRequest::new(id());
        for comment in &comments {
            pull_request.note_try_build(build(*comment));
        }
        let expected = comments.iter().copied().filter(|one| *one > asked).min();
        let found = pull_request.build_for(&awaited(asked)).map(|one| one.comment);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn what_is_remembered_stays_small(comments in 0u64..400) {
        let mut pull_request = PullRequest::new(id());
        for comment in 0..comments {
            pull_request.note_try_build(build(comment));
            pull_request.post_mut(PostSubject::Reply(comment)).unwrap().deletions = 1;
        }
        prop_assert!(pull_request.try_builds.len() <= TRY_BUILDS_MAX);
        prop_assert!(pull_request.posts.len() <= POSTS_MAX);
        if comments > 0 {
            prop_assert!(pull_request.post(PostSubject::Reply(comments - 1)).is_some());
        }
    }
}

#[test]
fn a_commit_is_known_by_its_whole_name_alone() {
    assert!("5b1e4d2".parse::<CommitSha>().is_err());
    let sha: CommitSha = "5B1E4D2A0F9C8E7D6B5A4938271605F4E3D2C1B0".parse().unwrap();
    assert_eq!(sha.as_str(), "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0");
}

#[test]
fn a_login_is_the_same_in_upper_and_lower_case() {
    let login = |text: &str| text.parse::<Login>().unwrap();
    assert_eq!(login("Ada"), login("ada"));
    assert_ne!(login("rust-bors"), login("rust-bors[bot]"));
    assert!("a b".parse::<Login>().is_err() && "".parse::<Login>().is_err());
}
