//! One finding: what changed and where, who is to look, and what people did about it.

use std::sync::Arc;
use std::time::Duration;

use crate::prelude::*;
use analysis::triage::TriageDetail;
use shared_types::api::{TriageConfiguration, TriageEntry};
use shared_types::run::SidePair;

use super::acting::Acting;
use super::acts::history;
use super::{deadline_in_words, state_badge};
use crate::access::use_access;
use crate::app::set_page_title;
use crate::clock::Age;
use crate::remote::{RemoteSignal, polled};
use crate::router::use_location;
use crate::url_state::{CompareState, GraphsState, read_finding, request_address};
use crate::widget::access_bar::AccessBar;
use crate::widget::artifact_name::short_side;
use crate::widget::headline::HeadlineLink;
use crate::widget::notice::when_ready;
use crate::widget::pull_request::pull_request;
use crate::widget::verdict::{TierBadge, VerdictBadge};

/// How often the page asks for news.
const PERIOD: Duration = Duration::from_secs(10);

/// The page at `/triage/finding`.
#[component]
pub(crate) fn FindingPage() -> impl IntoView {
    set_page_title("Finding");
    let search = use_location().search;
    let access = use_access();
    let sides = Memo::new(move |_| read_finding(&search.get()));
    let path = Signal::derive(move || {
        access.writes();
        sides.get().map(|sides| detail_path(&sides))
    });
    let detail = polled::<TriageDetail>(path, PERIOD);
    view! {
        <div class="page">
            <p class="small"><a href="/triage">"\u{2190} Inbox"</a></p>
            {live(move || match sides.get() {
                None => view! {
                    <h1>"There is no such finding"</h1>
                    <p>
                        "The address does not name two compilers as base and head. "
                        <a href="/triage">"The inbox"</a> " lists what got worse."
                    </p>
                }
                    .into_any(),
                Some(sides) => finding(&sides, &detail),
            })}
        </div>
    }
    .into_any()
}

/// Where the API has a pair.
pub(super) fn detail_path(sides: &SidePair) -> String {
    format!("/api/v1/{}", act_path(sides))
}

/// Where acts on a pair are written to, behind the API's prefix.
pub(super) fn act_path(sides: &SidePair) -> String {
    let encoded: String = form_urlencoded::byte_serialize(sides.to_string().as_bytes()).collect();
    format!("triage/{}", encoded.replace('+', "%20"))
}

fn finding(sides: &SidePair, detail: &RemoteSignal<TriageDetail>) -> AnyView {
    let (base, head) = (
        short_side(&sides.base.to_string()),
        short_side(&sides.head.to_string()),
    );
    // News must not take away what somebody types, so the form stands apart from what is redrawn.
    let entry = {
        let detail = detail.clone();
        Memo::new(move |_| {
            detail.with(|remote| remote.value.as_ref().map(|detail| detail.entry.clone()))
        })
    };
    let acted_on = sides.clone();
    view! {
        <h1 title=sides.to_string()>{base} " \u{2192} " {head}</h1>
        <AccessBar />
        {when_ready(detail.clone(), "the finding", |detail| told(&detail))}
        <Acting sides=acted_on entry />
    }
    .into_any()
}

fn told(detail: &Arc<TriageDetail>) -> AnyView {
    let entry = &detail.entry;
    let decided_by = detail
        .decision
        .decided_by
        .as_ref()
        .map(|who| view! { <p>"To be decided by " <strong>{who.clone()}</strong> "."</p> });
    let configurations: Vec<AnyView> = entry.configurations.iter().map(configuration).collect();
    view! {
        <div class="panel verdict-panel" data-testid="decision">
            <p class="answer strong">
                <VerdictBadge verdict=detail.decision.verdict /> " "
                <span>{detail.decision.sentence.clone()}</span>
            </p>
            {decided_by}
            <p class="line">
                {state_badge(entry.state)} " found " <Age of=entry.found_at /> " " {links(entry)}
            </p>
        </div>
        <h2>"Where"</h2>
        {configurations}
        <h2>"What people did"</h2>
        {history(detail.record.as_ref())}
    }
    .into_any()
}

/// Where else this is told of.
fn links(entry: &TriageEntry) -> AnyView {
    let compare = CompareState::of(&entry.base, &entry.head).address();
    let request = entry.request.map(|id| {
        view! { " \u{b7} " <a href=request_address(id)>"its request"</a> }
    });
    let of_pull_request = entry.pull_request.as_ref().map(|link| {
        view! { " \u{b7} pull request " {pull_request(link)} }
    });
    let culprit = entry.culprit.as_ref().map(|artifact| {
        view! { " \u{b7} culprit: " <span class="artifact">{artifact.to_string()}</span> }
    });
    view! {
        "\u{b7} " <a href=compare>"compare under all configurations"</a> {request} {of_pull_request}
        {culprit}
    }
    .into_any()
}

fn configuration(one: &TriageConfiguration) -> AnyView {
    let graphs = GraphsState {
        configuration: Some(one.configuration.clone()),
        ..GraphsState::default()
    };
    let standing = one.standing.as_ref().map(|standing| {
        let reason = standing.reason.map(|reason| format!(": {reason}"));
        let late = if standing.late { "worse" } else { "" };
        view! {
            <p>
                {state_badge(standing.state)} {reason} " since " <Age of=standing.since />
                ". To look: " <strong>{standing.owner.clone()}</strong>
                {deadline_in_words(standing)
                    .map(|words| view! { <span class=late>", " {words}</span> })}
            </p>
        }
    });
    let comparisons: Vec<AnyView> = one
        .comparisons
        .iter()
        .map(|made| {
            let address = CompareState {
                configuration: Some(made.configuration.clone()),
                metric: made.metric.parse().ok(),
                ..CompareState::of(&made.base, &made.head)
            };
            view! {
                <HeadlineLink
                    headline=made.headline.clone()
                    address=address.address()
                    verdict=made.verdict
                />
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="panel" data-testid=format!("finding-under-{}", one.configuration)>
            <div class="panel-head">
                <h3 class="break">
                    {one.configuration.to_string()} " " <TierBadge tier=one.tier />
                </h3>
                <a href=graphs.address()>"its graphs"</a>
            </div>
            {standing}
            {comparisons}
        </section>
    }
    .into_any()
}
