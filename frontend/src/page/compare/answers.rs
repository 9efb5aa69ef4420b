//! The answer of each configuration, in big plain words: what a reader came for.

use crate::prelude::*;
use shared_types::ConfigurationId;
use shared_types::comparison::{Comparison, Verdict};

use super::{CompareUrl, Selected};
use crate::api_client;
use crate::remote::{RemoteSignal, fetched_once};
use crate::widget::headline::{HeadlineGrounds, HeadlineParts};
use crate::widget::notice::Loading;
use crate::widget::verdict::{VerdictBadge, verdict_sign};

/// One configuration's answer.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) configuration: ConfigurationId,
    /// Where it was asked for.
    path: String,
    pub(super) remote: RemoteSignal<Comparison>,
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
                let path = api_client::comparison(&base, &head, &configuration, metric.as_ref());
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
            {live(move || {
                let remote = remote.get();
                match (remote.value, remote.error) {
                    (Some(comparison), _) => {
                        view! {
                            <div class="headline" data-testid=test_id.clone()>
                                <p class="claim">
                                    <span class="headline-sign" aria-hidden="true">
                                        {verdict_sign(comparison.verdict)}
                                    </span>
                                    {HeadlineParts::of(&comparison.headline).claim.to_owned()}
                                </p>
                                " "
                                <HeadlineGrounds headline=comparison.headline.clone() />
                            </div>
                            <p class="answer-meta">
                                <VerdictBadge verdict=comparison.verdict />
                            </p>
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
            })}
        </article>
    }
}
