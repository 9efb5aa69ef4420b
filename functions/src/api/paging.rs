//! Pages of lists that are short enough to be made as a whole.

use shared_types::api::{Page, Problem};
use store::PageRequest;

use super::problem;

/// The page of `items` that is wanted. `name` tells the entries apart; the cursor is the name of the
/// last entry of the page before, so that entries which are added meanwhile double none.
pub(super) fn page_of<T>(
    mut items: Vec<T>,
    page: &PageRequest,
    name: impl Fn(&T) -> String,
) -> Result<Page<T>, Problem> {
    let begin = match &page.cursor {
        None => 0,
        Some(cursor) => items
            .iter()
            .position(|item| name(item) == *cursor)
            .map(|last| last + 1)
            .ok_or_else(|| {
                problem::bad_request(
                    "the parameter `cursor` names no entry of this list any more: begin again \
                     without it"
                        .to_owned(),
                )
            })?,
    };
    let mut wanted = items.split_off(begin);
    let more = wanted.len() > page.limit as usize;
    wanted.truncate(page.limit as usize);
    let next_cursor = if more { wanted.last().map(name) } else { None };
    Ok(Page {
        items: wanted,
        next_cursor,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_pages_of_a_list_are_the_list(length in 0u32..40, limit in 1u32..9) {
            let list: Vec<u32> = (0..length).collect();
            let mut walked = Vec::new();
            let mut page = PageRequest::first(limit);
            loop {
                let answer = page_of(list.clone(), &page, u32::to_string).unwrap();
                prop_assert!(answer.items.len() <= limit as usize);
                walked.extend(answer.items);
                match answer.next_cursor {
                    Some(cursor) => page.cursor = Some(cursor),
                    None => break,
                }
            }
            prop_assert_eq!(walked, list);
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let page = PageRequest {
            cursor: Some("9".to_owned()),
            limit: 1,
        };
        assert!(page_of(vec![1, 2], &page, i32::to_string).is_err());
    }
}
