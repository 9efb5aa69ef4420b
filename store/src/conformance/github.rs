//! What every adapter of [`Index`](crate::Index) must do with what is known of GitHub.

use shared_types::PullRequestId;
use shared_types::pull_request::{PullRequest, PullRequestState};

use super::Setting;
use super::examples::{at, request_id};

/// Calls `$define! { … }` with the cases of [`conformance::github`](crate::conformance::github).
#[macro_export]
macro_rules! github_conformance {
    ($define:ident) => {
        $define! { github:
            a_pull_request_is_replaced_by_who_knows_it,
            of_many_that_replace_a_pull_request_at_once_one_does,
            a_request_stays_with_its_first_pull_request,
            a_delivery_is_remembered_until_its_end,
        }
    };
}

fn id(number: u64) -> PullRequestId {
    format!("rust-lang/rust#{number}").parse().unwrap()
}

pub async fn a_pull_request_is_replaced_by_who_knows_it(setting: &Setting) {
    let index = &*setting.store.index;
    assert_eq!(index.pull_request(&id(1)).await.unwrap(), None);
    let first = PullRequest::new(id(1));
    assert!(index.replace_pull_request(None, &first).await.unwrap());
    // Told again, and by somebody who does not know of it.
    assert!(!index.replace_pull_request(None, &first).await.unwrap());
    let mut closed = first.clone();
    closed.state = PullRequestState::Closed;
    let replaced = index.replace_pull_request(Some(&first), &closed).await;
    assert!(replaced.unwrap());
    let mut merged = first.clone();
    merged.state = PullRequestState::Merged;
    let late = setting
        .other
        .index
        .replace_pull_request(Some(&first), &merged);
    assert!(!late.await.unwrap());
    let found = setting.other.index.pull_request(&id(1)).await.unwrap();
    assert_eq!(found, Some(closed));
    assert_eq!(index.pull_request(&id(2)).await.unwrap(), None);
}

pub async fn of_many_that_replace_a_pull_request_at_once_one_does(setting: &Setting) {
    let first = PullRequest::new(id(1));
    let index = setting.store.index.clone();
    assert!(index.replace_pull_request(None, &first).await.unwrap());
    let tries = (1..=8i64).map(|number| {
        let index = if number % 2 == 0 {
            setting.store.index.clone()
        } else {
            setting.other.index.clone()
        };
        let known = first.clone();
        tokio::spawn(async move {
            let mut new = known.clone();
            new.as_of = Some(at(number));
            index
                .replace_pull_request(Some(&known), &new)
                .await
                .unwrap()
        })
    });
    let mut replaced = 0;
    for tried in tries.collect::<Vec<_>>() {
        replaced += u32::from(tried.await.unwrap());
    }
    assert_eq!(replaced, 1);
}

pub async fn a_request_stays_with_its_first_pull_request(setting: &Setting) {
    let index = &*setting.store.index;
    assert_eq!(index.pull_request_of(request_id(1)).await.unwrap(), None);
    index.link_request(request_id(1), &id(1)).await.unwrap();
    index.link_request(request_id(1), &id(1)).await.unwrap();
    index.link_request(request_id(1), &id(2)).await.unwrap();
    index.link_request(request_id(2), &id(2)).await.unwrap();
    let of = async |number| {
        let index = &setting.other.index;
        index.pull_request_of(request_id(number)).await.unwrap()
    };
    assert_eq!(of(1).await, Some(id(1)));
    assert_eq!(of(2).await, Some(id(2)));
    assert_eq!(of(3).await, None);
}

pub async fn a_delivery_is_remembered_until_its_end(setting: &Setting) {
    let index = &*setting.store.index;
    let knows = async |delivery: &str, second: i64| {
        let index = &setting.other.index;
        index.knows_delivery(delivery, at(second)).await.unwrap()
    };
    assert!(!knows("a", 0).await);
    index.remember_delivery("a", at(0), at(10)).await.unwrap();
    index.remember_delivery("a", at(0), at(10)).await.unwrap();
    index.remember_delivery("b", at(5), at(99)).await.unwrap();
    assert!(knows("a", 9).await && knows("b", 9).await);
    assert!(!knows("a", 10).await && knows("b", 10).await);
    assert!(!knows("c", 0).await);
}
