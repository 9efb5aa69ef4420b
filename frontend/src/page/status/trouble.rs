//! What went wrong, in the words of whoever noticed.

use crate::prelude::*;
use shared_types::JobId;
use shared_types::api::{FailureRecord, ReportedProblem};

use super::filters::none_fits;
use crate::clock::Age;
use crate::numbers;
use crate::url_state::{collector_address, job_address};
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
    let more = leads_to(&problem).map(|(address, words)| {
        view! { " \u{b7} " <a href=address data-row-link="">{words}</a> }
    });
    view! {
        <li class="notice warning">
            <strong class="break">{problem.subject}</strong>
            <p>{problem.message}</p>
            <span class="muted small"><Age of=problem.at /> {times} {more}</span>
        </li>
    }
}

/// Where more is told of a problem: the job that it names, with its log, or the collector.
fn leads_to(problem: &ReportedProblem) -> Option<(String, &'static str)> {
    let of_key = problem
        .subject
        .strip_prefix("results/v1/")
        .and_then(|rest| rest.split('/').nth(1));
    let words = |text| {
        str::split(text, |letter: char| {
            letter.is_whitespace() || "`.,;".contains(letter)
        })
    };
    let named = || {
        let before = words(&problem.message);
        let names = before.clone().skip(1);
        let mut pairs = before.zip(names);
        pairs.find_map(|(word, name)| {
            let is_of_job = matches!(word, "job" | "retry");
            name.parse::<JobId>().ok().filter(|_| is_of_job)
        })
    };
    let job = of_key.and_then(|id| id.parse().ok()).or_else(named);
    if let Some(job) = job {
        return Some((job_address(job), "its job, with the log"));
    }
    let collector = problem.subject.strip_prefix("collector ")?;
    Some((collector_address(collector), "the collector"))
}

/// What could not be measured lately.
#[component]
pub(super) fn Failures(
    /// Those that are listed, and how many are not.
    failures: Memo<(Vec<FailureRecord>, usize)>,
) -> impl IntoView {
    view! {
        <section aria-labelledby="failures-title" data-testid="failures">
            <h2 id="failures-title">"Could not be measured"</h2>
            {live(move || {
                let (failures, hidden) = failures.get();
                if failures.is_empty() && hidden > 0 {
                    none_fits("failure")
                } else if failures.is_empty() {
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
                {record.host.map(|host| format!(" on {host}"))} ", " <Age of=record.at /> " \u{b7} "
                <a href=job_address(record.job) data-row-link="">"log of the collector"</a>
            </p>
            {output}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(subject: &str, message: &str) -> Option<String> {
        let problem = ReportedProblem {
            subject: subject.to_owned(),
            message: message.to_owned(),
            at: jiff::Timestamp::UNIX_EPOCH,
            count: 1,
        };
        leads_to(&problem).map(|(address, _)| address)
    }

    #[test]
    fn a_problem_leads_to_the_job_or_the_collector_that_it_names() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let job = Some(format!("/jobs/{id}"));
        assert_eq!(
            leads(&format!("results/v1/zen4/{id}/1.json.zst"), "broken"),
            job
        );
        let message = format!("ask for its job once more with `perfleet retry {id}`");
        assert_eq!(leads("object storage", &message), job);
        assert_eq!(
            leads("collector a b", "is silent"),
            Some("/collectors/a%20b".to_owned())
        );
        assert_eq!(
            leads("the queue jobs-zen4", "a message of the request x"),
            None
        );
    }
}
