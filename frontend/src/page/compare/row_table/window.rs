//! Which rows of a long table are in view. All rows have one height, so that this is arithmetic.

use leptos::prelude::window as browser_window;

/// Rows above and below the view that are kept, so that fast scrolling shows no blank.
const SPARE_ROWS: usize = 12;

/// Rows that are printed; who wants more saves the table.
const PRINTED_ROWS_MAX: usize = 1000;

/// The height of the table's head, in CSS pixels.
const HEAD_PX: f64 = 34.0;

/// The height of a row, in CSS pixels, as the style sheet has it for this width of the window.
pub(super) fn row_height_px() -> f64 {
    let is_narrow = browser_window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .is_some_and(|width| width <= 640.0);
    if is_narrow { 46.0 } else { 28.0 }
}

/// The rows that are on the page, and the space that stands for the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowWindow {
    /// The first row on the page.
    pub(super) begin: usize,
    /// The row after the last on the page.
    pub(super) end: usize,
    /// The height of the rows before, in CSS pixels.
    pub(super) above_px: f64,
    /// The height of the rows after, in CSS pixels.
    pub(super) below_px: f64,
}

impl RowWindow {
    /// On paper nothing is scrolled: all rows, as far as a print is of use.
    pub(super) fn printed(rows: usize) -> Self {
        Self {
            begin: 0,
            end: rows.min(PRINTED_ROWS_MAX),
            above_px: 0.0,
            below_px: 0.0,
        }
    }

    /// The window of a view that is `view_px` high and scrolled down by `top_px`.
    pub(super) fn of(top_px: f64, view_px: f64, row_px: f64, rows: usize) -> Self {
        let first = (top_px.max(0.0) / row_px) as usize;
        let fitting = (view_px.max(0.0) / row_px).ceil() as usize;
        let begin = first.saturating_sub(SPARE_ROWS).min(rows);
        let end = (first + fitting + SPARE_ROWS).min(rows);
        Self {
            begin,
            end,
            above_px: begin as f64 * row_px,
            below_px: (rows - end) as f64 * row_px,
        }
    }
}

/// Scrolls no further than is needed to see a row.
pub(super) fn bring_into_view(viewport: &web_sys::Element, row: usize, row_px: f64) {
    let top = f64::from(viewport.scroll_top());
    let view = f64::from(viewport.client_height()) - HEAD_PX;
    let row_top = row as f64 * row_px;
    let next = if row_top < top {
        row_top
    } else if row_top + row_px > top + view {
        row_top + row_px - view
    } else {
        return;
    };
    viewport.set_scroll_top(next as i32);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_rows_are_printed_unless_they_fill_dozens_of_sheets() {
        assert_eq!(RowWindow::printed(640).end, 640);
        assert_eq!(RowWindow::printed(5000).end, 1000);
    }

    proptest! {
        #[test]
        fn the_rows_in_view_are_on_the_page_and_few_others(
            top in 0.0f64..30_000.0,
            view in 0.0f64..2_000.0,
            rows in 0usize..2_000,
        ) {
            let row_px = 28.0;
            let window = RowWindow::of(top, view, row_px, rows);
            prop_assert!(window.begin <= window.end && window.end <= rows);
            let height = window.above_px + window.below_px
                + (window.end - window.begin) as f64 * row_px;
            prop_assert!((height - rows as f64 * row_px).abs() < 1e-6);
            prop_assert!(window.end - window.begin <= (view / row_px) as usize + 1 + 2 * SPARE_ROWS);
            let in_view = (0..rows).filter(|row| {
                let row_top = *row as f64 * row_px;
                row_top + row_px > top && row_top < top + view
            });
            for row in in_view {
                prop_assert!((window.begin..window.end).contains(&row));
            }
        }
    }
}
