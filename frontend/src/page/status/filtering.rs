//! Which rows of the status are listed, in which order, and how many are not.

use jiff::Timestamp;
use shared_types::api::{
    CollectorStatus, ConfigurationStatus, FailureRecord, ReportedProblem, Status,
};
use shared_types::disturbance::DisturbedRun;
use shared_types::job::{Job, JobState};
use shared_types::request::{Request, RequestState};
use shared_types::{ConfigurationId, RequestId};

use crate::numbers;
use crate::order::sorted;
use crate::url_state::{StatusOrder, StatusShown, StatusState};

/// The rows that are listed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) problems: Vec<ReportedProblem>,
    pub(super) queues: Vec<ConfigurationStatus>,
    /// The configurations of which it is told how far they can be trusted.
    pub(super) trusted: Vec<ConfigurationStatus>,
    pub(super) collectors: Vec<CollectorStatus>,
    pub(super) requests: Vec<Request>,
    pub(super) failures: Vec<FailureRecord>,
    pub(super) hidden: Hidden,
}

/// How many rows are not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    pub(super) problems: usize,
    pub(super) queues: usize,
    pub(super) jobs: usize,
    pub(super) disturbed: usize,
    pub(super) collectors: usize,
    pub(super) requests: usize,
    pub(super) failures: usize,
}

impl Hidden {
    /// What is hidden, in words. `None` where nothing is.
    pub(super) fn in_words(&self) -> Option<String> {
        let parts = [
            (self.problems, "problem"),
            (self.queues, "queue"),
            (self.jobs, "job"),
            (self.disturbed, "disturbed run"),
            (self.collectors, "collector"),
            (self.requests, "request"),
            (self.failures, "failure"),
        ];
        let all: usize = parts.iter().map(|(count, _)| count).sum();
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| numbers::count(count as u64, what))
            .collect();
        let is_one = if all == 1 { "is" } else { "are" };
        (all > 0).then(|| {
            let rows = numbers::count(all as u64, "row");
            format!("{rows} {is_one} hidden: {}.", parts.join(", "))
        })
    }
}

/// The rows that a reader wants.
pub(super) fn listed(status: &Status, wanted: &StatusState) -> Listed {
    let mut hidden = Hidden::default();
    let jobs = || status.configurations.iter().flat_map(|one| &one.jobs);
    let queues = queues(status, wanted, &mut hidden);
    let trusted = trusted(status, wanted, &mut hidden);
    let keep_problem = |one: &ReportedProblem| wants(wanted, &of_problem(one, status));
    let keep_collector = |one: &CollectorStatus| wants(wanted, &of_collector(one));
    let keep_request = |one: &Request| wants(wanted, &of_request(one, jobs()));
    let keep_failure = |one: &FailureRecord| wants(wanted, &of_failure(one));
    Listed {
        problems: ordered(
            kept(&status.problems, keep_problem, &mut hidden.problems),
            |one| key(wanted.order, one.at, &one.subject, ""),
        ),
        queues,
        trusted,
        collectors: ordered(
            kept(&status.collectors, keep_collector, &mut hidden.collectors),
            |one| {
                let (seen, name) = (one.collector.last_seen_at, &one.collector.report.collector);
                key(wanted.order, seen, name, super::health_in_words(one).0)
            },
        ),
        requests: ordered(
            kept(&status.requests, keep_request, &mut hidden.requests),
            |one| {
                key(
                    wanted.order,
                    one.created_at,
                    &names(&one.configurations),
                    one.state.as_str(),
                )
            },
        ),
        failures: ordered(
            kept(&status.failures, keep_failure, &mut hidden.failures),
            |one| {
                key(
                    wanted.order,
                    one.at,
                    one.configuration.as_str(),
                    one.failure.kind.as_str(),
                )
            },
        ),
        hidden,
    }
}

/// The queues that are wanted, or that have a job that is.
fn queues(status: &Status, wanted: &StatusState, hidden: &mut Hidden) -> Vec<ConfigurationStatus> {
    let mut queues = Vec::with_capacity(status.configurations.len());
    for queue in &status.configurations {
        let jobs = kept(
            &queue.jobs,
            |job| wants(wanted, &of_job(job)),
            &mut hidden.jobs,
        );
        if jobs.is_empty() && !wants(wanted, &of_queue(queue, &status.collectors)) {
            hidden.queues += 1;
            continue;
        }
        let jobs = ordered(jobs, |job| {
            key(
                wanted.order,
                job.created_at,
                job.configuration.as_str(),
                job.state.as_str(),
            )
        });
        queues.push(ConfigurationStatus {
            jobs,
            ..queue.clone()
        });
    }
    ordered(queues, |queue| {
        let newest = queue.jobs.iter().map(|job| job.created_at).max();
        let state = match queue.queue.running {
            0 => "waiting",
            _ => "running",
        };
        let newest = newest.unwrap_or(Timestamp::UNIX_EPOCH);
        key(wanted.order, newest, queue.configuration.as_str(), state)
    })
}

fn trusted(status: &Status, wanted: &StatusState, hidden: &mut Hidden) -> Vec<ConfigurationStatus> {
    let of_wanted = status.configurations.iter().filter(|one| {
        let configuration = wanted.configuration.as_ref();
        configuration.is_none_or(|configuration| *configuration == one.configuration)
    });
    let left_out: usize = status
        .configurations
        .iter()
        .map(|one| one.disturbed.len())
        .sum();
    let mut shown = 0;
    let trusted = of_wanted.map(|one| {
        let keep = |run: &DisturbedRun| wants(wanted, &of_disturbed(run));
        let disturbed: Vec<DisturbedRun> = one
            .disturbed
            .iter()
            .filter(|run| keep(run))
            .cloned()
            .collect();
        shown += disturbed.len();
        ConfigurationStatus {
            disturbed,
            ..one.clone()
        }
    });
    let trusted = trusted.collect();
    hidden.disturbed = left_out - shown;
    trusted
}

/// What of a row is asked for by a filter.
#[derive(Debug, Default)]
struct Facts {
    configurations: Vec<ConfigurationId>,
    shown: Vec<StatusShown>,
    /// Hosts and collectors.
    hosts: Vec<String>,
    words: String,
}

fn wants(wanted: &StatusState, facts: &Facts) -> bool {
    let configuration = wanted.configuration.as_ref();
    let words = format!("{} {}", facts.words, facts.hosts.join(" "));
    let words = words.to_ascii_lowercase();
    let text = wanted.text.to_ascii_lowercase();
    configuration.is_none_or(|one| facts.configurations.contains(one))
        && (wanted.shown == StatusShown::All || facts.shown.contains(&wanted.shown))
        && (wanted.host.is_empty() || facts.hosts.contains(&wanted.host))
        && text.split_whitespace().all(|word| words.contains(word))
}

fn of_job(job: &Job) -> Facts {
    let shown = match job.state {
        JobState::Pending | JobState::Queued => StatusShown::Waiting,
        JobState::Running => StatusShown::Running,
        JobState::Done | JobState::Cancelled => StatusShown::Ended,
        JobState::Failed => StatusShown::Failed,
    };
    let artifacts: Vec<String> = job
        .runs
        .iter()
        .map(|run| run.artifact.to_string())
        .collect();
    let current = job
        .progress
        .as_ref()
        .map_or("", |progress| progress.current.as_str());
    let reason = job
        .failures
        .last()
        .map_or("", |failure| failure.reason.as_str());
    Facts {
        configurations: vec![job.configuration.clone()],
        shown: vec![shown],
        hosts: hosts_of_job(job).collect(),
        words: format!(
            "{} {} {} {} {current} {reason}",
            job.id,
            job.configuration,
            job.state.as_str(),
            artifacts.join(" ")
        ),
    }
}

/// The host that works on a job, and the collectors that failed at it.
fn hosts_of_job(job: &Job) -> impl Iterator<Item = String> {
    let progress = job.progress.iter();
    let working = progress.flat_map(|it| [it.host.clone(), it.collector.clone()]);
    working.chain(job.failures.iter().map(|failure| failure.collector.clone()))
}

fn of_queue(queue: &ConfigurationStatus, collectors: &[CollectorStatus]) -> Facts {
    let numbers = &queue.queue;
    let shown = [
        (numbers.pending + numbers.queued > 0, StatusShown::Waiting),
        (numbers.running > 0, StatusShown::Running),
        (queue.paused.is_some(), StatusShown::Held),
    ];
    let serving = collectors.iter().filter(|one| {
        let serves = &one.collector.report.configurations;
        serves.contains(&queue.configuration)
    });
    let paused = queue.paused.as_ref().map(|pause| {
        format!(
            "paused {} {}",
            pause.by,
            pause.reason.clone().unwrap_or_default()
        )
    });
    Facts {
        configurations: vec![queue.configuration.clone()],
        shown: shown
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, it)| it)
            .collect(),
        hosts: serving.flat_map(names_of_collector).collect(),
        words: format!("{} {}", queue.configuration, paused.unwrap_or_default()),
    }
}

fn names_of_collector(one: &CollectorStatus) -> [String; 2] {
    let report = &one.collector.report;
    [report.collector.clone(), report.host.name.clone()]
}

fn of_collector(one: &CollectorStatus) -> Facts {
    let report = &one.collector.report;
    let shown = match (one.alive, one.collector.draining, report.job.is_some()) {
        (false, ..) => vec![StatusShown::Failed],
        (true, true, true) => vec![StatusShown::Held, StatusShown::Running],
        (true, true, false) => vec![StatusShown::Held],
        (true, false, true) => vec![StatusShown::Running],
        (true, false, false) => vec![StatusShown::Waiting],
    };
    Facts {
        configurations: report.configurations.clone(),
        shown,
        hosts: names_of_collector(one).into(),
        words: format!(
            "{} {} {}",
            super::health_in_words(one).0,
            names(&report.configurations),
            report.host.cpu_model.clone().unwrap_or_default()
        ),
    }
}

fn of_request<'a>(request: &Request, jobs: impl Iterator<Item = &'a Job>) -> Facts {
    let shown = match request.state {
        RequestState::Waiting => StatusShown::Waiting,
        RequestState::Running => StatusShown::Running,
        RequestState::Paused => StatusShown::Held,
        RequestState::Done | RequestState::Cancelled => StatusShown::Ended,
        RequestState::Failed => StatusShown::Failed,
    };
    let id: RequestId = request.id;
    let artifacts: Vec<String> = request.runs().map(|run| run.artifact.to_string()).collect();
    Facts {
        configurations: request.configurations.clone(),
        shown: vec![shown],
        hosts: jobs
            .filter(|job| job.request == id)
            .flat_map(hosts_of_job)
            .collect(),
        words: format!(
            "{id} {} {} {} {} {} {}",
            artifacts.join(" "),
            request.state.as_str(),
            names(&request.configurations),
            request.requester,
            request.reason.clone().unwrap_or_default(),
            request.note.clone().unwrap_or_default()
        ),
    }
}

fn of_failure(record: &FailureRecord) -> Facts {
    let failure = &record.failure;
    Facts {
        configurations: vec![record.configuration.clone()],
        shown: vec![StatusShown::Failed],
        hosts: record.host.iter().cloned().collect(),
        words: format!(
            "{} {} {} {} {} {}",
            failure.name(),
            failure.artifact,
            failure.kind.as_str(),
            failure.message,
            record.configuration,
            record.job
        ),
    }
}

/// A problem is of what it names.
fn of_problem(problem: &ReportedProblem, status: &Status) -> Facts {
    let words = format!("{} {}", problem.subject, problem.message);
    let configurations = status.configurations.iter().map(|one| &one.configuration);
    let hosts = status.collectors.iter().flat_map(names_of_collector);
    Facts {
        configurations: configurations
            .filter(|id| is_named_in(&words, id.as_str()))
            .cloned()
            .collect(),
        shown: vec![StatusShown::Failed],
        hosts: hosts.filter(|name| is_named_in(&words, name)).collect(),
        words,
    }
}

/// Whether a text has a name as a word of its own, and not as a part of a longer one.
fn is_named_in(text: &str, name: &str) -> bool {
    let is_inside = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    text.match_indices(name).any(|(place, _)| {
        let (before, behind) = (&text[..place], &text[place + name.len()..]);
        !is_inside(before.chars().next_back()) && !is_inside(behind.chars().next())
    })
}

fn of_disturbed(run: &DisturbedRun) -> Facts {
    Facts {
        configurations: vec![run.configuration.clone()],
        shown: vec![StatusShown::Failed],
        hosts: run.hosts.clone(),
        words: format!(
            "{} {} {}",
            run.configuration, run.run.artifact, run.finding.sentence
        ),
    }
}

fn names(configurations: &[ConfigurationId]) -> String {
    let names: Vec<&str> = configurations.iter().map(ConfigurationId::as_str).collect();
    names.join(", ")
}

/// The rows that are to be kept; the others are counted.
fn kept<T: Clone>(rows: &[T], keep: impl Fn(&T) -> bool, hidden: &mut usize) -> Vec<T> {
    let kept: Vec<T> = rows.iter().filter(|row| keep(row)).cloned().collect();
    *hidden += rows.len() - kept.len();
    kept
}

/// What rows are ordered by.
type Key = (i64, String);

fn key(order: StatusOrder, at: Timestamp, name: &str, state: &str) -> Key {
    match order {
        StatusOrder::Served => (0, String::new()),
        StatusOrder::Newest => (-at.as_second(), String::new()),
        StatusOrder::Name => (0, name.to_owned()),
        StatusOrder::State => (0, state.to_owned()),
    }
}

/// Rows in order of their keys; those of equal keys stay as they were.
fn ordered<T>(rows: Vec<T>, key: impl Fn(&T) -> Key) -> Vec<T> {
    sorted(rows, |one, other| key(one).cmp(&key(other)))
}

#[cfg(test)]
mod tests;
