//! What every adapter of [`Index`](crate::Index) must do with what is neither a job nor a result.

use shared_types::api::ComparisonReference;
use shared_types::comparison::Verdict;
use shared_types::object_key::ContentHash;
use shared_types::run::Side;
use shared_types::{Line, Tier};

use super::Setting;
use super::examples::{
    self, artifact, artifact_id, at, collector_report, configuration, configuration_id, job,
    job_id, position, progress, request_id,
};
use crate::{AuditEntry, PageRequest, StoreError, TokenRecord, TokenRole};

/// Calls `$define! { … }` with the cases of [`conformance::records`](crate::conformance::records).
#[macro_export]
macro_rules! records_conformance {
    ($define:ident) => {
        $define! { records:
            a_configuration_is_registered_once,
            another_record_is_another_configuration,
            a_tier_can_be_changed,
            what_is_learnt_of_an_artifact_is_added,
            artifacts_are_listed_by_name_in_pages,
            predecessors_are_the_nearest_first,
            successors_are_the_nearest_first,
            a_line_is_read_between_two_ordinals,
            a_collector_is_known_by_its_last_report,
            progress_is_a_sign_of_life,
            a_collector_can_be_drained,
            a_comparison_is_noted_once,
            one_comparison_can_answer_two_requests,
            comparisons_are_listed_newest_first_in_pages,
            a_problem_that_comes_again_is_counted,
            a_token_is_known_by_its_hash,
            revoked_tokens_are_revoked,
            writes_are_recorded,
        }
    };
}

pub async fn a_configuration_is_registered_once(setting: &Setting) {
    let index = &*setting.store.index;
    for slug in ["b", "a", "b"] {
        index
            .register_configuration(&configuration(slug))
            .await
            .unwrap();
    }
    let all = index.configurations().await.unwrap();
    assert_eq!(all, [configuration("a"), configuration("b")]);
    let one = index.configuration(&"a".parse().unwrap()).await.unwrap();
    assert_eq!(one, Some(configuration("a")));
    let none = index.configuration(&"c".parse().unwrap()).await.unwrap();
    assert_eq!(none, None);
}

pub async fn another_record_is_another_configuration(setting: &Setting) {
    let index = &*setting.store.index;
    let first = configuration("a");
    index.register_configuration(&first).await.unwrap();
    let mut other = first.clone();
    other.record.frontend_threads = 4;
    other.tier = Tier::Advisory;
    let refused = index.register_configuration(&other).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(index.configurations().await.unwrap(), [first]);
}

pub async fn a_tier_can_be_changed(setting: &Setting) {
    let index = &*setting.store.index;
    let id = "a".parse().unwrap();
    let refused = index.set_tier(&id, Tier::Advisory).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let mut known = configuration("a");
    index.register_configuration(&known).await.unwrap();
    index.set_tier(&id, Tier::Advisory).await.unwrap();
    let tier = async || index.configuration(&id).await.unwrap().unwrap().tier;
    assert_eq!(tier().await, Tier::Advisory);
    known.tier = Tier::Experimental;
    index.register_configuration(&known).await.unwrap();
    assert_eq!(tier().await, Tier::Experimental);
}

pub async fn what_is_learnt_of_an_artifact_is_added(setting: &Setting) {
    let index = &*setting.store.index;
    let mut known = artifact(1);
    known.title = Some("the first title".to_owned());
    known.history = None;
    index.put_artifacts(&[known.clone()]).await.unwrap();
    let mut learnt = artifact(1);
    learnt.title = Some("another title".to_owned());
    learnt.commit_date = Some(at(3));
    index.put_artifacts(&[learnt.clone()]).await.unwrap();
    // What is not said again is not forgotten.
    index.put_artifacts(&[known]).await.unwrap();
    let found = index.artifact(&artifact_id(1)).await.unwrap().unwrap();
    assert_eq!(found.title.as_deref(), Some("the first title"));
    assert_eq!(found.commit_date, Some(at(3)));
    assert_eq!(found.history, Some(position(1)));
    learnt.history = Some(position(7));
    index.put_artifacts(&[learnt]).await.unwrap();
    let line = index.line(Line::Releases, 0, 9).await.unwrap();
    assert_eq!(line[0].history, Some(position(7)));
    assert_eq!(index.artifact(&artifact_id(2)).await.unwrap(), None);
}

pub async fn artifacts_are_listed_by_name_in_pages(setting: &Setting) {
    let index = &*setting.store.index;
    let all: Vec<_> = [12, 11, 2, 10].map(artifact).to_vec();
    index.put_artifacts(&all).await.unwrap();
    let mut seen = Vec::new();
    let mut page = PageRequest::first(2);
    loop {
        let found = index.artifacts("release-1.1", &page).await.unwrap();
        seen.extend(found.items.into_iter().map(|artifact| artifact.id));
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [10, 11, 12].map(artifact_id));
    let none = index.artifacts("release-1.%", &PageRequest::first(2)).await;
    assert_eq!(none.unwrap().items, []);
}

pub async fn predecessors_are_the_nearest_first(setting: &Setting) {
    let index = &*setting.store.index;
    let mut all: Vec<_> = (1..=4).map(artifact).collect();
    // Has its place on another line.
    if let Some(history) = &mut all[1].history {
        history.line = Line::Local;
    }
    index.put_artifacts(&all).await.unwrap();
    let before = async |ordinal, limit| -> Vec<_> {
        let found = index.predecessors(&position(ordinal), limit).await.unwrap();
        found.into_iter().map(|artifact| artifact.id).collect()
    };
    assert_eq!(before(4, 9).await, [3, 1].map(artifact_id));
    assert_eq!(before(4, 1).await, [3].map(artifact_id));
    assert_eq!(before(1, 9).await, []);
}

pub async fn successors_are_the_nearest_first(setting: &Setting) {
    let index = &*setting.store.index;
    let mut all: Vec<_> = (1..=4).map(artifact).collect();
    // Has its place on another line.
    if let Some(history) = &mut all[2].history {
        history.line = Line::Local;
    }
    index.put_artifacts(&all).await.unwrap();
    let after = async |ordinal, limit| -> Vec<_> {
        let found = index.successors(&position(ordinal), limit).await.unwrap();
        found.into_iter().map(|artifact| artifact.id).collect()
    };
    assert_eq!(after(1, 9).await, [2, 4].map(artifact_id));
    assert_eq!(after(1, 1).await, [2].map(artifact_id));
    assert_eq!(after(4, 9).await, []);
    assert_eq!(after(i64::MAX, 9).await, []);
}

pub async fn a_line_is_read_between_two_ordinals(setting: &Setting) {
    let index = &*setting.store.index;
    let all: Vec<_> = [4, 2, 3, 1].map(artifact).to_vec();
    index.put_artifacts(&all).await.unwrap();
    let line = index.line(Line::Releases, 2, 3).await.unwrap();
    assert_eq!(line, [2, 3].map(artifact));
    assert_eq!(index.line(Line::Main, 0, 9).await.unwrap(), []);
}

pub async fn a_collector_is_known_by_its_last_report(setting: &Setting) {
    let index = &*setting.store.index;
    let report = async |name: &str, version: &str, second| {
        let mut report = collector_report(name);
        report.version = version.to_owned();
        index.record_collector(&report, at(second)).await.unwrap();
    };
    report("b", "1", 5).await;
    report("a", "2", 10).await;
    report("a", "3", 20).await;
    report("a", "1", 15).await;
    let all = index.collectors().await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].report.collector, "a");
    assert_eq!(all[0].report.version, "3");
    assert_eq!(all[0].first_seen_at, at(10));
    assert_eq!(all[0].last_seen_at, at(20));
    assert!(!all[0].draining);
}

pub async fn progress_is_a_sign_of_life(setting: &Setting) {
    let index = &*setting.store.index;
    examples::with_jobs(index, vec![job(1, &[1])]).await;
    index.release_job(job_id(1), at(0)).await.unwrap();
    let report = collector_report("collector-a");
    index.record_collector(&report, at(10)).await.unwrap();
    index
        .record_progress(&progress(1, 1, 1), at(30))
        .await
        .unwrap();
    assert_eq!(index.collectors().await.unwrap()[0].last_seen_at, at(30));
    // A report made before the progress, and told after it, is news all the same.
    let mut busy = report;
    busy.job = Some(job_id(1));
    index.record_collector(&busy, at(20)).await.unwrap();
    let known = &index.collectors().await.unwrap()[0];
    assert_eq!(known.report, busy);
    assert_eq!(known.last_seen_at, at(30));
}

pub async fn a_collector_can_be_drained(setting: &Setting) {
    let index = &*setting.store.index;
    let refused = index.set_draining("a", true).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let report = collector_report("a");
    index.record_collector(&report, at(1)).await.unwrap();
    for draining in [true, true, false] {
        index.set_draining("a", draining).await.unwrap();
        index.record_collector(&report, at(2)).await.unwrap();
        assert_eq!(index.collectors().await.unwrap()[0].draining, draining);
    }
}

fn comparison(number: u8, request: Option<u64>) -> ComparisonReference {
    ComparisonReference {
        configuration: configuration_id(),
        base: Side::pooled(artifact_id(1)),
        head: Side::pooled(artifact_id(2)),
        metric: "instructions:u".to_owned(),
        method: "reference".to_owned(),
        input_hash: ContentHash::of(&[number]),
        verdict: Verdict::Neutral,
        headline: format!("comparison {number}"),
        request: request.map(request_id),
        computed_at: at(i64::from(number)),
    }
}

pub async fn a_comparison_is_noted_once(setting: &Setting) {
    let index = &*setting.store.index;
    let first = comparison(1, None);
    index.put_comparison(&first).await.unwrap();
    let mut again = first.clone();
    again.headline = "something else".to_owned();
    index.put_comparison(&again).await.unwrap();
    let by_input = async |configuration: &str, hash: &ContentHash| {
        let configuration = configuration.parse().unwrap();
        index
            .comparison_by_input(&configuration, hash)
            .await
            .unwrap()
    };
    let slug = first.configuration.to_string();
    assert_eq!(
        by_input(&slug, &first.input_hash).await,
        Some(first.clone())
    );
    assert_eq!(by_input("another", &first.input_hash).await, None);
    assert_eq!(by_input(&slug, &ContentHash::of(b"other")).await, None);
}

pub async fn one_comparison_can_answer_two_requests(setting: &Setting) {
    let index = &*setting.store.index;
    for request in [Some(1), Some(2), None, Some(1)] {
        index.put_comparison(&comparison(1, request)).await.unwrap();
    }
    for number in [1, 2] {
        let found = index.comparisons_of_request(request_id(number)).await;
        assert_eq!(found.unwrap(), [comparison(1, Some(number))]);
    }
    let none = index.comparisons_of_request(request_id(3)).await.unwrap();
    assert_eq!(none, []);
}

pub async fn comparisons_are_listed_newest_first_in_pages(setting: &Setting) {
    let index = &*setting.store.index;
    for number in [2, 3, 1] {
        index
            .put_comparison(&comparison(number, None))
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest::first(2);
    loop {
        let found = index.comparisons(&configuration_id(), &page).await.unwrap();
        seen.extend(found.items);
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [3, 2, 1].map(|number| comparison(number, None)));
}

pub async fn a_problem_that_comes_again_is_counted(setting: &Setting) {
    let index = &*setting.store.index;
    for (subject, message, second) in [
        ("queue", "is full", 1),
        ("object", "is damaged", 2),
        ("queue", "is full", 3),
    ] {
        index
            .report_problem(subject, message, at(second))
            .await
            .unwrap();
    }
    let problems = index.problems(9).await.unwrap();
    let seen: Vec<_> = problems
        .iter()
        .map(|problem| (problem.subject.as_str(), problem.count, problem.at))
        .collect();
    assert_eq!(seen, [("queue", 2, at(3)), ("object", 1, at(2))]);
    assert_eq!(index.problems(1).await.unwrap().len(), 1);
}

fn token(number: u8, person: &str) -> TokenRecord {
    TokenRecord {
        sha256: format!("{number:064}"),
        person: person.to_owned(),
        role: TokenRole::Triage,
        created_at: at(1),
    }
}

pub async fn a_token_is_known_by_its_hash(setting: &Setting) {
    let index = &*setting.store.index;
    assert!(!index.has_tokens().await.unwrap());
    let known = token(1, "ada");
    index.create_token(&known).await.unwrap();
    index.create_token(&known).await.unwrap();
    assert!(index.has_tokens().await.unwrap());
    assert_eq!(index.token(&known.sha256).await.unwrap(), Some(known));
    assert_eq!(index.token(&token(2, "ada").sha256).await.unwrap(), None);
    let refused = index.create_token(&token(1, "bob")).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

pub async fn revoked_tokens_are_revoked(setting: &Setting) {
    let index = &*setting.store.index;
    for (number, person) in [(1, "ada"), (2, "ada"), (3, "bob")] {
        index.create_token(&token(number, person)).await.unwrap();
    }
    assert_eq!(index.revoke_tokens("ada").await.unwrap(), 2);
    assert_eq!(index.revoke_tokens("ada").await.unwrap(), 0);
    let found = async |number| index.token(&token(number, "").sha256).await.unwrap();
    assert_eq!(found(1).await, None);
    assert_eq!(found(3).await, Some(token(3, "bob")));
    let refused = index.create_token(&token(1, "ada")).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    index.revoke_tokens("bob").await.unwrap();
    assert!(index.has_tokens().await.unwrap());
}

pub async fn writes_are_recorded(setting: &Setting) {
    let index = &*setting.store.index;
    let entry = |second| AuditEntry {
        at: at(second),
        person: "ada".to_owned(),
        action: "POST requests".to_owned(),
        subject: request_id(1).to_string(),
    };
    for second in [1, 2, 3] {
        index.record_audit(&entry(second)).await.unwrap();
    }
    assert_eq!(index.audit(2).await.unwrap(), [entry(3), entry(2)]);
}
