//! What every adapter of [`Index`](crate::Index) must do with the turns of a configuration.

use shared_types::scheduling::{Pause, Scheduling};

use super::Setting;
use super::examples::{at, configuration_id};

/// Calls `$define! { … }` with the cases of [`conformance::scheduling`](crate::conformance::scheduling).
#[macro_export]
macro_rules! scheduling_conformance {
    ($define:ident) => {
        $define! { scheduling:
            the_turns_are_replaced_by_who_knows_them,
            a_pause_is_kept_with_who_and_why,
        }
    };
}

pub async fn the_turns_are_replaced_by_who_knows_them(setting: &Setting) {
    let index = &*setting.store.index;
    let id = configuration_id();
    assert_eq!(index.scheduling(&id).await.unwrap(), None);
    let mut first = Scheduling::beginning(id.clone());
    first.turns.take("ada");
    assert!(index.replace_scheduling(None, &first).await.unwrap());
    assert!(!index.replace_scheduling(None, &first).await.unwrap());
    let mut second = first.clone();
    second.turns.take("bob");
    let replaced = index.replace_scheduling(Some(&first), &second).await;
    assert!(replaced.unwrap());
    let late = setting.other.index.replace_scheduling(Some(&first), &first);
    assert!(!late.await.unwrap());
    let found = setting.other.index.scheduling(&id).await.unwrap();
    assert_eq!(found, Some(second));
    let other = index.scheduling(&"other".parse().unwrap()).await.unwrap();
    assert_eq!(other, None);
}

pub async fn a_pause_is_kept_with_who_and_why(setting: &Setting) {
    let mut paused = Scheduling::beginning(configuration_id());
    paused.paused = Some(Pause {
        by: "ada".to_owned(),
        at: at(7),
        reason: Some("the host gets a new kernel".to_owned()),
    });
    let index = &*setting.store.index;
    assert!(index.replace_scheduling(None, &paused).await.unwrap());
    let found = index.scheduling(&configuration_id()).await.unwrap();
    assert_eq!(found, Some(paused));
}
