//! Jobs, as a table.

use crate::prelude::*;
use shared_types::job::{Job, JobState};

use crate::clock::Age;
use crate::numbers;
use crate::page::job::{retry_button, short};
use crate::url_state::job_address;
use crate::widget::artifact_name::ArtifactName;
use crate::widget::progress::Progress;

/// Jobs, as the status and the request pages list them.
pub(crate) fn job_table(jobs: Vec<Job>) -> AnyView {
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Jobs">
            <table class="dense stacking jobs">
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Artifacts"</th>
                        <th scope="col">"Progress"</th>
                        <th scope="col">"Now"</th>
                    </tr>
                </thead>
                <tbody>{jobs.into_iter().map(job_row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn job_row(job: Job) -> AnyView {
    let artifacts: Vec<_> = job
        .runs
        .iter()
        .map(|run| view! { <ArtifactName id=run.artifact.clone() /> " " })
        .collect();
    let (done, total) = match (&job.progress, job.state) {
        (_, JobState::Done) => (job.compilations(), job.compilations()),
        (Some(progress), _) => (progress.done, progress.total),
        (None, _) => (0, job.compilations()),
    };
    let now = match (&job.progress, job.state) {
        (Some(progress), JobState::Running) => view! {
            <code>{progress.current.clone()}</code>
            <span class="muted">" on " {progress.host.clone()} ", " <Age of=progress.at /></span>
        }
        .into_any(),
        _ => match job.failures.last() {
            Some(failure) => view! {
                <span class="worse">
                    {numbers::count(job.failures.len() as u64, "failure")} ": "
                    {failure.reason.clone()}
                </span>
            }
            .into_any(),
            None => ().into_any(),
        },
    };
    let retry = (job.state == JobState::Failed).then(|| retry_button(&job));
    view! {
        <tr>
            <td>
                <a href=job_address(job.id) title=format!("Job {}: its log", job.id) data-row-link="">
                    <code>{short(job.id)}</code>
                </a>
            </td>
            <td><span class=format!("state {}", job.state)>{job.state.as_str()}</span></td>
            <td>{artifacts}</td>
            <td><Progress done total seconds_left=None what="" /></td>
            <td>{now} " " {retry}</td>
        </tr>
    }
    .into_any()
}
