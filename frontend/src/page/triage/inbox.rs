//! The inbox: what got worse and waits for somebody, conflicts apart.

use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use shared_types::api::{Page, TriageConfiguration, TriageEntry};
use shared_types::run::SidePair;

use super::{deadline_in_words, state_badge, tabs};
use crate::access::use_access;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::last_choice::{self, query_of};
use crate::numbers;
use crate::remote::polled;
use crate::router::{NavigateOptions, use_location, use_navigate};
use crate::url_state::{InboxState, Shown, finding_address};
use crate::widget::artifact_name::short_side;
use crate::widget::choice_field::{ChoiceField, options};
use crate::widget::headline::HeadlineParts;
use crate::widget::notice::{IgnoredParameters, when_ready};
use crate::widget::pull_request::pull_request;
use crate::widget::verdict::{TierBadge, VerdictBadge};

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(10);

/// Where the page is.
const PATH: &str = "/triage";

/// The page's state, and how to change it.
#[derive(Clone, Copy)]
struct InboxUrl {
    state: Memo<InboxState>,
    go: Callback<(String, bool)>,
}

impl InboxUrl {
    /// `is_typing` makes no entry of its own in the browser's history.
    fn change(self, is_typing: bool, edit: impl FnOnce(&mut InboxState)) {
        let mut state = self.state.get_untracked();
        edit(&mut state);
        let address = state.address();
        last_choice::keep(PATH, &address);
        self.go.run((address, is_typing));
    }
}

/// The page at `/triage`.
#[component]
pub(crate) fn TriagePage() -> impl IntoView {
    set_page_title("Triage");
    let search = use_location().search;
    // An address that says nothing leaves the choice to the page: the reader's last.
    let parsed = Memo::new(move |_| {
        let query = search.get();
        let is_bare = query.trim_start_matches('?').is_empty();
        let kept = is_bare.then(|| last_choice::recall(PATH)).flatten();
        InboxState::parse(kept.as_deref().map_or(&query, |address| query_of(address)))
    });
    let navigate = use_navigate();
    let url = InboxUrl {
        state: Memo::new(move |_| parsed.with(|parsed| parsed.state.clone())),
        go: Callback::new(move |(address, replace): (String, bool)| {
            let options = NavigateOptions {
                replace,
                scroll: false,
            };
            navigate(&address, options);
        }),
    };
    let access = use_access();
    // Typing filters what is there, and asks nobody.
    let question = Memo::new(move |_| url.state.with(InboxState::question));
    let path = Signal::derive(move || {
        access.writes();
        Some(question.get())
    });
    let entries = polled::<Page<TriageEntry>>(path, PERIOD);
    view! {
        <div class="page">
            <h1>"Triage"</h1>
            {tabs("Inbox")}
            <IgnoredParameters ignored=Signal::derive(move || parsed.with(|it| it.ignored.clone())) />
            <Filters url />
            {when_ready(entries, "the inbox", move |page| {
                live(move || url.state.with(|state| listed(&page, state))).into_any()
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Filters(url: InboxUrl) -> impl IntoView {
    let choices: Vec<(String, &'static str)> = Shown::ALL
        .iter()
        .map(|shown| (shown.to_string(), shown_in_words(*shown)))
        .collect();
    let configurations = crate::remote::fetched_once::<
        Page<crate::known_configuration::KnownConfiguration>,
    >(crate::api_client::CONFIGURATIONS.to_owned());
    let names = Memo::new(move |_| {
        configurations.with(|remote| {
            let items = remote.value.as_ref().map(|page| page.items.as_slice());
            let items = items.unwrap_or_default().iter();
            items
                .map(|one| one.configuration.id.to_string())
                .collect::<Vec<_>>()
        })
    });
    let shown = Signal::derive(move || url.state.with(|state| state.shown.to_string()));
    let text = Memo::new(move |_| url.state.with(|state| state.text.clone()));
    view! {
        <div class="filters">
            <ChoiceField
                id="show"
                label="Show"
                chosen=shown
                choices
                on_choice=move |word: String| {
                    url.change(false, |state| state.shown = word.parse().unwrap_or_default());
                }
            />
            <div class="field">
                <label for="triage-configuration">"Configuration"</label>
                <select
                    id="triage-configuration"
                    data-testid="triage-configuration"
                    on:change=move |event| {
                        let chosen = event_target_value(&event).parse().ok();
                        url.change(false, |state| state.configuration = chosen);
                    }
                >
                    {live(move || {
                        let chosen = url.state.with(|state| state.configuration.clone());
                        let chosen = chosen.map(|id| id.to_string()).unwrap_or_default();
                        view! {
                            <option value="" selected=chosen.is_empty()>"all"</option>
                            {options(names.get(), &chosen)}
                        }
                    })}
                </select>
            </div>
            <div class="field grow">
                <label for="triage-text">"Search"</label>
                <input
                    id="triage-text"
                    type="search"
                    data-filter=""
                    data-testid="triage-text"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="artifact, configuration, owner or pull request ( / )"
                    prop:value=move || text.get()
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        url.change(true, |state| state.text = text);
                    }
                />
            </div>
        </div>
    }
    .into_any()
}

fn shown_in_words(shown: Shown) -> &'static str {
    match shown {
        Shown::Open => "waiting for somebody",
        Shown::Conflicts => "conflicts that wait",
        Shown::Untriaged => "untriaged",
        Shown::Overdue => "overdue",
        Shown::Acknowledged => "acknowledged",
        Shown::Fixed => "fixed",
        Shown::All => "everything that got worse",
    }
}

/// Whether an entry is among those that are wanted.
fn is_wanted(entry: &TriageEntry, state: &InboxState) -> bool {
    if state.shown == Shown::Conflicts && !entry.conflict {
        return false;
    }
    let owners = entry.configurations.iter().flat_map(|one| {
        let owner = one.standing.as_ref().map(|it| it.owner.clone());
        [Some(one.configuration.to_string()), owner]
    });
    let sides = [entry.base.to_string(), entry.head.to_string()];
    let pull_request = entry.pull_request.iter().map(|link| link.name.clone());
    let all = sides
        .into_iter()
        .chain(owners.flatten())
        .chain(pull_request);
    let all: Vec<String> = all.collect();
    let all = all.join(" ").to_ascii_lowercase();
    state
        .text
        .to_ascii_lowercase()
        .split_whitespace()
        .all(|word| all.contains(word))
}

fn listed(page: &Arc<Page<TriageEntry>>, state: &InboxState) -> AnyView {
    let wanted: Vec<&TriageEntry> = page
        .items
        .iter()
        .filter(|one| is_wanted(one, state))
        .collect();
    let count = numbers::count(wanted.len() as u64, "finding");
    let more = page
        .next_cursor
        .is_some()
        .then_some(" and more: narrow the filter");
    if wanted.is_empty() {
        return nothing(state);
    }
    let (conflicts, others): (Vec<&TriageEntry>, Vec<&TriageEntry>) =
        wanted.into_iter().partition(|entry| entry.conflict);
    let others_title = if conflicts.is_empty() {
        "Findings"
    } else {
        "Other findings"
    };
    view! {
        <p class="muted" role="status" aria-live="polite" data-testid="finding-count">{count} {more}</p>
        {group("Conflicts", "conflicts", conflicts)}
        {group(others_title, "findings", others)}
    }
    .into_any()
}

fn nothing(state: &InboxState) -> AnyView {
    let is_narrow = !state.text.is_empty() || state.configuration.is_some();
    let words = match (is_narrow, state.shown) {
        (true, _) => "Nothing fits this filter. Take a part of it away to see more.",
        (false, Shown::Open) => {
            "Nothing waits for anybody. What gets worse comes here by itself, as soon as it is \
             compared."
        }
        (false, Shown::Conflicts) => "No gating configurations contradict each other.",
        (false, Shown::All) => {
            "Nothing got worse in any comparison so far. What gets worse comes here by itself."
        }
        (false, _) => "There is none of this kind.",
    };
    view! {
        <p class="empty" role="status" data-testid="finding-count">
            {words}
            {(is_narrow || state.shown != Shown::All)
                .then(|| view! { " " <a href="/triage?show=all">"Show everything that got worse"</a> })}
        </p>
    }
    .into_any()
}

fn group(title: &'static str, id: &'static str, entries: Vec<&TriageEntry>) -> Option<AnyView> {
    if entries.is_empty() {
        return None;
    }
    let rows: Vec<AnyView> = entries.into_iter().map(row).collect();
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    Some(
        view! {
            <section aria-labelledby=labelled_by data-testid=id>
                <h2 id=title_id>{title}</h2>
                <ul class="findings plain">{rows}</ul>
            </section>
        }
        .into_any(),
    )
}

fn row(entry: &TriageEntry) -> AnyView {
    let sides = SidePair {
        base: entry.base.clone(),
        head: entry.head.clone(),
    };
    let address = finding_address(&sides);
    let (base, head) = (
        short_side(&entry.base.to_string()),
        short_side(&entry.head.to_string()),
    );
    let headline = entry.comparison.headline.clone();
    let evidence = HeadlineParts::of(&headline).evidence.to_owned();
    let said = entry.sentence.clone().unwrap_or(evidence);
    let worse: Vec<AnyView> = entry
        .configurations
        .iter()
        .map(configuration_line)
        .collect();
    view! {
        <li class="finding" data-testid=format!("finding-{sides}")>
            <div>
                <h3>
                    <a href=address data-row-link="" title=sides.to_string()>
                        {base} " \u{2192} " {head}
                    </a>
                </h3>
                <p class="muted small">
                    <TierBadge tier=entry.tier /> " found " <Age of=entry.found_at />
                    {entry.pull_request.as_ref().map(|it| view! { ", " {pull_request(it)} })}
                    {entry.culprit.as_ref().map(|it| format!(", culprit {}", it.short()))}
                </p>
            </div>
            <div>
                {state_badge(entry.state)}
                {entry.conflict.then(|| view! { " " <VerdictBadge verdict=shared_types::comparison::Verdict::Conflict /> })}
                <p class="small said">{said}</p>
            </div>
            <ul class="plain small">{worse}</ul>
        </li>
    }
    .into_any()
}

/// What one configuration says, in a line.
fn configuration_line(one: &TriageConfiguration) -> AnyView {
    let standing = one.standing.as_ref().map(|standing| {
        let late = if standing.late { "worse" } else { "muted" };
        view! {
            <span class="muted">" " {standing.state.as_str()} ", " {standing.owner.clone()}</span>
            {deadline_in_words(standing).map(|words| view! { <span class=late>", " {words}</span> })}
        }
    });
    view! {
        <li>
            <VerdictBadge verdict=one.verdict /> " "
            <span class="break">{one.configuration.to_string()}</span>
            {standing}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use shared_types::Tier;
    use shared_types::comparison::Verdict;
    use shared_types::triage::TriageState;

    use super::*;

    fn entry(conflict: bool) -> TriageEntry {
        let comparison = shared_types::api::ComparisonReference {
            configuration: "zen4".parse().unwrap(),
            base: "release-1.94.0".parse().unwrap(),
            head: "release-1.95.0".parse().unwrap(),
            metric: "wall-time".to_owned(),
            method: "perfleet".to_owned(),
            input_hash: shared_types::object_key::ContentHash::of(b"x"),
            verdict: Verdict::Regressed,
            headline: "A is slower than B: 1 of 2.".to_owned(),
            request: None,
            computed_at: jiff::Timestamp::UNIX_EPOCH,
        };
        TriageEntry {
            base: comparison.base.clone(),
            head: comparison.head.clone(),
            comparison,
            state: TriageState::Untriaged,
            tier: Tier::Gating,
            conflict,
            sentence: None,
            found_at: jiff::Timestamp::UNIX_EPOCH,
            configurations: Vec::new(),
            culprit: None,
            request: None,
            pull_request: None,
        }
    }

    #[test]
    fn a_search_is_for_all_of_its_words_and_conflicts_can_be_had_alone() {
        let state = |shown, text: &str| InboxState {
            shown,
            text: text.to_owned(),
            ..InboxState::default()
        };
        assert!(is_wanted(
            &entry(false),
            &state(Shown::Open, "1.94 RELEASE-1.95")
        ));
        assert!(!is_wanted(&entry(false), &state(Shown::Open, "1.94 1.96")));
        assert!(!is_wanted(&entry(false), &state(Shown::Conflicts, "")));
        assert!(is_wanted(&entry(true), &state(Shown::Conflicts, "")));
    }
}
