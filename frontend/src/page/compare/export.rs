//! The listed rows as a file: Markdown for a comment, CSV for a spreadsheet, JSON for a program. Made
//! here, without asking the server again.

use std::fmt::Write;
use std::sync::Arc;

use crate::prelude::*;
use leptos::task::spawn_local;
use shared_types::comparison::{ComparedTestCase, Comparison};
use wasm_bindgen::JsCast;

use super::rows::{Tone, tone};
use crate::numbers;
use crate::part::part;

/// A format of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Markdown,
    Csv,
    Json,
}

impl Format {
    const ALL: [Self; 3] = [Self::Markdown, Self::Csv, Self::Json];

    fn name(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown",
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
        }
    }

    /// The rows at `places` of a comparison, in that order.
    fn text(self, comparison: &Comparison, places: &[usize]) -> String {
        let cases: Vec<&ComparedTestCase> = places
            .iter()
            .filter_map(|place| comparison.test_cases.get(*place))
            .collect();
        match self {
            Self::Markdown => markdown(comparison, &cases),
            Self::Csv => csv(comparison, &cases),
            Self::Json => json(comparison, &cases),
        }
    }
}

fn markdown(comparison: &Comparison, cases: &[&ComparedTestCase]) -> String {
    let unit = comparison.metric_details.unit;
    let mut text = format!(
        "**{}**, {}: {} → {}\n\n{}\n\n",
        comparison.configuration,
        comparison.metric,
        comparison.base,
        comparison.head,
        comparison.headline
    );
    text.push_str("| test case | change | interval | base | head | noise | |\n");
    text.push_str("|---|--:|--:|--:|--:|--:|---|\n");
    for case in cases {
        let or_dash = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), numbers::change);
        let interval = match (case.low, case.high) {
            (Some(low), Some(high)) => {
                format!("{} to {}", numbers::change(low), numbers::change(high))
            }
            _ => "–".to_owned(),
        };
        let noise = case
            .threshold
            .map_or_else(|| "–".to_owned(), numbers::share);
        let word = match (
            case.relevant,
            tone(case, comparison.metric_details.lower_is_better),
        ) {
            (true, Tone::Worse) => "▲ worse",
            (true, Tone::Better) => "▼ better",
            _ => "",
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {interval} | {} | {} | {noise} | {word} |",
            case.name.replace('|', "\\|"),
            or_dash(case.change),
            numbers::value(case.base, unit),
            numbers::value(case.head, unit),
        );
    }
    text
}

fn csv(comparison: &Comparison, cases: &[&ComparedTestCase]) -> String {
    let mut text =
        "configuration,metric,unit,base,head,test_case,base_value,head_value,change,low,high,\
                    threshold,q,significant,relevant,magnitude\n"
            .to_owned();
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for case in cases {
        let fields = [
            comparison.configuration.to_string(),
            comparison.metric.clone(),
            comparison.metric_details.unit.to_string(),
            comparison.base.to_string(),
            comparison.head.to_string(),
            case.name.clone(),
            case.base.to_string(),
            case.head.to_string(),
            number(case.change),
            number(case.low),
            number(case.high),
            number(case.threshold),
            number(case.q),
            case.significant.to_string(),
            case.relevant.to_string(),
            case.magnitude.to_string(),
        ];
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

/// A field of RFC 4180. What a spreadsheet would take for a formula is kept from being one.
fn quoted(field: &str) -> String {
    let is_number = field.parse::<f64>().is_ok();
    let field = if field.starts_with(['=', '+', '-', '@']) && !is_number {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

/// The comparison as the API gives it, with the listed rows alone.
fn json(comparison: &Comparison, cases: &[&ComparedTestCase]) -> String {
    let listed = Comparison {
        test_cases: cases.iter().map(|case| (*case).clone()).collect(),
        ..comparison.clone()
    };
    // Numbers and texts have always JSON.
    serde_json::to_string_pretty(&listed).unwrap_or_default()
}

/// A button for each format.
#[component]
pub(super) fn Export(
    comparison: Memo<Arc<Comparison>>,
    listed: Memo<Arc<Vec<usize>>>,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    let button = move |format: Format| {
        view! {
            <button
                type="button"
                data-testid=format!("export-{}", format.ending())
                title=format!("Save the listed rows as {}", format.name())
                on:click=move |_| {
                    let comparison = comparison.get_untracked();
                    let rows = listed.get_untracked();
                    spawn_local(async move {
                        let told = match export_in_compare().await {
                            Ok(save) => {
                                save(format, &comparison, &rows);
                                let rows = numbers::count(rows.len() as u64, "row");
                                format!("{rows} saved as {}", format.name())
                            }
                            Err(_) => "Not saved: reload the page, and try again.".to_owned(),
                        };
                        let _ = said.try_set(told);
                    });
                }
            >
                {format.name()}
            </button>
        }
    };
    view! {
        <div class="field" role="group" aria-label="Save the listed rows">
            <span class="label">"Save as"</span>
            <div class="buttons">{Format::ALL.map(button).collect_view()}</div>
            <span class="visually-hidden" role="status">{live(move || said.get())}</span>
        </div>
    }
    .into_any()
}

/// Has the browser save the rows at some places of a comparison.
type Save = fn(Format, &Comparison, &[usize]);

part! {
    export_in_compare -> Save { save }
}

/// Has the browser save a file.
fn save(format: Format, comparison: &Comparison, places: &[usize]) {
    let text = format.text(comparison, places);
    let content = String::from(js_sys::encode_uri_component(&text));
    let address = format!("data:{};charset=utf-8,{content}", format.media_type());
    let name = format!(
        "{}-{}-{}.{}",
        comparison.configuration,
        comparison.base.artifact.short(),
        comparison.head.artifact.short(),
        format.ending()
    );
    let Ok(link) = document().create_element("a") else {
        return;
    };
    let _ = link.set_attribute("href", &address);
    let _ = link.set_attribute("download", &name);
    if let Some(link) = link.dyn_ref::<web_sys::HtmlElement>() {
        link.click();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::rows::sample::{case, comparison};
    use super::*;

    /// Reads a line of RFC 4180.
    fn fields(line: &str) -> Vec<String> {
        let mut fields = vec![String::new()];
        let mut is_quoted = false;
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match (letter, is_quoted) {
                ('"', true) if letters.peek() == Some(&'"') => {
                    letters.next();
                    fields.last_mut().unwrap().push('"');
                }
                ('"', _) => is_quoted = !is_quoted,
                (',', false) => fields.push(String::new()),
                (letter, _) => fields.last_mut().unwrap().push(letter),
            }
        }
        fields
    }

    proptest! {
        #[test]
        fn a_row_of_csv_has_a_field_for_each_column(name in "[a-z][a-z,\" /|'=-]{0,18}[a-z]") {
            let text = csv(&comparison(Vec::new()), &[&case(&name, 1.5, 3.0, true)]);
            let (head, row) = text.split_once('\n').unwrap();
            let row = fields(row.trim_end_matches('\n'));
            prop_assert_eq!(row.len(), fields(head).len());
            prop_assert_eq!(&row[5], &name);
            prop_assert_eq!(row[8].parse::<f64>().unwrap(), 1.0);
        }

        #[test]
        fn a_row_of_markdown_has_a_cell_for_each_column(name in "[a-z|]{1,18}") {
            let text = markdown(&comparison(Vec::new()), &[&case(&name, 1.5, 3.0, true)]);
            let row = text.lines().last().unwrap().replace("\\|", "");
            prop_assert_eq!(row.matches('|').count(), 8);
        }
    }

    #[test]
    fn a_formula_stays_a_text_and_a_negative_number_a_number() {
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("-0.25"), "-0.25");
    }

    #[test]
    fn json_holds_the_listed_rows_in_their_order_and_reads_as_a_comparison() {
        let whole = comparison(vec![case("a", 1.0, 2.0, true), case("b", 1.0, 1.0, false)]);
        let read: Comparison = serde_json::from_str(&Format::Json.text(&whole, &[1, 0])).unwrap();
        let names: Vec<&str> = read.test_cases.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }
}
