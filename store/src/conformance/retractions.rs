//! What every adapter of [`Index`](crate::Index) must do with retractions.

use shared_types::RetractionId;
use shared_types::retraction::{NewRetraction, Retraction, RetractionRange, RetractionState};

use super::Setting;
use super::examples::at;
use crate::RetractionIndex;

/// Calls `$define! { … }` with the cases of
/// [`conformance::retractions`](crate::conformance::retractions).
#[macro_export]
macro_rules! retractions_conformance {
    ($define:ident) => {
        $define! { retractions:
            a_retraction_is_replaced_by_who_knows_it,
            of_many_that_replace_a_retraction_at_once_one_does,
            retractions_are_listed_the_oldest_first,
        }
    };
}

fn retraction(number: u64) -> Retraction {
    let wanted = NewRetraction {
        range: RetractionRange {
            host: Some("zen4-a".to_owned()),
            from: Some(at(100)),
            run: Some("release-1.95.0@zen4#2".parse().unwrap()),
            ..RetractionRange::default()
        },
        reason: "the fan failed".to_owned(),
    };
    let id = RetractionId::from_parts(number, &[7; 10]);
    Retraction::beginning(id, wanted, "ada".to_owned(), at(5))
}

pub async fn a_retraction_is_replaced_by_who_knows_it(setting: &Setting) {
    let index = &*setting.store.index;
    assert_eq!(index.retractions().await.unwrap(), []);
    let first = retraction(1);
    assert!(index.replace_retraction(None, &first).await.unwrap());
    assert!(!index.replace_retraction(None, &first).await.unwrap());
    let mut done = first.clone();
    done.state = RetractionState::InForce;
    let replaced = index.replace_retraction(Some(&first), &done).await;
    assert!(replaced.unwrap());
    let undone = first.taken_back("bob".to_owned(), at(9));
    let other = &setting.other.index;
    assert!(
        !other
            .replace_retraction(Some(&first), &undone)
            .await
            .unwrap()
    );
    assert_eq!(other.retractions().await.unwrap(), [done]);
}

pub async fn of_many_that_replace_a_retraction_at_once_one_does(setting: &Setting) {
    let first = retraction(1);
    let index = setting.store.index.clone();
    assert!(index.replace_retraction(None, &first).await.unwrap());
    let tries = (1..=8i64).map(|number| {
        let index = if number % 2 == 0 {
            setting.store.index.clone()
        } else {
            setting.other.index.clone()
        };
        let known = first.clone();
        tokio::spawn(async move {
            let new = known.taken_back(format!("person {number}"), at(number));
            index.replace_retraction(Some(&known), &new).await.unwrap()
        })
    });
    let mut replaced = 0;
    for tried in tries.collect::<Vec<_>>() {
        replaced += u32::from(tried.await.unwrap());
    }
    assert_eq!(replaced, 1);
}

pub async fn retractions_are_listed_the_oldest_first(setting: &Setting) {
    let index: &dyn RetractionIndex = &*setting.store.index;
    for number in [2, 1, 3] {
        let new = retraction(number);
        assert!(index.replace_retraction(None, &new).await.unwrap());
    }
    let found = index.retractions().await.unwrap();
    assert_eq!(found, [retraction(1), retraction(2), retraction(3)]);
}
