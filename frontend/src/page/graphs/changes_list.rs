//! Where the series of a configuration changed, as a list: the newest first.

use std::sync::Arc;

use crate::prelude::*;
use analysis::direction::is_regression;
use analysis::words::what_became;
use shared_types::ArtifactId;
use shared_types::api::ChartEvent;
use shared_types::change_point::{ChangeNature, ChangePoint};

use crate::numbers;
use crate::series::events::Events;
use crate::series::history::History;

/// Changes that are listed; the command line lists all.
const LISTED_MAX: usize = 100;

/// Steps and drifts of all test cases, folded until a reader asks for them.
#[component]
pub(super) fn ChangesList(history: Memo<Option<Arc<History>>>, events: Events) -> impl IntoView {
    let standing_alone = RwSignal::new(false);
    let changes = Memo::new(move |_| {
        let events = events.get()?;
        let all = events.items.iter().filter_map(|event| match event {
            ChartEvent::ChangePoint(change) => Some(change),
            ChartEvent::Host { .. }
            | ChartEvent::HostSetup { .. }
            | ChartEvent::DisturbedHost { .. }
            | ChartEvent::Retracted { .. } => None,
        });
        let levels = all.filter(|change| change.nature != ChangeNature::BadRun);
        let listed = levels.filter(|change| change.stands || !standing_alone.get());
        Some(listed.cloned().collect::<Vec<ChangePoint>>())
    });
    let count = move || {
        changes.with(|changes| {
            let count = changes.as_ref().map_or(0, Vec::len);
            numbers::count(count as u64, "change")
        })
    };
    let rows = move || {
        let history = history.get()?;
        let changes = changes.get()?;
        let rows = changes.iter().take(LISTED_MAX);
        Some(rows.map(|change| row(&history, change)).collect_view())
    };
    view! {
        <details class="changes" data-testid="changes">
            <summary>"What changed, and since when (" {count} ")"</summary>
            <label>
                <input
                    type="checkbox"
                    prop:checked=move || standing_alone.get()
                    on:change=move |event| standing_alone.set(event_target_checked(&event))
                />
                " only what brought each test case to where it is today"
            </label>
            <div class="scroll-y" tabindex="0" role="group" aria-label="Changes">
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">"Since"</th>
                            <th scope="col">"Test case"</th>
                            <th scope="col" class="number">"Before"</th>
                            <th scope="col" class="number">"After"</th>
                            <th scope="col" class="number">"Change"</th>
                            <th scope="col">"What became of it"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

fn row(history: &History, change: &ChangePoint) -> impl IntoView + use<> {
    let unit = history.metric.unit;
    let since = change.artifact.short();
    let since = match comparison_address(history, &change.artifact) {
        Some(address) => view! {
            <a href=address title="Compare with its predecessor">{since}</a>
        }
        .into_any(),
        None => since.into_any(),
    };
    view! {
        <tr>
            <td title=change.artifact.to_string()>{since}</td>
            <td>{change.test_case.clone()}</td>
            <td class="number">{numbers::value(change.before, unit)}</td>
            <td class="number">{numbers::value(change.after, unit)}</td>
            <td class=format!("number {}", tone(history, change))>{size(change)}</td>
            <td>{what_became(change)}</td>
        </tr>
    }
}

fn size(change: &ChangePoint) -> String {
    let relative = change.change.map(numbers::change);
    relative.unwrap_or_else(|| "from zero".to_owned())
}

fn tone(history: &History, change: &ChangePoint) -> &'static str {
    match change.change {
        Some(relative) if is_regression(&history.metric, relative) => "worse",
        Some(_) => "better",
        None => "",
    }
}

/// Since when a test case is where it is today, in a line under its chart.
#[component]
pub(super) fn SinceWhen(
    history: Arc<History>,
    /// The place of the test case in the history.
    place: usize,
    events: Events,
) -> impl IntoView {
    let name = history.lines[place].test_case.name();
    live(move || {
        let events = events.get()?;
        let change = events.items.iter().find_map(|event| match event {
            ChartEvent::ChangePoint(change) if change.stands && change.test_case == name => {
                Some(change)
            }
            _ => None,
        })?;
        let since = change.artifact.short();
        let since = match comparison_address(&history, &change.artifact) {
            Some(address) => view! { <a href=address>{since}</a> }.into_any(),
            None => since.into_any(),
        };
        Some(view! {
            <p class="small" data-testid="since">
                <span class=tone(&history, change)>{size(change)}</span>
                " since "
                {since}
                <span class="muted">", " {what_became(change)}</span>
            </p>
        })
    })
}

/// The comparison of an artifact with the one before it in this stretch of history.
fn comparison_address(history: &History, artifact: &ArtifactId) -> Option<String> {
    let place = history.place_of(artifact)?;
    Some(history.comparison_address(place.checked_sub(1)?, place))
}
