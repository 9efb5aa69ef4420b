//! What of the page is as the reader chose it, now or last, and the way back.

use crate::prelude::*;
use shared_types::MetricName;

use super::CompareUrl;
use super::answers::Answer;
use crate::api_client::ApiError;
use crate::url_state::CompareState;

/// Says what differs from what is shown without a choice, and takes it back.
#[component]
pub(super) fn ChosenLast(url: CompareUrl) -> impl IntoView {
    let chosen = Memo::new(move |_| {
        let mut chosen = url.state.with(CompareState::chosen);
        // Its answer is marked among the others.
        chosen.retain(|(name, _)| name != "configuration");
        in_words(&chosen)
    });
    move || {
        let words = chosen.get();
        (!words.is_empty()).then(|| {
            view! {
                <p class="small muted" data-testid="chosen">
                    "Set here: " {words} ". "
                    <button
                        type="button"
                        class="link"
                        data-testid="defaults"
                        on:click=move |_| url.change(|state| *state = state.without_choice())
                    >
                        "Back to the defaults"
                    </button>
                </p>
            }
            .into_any()
        })
    }
}

/// The choices as people read them.
fn in_words(chosen: &[(String, String)]) -> String {
    let words: Vec<String> = chosen
        .iter()
        .map(|(name, value)| match name.as_str() {
            "test" => format!("test cases with \u{201c}{value}\u{201d}"),
            "changes" => format!("{value} changes"),
            "raw" => "values".to_owned(),
            "sort" => format!("sorted by {}", value.replace('-', ", ")),
            "summary" => format!("summary by {value}"),
            "configuration" | "metric" => value.clone(),
            _ => format!("{name} {}", value.replace(',', ", ")),
        })
        .collect();
    words.join(" \u{b7} ")
}

/// A metric that was chosen last and that nothing here was measured in is not asked for any longer. One
/// that a reader chose here, or that the address named, stays, and the page says what is wrong with it.
/// `assumed` is the metric that only the last choice named.
pub(super) fn give_up_assumed_metric(
    url: CompareUrl,
    assumed: StoredValue<Option<MetricName>>,
    answers: RwSignal<Vec<Answer>>,
) {
    Effect::new(move |_| {
        let all_refused = answers.with(|answers| {
            let is_refused = |answer: &Answer| {
                answer
                    .remote
                    .with(|remote| matches!(remote.error, Some(ApiError::Refused(_))))
            };
            !answers.is_empty() && answers.iter().all(is_refused)
        });
        let metric = url.state.with(|state| state.metric.clone());
        if all_refused && metric.is_some() && assumed.get_value() == metric {
            assumed.set_value(None);
            url.give_up_metric();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_told_in_the_words_of_the_page() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let chosen = [
            pair("metric", "wall-time"),
            pair("test", "syn"),
            pair("changes", "relevant"),
            pair("sort", "change-reversed"),
            pair("profile", "check,opt"),
        ];
        assert_eq!(
            in_words(&chosen),
            "wall-time \u{b7} test cases with \u{201c}syn\u{201d} \u{b7} relevant changes \u{b7} \
             sorted by change, reversed \u{b7} profile check, opt"
        );
        assert_eq!(in_words(&[]), "");
    }
}
