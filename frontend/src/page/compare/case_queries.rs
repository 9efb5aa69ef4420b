//! Where the compiler's time went in both sides, query by query: to sort, to filter, and to take along as
//! the raw profiles.

use std::sync::Arc;

use crate::prelude::*;
use shared_types::api::{ArtifactSizeFigures, ComparedSide, QueryFigures, TestCaseDetail};
use shared_types::{TestCase, Unit};

use super::CompareUrl;
use super::case_detail::change;
use super::case_profiles::raw_profiles;
use super::query_rows::{is_descending, listed, total};
use crate::numbers;
use crate::url_state::{QueryColumn, Sort};

/// Queries that are listed before somebody asks for all.
const QUERIES_AT_FIRST: usize = 15;

/// Where rustc's own documentation looks for what has a name.
const RUSTC_DOCUMENTATION: &str = "https://doc.rust-lang.org/nightly/nightly-rustc/?search=";

/// The queries, what the compiler says that it wrote, and the raw profiles; or that there are none, and
/// what makes some.
pub(super) fn queries(url: CompareUrl, detail: &Arc<TestCaseDetail>) -> AnyView {
    if !matches!(detail.test_case, TestCase::Compile { .. }) {
        return view! {
            <p class="muted small" data-testid="no-queries">
                "Compilations alone have self-profiles, and this is none."
            </p>
        }
        .into_any();
    }
    if detail.queries.is_empty() {
        return view! {
            <div class="wide" data-testid="no-queries">
                <h4>"Time by query of the compiler"</h4>
                <p class="muted small">{absence(detail)}</p>
                <pre><code>{request_with_profiles(detail)}</code></pre>
                {raw_profiles(detail)}
            </div>
        }
        .into_any();
    }
    view! {
        <div class="wide">
            <QueryTable url queries=detail.queries.clone() /> {raw_profiles(detail)}
        </div>
        {size_table(&detail.artifact_sizes)}
    }
    .into_any()
}

fn has_profile(detail: &TestCaseDetail, side: ComparedSide) -> bool {
    let mut of_side = detail.replicates.iter().filter(|it| it.side == side);
    of_side.any(|it| it.has_self_profile)
}

fn absence(detail: &TestCaseDetail) -> &'static str {
    let has = |side| has_profile(detail, side);
    match (has(ComparedSide::Base), has(ComparedSide::Head)) {
        (true, true) => {
            "No self-profile that counts: those that there are were measured by runs that do not."
        }
        (true, false) => {
            "Head has no self-profile, so there is nothing to hold that of base against. This measures with one:"
        }
        (false, true) => {
            "Base has no self-profile, so there is nothing to hold that of head against. This measures with one:"
        }
        (false, false) => {
            "Neither side has a self-profile: it was not asked for. This measures with one:"
        }
    }
}

/// The request that measures both sides of the test case with self-profiles.
fn request_with_profiles(detail: &TestCaseDetail) -> String {
    let (base, head) = (&detail.base.artifact, &detail.head.artifact);
    let which = match &detail.test_case {
        TestCase::Compile {
            benchmark, profile, ..
        } => format!(" --include {benchmark} --profiles {profile}"),
        _ => String::new(),
    };
    format!(
        "perfleet request {head} --base {base} --configuration {}{which} --paired --self-profile",
        detail.configuration
    )
}

#[component]
fn QueryTable(url: CompareUrl, queries: Vec<QueryFigures>) -> impl IntoView {
    let state = Memo::new(move |_| url.state.with(|state| state.queries.clone()));
    let shows_all = RwSignal::new(false);
    let columns = Columns::of(&queries);
    let all = total(&queries);
    let queries = Arc::new(queries);
    let rows = {
        let queries = Arc::clone(&queries);
        Memo::new(move |_| state.with(|state| listed(&queries, state.sort, &state.name)))
    };
    let of = queries.len();
    let body = move || {
        let most = if shows_all.get() {
            usize::MAX
        } else {
            QUERIES_AT_FIRST
        };
        rows.with(|rows| {
            let shown = rows.iter().take(most);
            shown.map(|it| query_row(it, columns, &all)).collect_view()
        })
    };
    let count = move || format!("{} of {of}", rows.with(Vec::len));
    let foot = total_row(&total(&queries), columns);
    view! {
        <div class="section-head">
            <h4 id="queries-title">"Time by query of the compiler"</h4>
            <p class="muted small" role="status" data-testid="query-count">
                {count}
            </p>
        </div>
        {filter_field(url)}
        <div class="scroll-x" tabindex="0" role="region" aria-labelledby="queries-title">
            <table class="dense" data-testid="queries">
                <thead>{headings(url, columns)}</thead>
                <tbody>{body}</tbody>
                <tfoot>{foot}</tfoot>
            </table>
        </div>
        {shown_while(move || { !shows_all.get() && rows.with(Vec::len) > QUERIES_AT_FIRST }, move || view! {
            <button type="button" data-testid="all-queries" on:click=move |_| shows_all.set(true)>
                "Show all"
            </button>
        })}
        <p class="muted small">{columns.in_words()}</p>
    }
    .into_any()
}

fn filter_field(url: CompareUrl) -> AnyView {
    view! {
        <div class="filters">
            <div class="field">
                <label for="query-filter">"Queries with"</label>
                <input
                    id="query-filter"
                    type="search"
                    autocomplete="off"
                    placeholder="part of a name"
                    data-testid="query-filter"
                    prop:value=move || url.state.with(|state| state.queries.name.clone())
                    on:input=move |event| {
                        let name = event_target_value(&event);
                        url.replace(|state| state.queries.name = name);
                    }
                />
            </div>
        </div>
    }
    .into_any()
}

fn headings(url: CompareUrl, columns: Columns) -> AnyView {
    let shown = [
        (QueryColumn::Query, "Query", true),
        (QueryColumn::Base, "Base", true),
        (QueryColumn::Head, "Head", true),
        (QueryColumn::More, "More time", true),
        (QueryColumn::Change, "Change", true),
        (QueryColumn::Calls, "Calls", true),
        (QueryColumn::CacheHits, "Cache hits", columns.cache_hits),
        (QueryColumn::Loading, "Loading", columns.loading),
        (QueryColumn::Waiting, "Waiting", columns.waiting),
    ];
    let shown = shown.into_iter().filter(|(_, _, is_shown)| *is_shown);
    let sort = Memo::new(move |_| url.state.with(|state| state.queries.sort));
    let cells: Vec<_> = shown
        .map(|(column, label, _)| heading(url, sort, column, label))
        .collect();
    view! { <tr>{cells}</tr> }.into_any()
}

/// Which columns say anything.
#[derive(Clone, Copy)]
struct Columns {
    cache_hits: bool,
    loading: bool,
    waiting: bool,
}

impl Columns {
    fn of(queries: &[QueryFigures]) -> Self {
        let any = |tells: fn(&QueryFigures) -> bool| queries.iter().any(tells);
        Self {
            cache_hits: any(|it| it.base_cache_hits.is_some() || it.head_cache_hits.is_some()),
            loading: any(|it| {
                it.base_incremental_load_ns > Some(0.0) || it.head_incremental_load_ns > Some(0.0)
            }),
            waiting: any(|it| it.base_blocked_ns > Some(0.0) || it.head_blocked_ns > Some(0.0)),
        }
    }

    /// What the columns are, and what those are that are left out.
    fn in_words(self) -> String {
        let mut words =
            "Base and head: a query's own time, without that of the queries that it calls. \
                         Calls: how often it was computed."
                .to_owned();
        words.push_str(if self.cache_hits {
            " Cache hits: how often it was answered from memory."
        } else {
            " These compilers do not count answers from the cache in memory."
        });
        words.push_str(if self.loading {
            " Loading: from the incremental cache."
        } else {
            " Nothing was loaded from an incremental cache."
        });
        words.push_str(if self.waiting {
            " Waiting: for another thread\u{2019}s answer."
        } else {
            " No thread waited for another\u{2019}s answer."
        });
        words
    }
}

fn heading(
    url: CompareUrl,
    sort: Memo<Sort<QueryColumn>>,
    column: QueryColumn,
    label: &'static str,
) -> AnyView {
    let direction = move || {
        let now = sort.get();
        match (now.column == column, is_descending(now)) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    };
    let sign = move || match direction() {
        "descending" => " \u{2193}",
        "ascending" => " \u{2191}",
        _ => "",
    };
    view! {
        <th scope="col" class:number=column != QueryColumn::Query aria-sort=direction>
            <button
                type="button"
                class="link"
                on:click=move |_| {
                    url.change(|state| state.queries.sort = state.queries.sort.clicked(column));
                }
            >
                {label} {sign}
            </button>
        </th>
    }
    .into_any()
}

fn query_row(it: &QueryFigures, columns: Columns, all: &QueryFigures) -> AnyView {
    let share = match all.head_ns > 0.0 {
        true => format!(
            "{} of all time of head",
            numbers::share(it.head_ns / all.head_ns)
        ),
        false => String::new(),
    };
    view! {
        <tr>
            <th scope="row">
                <a
                    href=format!("{RUSTC_DOCUMENTATION}{}", it.query)
                    rel="noreferrer"
                    title="Look it up in rustc\u{2019}s documentation"
                >
                    <code>{it.query.clone()}</code>
                </a>
            </th>
            <td class="number">{time(Some(it.base_ns))}</td>
            <td class="number" title=share>
                {time(Some(it.head_ns))}
            </td>
            {rest_of_row(it, columns)}
        </tr>
    }
    .into_any()
}

fn total_row(all: &QueryFigures, columns: Columns) -> AnyView {
    view! {
        <tr>
            <th scope="row">{all.query.clone()}</th>
            <td class="number">{time(Some(all.base_ns))}</td>
            <td class="number">{time(Some(all.head_ns))}</td>
            {rest_of_row(all, columns)}
        </tr>
    }
    .into_any()
}

fn rest_of_row(it: &QueryFigures, columns: Columns) -> AnyView {
    let more = it.head_ns - it.base_ns;
    let sign = if more > 0.0 { "+" } else { "" };
    let count = |count: Option<u64>| count.map(|count| numbers::grouped(count as f64));
    let pair = |base, head| view! { <td class="number">{pair(base, head)}</td> }.into_any();
    let known_time = |ns: Option<f64>| ns.map(|ns| time(Some(ns)));
    view! {
        <td class="number">{sign} {time(Some(more))}</td>
        <td class="number">{change(Some(it.base_ns), Some(it.head_ns))}</td>
        {pair(count(it.base_calls), count(it.head_calls))}
        {columns.cache_hits.then(|| pair(count(it.base_cache_hits), count(it.head_cache_hits)))}
        {columns
            .loading
            .then(|| {
                pair(known_time(it.base_incremental_load_ns), known_time(it.head_incremental_load_ns))
            })}
        {columns
            .waiting
            .then(|| pair(known_time(it.base_blocked_ns), known_time(it.head_blocked_ns)))}
    }
    .into_any()
}

fn time(ns: Option<f64>) -> String {
    ns.map_or_else(
        || "\u{2013}".to_owned(),
        |ns| numbers::value(ns, Unit::Nanoseconds),
    )
}

/// One text where both sides are the same, else from one to the other.
fn pair(base: Option<String>, head: Option<String>) -> String {
    match (base, head) {
        (None, None) => "\u{2013}".to_owned(),
        (Some(base), Some(head)) if base == head => base,
        (base, head) => {
            let told = |side: Option<String>| side.unwrap_or_else(|| "not counted".to_owned());
            format!("{} \u{2192} {}", told(base), told(head))
        }
    }
}

fn size_table(sizes: &[ArtifactSizeFigures]) -> AnyView {
    if sizes.is_empty() {
        return ().into_any();
    }
    let bytes = |bytes: Option<f64>| {
        bytes.map_or_else(|| "none".to_owned(), |it| numbers::value(it, Unit::Bytes))
    };
    let rows = sizes.iter().map(|it| {
        view! {
            <tr>
                <th scope="row"><code>{it.artifact.clone()}</code></th>
                <td class="number">{bytes(it.base_bytes)}</td>
                <td class="number">{bytes(it.head_bytes)}</td>
                <td class="number">{change(it.base_bytes, it.head_bytes)}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="What the compiler wrote">
            <h4>"What the compiler says that it wrote"</h4>
            <table class="dense" data-testid="artifact-sizes">
                <thead>
                    <tr>
                        <th scope="col">"Of what"</th>
                        <th scope="col" class="number">"Base"</th>
                        <th scope="col" class="number">"Head"</th>
                        <th scope="col" class="number">"Change"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_sides_have_alike_is_told_once_and_what_one_does_not_count_is_said() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(pair(text("4"), text("4")), "4");
        assert_eq!(pair(text("4"), text("5")), "4 \u{2192} 5");
        assert_eq!(pair(None, text("5")), "not counted \u{2192} 5");
        assert_eq!(pair(None, None), "\u{2013}");
    }
}
