//! Lists of the API that may be longer than one page, as a whole.

use std::sync::Arc;

use crate::prelude::*;
use leptos::task::spawn_local;
use shared_types::api::Page;

use crate::api_client::{self, ApiError};
use crate::json;
use crate::remote::Fetched;

/// Pages that are followed at most: with 500 entries each, more than a chart can show.
const PAGES_MAX: usize = 40;

/// A list as a whole, once it is there. It has a cursor only where it was longer than is followed.
pub(crate) type WholeList<T> = RwSignal<Option<Arc<Page<T>>>>;

/// Fetches all pages of the list that `path` names, and again whenever it changes. `None` fetches
/// nothing. A list that cannot be had is not there: nothing waits for it.
pub(crate) fn fetched_whole<T: Fetched>(path: Signal<Option<String>>) -> WholeList<T> {
    let list = WholeList::new(None);
    // Counts the questions, so that the answer to an earlier one is not taken for the last's.
    let asked = ArcRwSignal::new(0_u32);
    Effect::new(move |_| {
        asked.update_untracked(|number| *number += 1);
        let number = asked.get_untracked();
        list.set(None);
        let Some(path) = path.get() else {
            return;
        };
        let asked = asked.clone();
        spawn_local(async move {
            let whole = gather(&path, page_at).await.ok();
            if asked.get_untracked() == number {
                // Whoever wanted it may have gone on by now.
                let _ = list.try_set(whole.map(Arc::new));
            }
        });
    });
    list
}

async fn page_at<T: Fetched>(path: String) -> Result<Page<T>, ApiError> {
    let text = api_client::text(&path).await?;
    json::from_str(&text).map_err(|error| api_client::unreadable(&path, &error))
}

/// Asks for page after page. A cursor that is not known any more, since the list has changed, ends the
/// list where it is: what was there is shown.
async fn gather<T, E>(
    path: &str,
    ask: impl AsyncFn(String) -> Result<Page<T>, E>,
) -> Result<Page<T>, E> {
    let mut whole = ask(path.to_owned()).await?;
    for _ in 1..PAGES_MAX {
        let Some(cursor) = &whole.next_cursor else {
            break;
        };
        let Ok(page) = ask(path_behind(path, cursor)).await else {
            break;
        };
        whole.items.extend(page.items);
        whole.next_cursor = page.next_cursor;
    }
    Ok(whole)
}

/// Where the page behind a cursor is.
fn path_behind(path: &str, cursor: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    format!("{path}&cursor={encoded}")
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use proptest::prelude::*;

    use super::*;

    /// What comes of something that waits for nothing.
    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    /// A server whose list is 0, 1, 2, … and which refuses the cursor `refused`.
    fn answer(path: &str, length: u32, limit: u32, refused: Option<u32>) -> Result<Page<u32>, ()> {
        let after = path
            .split_once("&cursor=")
            .map(|(_, cursor)| cursor.parse().unwrap());
        if after.is_some() && after == refused {
            return Err(());
        }
        let begin = after.map_or(0, |last: u32| last + 1);
        let end = (begin + limit).min(length);
        Ok(Page {
            items: (begin..end).collect(),
            next_cursor: (end < length).then(|| (end - 1).to_string()),
        })
    }

    proptest! {
        #[test]
        fn all_pages_together_are_the_list(length in 0_u32..60, limit in 2_u32..9) {
            let asked = async |path: String| answer(&path, length, limit, None);
            let whole = ready(gather("/api/v1/list?limit=9", asked)).unwrap();
            prop_assert_eq!(whole.items, (0..length).collect::<Vec<_>>());
            prop_assert_eq!(whole.next_cursor, None);
        }
    }

    #[test]
    fn a_list_that_changes_meanwhile_ends_where_it_is_and_an_endless_one_is_cut() {
        let changed = async |path: String| answer(&path, 10, 3, Some(5));
        let whole = ready(gather("/list?limit=3", changed)).unwrap();
        assert_eq!(whole.items, [0, 1, 2, 3, 4, 5]);
        assert!(whole.next_cursor.is_some());
        let endless = async |path: String| answer(&path, u32::MAX, 1, None);
        let whole = ready(gather("/list?limit=1", endless)).unwrap();
        assert_eq!(whole.items.len(), PAGES_MAX);
    }

    #[test]
    fn what_a_cursor_holds_is_no_other_parameter() {
        assert_eq!(
            path_behind("/events?limit=1", "a/b&c=d #1"),
            "/events?limit=1&cursor=a%2Fb%26c%3Dd+%231"
        );
    }
}
