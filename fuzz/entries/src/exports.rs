//! The databases that others export.

use std::path::Path;

use functions::{import, result_objects};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::{assert_says_why, texts};

/// The tables that rows may go to, with all columns that are read of an export of today. None has a
/// type: what a column holds is for the reader to find out.
const TABLES: &[(&str, &str)] = &[
    ("artifact", "id, name, date, type"),
    ("benchmark", "name, category"),
    (
        "pstat_series",
        "id, crate, profile, scenario, backend, target, frontend_threads, metric",
    ),
    ("pstat", "series, aid, cid, value"),
    ("runtime_pstat_series", "id, benchmark, target, metric"),
    ("runtime_pstat", "series, aid, cid, value"),
    ("rustc_compilation", "aid, cid, crate, duration"),
    ("artifact_size", "aid, component, size"),
    ("error", "aid, context, message, job_id"),
    ("job_queue", "id, request_tag, target, backend, profile"),
    (
        "benchmark_request",
        "tag, parent_sha, commit_type, commit_date, pr, created_at, completed_at, status",
    ),
];

/// A result that is made of an export is one that ingest takes.
///
/// The bytes are tried as the file of an export, and, where they are text, as the rows of one: damage
/// to a database seldom leaves a database.
pub(crate) fn rustc_perf_export(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.sqlite");
    match std::str::from_utf8(bytes) {
        Ok(rows) => write_database(&path, rows),
        Err(_) => std::fs::write(&path, bytes).unwrap(),
    }
    let documents = match import::rustc_perf::results(&path, &[7; 8]) {
        Ok(documents) => documents,
        Err(refusal) => return assert_says_why(&refusal),
    };
    for document in documents {
        let key = result_objects::key_of(&document);
        let object = result_objects::encode(&document).unwrap();
        assert_eq!(
            result_objects::decode(&key, &object).as_ref(),
            Ok(&document)
        );
        assert!(!document.measurements.is_empty() || !document.failures.is_empty());
    }
}

/// A row for each line: the table, then the cells of its columns, separated by `|`. An empty cell is
/// NULL, and what reads as a number is one. Lines of no table are left out.
fn write_database(path: &Path, rows: &str) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        .unwrap();
    for (table, columns) in TABLES {
        let create = format!("CREATE TABLE {table} ({columns})");
        connection.execute_batch(&create).unwrap();
    }
    for row in rows.lines() {
        let mut cells = row.split('|');
        let table = cells.next().unwrap_or_default();
        let Some((table, columns)) = TABLES.iter().find(|(name, _)| *name == table) else {
            continue;
        };
        let columns = columns.split(',').count();
        let cells = cells.map(cell).chain(std::iter::repeat(Value::Null));
        let places = vec!["?"; columns].join(", ");
        let insert = format!("INSERT INTO {table} VALUES ({places})");
        connection
            .execute(&insert, rusqlite::params_from_iter(cells.take(columns)))
            .unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
}

fn cell(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    let integer = text.parse().map(Value::Integer);
    integer
        .or_else(|_| text.parse().map(Value::Real))
        .unwrap_or_else(|_| Value::Text(text.to_owned()))
}

pub(crate) fn rustc_perf_export_seeds() -> Vec<Vec<u8>> {
    const COMPILATIONS: &str = "artifact|1|abababababababababababababababababababab|1769904000|master
artifact|2|1.80.0|1769990400|release
benchmark|syn-2.0.101|primary
pstat_series|1|syn-2.0.101|check|full|llvm|x86_64-unknown-linux-gnu|1|instructions:u
pstat_series|2|syn-2.0.101|opt|incr-patched: println|cranelift|aarch64-unknown-linux-gnu|8|wall-time
pstat|1|1|1|1e9
pstat|1|1|2|1.1e9
pstat|2|1|1|0.25
pstat|1|2|3|900000000
error|1|syn-2.0.101|error: it does not compile|1
job_queue|1|abababababababababababababababababababab|x86_64-unknown-linux-gnu|llvm|check
benchmark_request|abababababababababababababababababababab|cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd|master|1769904000|77|1769904000|1769904100|completed
";
    const PROGRAMS_AND_TOOLCHAIN: &str =
        "artifact|1|abababababababababababababababababababab|1769904000|try
runtime_pstat_series|1|nbody-10k|x86_64-unknown-linux-gnu|wall-time
runtime_pstat|1|1|1|5
rustc_compilation|1|1|rustc_middle|90000000000
artifact_size|1|librustc_driver|150000000
pstat_series|1|deep-vector|debug|incr-full|llvm|x86_64-unknown-linux-gnu|1|instructions:u
";
    let rows = texts([COMPILATIONS, PROGRAMS_AND_TOOLCHAIN]);
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<Vec<u8>> = [COMPILATIONS, PROGRAMS_AND_TOOLCHAIN]
        .iter()
        .enumerate()
        .map(|(number, rows)| {
            let path = folder.path().join(format!("{number}.sqlite"));
            write_database(&path, rows);
            std::fs::read(&path).unwrap()
        })
        .collect();
    let compressed = files
        .iter()
        .map(|file| zstd::encode_all(file.as_slice(), 3).unwrap());
    let compressed: Vec<Vec<u8>> = compressed.collect();
    rows.into_iter().chain(files).chain(compressed).collect()
}
