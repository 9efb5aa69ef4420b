//! What reads bytes that come from elsewhere, and what has to hold of it whatever the bytes are.
//!
//! Each [`Entry`] is called by the fuzz target of its name (`fuzz/fuzz_targets/`), which needs a
//! nightly toolchain, and by an ordinary test, which does not. An entry panics where its property
//! does not hold; that the parser itself never panics is the least of them.

#![allow(
    clippy::unwrap_used,
    reason = "an entry that finds its property broken is to panic, as a test does"
)]

mod api;
mod command_line;
mod documents;
mod exports;
mod github;
mod host;
mod journal;
mod measured_compiler;
pub mod mutation;
mod names;
mod storage;
mod suite;
mod toolchain;

/// A reader of bytes from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name of its fuzz target.
    pub name: &'static str,
    /// Gives bytes to the reader, and panics where what has to hold does not.
    pub check: fn(&[u8]),
    /// Inputs to start from, each of which the reader accepts or nearly accepts.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How much one call costs.
    pub cost: Cost,
}

/// How much one call of an entry costs, by which tests decide how often they call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Computation alone.
    Cheap,
    /// It writes files, speaks to a database, or says much when it refuses.
    Disk,
}

/// Every entry, by subject.
pub const ENTRIES: &[Entry] = &[
    cheap(
        "result_document",
        documents::result,
        documents::result_seeds,
    ),
    cheap(
        "job_message",
        documents::job_message,
        documents::job_message_seeds,
    ),
    cheap(
        "event_message",
        documents::event_message,
        documents::event_message_seeds,
    ),
    cheap(
        "function_notice",
        documents::function_notice,
        documents::function_notice_seeds,
    ),
    cheap(
        "series_manifest",
        documents::series_manifest,
        documents::series_manifest_seeds,
    ),
    cheap(
        "comparison",
        documents::comparison,
        documents::comparison_seeds,
    ),
    cheap(
        "suite_catalogue",
        documents::suite_catalogue,
        documents::suite_catalogue_seeds,
    ),
    cheap(
        "api_document",
        documents::api_document,
        documents::api_document_seeds,
    ),
    cheap(
        "result_object",
        storage::result_object,
        storage::result_object_seeds,
    ),
    cheap(
        "series_block",
        storage::series_block,
        storage::series_block_seeds,
    ),
    cheap(
        "series_changes",
        storage::series_changes,
        storage::series_changes_seeds,
    ),
    cheap(
        "storage_event",
        storage::storage_event,
        storage::storage_event_seeds,
    ),
    cheap("object_key", names::object_key, names::object_key_seeds),
    cheap("name", names::name, names::name_seeds),
    cheap("policy", command_line::policy, command_line::policy_seeds),
    cheap(
        "csv_import",
        command_line::csv_import,
        command_line::csv_import_seeds,
    ),
    disk(
        "rustc_perf_export",
        exports::rustc_perf_export,
        exports::rustc_perf_export_seeds,
    ),
    cheap(
        "detect_input",
        command_line::detect_input,
        command_line::detect_input_seeds,
    ),
    cheap(
        "request_comment",
        api::request_comment,
        api::request_comment_seeds,
    ),
    cheap(
        "github_webhook",
        github::github_webhook,
        github::github_webhook_seeds,
    ),
    cheap("page_path", api::page_path, api::page_path_seeds),
    disk("api_request", api::api_request, api::api_request_seeds),
    disk(
        "collector_ports",
        api::collector_ports,
        api::collector_ports_seeds,
    ),
    disk(
        "function_message",
        api::function_message,
        api::function_message_seeds,
    ),
    cheap(
        "compiler_version",
        measured_compiler::version,
        measured_compiler::version_seeds,
    ),
    cheap(
        "cargo_command",
        measured_compiler::cargo_command,
        measured_compiler::cargo_command_seeds,
    ),
    cheap(
        "counter_report",
        measured_compiler::counter_report,
        measured_compiler::counter_report_seeds,
    ),
    cheap(
        "callgrind_report",
        measured_compiler::callgrind_report,
        measured_compiler::callgrind_report_seeds,
    ),
    disk(
        "self_profile",
        measured_compiler::self_profile,
        measured_compiler::self_profile_seeds,
    ),
    cheap("journal_unit", journal::unit, journal::unit_seeds),
    cheap("host_text", host::text, host::text_seeds),
    cheap("suite_manifest", suite::manifest, suite::manifest_seeds),
    cheap(
        "crate_manifest",
        suite::crate_manifest,
        suite::crate_manifest_seeds,
    ),
    disk(
        "crate_archive",
        suite::crate_archive,
        suite::crate_archive_seeds,
    ),
    disk("suite_patch", suite::patch, suite::patch_seeds),
    cheap(
        "toolchain_sources",
        toolchain::sources,
        toolchain::sources_seeds,
    ),
    disk(
        "toolchain_archive",
        toolchain::archive,
        toolchain::archive_seeds,
    ),
];

/// Gives bytes to the entry of that name.
///
/// # Panics
/// Where what has to hold does not, and where there is no such entry.
pub fn run(name: &str, data: &[u8]) {
    let entry = ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    (entry.check)(data);
}

const fn cheap(name: &'static str, check: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Entry {
    Entry {
        name,
        check,
        seeds,
        cost: Cost::Cheap,
    }
}

const fn disk(name: &'static str, check: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Entry {
    Entry {
        name,
        check,
        seeds,
        cost: Cost::Disk,
    }
}

/// A refusal says something.
fn assert_says_why(refusal: &impl std::fmt::Display) {
    let message = refusal.to_string();
    assert!(!message.trim().is_empty(), "a refusal without a message");
}

/// Texts as seeds.
fn texts<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}
