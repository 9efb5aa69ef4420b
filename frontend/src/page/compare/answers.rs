//! The answer of each configuration, in big plain words: what a reader came for.

use std::sync::Arc;

use leptos::prelude::*;
use shared_types::ConfigurationId;
use shared_types::comparison::{Comparison, Verdict};

use super::{CompareUrl, Selected};
use crate::api_client;
use crate::remote::{Remote, fetched_once};
use crate::widget::notice::Loading;
use crate::widget::verdict::{VerdictBadge, verdict_sign};

/// One configuration's answer.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) configuration: ConfigurationId,
    /// Where it was asked for.
    path: String,
    pub(super) remote: ArcRwSignal<Remote<Comparison>>,
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

/// Asks every configuration, and again when another question is asked. An answer that is there is
/// kept.
pub(super) fn follow_answers(
    url: CompareUrl,
    configurations: Memo<Option<Vec<ConfigurationId>>>,
) -> RwSignal<Vec<Answer>> {
    let answers = RwSignal::new(Vec::<Answer>::new());
    let question = Memo::new(move |_| {
        url.state
            .with(|state| (state.base.clone(), state.head.clone(), state.metric.clone()))
    });
    Effect::new(move |_| {
        let (base, head, metric) = question.get();
        let configurations = configurations.get().unwrap_or_default();
        let known = answers.get_untracked();
        let next = configurations
            .into_iter()
            .filter(|_| !base.is_empty() && !head.is_empty())
            .map(|configuration| {
                let path =
                    api_client::comparison(&base, &head, &configuration, metric.as_ref());
                known
                    .iter()
                    .find(|answer| answer.path == path)
                    .cloned()
                    .unwrap_or_else(|| Answer {
                        configuration,
                        remote: fetched_once(path.clone()),
                        path,
                    })
            })
            .collect();
        answers.set(next);
    });
    answers
}

/// The answers, each a button that lists its test cases below.
#[component]
pub(super) fn Answers(
    url: CompareUrl,
    answers: RwSignal<Vec<Answer>>,
    selected: Selected,
) -> impl IntoView {
    let choose = move |configuration: ConfigurationId| {
        url.change(|state| state.configuration = Some(configuration));
    };
    view! {
        <section
            class="answers"
            class:many=move || answers.with(|answers| answers.len() > 3)
            aria-label="The answer of each configuration"
        >
            <For
                each=move || answers.get()
                key=|answer| answer.path.clone()
                children=move |answer| {
                    let configuration = answer.configuration.clone();
                    let is_selected = {
                        let answer = answer.clone();
                        Memo::new(move |_| {
                            selected.answer.with(|selected| selected.as_ref() == Some(&answer))
                        })
                    };
                    view! {
                        <AnswerCard
                            answer
                            is_selected
                            choose=Callback::new(move |()| choose(configuration.clone()))
                        />
                    }
                }
            />
        </section>
    }
}

#[component]
fn AnswerCard(answer: Answer, is_selected: Memo<bool>, choose: Callback<()>) -> impl IntoView {
    let configuration = answer.configuration.to_string();
    let remote = answer.remote.clone();
    let tone = {
        let remote = remote.clone();
        move || {
            let verdict = remote.with(|remote| remote.value.as_ref().map(|it| it.verdict));
            let is_selected = if is_selected.get() { "selected" } else { "" };
            let verdict = verdict.map_or("", Verdict::as_str);
            format!("answer-card {verdict} {is_selected}")
        }
    };
    let test_id = format!("headline-{configuration}");
    view! {
        <article class=tone>
            <button
                type="button"
                class="answer-choice"
                aria-pressed=move || is_selected.get().to_string()
                data-testid=format!("choose-{configuration}")
                title="List the test cases of this configuration"
                on:click=move |_| choose.run(())
            >
                {configuration.clone()}
            </button>
            {move || {
                let remote = remote.get();
                match (remote.value, remote.error) {
                    (Some(comparison), _) => {
                        view! {
                            <Headline comparison test_id=test_id.clone() />
                        }
                            .into_any()
                    }
                    (None, Some(error)) => {
                        view! {
                            <p class="headline refused" role="alert" data-testid=test_id.clone()>
                                {error.to_string()}
                            </p>
                            <p class="muted small">{error.title()}</p>
                        }
                            .into_any()
                    }
                    (None, None) => view! { <Loading what="its answer" /> }.into_any(),
                }
            }}
        </article>
    }
}

/// The answer in one sentence, the claim larger than what it rests on.
#[component]
fn Headline(comparison: Arc<Comparison>, test_id: String) -> impl IntoView {
    let parts = HeadlineParts::of(&comparison.headline);
    view! {
        <div class="headline" data-testid=test_id>
            <p class="claim">
                <span class="headline-sign" aria-hidden="true">
                    {verdict_sign(comparison.verdict)}
                </span>
                {parts.claim.to_owned()}
            </p>
            " "
            <p class="evidence">{parts.evidence.to_owned()}</p>
            " "
            <p class="sureness">{parts.sureness.to_owned()}</p>
        </div>
        <p class="muted small answer-meta">
            <VerdictBadge verdict=comparison.verdict />
            " \u{b7} "
            {comparison.metric.clone()}
            " \u{b7} method "
            {comparison.method.clone()}
        </p>
    }
}

/// A headline in its parts: `A is faster than B: 3 of 5 test cases improved. How sure: very.` Put
/// together with spaces they are the headline.
#[derive(Debug, PartialEq, Eq)]
struct HeadlineParts<'a> {
    claim: &'a str,
    evidence: &'a str,
    sureness: &'a str,
}

impl<'a> HeadlineParts<'a> {
    fn of(headline: &'a str) -> Self {
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
