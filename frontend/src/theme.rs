//! Light, dark, or as the reader's system has it.

use crate::prelude::*;
use wasm_bindgen::JsValue;

/// Where the choice is kept. `theme.js` reads it before the first paint.
const KEY: &str = "perfleet-theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn chosen() -> Self {
        let stored = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        match stored.as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Shows it and remembers it. A browser that keeps nothing shows it until the page is left.
    fn apply(self) {
        let Some(root) = document().document_element() else {
            return;
        };
        let storage = storage();
        if self == Self::System {
            let _ = root.remove_attribute("data-theme");
            if let Some(storage) = storage {
                let _ = storage.remove_item(KEY);
            }
        } else {
            let _ = root.set_attribute("data-theme", self.word());
            if let Some(storage) = storage {
                let _ = storage.set_item(KEY, self.word());
            }
        }
        if let Ok(event) = web_sys::Event::new("perfleet-theme") {
            let _ = window().dispatch_event(&event);
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().unwrap_or_else(|_: JsValue| None)
}

/// Goes from one theme to the next.
#[component]
pub(crate) fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::chosen());
    let icon = move || match theme.get() {
        Theme::System => "\u{25d0}",
        Theme::Light => "\u{2600}\u{fe0e}",
        Theme::Dark => "\u{263e}",
    };
    let label = move || {
        format!(
            "Theme: {}. Change to {}.",
            theme.get().word(),
            theme.get().next().word()
        )
    };
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="theme"
            aria-label=label
            title=label
            on:click=move |_| {
                theme.update(|theme| *theme = theme.next());
                theme.get_untracked().apply();
            }
        >
            {icon}
        </button>
    }
}
