//! Other configurations beside the chosen one: a column for each, every change within its own
//! configuration. And a word where they say the opposite of each other.

use std::collections::HashMap;
use std::sync::Arc;

use crate::known_configuration::KnownConfiguration;
use crate::prelude::*;
use shared_types::api::Page;
use shared_types::comparison::{ComparedTestCase, Comparison, Verdict};
use shared_types::{ConfigurationId, Tier};

use super::answers::Answer;
use super::rows::{Tone, tone};
use super::{CompareUrl, Selected};
use crate::numbers;
use crate::remote::RemoteSignal;

/// The comparison of another configuration, by the names of its test cases.
pub(super) struct Column {
    comparison: Arc<Comparison>,
    places: HashMap<String, usize>,
}

impl Column {
    fn of(comparison: Arc<Comparison>) -> Self {
        let names = comparison.test_cases.iter().map(|case| case.name.clone());
        Self {
            places: names.zip(0..).collect(),
            comparison,
        }
    }

    /// The configuration.
    pub(super) fn configuration(&self) -> &ConfigurationId {
        &self.comparison.configuration
    }

    fn case(&self, name: &str) -> Option<&ComparedTestCase> {
        self.comparison.test_cases.get(*self.places.get(name)?)
    }

    /// What became of a test case here: whether it is better, and the words.
    pub(super) fn cell(&self, name: &str) -> (Tone, String) {
        let Some(case) = self.case(name) else {
            return (Tone::Same, "\u{2013}".to_owned());
        };
        let change = case
            .change
            .map_or_else(|| "from zero".to_owned(), numbers::change);
        if !case.significant {
            return (Tone::Same, change);
        }
        match tone(case, self.comparison.metric_details.lower_is_better) {
            Tone::Better => (Tone::Better, format!("\u{25bc} {change}")),
            Tone::Worse => (Tone::Worse, format!("\u{25b2} {change}")),
            Tone::Same => (Tone::Same, change),
        }
    }
}

/// The columns that stand beside the chosen configuration, in the order of their names.
pub(super) type Columns = Memo<Arc<Vec<Column>>>;

/// Follows the address and the answers to the columns.
pub(super) fn follow_columns(
    url: CompareUrl,
    answers: RwSignal<Vec<Answer>>,
    selected: Selected,
) -> Columns {
    let wanted = Memo::new(move |_| url.state.with(|state| state.beside.clone()));
    let comparisons = Memo::new_with_compare(
        move |_| {
            let wanted = wanted.get();
            let chosen = selected
                .answer
                .with(|it| it.as_ref().map(|it| it.configuration.clone()));
            answers.with(|answers| {
                answers
                    .iter()
                    .filter(|answer| wanted.contains(&answer.configuration))
                    .filter(|answer| Some(&answer.configuration) != chosen.as_ref())
                    .filter_map(|answer| answer.remote.with(|remote| remote.value.clone()))
                    .collect::<Vec<_>>()
            })
        },
        |before, now| !same_comparisons(before, now),
    );
    Memo::new_with_compare(
        move |_| Arc::new(comparisons.get().into_iter().map(Column::of).collect()),
        |_, _| true,
    )
}

fn same_comparisons(
    before: Option<&Vec<Arc<Comparison>>>,
    now: Option<&Vec<Arc<Comparison>>>,
) -> bool {
    let (Some(before), Some(now)) = (before, now) else {
        return false;
    };
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| Arc::ptr_eq(a, b))
}

/// Which configurations stand beside the chosen one.
#[component]
pub(super) fn BesideChoice(
    url: CompareUrl,
    answers: RwSignal<Vec<Answer>>,
    selected: Selected,
) -> impl IntoView {
    let others = Memo::new(move |_| {
        let chosen = selected
            .answer
            .with(|it| it.as_ref().map(|it| it.configuration.clone()));
        answers.with(|answers| {
            let all = answers.iter().map(|answer| answer.configuration.clone());
            all.filter(|it| Some(it) != chosen.as_ref())
                .collect::<Vec<_>>()
        })
    });
    let button = move |id: ConfigurationId| {
        let of = id.clone();
        let is_beside = Memo::new(move |_| url.state.with(|state| state.beside.contains(&of)));
        view! {
            <button
                type="button"
                class="chip"
                data-testid=format!("beside-{id}")
                aria-pressed=move || is_beside.get().to_string()
                on:click=move |_| {
                    let id = id.clone();
                    url.change(|state| {
                        if !state.beside.remove(&id) {
                            state.beside.insert(id);
                        }
                    });
                }
            >
                {id.to_string()}
            </button>
        }
    };
    live(move || {
        let others = others.get();
        (!others.is_empty()).then(|| {
            view! {
                <div class="field wide" role="group" aria-label="Configurations beside it">
                    <span class="label">
                        "Beside it, each compared within itself"
                    </span>
                    <div class="chips">{others.into_iter().map(button).collect_view()}</div>
                </div>
            }
            .into_any()
        })
    })
}

/// Which configurations say the opposite of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Opposition {
    better: Vec<ConfigurationId>,
    worse: Vec<ConfigurationId>,
    /// Whether both sides have a gating configuration.
    is_conflict: bool,
}

/// The opposition among some verdicts; `None` where there is none.
fn opposition(verdicts: &[(ConfigurationId, Verdict, Option<Tier>)]) -> Option<Opposition> {
    let of = |wanted: Verdict| {
        let of = verdicts
            .iter()
            .filter(move |(_, verdict, _)| *verdict == wanted);
        let gates = of.clone().any(|(_, _, tier)| *tier == Some(Tier::Gating));
        (of.map(|(id, ..)| id.clone()).collect::<Vec<_>>(), gates)
    };
    let (better, better_gates) = of(Verdict::Improved);
    let (worse, worse_gates) = of(Verdict::Regressed);
    (!better.is_empty() && !worse.is_empty()).then_some(Opposition {
        better,
        worse,
        is_conflict: better_gates && worse_gates,
    })
}

/// Says so where configurations contradict each other.
#[component]
pub(super) fn OppositionNotice(
    answers: RwSignal<Vec<Answer>>,
    configurations: RemoteSignal<Page<KnownConfiguration>>,
) -> impl IntoView {
    let found = Memo::new(move |_| {
        let verdicts: Vec<_> = answers.with(|answers| {
            let known = answers.iter().filter_map(|answer| {
                let verdict = answer
                    .remote
                    .with(|it| it.value.as_ref().map(|it| it.verdict))?;
                let tier =
                    configurations.with(|it| tier(it.value.as_deref()?, &answer.configuration));
                Some((answer.configuration.clone(), verdict, tier))
            });
            known.collect()
        });
        opposition(&verdicts)
    });
    let names = |ids: &[ConfigurationId]| {
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    live(move || {
        found.get().map(|found| {
            let title = if found.is_conflict {
                "Conflict: gating configurations say the opposite."
            } else {
                "Configurations say the opposite."
            };
            view! {
                <div class="notice warning" role="status" data-testid="opposition">
                    <strong>{title}</strong>
                    <p>
                        "\u{25bc} better: " {names(&found.better)} ". \u{25b2} worse: "
                        {names(&found.worse)}
                        ". Neither outweighs the other: put them beside each other below, and judge each \
                         by itself."
                    </p>
                </div>
            }
        })
    })
}

fn tier(page: &Page<KnownConfiguration>, id: &ConfigurationId) -> Option<Tier> {
    let all = page.items.iter().map(|it| &it.configuration);
    all.filter(|it| it.id == *id).map(|it| it.tier).next()
}

#[cfg(test)]
mod tests {
    use super::super::rows::sample::{case, comparison};
    use super::*;

    fn verdicts(of: &[(&str, Verdict, Tier)]) -> Vec<(ConfigurationId, Verdict, Option<Tier>)> {
        of.iter()
            .map(|(id, verdict, tier)| (id.parse().unwrap(), *verdict, Some(*tier)))
            .collect()
    }

    #[test]
    fn only_gating_configurations_make_a_conflict() {
        let gating = verdicts(&[
            ("a", Verdict::Improved, Tier::Gating),
            ("b", Verdict::Regressed, Tier::Gating),
        ]);
        assert!(opposition(&gating).unwrap().is_conflict);
        let advisory = verdicts(&[
            ("a", Verdict::Improved, Tier::Gating),
            ("b", Verdict::Regressed, Tier::Advisory),
        ]);
        assert!(!opposition(&advisory).unwrap().is_conflict);
        let agreeing = verdicts(&[
            ("a", Verdict::Improved, Tier::Gating),
            ("b", Verdict::Mixed, Tier::Gating),
        ]);
        assert_eq!(opposition(&agreeing), None);
    }

    #[test]
    fn a_column_shows_its_own_change_and_a_dash_for_what_it_lacks() {
        let column = Column::of(Arc::new(comparison(vec![case("a", 10.0, 11.0, true)])));
        let (tone, words) = column.cell("a");
        assert_eq!(tone, Tone::Worse);
        assert!(words.contains("10.0"), "{words}");
        assert_eq!(column.cell("b"), (Tone::Same, "\u{2013}".to_owned()));
    }
}
