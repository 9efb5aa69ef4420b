//! Documents of every released version of every format, which every later program must read.
//!
//! A golden file never changes. A new minor version adds files; only a new major version may stop
//! reading old ones, and then says so here.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use proptest::prelude::*;
use shared_types::collector::SuiteCatalogue;
use shared_types::comparison::Comparison;
use shared_types::events::EventMessage;
use shared_types::format::Versioned;
use shared_types::job::JobMessage;
use shared_types::notices::{
    ComparisonMade, GitHubNotice, RequestToTell, RetractionMoved, RunCompleted,
};
use shared_types::result_document::ResultDocument;
use shared_types::retraction::Retraction;
use shared_types::series::{SeriesBlock, SeriesManifest};
use shared_types::shadow::ShadowTable;
use shared_types::triage::{TriageRecord, WeeklyPost};
use shared_types::{FormatVersion, InvalidInput, TestCase};

const RESULT: &[u8] = include_bytes!("golden/result-1.0.json");
const JOB_MESSAGE: &[u8] = include_bytes!("golden/job-message-1.0.json");
const JOB_OF_PROGRAMS: &[u8] = include_bytes!("golden/job-message-of-programs-1.0.json");
const JOB_OF_A_TOOLCHAIN: &[u8] = include_bytes!("golden/job-message-of-a-toolchain-1.0.json");
const RESULT_OF_PROGRAMS: &[u8] = include_bytes!("golden/result-of-programs-1.0.json");
const EVENT: &[u8] = include_bytes!("golden/event-1.0.json");
const EVENT_OF_A_JOB: &[u8] = include_bytes!("golden/event-of-a-job-1.0.json");
const EVENT_OF_A_REQUEST: &[u8] = include_bytes!("golden/event-of-a-request-1.0.json");
const RUN_COMPLETED: &[u8] = include_bytes!("golden/run-completed-1.0.json");
const COMPARISON_MADE: &[u8] = include_bytes!("golden/comparison-made-1.0.json");
const GITHUB_NOTICE: &[u8] = include_bytes!("golden/github-notice-1.0.json");
const REQUEST_TO_TELL: &[u8] = include_bytes!("golden/request-to-tell-1.0.json");
const RETRACTION: &[u8] = include_bytes!("golden/retraction-1.0.json");
const RETRACTION_MOVED: &[u8] = include_bytes!("golden/retraction-moved-1.0.json");
const SUITE: &[u8] = include_bytes!("golden/suite-catalogue-1.0.json");
const SUITE_OF_ALL_KINDS: &[u8] = include_bytes!("golden/suite-catalogue-of-all-kinds-1.0.json");
const MANIFEST: &[u8] = include_bytes!("golden/series-manifest-1.0.json");
const BLOCK: &[u8] = include_bytes!("golden/series-block-1.0.json");
const BLOCK_WITH_SETUPS: &[u8] = include_bytes!("golden/series-block-with-setups-1.0.json");
const COMPARISON: &[u8] = include_bytes!("golden/comparison-1.0.json");
const SHADOW_TABLE: &[u8] = include_bytes!("golden/shadow-table-1.0.json");
const TRIAGE_RECORD: &[u8] = include_bytes!("golden/triage-record-1.0.json");
const WEEKLY_POST: &[u8] = include_bytes!("golden/weekly-post-1.0.json");

/// Reads a golden file, and checks that writing it again loses nothing that it held.
fn survives<T: Versioned + serde::Serialize>(golden: &[u8]) -> T {
    let document = T::from_json(golden).unwrap();
    let before: serde_json::Value = serde_json::from_slice(golden).unwrap();
    let after = serde_json::to_value(&document).unwrap();
    assert_eq!(after, before, "{} changed on its way", T::WHAT);
    document
}

#[test]
fn every_golden_file_is_read_and_written_without_loss() {
    let result: ResultDocument = survives(RESULT);
    assert_eq!(result.measurements[0].values[0].iterations[1], None);
    let of_programs: ResultDocument = survives(RESULT_OF_PROGRAMS);
    assert_eq!(of_programs.failures[0].name(), "regex/search");
    survives::<JobMessage>(JOB_MESSAGE);
    survives::<Retraction>(RETRACTION);
    survives::<RetractionMoved>(RETRACTION_MOVED);
    survives::<JobMessage>(JOB_OF_PROGRAMS);
    survives::<JobMessage>(JOB_OF_A_TOOLCHAIN);
    let of_no_job: EventMessage = survives(EVENT);
    assert_eq!(of_no_job.trace, None);
    let of_a_job: EventMessage = survives(EVENT_OF_A_JOB);
    assert!(of_a_job.trace.is_some());
    survives::<EventMessage>(EVENT_OF_A_REQUEST);
    survives::<RunCompleted>(RUN_COMPLETED);
    survives::<ComparisonMade>(COMPARISON_MADE);
    survives::<GitHubNotice>(GITHUB_NOTICE);
    survives::<RequestToTell>(REQUEST_TO_TELL);
    survives::<SuiteCatalogue>(SUITE);
    survives::<SuiteCatalogue>(SUITE_OF_ALL_KINDS);
    survives::<SeriesManifest>(MANIFEST);
    let before_setups: SeriesBlock = survives(BLOCK);
    assert_eq!(before_setups.artifacts[0].setups, []);
    let with_setups: SeriesBlock = survives(BLOCK_WITH_SETUPS);
    assert_eq!(with_setups.artifacts[0].setups[0].host, "zen4-a");
    survives::<Comparison>(COMPARISON);
    let record: TriageRecord = survives(TRIAGE_RECORD);
    assert_eq!(record.acts.len(), 4);
    survives::<WeeklyPost>(WEEKLY_POST);
    let table: ShadowTable = survives(SHADOW_TABLE);
    assert_eq!(table.totals.compared(), 1);
}

fn with_version(json: &[u8], version: &str) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_slice(json).unwrap();
    value["format"] = version.into();
    value["a_field_of_the_future"] = true.into();
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn a_neighbouring_minor_version_is_read_and_its_new_fields_are_ignored() {
    ResultDocument::from_json(&with_version(RESULT, "1.1")).unwrap();
    JobMessage::from_json(&with_version(JOB_MESSAGE, "1.1")).unwrap();
}

#[test]
fn another_major_version_is_refused_with_what_to_do() {
    for version in ["2.0", "0.9", "1.2"] {
        let error = ResultDocument::from_json(&with_version(RESULT, version)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "a result has format version {version}, and this program reads 1.0 to 1.1: \
                 upgrade the older of the two sides"
            )
        );
    }
}

#[test]
fn a_document_of_another_major_version_is_refused_as_such_and_not_for_what_it_lacks() {
    let error = ResultDocument::from_json(br#"{"format":"7.0"}"#).unwrap_err();
    assert!(matches!(error, InvalidInput::Version { .. }), "{error}");
    let error = ResultDocument::from_json(br#"{"format":"1.0"}"#).unwrap_err();
    assert!(matches!(error, InvalidInput::Document { .. }), "{error}");
}

fn changed(pointer: &str, value: serde_json::Value) -> Result<ResultDocument, InvalidInput> {
    let mut json: serde_json::Value = serde_json::from_slice(RESULT).unwrap();
    *json.pointer_mut(pointer).unwrap() = value;
    ResultDocument::from_json(&serde_json::to_vec(&json).unwrap())
}

#[test]
fn a_result_whose_parts_contradict_each_other_is_refused_with_the_reason() {
    let cases = [
        ("/runs", serde_json::json!([]), "names 0 runs"),
        (
            "/measurements/0/values/0/iterations",
            serde_json::json!([-1.0]),
            "negative or not a number",
        ),
        (
            "/measurements/0/values/0/metric",
            "unheard-of".into(),
            "does not describe the metric unheard-of",
        ),
        (
            "/measurements/0/replicate",
            9.into(),
            "a run that it does not name",
        ),
    ];
    for (pointer, value, reason) in cases {
        let error = changed(pointer, value).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn the_current_version_of_every_format_has_its_golden_file() {
    let versions = [
        ResultDocument::VERSION,
        JobMessage::VERSION,
        EventMessage::VERSION,
        SuiteCatalogue::VERSION,
        SeriesManifest::VERSION,
        SeriesBlock::VERSION,
        Comparison::VERSION,
        TriageRecord::VERSION,
        WeeklyPost::VERSION,
        ShadowTable::VERSION,
        Retraction::VERSION,
    ];
    assert_eq!(versions, [FormatVersion::V1_0; 11]);
}

proptest! {
    #[test]
    fn cutting_a_result_anywhere_is_an_error_and_never_a_panic(cut in 0..RESULT.len() - 2) {
        prop_assert!(ResultDocument::from_json(&RESULT[..cut]).is_err());
    }

    #[test]
    fn flipping_bytes_of_a_result_never_panics(place in 0..RESULT.len(), byte: u8) {
        let mut bytes = RESULT.to_vec();
        bytes[place] = byte;
        let _ = ResultDocument::from_json(&bytes);
    }
}

/// What a collector of before there were other kinds reads of a message: compilations alone.
#[test]
fn a_collector_that_knows_compilations_alone_finds_nothing_to_measure_and_refuses() {
    for message in [JOB_OF_PROGRAMS, JOB_OF_A_TOOLCHAIN] {
        let mut value: serde_json::Value = serde_json::from_slice(message).unwrap();
        let fields = value.as_object_mut().unwrap();
        fields.remove("runtime_units");
        fields.remove("toolchain_units");
        let refused = JobMessage::from_json(value.to_string().as_bytes()).unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains("it names nothing to measure"), "{refused}");
    }
}

#[test]
fn a_message_with_units_of_several_kinds_is_refused() {
    let mut value: serde_json::Value = serde_json::from_slice(JOB_MESSAGE).unwrap();
    value["toolchain_units"] = serde_json::json!([{ "kind": "component-sizes" }]);
    let refused = JobMessage::from_json(value.to_string().as_bytes()).unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("several kinds"), "{refused}");
}

#[test]
fn a_failure_of_a_build_is_the_reason_for_each_of_its_crates_and_for_no_other() {
    let document: ResultDocument = survives(RESULT_OF_PROGRAMS);
    let component = |name: &str| TestCase::Toolchain {
        component: name.parse().unwrap(),
    };
    let mut failure = document.failures[0].clone();
    failure.test_case = Some(component("workspace-ripgrep-15.2.0"));
    assert!(failure.explains(&component("workspace-ripgrep-15.2.0")));
    assert!(failure.explains(&component("workspace-ripgrep-15.2.0.regex_automata")));
    assert!(!failure.explains(&component("workspace-ripgrep-15.2.01")));
    assert!(!failure.explains(&document.measurements[0].test_case));
}
