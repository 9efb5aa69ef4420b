//! The keys of the table, all of them, and how values become parts of keys that sort.
//!
//! Parts are separated by `#`, which no id holds and which sorts before every letter that one may
//! hold, so that keys sort part by part. Free text is only ever the last part of a key.

use std::fmt;

use jiff::Timestamp;
use shared_types::ids::Attempt;
use shared_types::job::JobState;
use shared_types::object_key::ContentHash;
use shared_types::request::RequestState;
use shared_types::result_document::MeasuredRun;
use shared_types::run::SidePair;
use shared_types::triage::IsoWeek;
use shared_types::{
    ArtifactId, ConfigurationId, JobId, Line, ObjectKey, PullRequestId, RequestId, RetractionId,
};

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    /// `pk`.
    pub(super) partition: String,
    /// `sk`.
    pub(super) sort: String,
}

impl Key {
    fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.partition, self.sort)
    }
}

/// The place of an item in the index `by-order`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// `gsi_pk`.
    pub(super) partition: String,
    /// `gsi_sk`.
    pub(super) sort: String,
}

impl Order {
    pub(super) fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }
}

/// The partition of all configurations.
pub(super) const CONFIGURATIONS: &str = "configurations";
/// The partition of all artifacts.
pub(super) const ARTIFACTS: &str = "artifacts";
/// The partition of all collectors.
pub(super) const COLLECTORS: &str = "collectors";
/// The partition of the collectors' signs of life.
pub(super) const HEARTBEATS: &str = "heartbeats";
/// The partition of all problems, and of their order.
pub(super) const PROBLEMS: &str = "problems";
/// The order of all that could not be measured.
pub(super) const FAILURES: &str = "failures";
/// The partition of all tokens.
pub(super) const TOKENS: &str = "tokens";
/// The partition of all recorded writes.
pub(super) const AUDIT: &str = "audit";

/// The partition of all pull requests.
pub(super) const PULL_REQUESTS: &str = "pull-requests";
/// The partition of what people decided, and of its order.
pub(super) const TRIAGE: &str = "triage";
/// The partition of all retractions.
pub(super) const RETRACTIONS: &str = "retractions";
/// The partition of the weekly posts.
pub(super) const WEEKLY_POSTS: &str = "weekly-posts";

/// The time of a run that was never measured: it sorts before every other.
pub(super) const NEVER: &str = "00000000000000000000";
/// Sorts behind every letter of an id.
pub(super) const AFTER_EVERY_LETTER: char = '~';
/// Sorts before every letter of an id.
pub(super) const BEFORE_EVERY_LETTER: char = '!';
/// Sorts directly behind the separator.
pub(super) const AFTER_SEPARATOR: char = '$';

/// A number as text that sorts as the number does.
pub(super) fn number(number: i64) -> String {
    const SIGN: u64 = 1 << 63;
    format!("{:020}", number.cast_unsigned() ^ SIGN)
}

/// A time as text that sorts as the time does, to the nanosecond, to the year 2262.
pub(super) fn time(at: Timestamp) -> String {
    let nanoseconds = at.as_nanosecond();
    let clamped = nanoseconds.clamp(i64::MIN.into(), i64::MAX.into());
    number(i64::try_from(clamped).unwrap_or_default())
}

/// A priority as text that sorts the highest first.
pub(super) fn priority(priority: i32) -> String {
    const SIGN: u32 = 1 << 31;
    format!("{:010}", !(priority.cast_unsigned() ^ SIGN))
}

/// A count as text that sorts as the count does.
pub(super) fn count(count: u32) -> String {
    format!("{count:010}")
}

/// Free text as a key: as it is where it can be one, else by its hash.
pub(super) fn text(text: &str) -> String {
    const LONGEST: usize = 512;
    if (1..=LONGEST).contains(&text.len()) {
        text.to_owned()
    } else {
        format!("#{}", ContentHash::of(text.as_bytes()))
    }
}

pub(super) fn configuration(id: &ConfigurationId) -> Key {
    Key::new(CONFIGURATIONS, id.as_str())
}

pub(super) fn tally(id: &ConfigurationId) -> Key {
    Key::new(of_configuration(id), "tally")
}

/// How long a job took; the latest sort last.
pub(super) fn duration(id: &ConfigurationId, finished_at: Timestamp, job: JobId) -> Key {
    let sort = format!("{DURATION}{}#{job}", time(finished_at));
    Key::new(of_configuration(id), sort)
}

/// What the sort keys of [`duration`] begin with.
pub(super) const DURATION: &str = "duration#";

/// Sorts before the durations of jobs that ended at a time or later.
pub(super) fn durations_from(since: Timestamp) -> String {
    format!("{DURATION}{}", time(since))
}

/// Sorts behind every duration.
pub(super) fn durations_end() -> String {
    format!("{DURATION}{AFTER_EVERY_LETTER}")
}

/// What a configuration is kept in order by.
pub(super) fn upkeep(id: &ConfigurationId) -> Key {
    Key::new(of_configuration(id), "upkeep")
}

/// Whose turn it is under a configuration.
pub(super) fn scheduling(id: &ConfigurationId) -> Key {
    Key::new(of_configuration(id), "scheduling")
}

/// The partition of a configuration's disturbed runs.
pub(super) fn disturbed_runs(id: &ConfigurationId) -> String {
    format!("disturbed#{id}")
}

pub(super) fn disturbed_run(id: &ConfigurationId, run: &MeasuredRun) -> Key {
    let replicate = count(run.replicate.number());
    Key::new(disturbed_runs(id), format!("{}#{replicate}", run.artifact))
}

pub(super) fn retraction(id: RetractionId) -> Key {
    Key::new(RETRACTIONS, id.to_string())
}

pub(super) fn of_configuration(id: &ConfigurationId) -> String {
    format!("configuration#{id}")
}

pub(super) fn artifact(id: &ArtifactId) -> Key {
    Key::new(ARTIFACTS, id.to_string())
}

pub(super) fn line(line: Line) -> String {
    format!("line#{line}")
}

pub(super) fn position(on: Line, ordinal: i64, id: &ArtifactId) -> Key {
    Key::new(line(on), format!("{}#{id}", number(ordinal)))
}

pub(super) fn of_request(id: RequestId) -> String {
    format!("request#{id}")
}

pub(super) fn request(id: RequestId) -> Key {
    Key::new(of_request(id), "request")
}

pub(super) fn requests_in_state(state: RequestState) -> String {
    format!("requests#{state}")
}

/// The ids of the jobs of a configuration of a request.
pub(super) fn job_list(id: RequestId, configuration: &ConfigurationId) -> Key {
    Key::new(of_request(id), format!("{JOB_LISTS}{configuration}"))
}

/// What the sort keys of [`job_list`] begin with.
pub(super) const JOB_LISTS: &str = "jobs#";

/// How many of those jobs are not at their end.
pub(super) fn jobs_left(id: RequestId, configuration: &ConfigurationId) -> Key {
    Key::new(of_request(id), format!("left#{configuration}"))
}

/// A comparison that a request wanted.
pub(super) fn answer(
    id: RequestId,
    configuration: &ConfigurationId,
    computed_at: Timestamp,
    input_hash: &ContentHash,
) -> Key {
    let at = time(computed_at);
    let sort = format!("{ANSWERS}{configuration}#{at}#{input_hash}");
    Key::new(of_request(id), sort)
}

/// What the sort keys of [`answer`] begin with.
pub(super) const ANSWERS: &str = "comparison#";

pub(super) fn of_job(id: JobId) -> String {
    format!("job#{id}")
}

pub(super) fn job(id: JobId) -> Key {
    Key::new(of_job(id), JOB)
}

/// How far a job has come. The only item between it and [`job`] is neither.
pub(super) fn progress(id: JobId) -> Key {
    Key::new(of_job(id), PROGRESS)
}

/// The sort key of a job.
pub(super) const JOB: &str = "job";
/// The sort key of a job's progress.
pub(super) const PROGRESS: &str = "progress";

pub(super) fn jobs_in_state(id: &ConfigurationId, state: JobState) -> String {
    format!("jobs#{id}#{state}")
}

pub(super) fn result(job: JobId, attempt: Attempt, key: &ObjectKey) -> Key {
    let sort = format!("{RESULTS}{}#{key}", count(attempt.0));
    Key::new(of_job(job), sort)
}

/// What the sort keys of [`result`] begin with.
pub(super) const RESULTS: &str = "result#";

pub(super) fn of_artifact(id: &ArtifactId) -> String {
    format!("artifact#{id}")
}

pub(super) fn run(configuration: &ConfigurationId, run: &MeasuredRun) -> Key {
    let replicate = count(run.replicate.number());
    let sort = format!("{RUNS}{configuration}#{replicate}");
    Key::new(of_artifact(&run.artifact), sort)
}

/// What the sort keys of [`run`] begin with.
pub(super) const RUNS: &str = "run#";

pub(super) fn runs_of_configuration(id: &ConfigurationId) -> String {
    format!("runs#{id}")
}

/// A result that counts for a run.
pub(super) fn result_of_run(
    configuration: &ConfigurationId,
    run: &MeasuredRun,
    measured_at: Timestamp,
    key: &ObjectKey,
) -> Key {
    let (at, replicate) = (time(measured_at), count(run.replicate.number()));
    let sort = format!("{RESULTS}{configuration}#{at}#{key}#{replicate}");
    Key::new(of_artifact(&run.artifact), sort)
}

/// One of the failures of a result, by its number.
pub(super) fn failure(
    configuration: &ConfigurationId,
    artifact: &ArtifactId,
    of: &FailedResult<'_>,
) -> Key {
    let sort = format!("{FAILURES_OF_RUN}{configuration}#{}", of.sort());
    Key::new(of_artifact(artifact), sort)
}

/// What the sort keys of [`failure`] begin with.
pub(super) const FAILURES_OF_RUN: &str = "failure#";

/// Which failure of which result.
pub(super) struct FailedResult<'a> {
    /// When the result was measured.
    pub(super) measured_at: Timestamp,
    /// The key of the result.
    pub(super) result: &'a ObjectKey,
    /// The number of the failure within the result.
    pub(super) number: u32,
}

impl FailedResult<'_> {
    /// The part of a key that sorts failures by time.
    pub(super) fn sort(&self) -> String {
        let (at, number) = (time(self.measured_at), count(self.number));
        format!("{at}#{}#{number}", self.result)
    }
}

pub(super) fn collector(name: &str) -> Key {
    Key::new(COLLECTORS, text(name))
}

pub(super) fn heartbeat(name: &str) -> Key {
    Key::new(HEARTBEATS, text(name))
}

pub(super) fn comparisons(id: &ConfigurationId) -> String {
    format!("comparisons#{id}")
}

pub(super) fn comparison(id: &ConfigurationId, input_hash: &ContentHash) -> Key {
    Key::new(comparisons(id), input_hash.as_str())
}

pub(super) fn problem(subject: &str, message: &str) -> Key {
    // The lengths keep the two apart, whatever they hold.
    let both = format!("{}#{subject}#{message}", subject.len());
    Key::new(PROBLEMS, ContentHash::of(both.as_bytes()).as_str())
}

pub(super) fn token(sha256: &str) -> Key {
    Key::new(TOKENS, text(sha256))
}

pub(super) fn pull_request(id: &PullRequestId) -> Key {
    Key::new(PULL_REQUESTS, id.to_string())
}

/// Which pull request a request was made for.
pub(super) fn pull_request_of(id: RequestId) -> Key {
    Key::new(of_request(id), "pull-request")
}

/// A delivery of a webhook: a partition each, since they come at any rate.
pub(super) fn delivery(name: &str) -> Key {
    Key::new(format!("delivery#{}", text(name)), "delivery")
}

/// What people decided about a pair of sides.
pub(super) fn triage_record(sides: &SidePair) -> Key {
    Key::new(TRIAGE, sides.to_string())
}

/// How far the post of a week's report has come.
pub(super) fn weekly_post(week: IsoWeek) -> Key {
    Key::new(WEEKLY_POSTS, week.to_string())
}

/// A recorded write; `unique` sorts those of one time by age.
pub(super) fn audit(at: Timestamp, unique: &str) -> Key {
    Key::new(AUDIT, format!("{}#{unique}", time(at)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_types::Replicate;

    use super::*;

    fn slug() -> impl Strategy<Value = ConfigurationId> {
        "[A-Za-z0-9][A-Za-z0-9_-]{0,6}".prop_map(|text| text.parse().unwrap())
    }

    fn artifact_id() -> impl Strategy<Value = ArtifactId> {
        prop_oneof![
            "[0-9a-f]{40}",
            "release-[0-9]([.]?[0-9+-]){0,4}",
            "local-[a-z]([.]?[a-z_-]){0,4}-[0-9a-f]{7}",
        ]
        .prop_map(|text| text.parse().unwrap())
    }

    fn timestamp() -> impl Strategy<Value = Timestamp> {
        any::<i64>()
            .prop_map(|nanoseconds| Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap())
    }

    fn measured_run() -> impl Strategy<Value = MeasuredRun> {
        (artifact_id(), 1u32..).prop_map(|(artifact, number)| MeasuredRun {
            artifact,
            replicate: Replicate::try_from(number).unwrap(),
        })
    }

    proptest! {
        #[test]
        fn numbers_sort_as_keys(one: i64, other: i64) {
            prop_assert_eq!(number(one).cmp(&number(other)), one.cmp(&other));
        }

        #[test]
        fn counts_sort_as_keys(one: u32, other: u32) {
            prop_assert_eq!(count(one).cmp(&count(other)), one.cmp(&other));
        }

        #[test]
        fn the_highest_priority_sorts_first(one: i32, other: i32) {
            prop_assert_eq!(priority(one).cmp(&priority(other)), other.cmp(&one));
        }

        #[test]
        fn times_sort_as_keys_and_never_is_before_them(one in timestamp(), other in timestamp()) {
            prop_assert_eq!(time(one).cmp(&time(other)), one.cmp(&other));
            prop_assert!(time(one).as_str() >= NEVER);
        }

        #[test]
        fn runs_of_an_artifact_sort_by_configuration_and_replicate(
            one in (slug(), 1u32..), other in (slug(), 1u32..), artifact in artifact_id()
        ) {
            let key = |(slug, number): &(ConfigurationId, u32)| {
                let replicate = Replicate::try_from(*number).unwrap();
                run(slug, &MeasuredRun { artifact: artifact.clone(), replicate })
            };
            prop_assert_eq!(key(&one).cmp(&key(&other)), one.cmp(&other));
        }

        #[test]
        fn artifacts_on_a_line_sort_by_ordinal_and_name(
            one in (any::<i64>(), artifact_id()), other in (any::<i64>(), artifact_id())
        ) {
            let key = |(ordinal, id): &(i64, ArtifactId)| position(Line::Main, *ordinal, id);
            let text = |(ordinal, id): &(i64, ArtifactId)| (*ordinal, id.to_string());
            prop_assert_eq!(key(&one).cmp(&key(&other)), text(&one).cmp(&text(&other)));
        }

        #[test]
        fn different_runs_have_different_keys(
            one in (slug(), measured_run()), other in (slug(), measured_run())
        ) {
            let key = |(slug, of): &(ConfigurationId, MeasuredRun)| run(slug, of);
            prop_assert_eq!(key(&one) == key(&other), one == other);
        }

        #[test]
        fn a_prefix_of_one_configuration_takes_none_of_another(
            one in slug(), other in slug(), of in measured_run()
        ) {
            let prefix = format!("{RUNS}{one}#");
            prop_assert_eq!(run(&other, &of).sort.starts_with(&prefix), one == other);
        }

        #[test]
        fn any_text_has_a_key_of_its_own(one in ".{0,20}", other in ".{0,20}", times in 1usize..99) {
            let (one, other) = (one.repeat(times), other.repeat(times));
            let (first, second) = (text(&one), text(&other));
            prop_assert!((1..=512).contains(&first.len()));
            prop_assert_eq!(first == second, one == other);
        }

        #[test]
        fn subject_and_message_of_a_problem_do_not_mix(
            one in ("[a#]{0,4}", "[a#]{0,4}"), other in ("[a#]{0,4}", "[a#]{0,4}")
        ) {
            let key = |(subject, message): &(String, String)| problem(subject, message);
            prop_assert_eq!(key(&one) == key(&other), one == other);
        }

        #[test]
        fn every_letter_of_an_id_sorts_between_the_marks(id in artifact_id()) {
            for letter in id.to_string().chars() {
                prop_assert!('#' < letter && AFTER_SEPARATOR < letter);
                prop_assert!(BEFORE_EVERY_LETTER < letter && letter < AFTER_EVERY_LETTER);
            }
        }
    }
}
