//! The frame around every page, and which address shows which page.

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

use crate::page::artifact::ArtifactPage;
use crate::page::artifacts::ArtifactsPage;
use crate::page::compare::ComparePage;
use crate::page::graphs::GraphsPage;
use crate::page::help::HelpPage;
use crate::page::overview::OverviewPage;
use crate::page::releases::ReleasesPage;
use crate::page::request::RequestPage;
use crate::page::status::StatusPage;
use crate::page::toolchain::ToolchainPage;
use crate::palette::Palette;
use crate::theme::ThemeButton;
use crate::{clock, keyboard};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    clock::provide_clock();
    let help = keyboard::provide_shortcuts();
    let palette = RwSignal::new(false);
    view! {
        <Router>
            <a class="skip-link" href="#content">"Skip to the content"</a>
            <header class="site-header">
                <A href="/" {..} class="brand" aria-label="Perfleet, overview">"Perfleet"</A>
                <nav aria-label="Pages">
                    <A href="/" exact=true>"Overview"</A>
                    <A href="/compare">"Compare"</A>
                    <A href="/graphs">"Graphs"</A>
                    <A href="/status">"Status"</A>
                    <A href="/releases">"Releases"</A>
                    <A href="/toolchain">"Toolchain"</A>
                    <A href="/help">"Help"</A>
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
            <main id="content" tabindex="-1">
                <Routes fallback=NotFound>
                    <Route path=path!("/") view=OverviewPage />
                    <Route path=path!("/compare") view=ComparePage />
                    <Route path=path!("/graphs") view=GraphsPage />
                    <Route path=path!("/status") view=StatusPage />
                    <Route path=path!("/requests/:id") view=RequestPage />
                    <Route path=path!("/artifacts") view=ArtifactsPage />
                    <Route path=path!("/artifacts/:id") view=ArtifactPage />
                    <Route path=path!("/releases") view=ReleasesPage />
                    <Route path=path!("/toolchain") view=ToolchainPage />
                    <Route path=path!("/help") view=HelpPage />
                </Routes>
            </main>
            <keyboard::HelpDialog is_open=help />
            <Palette is_open=palette />
        </Router>
    }
}

/// Names the page in the browser's tab and history.
pub(crate) fn set_page_title(title: &str) {
    document().set_title(&format!("{title} \u{b7} Perfleet"));
}

#[component]
fn NotFound() -> impl IntoView {
    set_page_title("Not found");
    view! {
        <div class="page">
            <h1>"There is no such page"</h1>
            <p>
                "The address may be mistyped. " <A href="/">"The overview"</A> " leads to all there is."
            </p>
        </div>
    }
}
