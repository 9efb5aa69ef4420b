//! Pieces of pages that are parts of the WebAssembly of their own: they are fetched when somebody
//! first wants them, so that no first view pays for what few readers open.

use crate::prelude::*;
use leptos::task::spawn_local;

use crate::router::NotFetched;
use crate::widget::notice::Loading;

/// Makes a piece of a page of what it is given.
pub(crate) type Piece<A> = fn(A) -> AnyView;

/// Declares a function that fetches something which is compiled into a part of that name. The name ends
/// in `_in_` and the page that it is wanted on, or `every_page`: what is there already with that page is
/// not fetched again. Without the feature `split` there are no parts, and it is there at once.
macro_rules! part {
    ($(#[$outer:meta])* $visibility:vis $name:ident -> $made:ty { $make:expr }) => {
        $(#[$outer])*
        #[cfg(feature = "split")]
        #[wasm_split_helpers::wasm_split($name, fallible)]
        $visibility fn $name() -> Result<$made, crate::router::NotFetched> {
            Ok($make)
        }

        $(#[$outer])*
        #[cfg(not(feature = "split"))]
        #[allow(clippy::unused_async, reason = "it is the same where it has to be fetched")]
        $visibility async fn $name() -> Result<$made, crate::router::NotFetched> {
            Ok($make)
        }
    };
}
pub(crate) use part;

/// Shows a piece once it is fetched, and that it is on its way until then.
pub(crate) fn when_fetched<A: Clone + Send + Sync + 'static>(
    fetching: impl Future<Output = Result<Piece<A>, NotFetched>> + 'static,
    argument: A,
    what: &'static str,
) -> AnyView {
    let piece = RwSignal::new(None::<Result<Piece<A>, ()>>);
    spawn_local(async move {
        let fetched = fetching.await.map_err(|_| ());
        // Whoever wanted it may have gone on by now.
        let _ = piece.try_set(Some(fetched));
    });
    (move || match piece.get() {
        None => view! { <Loading what /> }.into_any(),
        Some(Ok(make)) => make(argument.clone()),
        Some(Err(())) => not_fetched(),
    })
    .into_any()
}

/// What is said where a piece could not be fetched.
pub(crate) fn not_fetched() -> AnyView {
    view! {
        <div class="notice error" role="alert">
            <strong>"This part of the page could not be loaded."</strong>
            " The server does not answer, or has a newer version: reload the page."
        </div>
    }
    .into_any()
}
