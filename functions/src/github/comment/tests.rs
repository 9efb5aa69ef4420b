//! What people read on a pull request, as snapshots.

use analysis::policy::{Answer, Policy, decide};
use jiff::Timestamp;
use shared_types::comparison::{
    CategorySummary, ChangeSummary, ComparedTestCase, Magnitude, MissingTestCase, Summary,
};
use shared_types::explanation::{Explanation, GroupTerm};
use shared_types::ids::Attempt;
use shared_types::job::{Job, JobFailure, JobState, JobUnit};
use shared_types::request::{Request, Selection};
use shared_types::result_document::MeasuredRun;
use shared_types::run::Side;
use shared_types::{
    ArtifactId, Category, FormatVersion, JobId, Metric, Profile, Replicate, RequestId, Scenario,
    TestCase, Tier, Unit,
};

use super::*;

const BASE: &str = "1111111111111111111111111111111111111111";
const HEAD: &str = "2222222222222222222222222222222222222222";

fn run(artifact: &str) -> MeasuredRun {
    MeasuredRun {
        artifact: artifact.parse().unwrap(),
        replicate: Replicate::FIRST,
    }
}

fn detail(state: RequestState) -> RequestDetail {
    RequestDetail {
        request: Request {
            id: RequestId::from_parts(1_000, &[7; 10]),
            base: Some(run(BASE)),
            head: run(HEAD),
            configurations: vec!["zen4-t1".parse().unwrap(), "zen4-t4".parse().unwrap()],
            selection: Selection::default(),
            paired: false,
            backfill: false,
            iterations: 3,
            precision: None,
            self_profile: false,
            time_limit_s: 1800,
            priority: 0,
            reason: None,
            requester: "somebody".to_owned(),
            state,
            note: None,
            created_at: Timestamp::UNIX_EPOCH,
            finished_at: None,
        },
        jobs: vec![
            job("zen4-t1", 1, JobState::Done),
            job("zen4-t4", 2, JobState::Running),
        ],
        comparisons: Vec::new(),
        verdict: Verdict::Incomplete,
        verdict_sentence: String::new(),
        compilations_done: 30,
        compilations_total: 40,
        seconds_left: None,
    }
}

fn job(configuration: &str, number: u8, state: JobState) -> Job {
    Job {
        id: JobId::from_parts(2_000, &[number; 10]),
        request: RequestId::from_parts(1_000, &[7; 10]),
        configuration: configuration.parse().unwrap(),
        runs: vec![run(BASE), run(HEAD)],
        units: vec![JobUnit {
            benchmark: "syn-2.0.119".parse().unwrap(),
            profile: Profile::Check,
            scenarios: vec![Scenario::Full],
        }],
        runtime_units: Vec::new(),
        toolchain_units: Vec::new(),
        iterations: 3,
        precision: None,
        self_profile: false,
        time_limit_s: 1800,
        seconds_expected: None,
        preferred_host: None,
        state,
        releases: 1,
        failures: Vec::new(),
        attempts: Vec::new(),
        progress: None,
        created_at: Timestamp::UNIX_EPOCH,
        queued_at: None,
        started_at: None,
        finished_at: None,
    }
}

fn case(benchmark: &str, change: f64) -> ComparedTestCase {
    let test_case = TestCase::Compile {
        benchmark: benchmark.parse().unwrap(),
        profile: Profile::Check,
        scenario: Scenario::Full,
    };
    ComparedTestCase {
        name: test_case.name(),
        test_case,
        category: Some(Category::Primary),
        base: 1.0,
        head: 1.0 + change,
        change: Some(change),
        low: None,
        high: None,
        p: None,
        q: None,
        answer: None,
        significant: true,
        relevant: change.abs() >= 0.002,
        magnitude: Magnitude::Small,
        threshold: Some(0.002),
        history: 0,
        base_iterations: vec![1.0],
        head_iterations: vec![1.0 + change],
    }
}

fn summary(changes: &[f64]) -> ChangeSummary {
    let count = changes.len();
    let mean = changes.iter().sum::<f64>() / count.max(1) as f64;
    ChangeSummary {
        count: u32::try_from(count).unwrap(),
        mean: (count > 0).then_some(mean),
        smallest: changes.iter().copied().reduce(f64::min),
        largest: changes.iter().copied().reduce(f64::max),
    }
}

fn comparison(configuration: &str, verdict: Verdict, changes: &[f64]) -> Comparison {
    let of_category = |changes: &[f64]| CategorySummary {
        test_cases: u32::try_from(changes.len()).unwrap(),
        regressions: summary(
            &changes
                .iter()
                .copied()
                .filter(|change| *change >= 0.002)
                .collect::<Vec<_>>(),
        ),
        improvements: summary(
            &changes
                .iter()
                .copied()
                .filter(|change| *change <= -0.002)
                .collect::<Vec<_>>(),
        ),
        all: summary(changes),
    };
    let metric = Metric::cost("instructions:u".parse().unwrap(), Unit::Count);
    let side = |id: &str| Side::pooled(id.parse::<ArtifactId>().unwrap());
    Comparison {
        format: FormatVersion::V1_0,
        schema: 1,
        configuration: configuration.parse().unwrap(),
        base: side(BASE),
        head: side(HEAD),
        metric: metric.name.to_string(),
        metric_details: metric.clone(),
        metrics: vec![metric],
        method: "rustc-perf".to_owned(),
        method_version: "1".to_owned(),
        verdict,
        headline: "(what the comparison says in one sentence)".to_owned(),
        a_a: false,
        summary: Summary {
            primary: of_category(changes),
            secondary: of_category(&[]),
            toolchain: None,
        },
        test_cases: (1..)
            .zip(changes)
            .map(|(number, change)| case(&format!("crate-{number}"), *change))
            .collect(),
        missing: Vec::new(),
        warnings: Vec::new(),
        explanations: Vec::new(),
    }
}

/// The settings of an installation with a page.
fn settings() -> GitHubSettings {
    let text = "repositories = [\"rust-lang/rust\"]\npage_url = \"https://perf.example\"\n\
                [permissions]\nrole = \"write\"\n";
    GitHubSettings::parse(text).unwrap()
}

/// A pull request that the request belongs to.
fn pull_request(id: RequestId) -> PullRequest {
    let mut record = PullRequest::new("rust-lang/rust#12".parse().unwrap());
    record.head = Some("3".repeat(40).parse().unwrap());
    record.link(LinkedRequest {
        head: record.head.clone(),
        ..LinkedRequest::new(id, 7, "ada".parse().unwrap())
    });
    record
}

/// The comment as the policy tells of these comparisons, both configurations gating.
fn told(detail: RequestDetail, comparisons: &[Comparison]) -> String {
    told_with(detail, comparisons, |_| {}, [Tier::Gating, Tier::Gating])
}

fn told_with(
    mut detail: RequestDetail,
    comparisons: &[Comparison],
    change: impl FnOnce(&mut PullRequest),
    tiers: [Tier; 2],
) -> String {
    let configurations = detail.request.configurations.clone();
    let answers: Vec<Answer<'_>> = configurations
        .iter()
        .zip(tiers)
        .map(|(configuration, tier)| Answer {
            configuration,
            tier,
            comparisons: comparisons
                .iter()
                .filter(|one| one.configuration == *configuration)
                .collect(),
            measured_again: false,
        })
        .collect();
    let decision = decide(&Policy::default(), &answers);
    detail.verdict = decision.verdict;
    detail.verdict_sentence.clone_from(&decision.sentence);
    let mut record = pull_request(detail.request.id);
    change(&mut record);
    let settings = settings();
    comment(&Telling {
        detail: &detail,
        decision: &decision,
        comparisons,
        pull_request: Some(&record),
        settings: Some(&settings),
    })
    .markdown
}

#[test]
fn a_request_that_waits() {
    let mut detail = detail(RequestState::Waiting);
    detail.jobs.clear();
    (detail.compilations_done, detail.compilations_total) = (0, 0);
    insta::assert_snapshot!(told(detail, &[]));
}

#[test]
fn a_request_that_all_configurations_have_answered() {
    let changes = [0.012, 0.02, 0.004, 0.003, 0.005, 0.006, -0.004, 0.0001];
    let mut second = comparison("zen4-t4", Verdict::Regressed, &[0.012]);
    second
        .warnings
        .push("The artifacts are not neighbours.".to_owned());
    second.missing.push(MissingTestCase {
        name: "crate-9/check/full".to_owned(),
        in_base: true,
        in_head: false,
        reason: Some("error: @everybody look | here\nat line 2".to_owned()),
    });
    let mut first = comparison("zen4-t1", Verdict::Mixed, &changes);
    first.explanations.push(Explanation {
        description: "check builds".to_owned(),
        terms: vec![GroupTerm::Profiles {
            profiles: vec![Profile::Check],
        }],
        change: 0.006,
        low: 0.003,
        high: 0.009,
        share: 0.8,
        test_cases: 8,
        same_way: 7,
        elsewhere: 0,
        sentence: "(what they have in common, in one sentence)".to_owned(),
        queries: Vec::new(),
    });
    insta::assert_snapshot!(told(detail(RequestState::Done), &[first, second]));
}

#[test]
fn a_request_of_which_one_configuration_has_not_answered_is_incomplete() {
    let comparisons = [comparison("zen4-t1", Verdict::Neutral, &[0.0001])];
    insta::assert_snapshot!(told(detail(RequestState::Running), &comparisons));
}

#[test]
fn a_request_on_which_configurations_disagree_is_a_conflict() {
    let comparisons = [
        comparison("zen4-t1", Verdict::Regressed, &[0.03]),
        comparison("zen4-t4", Verdict::Improved, &[-0.03]),
    ];
    insta::assert_snapshot!(told(detail(RequestState::Done), &comparisons));
}

#[test]
fn an_advisory_regression_asks_for_confirmation() {
    let comparisons = [
        comparison("zen4-t1", Verdict::Neutral, &[0.0001]),
        comparison("zen4-t4", Verdict::Regressed, &[0.03]),
    ];
    let tiers = [Tier::Gating, Tier::Advisory];
    let text = told_with(detail(RequestState::Done), &comparisons, |_| {}, tiers);
    insta::assert_snapshot!(text);
}

#[test]
fn a_configuration_whose_job_failed_says_why() {
    let mut detail = detail(RequestState::Failed);
    for job in &mut detail.jobs {
        job.state = JobState::Failed;
        job.failures.push(JobFailure {
            attempt: Attempt(1),
            collector: "c1".to_owned(),
            reason: "the toolchain `2222` cannot be fetched\nbacktrace".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        });
    }
    detail.request.note = Some("2 of 2 jobs failed; the first: it cannot be fetched".to_owned());
    insta::assert_snapshot!(told(detail, &[]));
}

#[test]
fn a_request_that_was_cancelled_says_by_whom() {
    let mut detail = detail(RequestState::Cancelled);
    detail.request.note = Some("cancelled by @ada in the comment 7".to_owned());
    insta::assert_snapshot!(told(detail, &[]));
}

#[test]
fn a_pull_request_that_went_on_or_was_closed_is_told_so() {
    let sha = |digit: &str| Some(digit.repeat(40).parse().unwrap());
    let went_on = told_with(
        detail(RequestState::Running),
        &[],
        |record| record.head = sha("4"),
        [Tier::Gating; 2],
    );
    assert!(
        went_on.contains("> The pull request has further commits"),
        "{went_on}"
    );
    let forced = told_with(
        detail(RequestState::Running),
        &[],
        |record| {
            record.head = sha("4");
            record.requests[0].head_gone = true;
            record.state = PullRequestState::Closed;
        },
        [Tier::Gating; 2],
    );
    let said = "> The pull request was closed meanwhile. The pull request was force-pushed";
    assert!(forced.contains(said), "{forced}");
}

#[test]
fn a_comparison_of_a_configuration_that_was_not_asked_for_is_left_out() {
    let stray = comparison("arm64", Verdict::Regressed, &[0.5]);
    let text = told(detail(RequestState::Running), &[stray]);
    assert!(!text.contains("arm64"), "{text}");
}

#[test]
fn what_a_program_said_speaks_to_nobody_and_breaks_no_table() {
    assert_eq!(first_line("a | @b <c>\nd"), "a / @\u{200b}b ‹c›");
}
