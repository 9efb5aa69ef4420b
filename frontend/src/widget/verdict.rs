//! Verdicts and tiers: a sign, a word and a colour that colour-blind readers tell apart.

use crate::prelude::*;
use shared_types::Tier;
use shared_types::comparison::Verdict;

/// The sign of a verdict.
pub(crate) fn verdict_sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Improved => "\u{25bc}",
        Verdict::Regressed => "\u{25b2}",
        Verdict::Mixed => "\u{25c6}",
        Verdict::Neutral => "\u{2248}",
        Verdict::Incomplete => "\u{2026}",
        Verdict::Conflict => "\u{21c5}",
    }
}

/// A verdict as a word with its sign.
#[component]
pub(crate) fn VerdictBadge(
    /// The verdict.
    verdict: Verdict,
) -> impl IntoView {
    view! {
        <span class=format!("verdict {verdict}")>
            <span aria-hidden="true">{verdict_sign(verdict)}</span>
            " "
            {verdict.as_str()}
        </span>
    }
}

/// What a configuration's verdicts are used for.
#[component]
pub(crate) fn TierBadge(
    /// The tier.
    tier: Tier,
) -> impl IntoView {
    let meaning = match tier {
        Tier::Gating => "Its verdicts set labels and block",
        Tier::Advisory => "Its verdicts set labels after confirmation and never block",
        Tier::Experimental => "Its verdicts are shown and nothing more",
    };
    view! { <span class=format!("tier {tier}") title=meaning>{tier.as_str()}</span> }
}
