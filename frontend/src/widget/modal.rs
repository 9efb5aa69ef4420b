//! Dialogs that stand over the page.

use crate::prelude::*;
use leptos::html::Dialog;

/// Opens and closes a dialog as `is_open` says. `on_open` is called before it opens. That somebody closed
/// it by the keyboard is told by its event `close`.
pub(crate) fn follow_open(
    dialog: NodeRef<Dialog>,
    is_open: Signal<bool>,
    on_open: impl Fn() + 'static,
) {
    Effect::new(move |_| {
        let is_open = is_open.get();
        let Some(dialog) = dialog.get() else {
            return;
        };
        if is_open && !dialog.open() {
            on_open();
            let _ = dialog.show_modal();
        } else if !is_open && dialog.open() {
            dialog.close();
        }
    });
}
