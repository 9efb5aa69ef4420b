//! JSON documents: what is read is written and read again without loss.

use std::fmt::Debug;

use analysis::words;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_types::api::{
    ArtifactDetail, ChartEvent, JobStanding, NewTriageAct, Page, Problem, RequestDetail, Status,
};
use shared_types::collector::SuiteCatalogue;
use shared_types::comparison::Comparison;
use shared_types::events::EventMessage;
use shared_types::format::Versioned;
use shared_types::job::JobMessage;
use shared_types::notices::{ComparisonMade, GitHubNotice, RequestToTell, RunCompleted};
use shared_types::request::{NewRequest, Request};
use shared_types::result_document::ResultDocument;
use shared_types::series::{SeriesBlock, SeriesManifest};
use shared_types::triage::TriageRecord;
use shared_types::{Artifact, Configuration, ConfigurationRecord};

use crate::{assert_says_why, texts};

/// The golden file of that name.
macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../shared-types/tests/golden/",
            $name,
            "-1.0.json"
        ))
    };
}
pub(crate) use golden;

/// Reads a versioned document; what is accepted survives being written and read again.
pub(crate) fn survives<T: Versioned + Serialize + PartialEq + Debug>(json: &[u8]) -> Option<T> {
    match T::from_json(json) {
        Ok(document) => {
            let written = serde_json::to_vec(&document).unwrap();
            assert_eq!(T::from_json(&written).as_ref(), Ok(&document));
            Some(document)
        }
        Err(refusal) => {
            assert_says_why(&refusal);
            None
        }
    }
}

/// The same for a document without a version of its own.
fn survives_unversioned<T: DeserializeOwned + Serialize + PartialEq + Debug>(json: &[u8]) {
    match serde_json::from_slice::<T>(json) {
        Ok(document) => {
            let written = serde_json::to_vec(&document).unwrap();
            let again: T = serde_json::from_slice(&written).unwrap();
            assert_eq!(again, document);
        }
        Err(refusal) => assert_says_why(&refusal),
    }
}

pub(crate) fn result(json: &[u8]) {
    let Some(document) = survives::<ResultDocument>(json) else {
        return;
    };
    let values = document
        .measurements
        .iter()
        .flat_map(|measurement| &measurement.values)
        .flat_map(|values| values.measured());
    for value in values {
        assert!(value.is_finite() && value >= 0.0, "{value} was accepted");
    }
    for run in &document.runs {
        let side = shared_types::run::Side::pooled(run.artifact.clone());
        let pooled = analysis::pool(&side, std::slice::from_ref(&document), None).unwrap();
        assert_eq!(pooled.configuration, document.configuration);
    }
}

pub(crate) fn result_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("result").to_vec(),
        golden!("result-of-programs").to_vec(),
    ]
}

pub(crate) fn job_message(json: &[u8]) {
    if let Some(message) = survives::<JobMessage>(json) {
        assert!(matches!(message.runs.len(), 1 | 2));
        assert!(message.iterations > 0 && message.compilations() > 0);
    }
}

pub(crate) fn job_message_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("job-message").to_vec(),
        golden!("job-message-of-programs").to_vec(),
        golden!("job-message-of-a-toolchain").to_vec(),
    ]
}

pub(crate) fn event_message(json: &[u8]) {
    survives::<EventMessage>(json);
}

pub(crate) fn event_message_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("event").to_vec(),
        golden!("event-of-a-job").to_vec(),
        golden!("event-of-a-request").to_vec(),
    ]
}

pub(crate) fn function_notice(json: &[u8]) {
    survives::<RunCompleted>(json);
    survives::<ComparisonMade>(json);
    survives::<GitHubNotice>(json);
    survives::<RequestToTell>(json);
}

pub(crate) fn function_notice_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("run-completed").to_vec(),
        golden!("comparison-made").to_vec(),
        golden!("github-notice").to_vec(),
        golden!("request-to-tell").to_vec(),
    ]
}

pub(crate) fn series_manifest(json: &[u8]) {
    survives::<SeriesManifest>(json);
    survives::<SeriesBlock>(json);
}

pub(crate) fn series_manifest_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("series-manifest").to_vec(),
        golden!("series-block").to_vec(),
    ]
}

/// A comparison that was kept can also be put into words again.
pub(crate) fn comparison(json: &[u8]) {
    if let Some(comparison) = survives::<Comparison>(json) {
        let names = words::Names::of(&comparison);
        assert!(!words::headline(&comparison, &names).is_empty());
        assert!(!words::table(&comparison).is_empty());
    }
}

pub(crate) fn comparison_seeds() -> Vec<Vec<u8>> {
    vec![golden!("comparison").to_vec()]
}

/// What a collector announces is asked for its scenarios and exclusions.
pub(crate) fn suite_catalogue(json: &[u8]) {
    let Some(catalogue) = survives::<SuiteCatalogue>(json) else {
        return;
    };
    for entry in &catalogue.benchmarks {
        for profile in shared_types::Profile::ALL {
            for scenario in entry.scenarios(*profile) {
                assert_eq!(entry.excludes(*profile, &scenario), None);
            }
        }
    }
}

pub(crate) fn suite_catalogue_seeds() -> Vec<Vec<u8>> {
    vec![
        golden!("suite-catalogue").to_vec(),
        golden!("suite-catalogue-of-all-kinds").to_vec(),
    ]
}

/// What people send to the API, and what page and collectors read of its answers.
pub(crate) fn api_document(json: &[u8]) {
    survives_unversioned::<NewRequest>(json);
    survives_unversioned::<NewTriageAct>(json);
    survives::<TriageRecord>(json);
    survives_unversioned::<Configuration>(json);
    survives_unversioned::<ConfigurationRecord>(json);
    survives_unversioned::<Artifact>(json);
    survives_unversioned::<Problem>(json);
    survives_unversioned::<JobStanding>(json);
    survives_unversioned::<Page<Request>>(json);
    survives_unversioned::<Page<ChartEvent>>(json);
    survives_unversioned::<RequestDetail>(json);
    survives_unversioned::<ArtifactDetail>(json);
    survives_unversioned::<Status>(json);
}

pub(crate) fn api_document_seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"base":"release-1.94.0","head":"release-1.95.0","configurations":["x86_64-llvm-t1"],"selection":{"include":["syn-2.0.119"],"exclude":[],"profiles":["check"],"scenarios":["incr-patched"]},"paired":true,"iterations":3,"time_limit_s":60,"priority":-1,"reason":"why"}"#,
        r#"{"id":"x86_64-llvm-t1","record":{"target":"x86_64-unknown-linux-gnu","hardware_model":"AMD EPYC","backend":"llvm","frontend_threads":1,"flags":["-Zthreads=1"]},"tier":"gating"}"#,
        r#"{"target":"x86_64-unknown-linux-gnu","hardware_model":"AMD EPYC","backend":"cranelift","frontend_threads":4}"#,
        r#"{"id":"local-mine-59807616e","title":"rustc","commit_sha":"59807616e1fa2540724bfbac14d7976d7e4a3860","commit_date":"2026-04-14T00:00:00Z","history":{"line":"local","ordinal":-9,"parent":"release-1.95.0"}}"#,
        r#"{"act":{"kind":"acknowledge","configurations":["x86_64-llvm-t1"],"reason":"fix-planned","words":"why","owner":"ada","due":"2026-12-04"}}"#,
        r#"{"format":"1.0","sides":"release-1.94.0..release-1.95.0","changed_at":"2026-04-14T00:00:00Z","acts":[{"who":"ada","at":"2026-04-14T00:00:00Z","what":{"kind":"fix","by":"https://example.org/pull/1"}}]}"#,
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"no"}"#,
        r#"{"job":"0190163d-8694-739b-aea5-966c26f8ad91","state":"running"}"#,
        r#"{"items":[{"kind":"change-point","artifact":"release-1.95.0","earliest":"release-1.94.0","latest":"release-1.95.0","test_case":"syn","metric":"wall-time","nature":"step","state":"confirmed","before":1.0,"after":1.01,"change":0.01,"stands":true},{"kind":"host","artifact":"release-1.95.0","before":["a"],"after":["b"]},{"kind":"host-setup","artifact":"release-1.95.0","host":"a","changes":[{"setting":"kernel","before":"6.1","after":"6.8"}]}],"next_cursor":"x"}"#,
    ])
}
