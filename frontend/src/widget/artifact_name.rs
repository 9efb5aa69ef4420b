//! The name of an artifact, short, with the whole name as its title.

use crate::prelude::*;
use shared_types::ArtifactId;

/// An artifact's name.
#[component]
pub(crate) fn ArtifactName(
    /// The artifact.
    id: ArtifactId,
) -> impl IntoView {
    view! { <span class="artifact" title=id.to_string()>{id.short()}</span> }
}

/// A side of a comparison as it was typed, short.
pub(crate) fn short_side(side: &str) -> String {
    match side.parse::<shared_types::run::Side>() {
        Ok(side) => match side.replicate {
            Some(replicate) => format!("{}#{}", side.artifact.short(), replicate.number()),
            None => side.artifact.short(),
        },
        Err(_) => side.to_owned(),
    }
}
