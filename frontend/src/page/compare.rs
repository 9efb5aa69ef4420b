//! The compare page: which of two compilers is faster, under each configuration apart.

mod answers;
mod beside;
mod case_detail;
mod case_profiles;
mod case_queries;
mod case_replicates;
mod chosen_last;
mod detail;
mod explanations;
mod export;
mod grouped_summary;
mod neighbours;
mod notes;
mod picker;
mod query_rows;
mod row_table;
mod rows;
mod sides;
mod suggestions;
mod summary_table;
mod why;

use std::sync::Arc;

use crate::prelude::*;
use shared_types::MetricName;
use shared_types::comparison::Comparison;

use crate::api_client;
use crate::app::set_page_title;
use crate::last_choice::{self, query_of};
use crate::remote::fetched;
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::url_state::{CompareState, is_complete};
use crate::widget::artifact_name::short_side;
use crate::widget::notice::IgnoredParameters;
use answers::{Answer, Answers, follow_answers};
use beside::OppositionNotice;
use chosen_last::{ChosenLast, give_up_assumed_metric};
use detail::{Detail, Known};
use picker::Picker;
use sides::{SidesNotice, follow_sides};

/// Where the page is.
const PATH: &str = "/compare";

/// A new state of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The state.
    pub(super) state: CompareState,
    /// Whether it takes the place of the one before in the browser's history.
    pub(super) replace: bool,
}

/// The page's state, and how to change it.
#[derive(Clone, Copy)]
pub(super) struct CompareUrl {
    /// The state, as the address has it.
    pub(super) state: Memo<CompareState>,
    go: Callback<Step>,
}

impl CompareUrl {
    /// Changes the state; the browser's back button leads to the one before.
    pub(super) fn change(self, edit: impl FnOnce(&mut CompareState)) {
        self.step(false, edit);
    }

    /// Changes the state without an entry of its own in the history.
    pub(super) fn replace(self, edit: impl FnOnce(&mut CompareState)) {
        self.step(true, edit);
    }

    /// Asks in the least noisy metric, without taking that for a choice of the reader.
    fn give_up_metric(self) {
        let state = CompareState {
            metric: None,
            ..self.state.get_untracked()
        };
        self.go.run(Step {
            state,
            replace: true,
        });
    }

    fn step(self, replace: bool, edit: impl FnOnce(&mut CompareState)) {
        let before = self.state.get_untracked();
        let mut state = before.clone();
        edit(&mut state);
        if state.choice() != before.choice() {
            last_choice::keep(PATH, &state.choice().complete_address());
        }
        self.go.run(Step { state, replace });
    }
}

/// The page at `/compare`.
#[component]
pub(crate) fn ComparePage() -> impl IntoView {
    let search = use_location().search;
    let parsed = Memo::new(move |_| {
        let kept = last_choice::recall(PATH);
        CompareState::parse_with_choice(&search.get(), kept.as_deref().map(query_of))
    });
    let navigate = use_navigate();
    let url = CompareUrl {
        state: Memo::new(move |_| parsed.with(|parsed| parsed.state.clone())),
        go: Callback::new(move |step: Step| {
            let options = NavigateOptions {
                replace: step.replace,
                scroll: false,
            };
            navigate(&step.state.complete_address(), options);
        }),
    };
    let is_understood = Memo::new(move |_| parsed.with(|parsed| parsed.ignored.is_empty()));
    let assumed_metric = complete_the_address(url, search, is_understood);
    Effect::new(move |_| {
        set_page_title(&url.state.with(|state| match (&state.base, &state.head) {
            (base, head) if base.is_empty() && head.is_empty() => "Compare".to_owned(),
            (base, head) => format!("{} \u{2192} {}", short_side(base), short_side(head)),
        }));
    });
    let sides = follow_sides(url);
    let answers = follow_answers(url, sides.configurations);
    let selected = selected_answer(url, answers);
    give_up_assumed_metric(url, assumed_metric, answers);
    let has_answers = Memo::new(move |_| answers.with(|answers| !answers.is_empty()));
    let known = Known {
        head: sides.head.clone(),
        configurations: fetched(Signal::derive(move || {
            has_answers
                .get()
                .then(|| api_client::CONFIGURATIONS.to_owned())
        })),
    };
    let is_asked = Memo::new(move |_| {
        url.state
            .with(|it| !it.base.is_empty() && !it.head.is_empty())
    });
    view! {
        <div class="page">
            <h1 class="visually-hidden">"Compare two artifacts"</h1>
            <IgnoredParameters ignored=Signal::derive(move || parsed.with(|it| it.ignored.clone())) />
            <Picker url sides=sides.clone() selected />
            <SidesNotice url sides />
            {shown_while(move || is_asked.get(), move || view! {
                <ChosenLast url />
                <Answers url answers selected />
                <OppositionNotice answers configurations=known.configurations.clone() />
                <Detail url selected answers known=known.clone() />
            })}
        </div>
    }
}

/// Writes what is shown into the address, where a link left a part of it to the reader's last choice: what
/// is shared or reloaded is then what was seen. Returns the metric that only the last choice named.
fn complete_the_address(
    url: CompareUrl,
    search: Signal<String>,
    is_understood: Memo<bool>,
) -> StoredValue<Option<MetricName>> {
    let assumed_metric = StoredValue::new(None);
    Effect::new(move |_| {
        let query = search.get();
        let state = url.state.get();
        let names_a_side = !state.base.is_empty() || !state.head.is_empty();
        // What is not understood stays in sight, with the notice that names it.
        if names_a_side && is_understood.get() && !is_complete(&query) {
            let named = CompareState::parse(&query).state.metric;
            assumed_metric.set_value(state.metric.clone().filter(|_| named.is_none()));
            url.go.run(Step {
                state,
                replace: true,
            });
        }
    });
    assumed_metric
}

/// The configuration whose test cases are listed, and its comparison when it is there.
#[derive(Clone, Copy)]
struct Selected {
    /// The answer.
    answer: Memo<Option<Answer>>,
    /// Its comparison.
    comparison: Memo<Option<Arc<Comparison>>>,
}

fn selected_answer(url: CompareUrl, answers: RwSignal<Vec<Answer>>) -> Selected {
    let answer = Memo::new(move |_| {
        let wanted = url.state.with(|state| state.configuration.clone());
        answers.with(|answers| {
            answers
                .iter()
                .find(|answer| Some(&answer.configuration) == wanted.as_ref())
                .or_else(|| answers.first())
                .cloned()
        })
    });
    let comparison = Memo::new_with_compare(
        move |_| answer.with(|answer| answer.as_ref()?.remote.with(|remote| remote.value.clone())),
        |before, now| match (before, now) {
            (Some(Some(before)), Some(Some(now))) => !Arc::ptr_eq(before, now),
            (Some(None), Some(None)) => false,
            _ => true,
        },
    );
    Selected { answer, comparison }
}
