//! Commits of a branch on GitHub are asked for by themselves.

use functions::watching::{self, Watch, WatchedPlace};
use shared_types::Line;
use shared_types::request::{Request, RequestState};

use crate::stand_in::{Mood, REPOSITORY};
use crate::story::Story;
use crate::world::{BASE, HEAD, ONE, new_request};

/// The branch of the story: the commit of a number.
fn sha(number: u32) -> String {
    format!("{number:040x}")
}

fn watch() -> Watch {
    Watch {
        name: "main".to_owned(),
        place: WatchedPlace::GitHub {
            repository: REPOSITORY.parse().unwrap(),
            branch: "master".to_owned(),
        },
        since: "2026-03-01T12:00:30Z".parse().unwrap(),
        configurations: vec![ONE.parse().unwrap()],
        selection: new_request(BASE, HEAD, &[ONE]).selection,
        iterations: Some(2),
        priority: 0,
    }
}

impl Story {
    /// Adds a commit to GitHub, a minute after the one before.
    fn commit(&self, number: u32, parents: &[u32]) {
        self.wait_s(60);
        let parents: Vec<String> = parents.iter().map(|parent| sha(*parent)).collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        let message = format!("change {number}\n\nand why");
        self.github
            .add_commit_saying(&sha(number), &parents, &message);
    }

    /// Merges commits into the branch, each of which holds one of somebody's own.
    fn merge(&self, numbers: std::ops::RangeInclusive<u32>) {
        for number in numbers {
            self.commit(1000 + number, &[number - 1]);
            self.commit(number, &[number - 1, 1000 + number]);
            self.github.push("master", &sha(number));
        }
    }

    async fn look(&self) -> u64 {
        watching::look(&self.world.context, &watch()).await.unwrap()
    }

    /// What the watch has asked for, the oldest first: head, base, and where it stands.
    async fn asked(&self) -> Vec<(String, String, RequestState)> {
        let requests = self.requests_of("the watch main").await;
        let told = |request: &Request| {
            let base = request.base.as_ref().map(|base| base.artifact.to_string());
            (
                request.head.artifact.to_string(),
                base.unwrap_or_default(),
                request.state,
            )
        };
        requests.iter().map(told).collect()
    }
}

fn waiting(number: u32) -> (String, String, RequestState) {
    (sha(number), sha(number - 1), RequestState::Waiting)
}

#[tokio::test]
async fn commits_on_github_are_asked_for_in_order_with_their_first_parents() {
    let story = Story::begin().await;
    story.commit(100, &[]);
    story.github.push("master", &sha(100));
    story.merge(101..=103);
    let since = Watch {
        since: "2026-03-01T12:02:30Z".parse().unwrap(),
        ..watch()
    };
    let context = &story.world.context;
    assert_eq!(watching::look(context, &since).await.unwrap(), 3);
    assert_eq!(watching::look(context, &since).await.unwrap(), 0);
    assert_eq!(
        story.asked().await,
        [waiting(101), waiting(102), waiting(103)]
    );
    let index = &context.store.index;
    let line = index.line(Line::Main, 0, i64::MAX).await.unwrap();
    let line: Vec<(String, Option<&str>)> = line
        .iter()
        .map(|one| (one.id.to_string(), one.title.as_deref()))
        .collect();
    assert_eq!(
        line,
        [
            (sha(101), Some("change 101")),
            (sha(102), Some("change 102")),
            (sha(103), Some("change 103"))
        ]
    );
}

#[tokio::test]
async fn more_commits_than_github_tells_at_once_are_all_asked_for() {
    let story = Story::begin().await;
    story.commit(100, &[]);
    story.merge(101..=220);
    assert_eq!(story.look().await, 121);
    assert_eq!(story.look().await, 0);
    let index = &story.world.context.store.index;
    let line = index.line(Line::Main, 0, i64::MAX).await.unwrap();
    let numbers: Vec<String> = line.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(numbers, (100..=220).map(sha).collect::<Vec<String>>());
}

#[tokio::test]
async fn commits_of_one_second_stand_in_their_order() {
    let story = Story::begin().await;
    story.commit(100, &[]);
    for number in 101..=103 {
        // GitHub's clock stands still, and names are in the other order.
        let (name, parent) = (sha(300 - number), sha(301 - number));
        let parent = if number == 101 { sha(100) } else { parent };
        story.github.add_commit(&name, &[&parent]);
    }
    story.github.push("master", &sha(197));
    story.look().await;
    let index = &story.world.context.store.index;
    let line = index.line(Line::Main, 0, i64::MAX).await.unwrap();
    let names: Vec<String> = line.iter().map(|one| one.id.to_string()).collect();
    assert_eq!(names, [sha(100), sha(199), sha(198), sha(197)]);
}

#[tokio::test]
async fn an_hour_without_github_delays_commits_and_doubles_none() {
    let story = Story::begin().await;
    story.commit(100, &[]);
    story.merge(101..=101);
    story.look().await;
    story.be(Mood::Down);
    for _ in 0..60 {
        story.wait_s(60);
        let error = watching::look(&story.world.context, &watch())
            .await
            .unwrap_err();
        assert!(error.to_string().contains("status 503"), "{error}");
    }
    story.be(Mood::Well);
    story.merge(102..=103);
    assert_eq!(story.look().await, 2);
    assert_eq!(story.look().await, 0);
    assert_eq!(story.asked().await.len(), 4);
}

#[tokio::test]
async fn what_a_force_push_takes_away_is_withdrawn_unless_it_has_begun() {
    let story = Story::begin().await;
    story.commit(100, &[]);
    story.merge(101..=104);
    story.look().await;
    // The first of them is being measured.
    story.world.tick().await;
    let taken = story.world.take(ONE).await.unwrap();
    story.world.progress(&taken).await;
    story.world.tick().await;

    story.commit(203, &[102]);
    story.github.push("master", &sha(203));
    assert_eq!(story.look().await, 1);
    let states: Vec<(String, RequestState)> = story
        .asked()
        .await
        .into_iter()
        .map(|(head, _, state)| (head, state))
        .collect();
    let cancelled = |head: u32| {
        let found = states.iter().find(|(name, _)| *name == sha(head)).unwrap();
        found.1 == RequestState::Cancelled
    };
    assert!(cancelled(103) && cancelled(104), "{states:?}");
    for stays in [100, 101, 102, 203] {
        assert!(!cancelled(stays), "{stays}: {states:?}");
    }
    let gone = story.requests_of("the watch main").await;
    let note = gone.iter().find_map(|one| one.note.as_deref());
    assert_eq!(
        note,
        Some("its commit left the branch master before it was measured")
    );

    // Back by one: nothing is asked for, and what is not there any more is withdrawn, too.
    story.github.push("master", &sha(102));
    assert_eq!(story.look().await, 0);
    let (_, _, state) = story.asked().await.pop().unwrap();
    assert_eq!(state, RequestState::Cancelled);
}

/// Where no `watch.toml` is read.
async fn with_watch_of_pushes() -> Story {
    Story::begin_with(|text| {
        format!(
            "{text}\n[[watch]]\nname = \"main\"\ngithub = \"rust-lang/rust\"\nbranch = \"master\"\n\
             since = \"2026-03-01T12:00:30Z\"\nconfigurations = [\"{ONE}\"]\n"
        )
    })
    .await
}

#[tokio::test]
async fn a_push_asks_for_its_commits_and_for_those_of_pushes_that_nobody_heard_of() {
    let story = with_watch_of_pushes().await;
    story.commit(100, &[]);
    story.merge(101..=101);
    story.tell_of_push(&sha(100), &sha(101)).await;
    assert_eq!(story.asked().await.len(), 2);
    story.merge(102..=103);
    story.merge(104..=104);
    for _ in 0..5 {
        story.tell_of_push(&sha(103), &sha(104)).await;
    }
    let heads: Vec<String> = story.asked().await.into_iter().map(|one| one.0).collect();
    assert_eq!(heads, (100..=104).map(sha).collect::<Vec<String>>());
}

#[tokio::test]
async fn a_push_while_github_is_down_is_looked_at_once_it_is_back() {
    let story = with_watch_of_pushes().await;
    story.commit(100, &[]);
    story.merge(101..=101);
    story.be(Mood::Down);
    story.tell_of_push(&sha(100), &sha(101)).await;
    assert!(story.asked().await.is_empty());
    for _ in 0..60 {
        story.wait_s(60);
        story.work_off().await;
    }
    story.be(Mood::Well);
    for _ in 0..30 {
        story.wait_s(60);
        story.work_off().await;
    }
    assert_eq!(story.asked().await.len(), 2);
}

#[tokio::test]
async fn a_watch_of_github_without_access_says_what_is_missing() {
    let world = crate::world::World::new().await;
    let error = watching::look(&world.context, &watch()).await.unwrap_err();
    assert!(error.to_string().contains("no access to GitHub"), "{error}");
}
