//! The answer of a comparison in its parts, so that the claim can stand out.

use crate::prelude::*;
use shared_types::comparison::Verdict;

use crate::widget::verdict::VerdictBadge;

/// A headline in its parts: `A is faster than B: 3 of 5 test cases improved. How sure: very.` Put
/// together with spaces they are the headline.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HeadlineParts<'a> {
    /// Which is better.
    pub(crate) claim: &'a str,
    /// By how much.
    pub(crate) evidence: &'a str,
    /// How sure that is.
    pub(crate) sureness: &'a str,
}

impl<'a> HeadlineParts<'a> {
    /// The parts of a headline.
    pub(crate) fn of(headline: &'a str) -> Self {
        let split = |text: &'a str, at: Option<usize>| match at {
            Some(at) => (text[..at].trim_end(), text[at..].trim_start()),
            None => (text, ""),
        };
        let (answer, sureness) = split(headline, headline.find("How sure:"));
        let claim_end = answer.find(": ").map(|colon| colon + 1);
        let (claim, evidence) = split(answer, claim_end);
        Self {
            claim,
            evidence,
            sureness,
        }
    }
}

/// What the claim of a headline rests on: by how much, and how sure.
#[component]
pub(crate) fn HeadlineGrounds(
    /// The headline as a whole.
    headline: String,
) -> impl IntoView {
    let parts = HeadlineParts::of(&headline);
    view! {
        <p class="evidence">{parts.evidence.to_owned()}</p>
        " "
        <p class="sureness">{parts.sureness.to_owned()}</p>
    }
}

/// A headline whose claim leads to its comparison.
#[component]
pub(crate) fn HeadlineLink(
    /// The headline as a whole.
    headline: String,
    /// The address of the comparison.
    address: String,
    /// What came out.
    verdict: Verdict,
) -> impl IntoView {
    let claim = HeadlineParts::of(&headline).claim.to_owned();
    view! {
        <div class="answer">
            <p>
                <VerdictBadge verdict />
                " "
                <a href=address data-row-link="">{claim}</a>
            </p>
            <HeadlineGrounds headline />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_headline_are_the_headline() {
        let headline = "A is faster than B in instructions:u: 3 of 5 improved. How sure: very.";
        let parts = HeadlineParts::of(headline);
        assert_eq!(parts.claim, "A is faster than B in instructions:u:");
        assert_eq!(parts.evidence, "3 of 5 improved.");
        assert_eq!(parts.sureness, "How sure: very.");
        let together = [parts.claim, parts.evidence, parts.sureness].join(" ");
        assert_eq!(together, headline);
    }

    #[test]
    fn a_headline_without_parts_is_a_claim() {
        let parts = HeadlineParts::of("Nothing can be said.");
        assert_eq!((parts.claim, parts.evidence), ("Nothing can be said.", ""));
    }
}
