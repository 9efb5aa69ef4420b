//! Which page is open: the browser's address, and what follows it.
//!
//! A page is a part of the WebAssembly of its own, which is fetched when it is first opened. The
//! page before stays until the next one is there; address and page then change in one go, so that
//! no page ever sees the query of another.

mod link;
mod places;
mod routes;

use crate::prelude::*;
use leptos::ev;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

pub(crate) use link::NavigationLink;
pub(crate) use places::{BELOW, NAVIGATION};
pub(crate) use routes::NotFetched;
use routes::{PageView, Route};

/// How an address is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NavigateOptions {
    /// Whether it takes the place of the one before in the browser's history.
    pub(crate) replace: bool,
    /// Whether the page is shown from its top.
    pub(crate) scroll: bool,
}

impl Default for NavigateOptions {
    fn default() -> Self {
        Self {
            replace: false,
            scroll: true,
        }
    }
}

/// The address that is open, in parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Location {
    /// The path, from its first slash on.
    pub(crate) pathname: Signal<String>,
    /// The query with its question mark; nothing without one.
    pub(crate) search: Signal<String>,
}

impl Location {
    /// What the path names behind the kind of page, decoded: `a/b` of `/collectors/a%2Fb`. What is
    /// not encoded as it should be stands for itself.
    pub(crate) fn named(self) -> String {
        self.pathname.with(|path| {
            let encoded = path.split('/').nth(2).unwrap_or_default();
            js_sys::decode_uri_component(encoded).map_or_else(|_| encoded.to_owned(), String::from)
        })
    }
}

/// The address that is open.
pub(crate) fn use_location() -> Location {
    let router = expect_context::<Router>();
    Location {
        pathname: router.pathname.into(),
        search: router.search.into(),
    }
}

/// Opens addresses of this page.
pub(crate) fn use_navigate() -> impl Fn(&str, NavigateOptions) + Copy + Send + Sync {
    let router = expect_context::<Router>();
    move |address, options| router.open(address, options)
}

#[derive(Clone, Copy)]
struct Router {
    pathname: RwSignal<String>,
    search: RwSignal<String>,
    shown: RwSignal<Option<Shown>>,
    /// Whether the next page is being fetched.
    awaited: RwSignal<bool>,
    /// How many addresses were followed: a page that arrives after another was asked for is not shown.
    followed: StoredValue<u32>,
}

/// A page that is shown.
#[derive(Clone, Copy)]
struct Shown {
    /// Whose page it is. `None` where it could not be fetched: the next try is another.
    route: Option<Route>,
    view: PageView,
}

/// Follows the browser's address from now on.
pub(crate) fn provide_router() {
    let router = Router {
        pathname: RwSignal::default(),
        search: RwSignal::default(),
        shown: RwSignal::new(None),
        awaited: RwSignal::new(true),
        followed: StoredValue::new(0),
    };
    provide_context(router);
    let back = window_event_listener(ev::popstate, move |_| router.follow(false));
    let click = window_event_listener(ev::click, move |event| {
        if let Some(address) = link::own_address(&event) {
            event.prevent_default();
            router.open(&address, NavigateOptions::default());
        }
    });
    on_cleanup(move || {
        back.remove();
        click.remove();
    });
    router.follow(false);
}

/// The page that is open, in its place.
#[component]
pub(crate) fn OpenPage() -> impl IntoView {
    let router = expect_context::<Router>();
    let busy = move || router.awaited.get().then_some("true");
    view! {
        <main id="content" tabindex="-1" aria-busy=busy>
            {live(move || router.shown.get().map(|shown| (shown.view)()))}
        </main>
    }
}

impl Router {
    fn open(self, address: &str, options: NavigateOptions) {
        let Ok(history) = window().history() else {
            return;
        };
        let noted = if options.replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(address))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(address))
        };
        // A browser refuses when there are too many of them; what is open stays.
        if noted.is_ok() {
            self.follow(options.scroll);
        }
    }

    /// Shows what the browser's address names.
    fn follow(self, scroll: bool) {
        let location = window().location();
        let (Ok(pathname), Ok(search)) = (location.pathname(), location.search()) else {
            return;
        };
        self.followed.update_value(|followed| *followed += 1);
        let number = self.followed.get_value();
        let route = Route::of(&pathname);
        let is_shown = self
            .shown
            .with_untracked(|shown| shown.and_then(|shown| shown.route) == Some(route));
        if is_shown {
            self.arrive(None, (pathname, search), scroll);
            return;
        }
        self.awaited.set(true);
        spawn_local(async move {
            let shown = match route.load().await {
                Ok(view) => Shown {
                    route: Some(route),
                    view,
                },
                Err(_) => Shown {
                    route: None,
                    view: || view! { <NotLoaded /> }.into_any(),
                },
            };
            if self.followed.try_get_value() == Some(number) {
                self.arrive(Some(shown), (pathname, search), scroll);
            }
        });
    }

    fn arrive(self, shown: Option<Shown>, (pathname, search): (String, String), scroll: bool) {
        // Before the address, so that the page before is gone when the address is another's.
        if let Some(shown) = shown {
            self.shown.set(Some(shown));
        }
        if self.pathname.with_untracked(|known| *known != pathname) {
            self.pathname.set(pathname);
        }
        if self.search.with_untracked(|known| *known != search) {
            self.search.set(search);
        }
        self.awaited.set(false);
        if scroll {
            request_animation_frame(link::scroll_to_fragment);
        }
    }
}

#[component]
fn NotLoaded() -> impl IntoView {
    view! {
        <div class="page">
            <div class="notice error" role="alert">
                <strong>"This page could not be loaded."</strong>
                " The server does not answer, or has a newer version: reload the page."
            </div>
        </div>
    }
}
