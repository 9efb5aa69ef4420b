//! What went wrong, in the words of whoever noticed.

use crate::prelude::*;
use shared_types::api::{FailureRecord, ReportedProblem};

use crate::clock::Age;
use crate::numbers;
use crate::url_state::job_address;
use crate::widget::artifact_name::ArtifactName;

/// What was reported and a person should see. Nothing where nothing was.
#[component]
pub(super) fn Problems(problems: Memo<Vec<ReportedProblem>>) -> impl IntoView {
    live(move || {
        let problems = problems.get();
        (!problems.is_empty()).then(|| {
            view! {
                <section aria-labelledby="problems-title" data-testid="problems">
                    <h2 id="problems-title">"Problems"</h2>
                    <ul class="plain trouble">
                        {problems.into_iter().map(problem).collect_view()}
                    </ul>
                </section>
            }
        })
    })
}

fn problem(problem: ReportedProblem) -> impl IntoView {
    let times = (problem.count > 1).then(|| {
        format!(
            " \u{b7} {}",
            numbers::count(u64::from(problem.count), "time")
        )
    });
    view! {
        <li class="notice warning">
            <strong class="break">{problem.subject}</strong>
            <p>{problem.message}</p>
            <span class="muted small"><Age of=problem.at /> {times}</span>
        </li>
    }
}

/// What could not be measured lately.
#[component]
pub(super) fn Failures(failures: Memo<Vec<FailureRecord>>) -> impl IntoView {
    view! {
        <section aria-labelledby="failures-title" data-testid="failures">
            <h2 id="failures-title">"Could not be measured"</h2>
            {live(move || {
                let failures = failures.get();
                if failures.is_empty() {
                    view! { <p class="muted">"Everything that was asked for was measured."</p> }
                        .into_any()
                } else {
                    view! {
                        <ul class="plain trouble">
                            {failures.into_iter().map(failure).collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            })}
        </section>
    }
}

fn failure(record: FailureRecord) -> impl IntoView {
    let failure = record.failure;
    let name = failure.name();
    let output = (!failure.output.is_empty()).then(|| {
        view! {
            <details>
                <summary>"Output"</summary>
                <pre class="output" tabindex="0">{failure.output}</pre>
            </details>
        }
    });
    view! {
        <li class="notice">
            <strong class="break">
                {name}
            </strong>
            " "
            <span class="state failed">{failure.kind.as_str()}</span>
            <p>{failure.message}</p>
            <p class="muted small">
                <ArtifactName id=failure.artifact /> " under " {record.configuration.to_string()}
                ", " <Age of=record.at /> " \u{b7} "
                <a href=job_address(record.job)>"log of the collector"</a>
            </p>
            {output}
        </li>
    }
}
