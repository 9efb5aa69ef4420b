//! The two sides that are asked for, and the configurations under which both were measured.

use crate::prelude::*;
use shared_types::api::ArtifactDetail;
use shared_types::{ArtifactId, ConfigurationId, Line};

use super::CompareUrl;
use super::suggestions::suggestions_in_compare;
use crate::api_client;
use crate::part::when_fetched;
use crate::remote::{Remote, RemoteSignal, fetched};
use crate::sorted_set::SortedSet;
use crate::widget::artifact_name::short_side;
use crate::widget::notice::{ErrorNotice, Loading};

/// What is known of the two sides.
#[derive(Clone)]
pub(super) struct Sides {
    pub(super) base: RemoteSignal<ArtifactDetail>,
    pub(super) head: RemoteSignal<ArtifactDetail>,
    /// The configurations that can answer, in order. `None` until both sides are known.
    pub(super) configurations: Memo<Option<Vec<ConfigurationId>>>,
}

/// Looks the sides up, and again when others are asked for.
pub(super) fn follow_sides(url: CompareUrl) -> Sides {
    let base_name = Memo::new(move |_| url.state.with(|state| state.base.clone()));
    let head_name = Memo::new(move |_| url.state.with(|state| state.head.clone()));
    let base = fetched::<ArtifactDetail>(Signal::derive(move || base_name.with(|it| lookup(it))));
    let head = fetched::<ArtifactDetail>(Signal::derive(move || head_name.with(|it| lookup(it))));
    let configurations = {
        let (base, head) = (base.clone(), head.clone());
        Memo::new(move |_| {
            let named = named_configurations(&base_name.get(), &head_name.get());
            if !named.is_empty() {
                return Some(named);
            }
            let base = base.with(measured_under)?;
            let head = head.with(measured_under)?;
            Some(
                base.iter()
                    .filter(|id| head.contains(id))
                    .cloned()
                    .collect(),
            )
        })
    };
    Sides {
        base,
        head,
        configurations,
    }
}

/// Where a side is looked up: its artifact, without replicate and configuration.
fn lookup(side: &str) -> Option<String> {
    let artifact = side.split(['#', '@']).next().unwrap_or_default();
    (!artifact.is_empty()).then(|| api_client::artifact(artifact))
}

/// A side may name its configuration, as runs do: `ARTIFACT@CONFIGURATION`. The server is asked
/// under the first that is named, and says why not when the other side names another.
fn named_configurations(base: &str, head: &str) -> Vec<ConfigurationId> {
    [base, head]
        .iter()
        .filter_map(|side| side.split_once('@'))
        .filter_map(|(_, configuration)| configuration.split('#').next()?.parse().ok())
        .take(1)
        .collect()
}

fn measured_under(side: &Remote<ArtifactDetail>) -> Option<SortedSet<ConfigurationId>> {
    let detail = side.value.as_ref().filter(|_| !side.awaited)?;
    Some(
        detail
            .runs
            .iter()
            .filter(|run| run.measured_at.is_some())
            .map(|run| run.configuration.clone())
            .collect(),
    )
}

/// What is wrong with the sides, or how to begin where none is named.
#[component]
pub(super) fn SidesNotice(url: CompareUrl, sides: Sides) -> impl IntoView {
    let is_empty = Memo::new(move |_| {
        url.state
            .with(|state| state.base.is_empty() || state.head.is_empty())
    });
    let (base, head) = (sides.base.clone(), sides.head.clone());
    let errors =
        Memo::new(move |_| [&base, &head].map(|side| side.with(|side| side.error.clone())));
    let nothing_shared = Memo::new(move |_| {
        sides
            .configurations
            .with(|it| it.as_ref().is_some_and(Vec::is_empty))
            && errors.with(|errors| errors.iter().all(Option::is_none))
    });
    let is_awaited = {
        let sides = sides.clone();
        Memo::new(move |_| {
            let is_asked = |side: &RemoteSignal<ArtifactDetail>| {
                side.with(|side| side.awaited && side.value.is_none())
            };
            is_asked(&sides.base) || is_asked(&sides.head)
        })
    };
    let shown_sides = sides.clone();
    view! {
        {shown_while(move || is_awaited.get(), move || view! {
            <Loading what="the two artifacts" />
        })}
        {live(move || {
            let mut errors: Vec<_> = errors.get().into_iter().flatten().collect();
            errors.dedup();
            errors.into_iter().map(|error| view! { <ErrorNotice error /> }).collect_view()
        })}
        {shown_while(move || is_empty.get(), move || view! {
            {when_fetched(suggestions_in_compare(), url, "recent comparisons")}
        })}
        {shown_while(move || nothing_shared.get() && !is_empty.get(), move || view! {
            <NothingShared url sides=shown_sides.clone() />
        })}
    }
}

/// Both artifacts are known, but no configuration has measured both.
#[component]
fn NothingShared(url: CompareUrl, sides: Sides) -> impl IntoView {
    let words = |side: &RemoteSignal<ArtifactDetail>| {
        let under = side.with(measured_under).unwrap_or_default();
        let under: Vec<String> = under.iter().map(ToString::to_string).collect();
        if under.is_empty() {
            "nothing yet".to_owned()
        } else {
            under.join(", ")
        }
    };
    let state = url.state.get_untracked();
    view! {
        <div class="notice warning" role="status" data-testid="nothing-shared">
            <strong>"No configuration has measured both."</strong>
            <p>
                {short_side(&state.base)} " was measured under: " {words(&sides.base)} ". "
                {short_side(&state.head)} " was measured under: " {words(&sides.head)} "."
            </p>
            <p>
                "Results of different configurations are never compared. Ask for what is missing: "
                <code>
                    {format!(
                        "perfleet request {} --base {} --configuration NAME",
                        state.head,
                        state.base,
                    )}
                </code>
            </p>
        </div>
    }
}

/// The artifact before this one on its line, where known.
pub(super) fn parent(side: &Remote<ArtifactDetail>) -> Option<ArtifactId> {
    side.value
        .as_ref()?
        .artifact
        .history
        .as_ref()?
        .parent
        .clone()
}

/// The line and the place of an artifact, where known.
pub(super) fn head_ordinal(side: &Remote<ArtifactDetail>) -> Option<(Line, i64)> {
    let history = side.value.as_ref()?.artifact.history.as_ref()?;
    Some((history.line, history.ordinal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_looked_up_without_replicate_and_configuration() {
        let wanted = Some("/api/v1/artifacts/release-1.95.0".to_owned());
        assert_eq!(lookup("release-1.95.0"), wanted);
        assert_eq!(lookup("release-1.95.0#2"), wanted);
        assert_eq!(lookup("release-1.95.0@c1#2"), wanted);
        assert_eq!(lookup(""), None);
    }

    #[test]
    fn a_named_configuration_is_the_only_one_that_is_asked() {
        let named = named_configurations("release-1.94.0@c1", "release-1.95.0@c2");
        assert_eq!(named, ["c1".parse().unwrap()]);
        assert!(named_configurations("release-1.94.0", "release-1.95.0").is_empty());
    }
}
