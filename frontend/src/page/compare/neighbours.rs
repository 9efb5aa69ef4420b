//! To the artifact before and to the one after, along the history of the chosen configuration.

use crate::prelude::*;
use leptos::ev;
use shared_types::ArtifactId;
use shared_types::comparison::Comparison;

use super::CompareUrl;
use crate::keyboard;
use crate::series::blocks::Series;
use crate::series::history::History;

/// A pair of artifacts: base and head.
type Pair = (ArtifactId, ArtifactId);

/// The pair that ends where this one begins, and the pair that begins where it ends. What was measured
/// under the configuration counts; what was not is passed over.
fn neighbours(
    history: &History,
    base: &ArtifactId,
    head: &ArtifactId,
) -> (Option<Pair>, Option<Pair>) {
    let artifact = |place: usize| history.artifacts.get(place).map(|it| it.id.clone());
    let before = history.place_of(base).and_then(|place| {
        let earlier = artifact(place.checked_sub(1)?)?;
        Some((earlier, base.clone()))
    });
    let after = history
        .place_of(head)
        .and_then(|place| Some((head.clone(), artifact(place + 1)?)));
    (before, after)
}

/// Two buttons, and the keys `[` and `]`.
#[component]
pub(super) fn Neighbours(
    url: CompareUrl,
    comparison: Memo<std::sync::Arc<Comparison>>,
    series: Series,
) -> impl IntoView {
    let pairs = Memo::new(move |_| {
        let history = series.history.get();
        let sides = comparison.with(|it| (it.base.artifact.clone(), it.head.artifact.clone()));
        history.map_or((None, None), |history| {
            neighbours(&history, &sides.0, &sides.1)
        })
    });
    let go = move |pair: Option<Pair>| {
        if let Some((base, head)) = pair {
            url.change(|state| {
                state.base = base.to_string();
                state.head = head.to_string();
            });
        }
    };
    let listener = window_event_listener(ev::keydown, move |event| {
        match keyboard::plain_key(&event).as_deref() {
            Some("[") => go(pairs.get_untracked().0),
            Some("]") => go(pairs.get_untracked().1),
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
    let title = |pair: Option<Pair>| match pair {
        Some((base, head)) => format!("{} \u{2192} {}", base.short(), head.short()),
        None => {
            "None was measured under this configuration, as far as its history is known".to_owned()
        }
    };
    view! {
        <div
            class="buttons neighbours"
            role="group"
            aria-label="Along the history"
            data-neighbour-keys=""
        >
            <button
                type="button"
                data-testid="artifact-before"
                disabled=move || pairs.with(|it| it.0.is_none())
                title=move || title(pairs.get().0)
                on:click=move |_| go(pairs.get_untracked().0)
            >
                "\u{2190} Artifact before"
            </button>
            <button
                type="button"
                data-testid="artifact-after"
                disabled=move || pairs.with(|it| it.1.is_none())
                title=move || title(pairs.get().1)
                on:click=move |_| go(pairs.get_untracked().1)
            >
                "Artifact after \u{2192}"
            </button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use shared_types::Metric;
    use shared_types::Unit;
    use shared_types::series::SeriesArtifact;

    use super::*;

    fn id(number: u8) -> ArtifactId {
        format!("{number:040x}").parse().unwrap()
    }

    fn history() -> History {
        let artifacts = (0..5).map(|number| SeriesArtifact {
            id: id(number),
            ordinal: i64::from(number),
            commit_date: None,
            hosts: Vec::new(),
            setups: Vec::new(),
        });
        History {
            configuration: "c1".parse().unwrap(),
            metric: Metric::cost("wall-time".parse().unwrap(), Unit::Seconds),
            artifacts: artifacts.collect(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn the_pairs_before_and_after_touch_the_pair() {
        let (before, after) = neighbours(&history(), &id(1), &id(3));
        assert_eq!(before, Some((id(0), id(1))));
        assert_eq!(after, Some((id(3), id(4))));
    }

    #[test]
    fn at_the_ends_and_off_the_line_there_is_none() {
        assert_eq!(neighbours(&history(), &id(0), &id(4)), (None, None));
        assert_eq!(neighbours(&history(), &id(77), &id(78)), (None, None));
    }
}
