//! The report of a week: as text to read, and as Markdown to take along.

use crate::prelude::*;
use shared_types::api::TriageReport;
use shared_types::triage::IsoWeek;
use wasm_bindgen_futures::JsFuture;

use super::tabs;
use crate::app::set_page_title;
use crate::remote::fetched;
use crate::router::use_location;
use crate::url_state::{read_week, report_address};
use crate::widget::markdown::markdown;
use crate::widget::notice::{IgnoredParameters, when_ready};

/// The page at `/triage/report`.
#[component]
pub(crate) fn ReportPage() -> impl IntoView {
    set_page_title("Triage report");
    let search = use_location().search;
    let parsed = Memo::new(move |_| read_week(&search.get()));
    let week = Memo::new(move |_| parsed.with(|parsed| parsed.state).unwrap_or_else(this_week));
    let path = Signal::derive(move || Some(format!("/api/v1/reports/triage?week={}", week.get())));
    let report = fetched::<TriageReport>(path);
    view! {
        <div class="page">
            <h1>"Triage"</h1>
            {tabs("Weekly report")}
            <IgnoredParameters ignored=Signal::derive(move || parsed.with(|it| it.ignored.clone())) />
            {live(move || weeks(week.get()))}
            {when_ready(report, "the report", |report| shown(&report))}
        </div>
    }
    .into_any()
}

fn this_week() -> IsoWeek {
    let milliseconds = js_sys::Date::now() as i64;
    let now = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    IsoWeek::of(now)
}

/// The week after.
fn next(week: IsoWeek) -> IsoWeek {
    IsoWeek::of(shared_types::triage::end_of(week.sunday()))
}

fn weeks(week: IsoWeek) -> AnyView {
    let is_last = week >= this_week();
    let next_link = (!is_last).then(|| {
        view! { <a href=report_address(next(week)) data-testid="next-week">{next(week).to_string()} " \u{2192}"</a> }
    });
    view! {
        <nav class="weeks" aria-label="Weeks">
            <a href=report_address(week.previous()) data-testid="previous-week">
                "\u{2190} " {week.previous().to_string()}
            </a>
            <strong>{week.to_string()}</strong>
            {next_link}
        </nav>
    }
    .into_any()
}

fn shown(report: &TriageReport) -> AnyView {
    let text = report.markdown.clone();
    let copied = RwSignal::new("");
    let to_copy = text.clone();
    let copy = move |_| {
        let clipboard = window().navigator().clipboard();
        let written = clipboard.write_text(&to_copy);
        leptos::task::spawn_local(async move {
            let outcome = JsFuture::from(written).await;
            copied.set(if outcome.is_ok() {
                "Copied."
            } else {
                "The browser did not allow it: open the Markdown below and copy it there."
            });
        });
    };
    view! {
        <p class="buttons">
            <button type="button" data-testid="copy-report" on:click=copy>"Copy as Markdown"</button>
            <span role="status" aria-live="polite" class="muted">{live(move || copied.get())}</span>
        </p>
        {markdown(&text)}
        <details>
            <summary>"The same as Markdown"</summary>
            <pre class="output" tabindex="0" data-testid="report-markdown">{text}</pre>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_after_the_week_before_is_this_week_over_the_turn_of_the_year() {
        for week in ["2026-W53", "2027-W01", "2026-W30"] {
            let week: IsoWeek = week.parse().unwrap();
            assert_eq!(next(week.previous()), week);
        }
    }
}
