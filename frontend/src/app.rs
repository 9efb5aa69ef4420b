//! The frame around every page.

use crate::prelude::*;

use crate::access::provide_access;
use crate::palette::Palette;
use crate::router::{NAVIGATION, NavigationLink, OpenPage, provide_router};
use crate::theme::ThemeButton;
use crate::widget::act::ActDialog;
use crate::{clock, keyboard};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    clock::provide_clock();
    let access = provide_access();
    let palette = RwSignal::new(false);
    let help = keyboard::provide_shortcuts(palette);
    provide_router();
    view! {
        <a class="skip-link" href="#content">"Skip to the content"</a>
        <header class="site-header">
            <a href="/" class="brand" aria-label="Perfleet, overview">"Perfleet"</a>
            <nav aria-label="Pages">
                {NAVIGATION
                    .map(|(label, href)| view! { <NavigationLink href label /> })
                    .collect_view()}
            </nav>
            <div class="header-tools">
                <button
                    type="button"
                    class="quiet"
                    data-testid="open-palette"
                    aria-label="Go to a page, configuration or artifact"
                    title="Go to\u{2026} (Ctrl+K)"
                    on:click=move |_| palette.set(true)
                >
                    "\u{2315}"
                </button>
                <button
                    type="button"
                    class="quiet"
                    aria-label="Keyboard shortcuts"
                    title="Keyboard shortcuts (?)"
                    on:click=move |_| help.set(true)
                >
                    "?"
                </button>
                <ThemeButton />
            </div>
        </header>
        <OpenPage />
        <ActDialog access />
        <keyboard::HelpDialog is_open=help />
        <Palette is_open=palette />
    }
}

/// Names the page in the browser's tab and history.
pub(crate) fn set_page_title(title: &str) {
    document().set_title(&format!("{title} \u{b7} Perfleet"));
}

/// What is shown where there is no page.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    set_page_title("Not found");
    view! {
        <div class="page">
            <h1>"There is no such page"</h1>
            <p>
                "The address may be mistyped. " <a href="/">"The overview"</a> " leads to all there is."
            </p>
        </div>
    }
}
