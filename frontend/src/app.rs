//! The frame around every page.

use crate::prelude::*;

use crate::access::provide_access;
use crate::palette::Palette;
use crate::router::{NavigationLink, OpenPage, provide_router};
use crate::theme::ThemeButton;
use crate::widget::act::ActDialog;
use crate::{clock, keyboard};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    clock::provide_clock();
    let access = provide_access();
    let help = keyboard::provide_shortcuts();
    let palette = RwSignal::new(false);
    provide_router();
    view! {
        <a class="skip-link" href="#content">"Skip to the content"</a>
        <header class="site-header">
            <a href="/" class="brand" aria-label="Perfleet, overview">"Perfleet"</a>
            <nav aria-label="Pages">
                <NavigationLink href="/" label="Overview" />
                <NavigationLink href="/compare" label="Compare" />
                <NavigationLink href="/graphs" label="Graphs" />
                <NavigationLink href="/triage" label="Triage" />
                <NavigationLink href="/status" label="Status" />
                <NavigationLink href="/releases" label="Releases" />
                <NavigationLink href="/toolchain" label="Toolchain" />
                <NavigationLink href="/help" label="Help" />
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
