//! The pull request that a compiler belongs to.

use crate::prelude::*;
use shared_types::api::PullRequestLink;

/// Its name, and a link where its address is known.
pub(crate) fn pull_request(link: &PullRequestLink) -> AnyView {
    let name = link.name.clone();
    match &link.url {
        Some(url) => view! {
            <a href=url.clone() rel="noreferrer" data-testid="pull-request">{name}</a>
        }
        .into_any(),
        None => view! { <span data-testid="pull-request">{name}</span> }.into_any(),
    }
}
