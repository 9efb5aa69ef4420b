//! The summary by profile, scenario or kind: what a group of test cases did.

use std::sync::Arc;

use crate::prelude::*;
use analysis::summary::changes;
use shared_types::TestCase;
use shared_types::comparison::{ChangeSummary, ComparedTestCase, Comparison, SummaryPart};

use super::CompareUrl;
use super::rows::{Tone, tone};
use super::summary_table::{SummaryTable, or_none, range};
use crate::numbers;
use crate::url_state::SummaryBy;

/// What a group of test cases did.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    name: String,
    worse: u32,
    better: u32,
    all: ChangeSummary,
}

/// The groups of a comparison, by name.
fn groups(comparison: &Comparison, by: SummaryBy) -> Vec<Group> {
    let lower_is_better = comparison.metric_details.lower_is_better;
    let mut names: Vec<String> = comparison
        .test_cases
        .iter()
        .map(|case| group_of(case, by))
        .collect();
    names.sort_unstable();
    names.dedup();
    let group = |name: String| {
        let cases = || {
            let cases = comparison.test_cases.iter();
            cases.filter(|case| group_of(case, by) == name)
        };
        let relevant = |wanted: Tone| {
            let relevant = cases().filter(|case| case.relevant);
            relevant
                .filter(|case| tone(case, lower_is_better) == wanted)
                .count() as u32
        };
        Group {
            worse: relevant(Tone::Worse),
            better: relevant(Tone::Better),
            all: changes(cases().filter_map(|case| case.change)),
            name: name.clone(),
        }
    };
    names.into_iter().map(group).collect()
}

/// The group of a test case. What has no profile or scenario is in a group of its own.
fn group_of(case: &ComparedTestCase, by: SummaryBy) -> String {
    match (by, &case.test_case) {
        (SummaryBy::Category, _) => SummaryPart::of(&case.test_case, case.category).to_string(),
        (SummaryBy::Profile, TestCase::Compile { profile, .. }) => profile.to_string(),
        (SummaryBy::Scenario, TestCase::Compile { scenario, .. }) => scenario.kind().to_string(),
        (SummaryBy::Kind, TestCase::Compile { .. }) => "compile".to_owned(),
        (SummaryBy::Kind, TestCase::Runtime { .. }) => "runtime".to_owned(),
        (SummaryBy::Kind, TestCase::Toolchain { .. }) => "toolchain".to_owned(),
        (SummaryBy::Kind, TestCase::Imported { .. }) => "imported".to_owned(),
        (SummaryBy::Profile, _) => "no profile".to_owned(),
        (SummaryBy::Scenario, _) => "no scenario".to_owned(),
    }
}

/// The summary, by what the address says.
#[component]
pub(super) fn GroupedSummary(url: CompareUrl, comparison: Memo<Arc<Comparison>>) -> impl IntoView {
    let by = Memo::new(move |_| url.state.with(|state| state.summary));
    let button = move |word: SummaryBy| {
        view! {
            <button
                type="button"
                class="toggle"
                data-testid=format!("summary-{word}")
                aria-pressed=move || (by.get() == word).to_string()
                on:click=move |_| url.change(|state| state.summary = word)
            >
                {word.to_string()}
            </button>
        }
    };
    view! {
        <div class="toggles summary-by" role="group" aria-label="Summary by">
            {SummaryBy::ALL.iter().map(|word| button(*word)).collect_view()}
        </div>
        {live(move || match by.get() {
            SummaryBy::Category => view! { <SummaryTable comparison=comparison.get() /> }.into_any(),
            by => table(&comparison.get(), by),
        })}
    }
    .into_any()
}

fn table(comparison: &Comparison, by: SummaryBy) -> AnyView {
    let row = |group: Group| {
        view! {
            <tr>
                <th scope="row">{group.name}</th>
                <td class="number">{numbers::grouped(f64::from(group.all.count))}</td>
                <td class=counted("worse", group.worse)>{sign("\u{25b2} ", group.worse)}</td>
                <td class=counted("better", group.better)>{sign("\u{25bc} ", group.better)}</td>
                <td class="number">{or_none(group.all.mean)}</td>
                <td class="number">{range(&group.all)}</td>
            </tr>
        }
    };
    let rows = groups(comparison, by).into_iter().map(row).collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Summary">
            <table class="dense summary" data-testid="grouped-summary">
                <thead>
                    <tr>
                        <th scope="col">{title(by)}</th>
                        <th scope="col" class="number">"Test cases"</th>
                        <th scope="col" class="number">"Worse"</th>
                        <th scope="col" class="number">"Better"</th>
                        <th scope="col" class="number">"Mean of all"</th>
                        <th scope="col" class="number">"Range of all"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn title(by: SummaryBy) -> &'static str {
    match by {
        SummaryBy::Category => "Category",
        SummaryBy::Profile => "Profile",
        SummaryBy::Scenario => "Scenario",
        SummaryBy::Kind => "Kind",
    }
}

fn counted(tone: &'static str, count: u32) -> String {
    format!("number {}", if count > 0 { tone } else { "muted" })
}

fn sign(sign: &'static str, count: u32) -> String {
    format!("{}{count}", if count > 0 { sign } else { "" })
}

#[cfg(test)]
mod tests {
    use shared_types::Profile;

    use super::super::rows::sample::{case, comparison};
    use super::*;

    fn compiled(profile: Profile, head: f64, relevant: bool) -> ComparedTestCase {
        ComparedTestCase {
            test_case: TestCase::Compile {
                benchmark: "syn".parse().unwrap(),
                profile,
                scenario: "full".parse().unwrap(),
            },
            ..case("syn", 10.0, head, relevant)
        }
    }

    #[test]
    fn each_group_has_its_own_counts_and_mean() {
        let comparison = comparison(vec![
            compiled(Profile::Check, 11.0, true),
            compiled(Profile::Opt, 9.0, true),
            compiled(Profile::Opt, 10.0, false),
            case("7zip", 10.0, 10.0, false),
        ]);
        let by_profile = groups(&comparison, SummaryBy::Profile);
        let told: Vec<(&str, u32, u32, u32)> = by_profile
            .iter()
            .map(|it| (it.name.as_str(), it.all.count, it.worse, it.better))
            .collect();
        assert_eq!(
            told,
            [
                ("check", 1, 1, 0),
                ("no profile", 1, 0, 0),
                ("opt", 2, 0, 1)
            ]
        );
        let mean = by_profile[0].all.mean.unwrap();
        assert!((mean - 0.1).abs() < 1e-12, "{mean}");
        assert_eq!(groups(&comparison, SummaryBy::Kind).len(), 2);
    }
}
