//! The frame around every page, and which address shows which page.

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

use crate::access::provide_access;
use crate::page::collector::CollectorPage;
use crate::page::compare::ComparePage;
use crate::page::graphs::GraphsPage;
use crate::page::job::JobPage;
use crate::page::overview::OverviewPage;
use crate::page::request::RequestPage;
use crate::page::status::StatusPage;
use crate::page::triage::{FindingPage, ReportPage, TriagePage};
use crate::theme::ThemeButton;
use crate::widget::act::ActDialog;
use crate::{clock, keyboard};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    clock::provide_clock();
    let access = provide_access();
    let help = keyboard::provide_shortcuts();
    view! {
        <Router>
            <a class="skip-link" href="#content">"Skip to the content"</a>
            <header class="site-header">
                <A href="/" {..} class="brand" aria-label="Perfleet, overview">"Perfleet"</A>
                <nav aria-label="Pages">
                    <A href="/" exact=true>"Overview"</A>
                    <A href="/compare">"Compare"</A>
                    <A href="/graphs">"Graphs"</A>
                    <A href="/triage">"Triage"</A>
                    <A href="/status">"Status"</A>
                </nav>
                <div class="header-tools">
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
                    <Route path=path!("/jobs/:id") view=JobPage />
                    <Route path=path!("/collectors/:name") view=CollectorPage />
                    <Route path=path!("/triage") view=TriagePage />
                    <Route path=path!("/triage/finding") view=FindingPage />
                    <Route path=path!("/triage/report") view=ReportPage />
                </Routes>
            </main>
            <ActDialog access />
            <keyboard::HelpDialog is_open=help />
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
