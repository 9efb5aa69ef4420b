//! Builds SQLite files as rustc-perf exports them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use tempfile::TempDir;

/// The tables of an export of August 2026.
const SCHEMA: &str = "
    CREATE TABLE benchmark (name TEXT PRIMARY KEY, stabilized BOOL NOT NULL, category TEXT NOT NULL);
    CREATE TABLE artifact (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, date INTEGER,
        type TEXT NOT NULL);
    CREATE TABLE collection (id INTEGER PRIMARY KEY, perf_commit TEXT);
    CREATE TABLE pstat_series (id INTEGER PRIMARY KEY, crate TEXT, profile TEXT, scenario TEXT,
        backend TEXT, target TEXT, frontend_threads INTEGER, metric TEXT);
    CREATE TABLE pstat (series INTEGER, aid INTEGER, cid INTEGER, value DOUBLE,
        PRIMARY KEY (series, aid, cid));
    CREATE TABLE runtime_pstat_series (id INTEGER PRIMARY KEY, benchmark TEXT, target TEXT,
        metric TEXT);
    CREATE TABLE runtime_pstat (series INTEGER, aid INTEGER, cid INTEGER, value DOUBLE,
        PRIMARY KEY (series, aid, cid));
    CREATE TABLE rustc_compilation (aid INTEGER, cid INTEGER, crate TEXT, duration INTEGER,
        PRIMARY KEY (aid, cid, crate));
    CREATE TABLE artifact_size (aid INTEGER, component TEXT, size INTEGER,
        PRIMARY KEY (aid, component));
    CREATE TABLE error (id INTEGER PRIMARY KEY, aid INTEGER, context TEXT, message TEXT,
        job_id INTEGER);
    CREATE TABLE job_queue (id INTEGER PRIMARY KEY, request_tag TEXT, target TEXT, backend TEXT,
        profile TEXT);
    CREATE TABLE benchmark_request (id INTEGER PRIMARY KEY, tag TEXT, parent_sha TEXT,
        commit_type TEXT, commit_date INTEGER, pr INTEGER, created_at INTEGER, completed_at INTEGER,
        duration_ms INTEGER, status TEXT, backends TEXT, profiles TEXT, targets TEXT);
";

/// When the first commit of a built export was made: 2026-02-01.
pub(crate) const FIRST_COMMIT: i64 = 1_769_904_000;
pub(crate) const X86: &str = "x86_64-unknown-linux-gnu";
pub(crate) const ARM: &str = "aarch64-unknown-linux-gnu";

/// An export that is being written.
pub(crate) struct Export {
    folder: TempDir,
    pub(crate) connection: Connection,
}

/// The sha of the commit with a number.
pub(crate) fn sha(number: u32) -> String {
    format!("{number:04x}").repeat(10)
}

impl Export {
    /// One with all tables and nothing in them.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("export.sqlite")).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection
            .execute_batch(
                "INSERT INTO benchmark VALUES ('syn-2.0.101', 0, 'primary'),
                     ('deep-vector', 0, 'secondary')",
            )
            .unwrap();
        Self { folder, connection }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("export.sqlite")
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    /// Adds the commit with a number, made so many days after the first.
    pub(crate) fn commit(&self, number: u32, kind: &str, day: i64) {
        let date = FIRST_COMMIT + day * 24 * 60 * 60;
        self.artifact(i64::from(number), &sha(number), kind, Some(date));
    }

    pub(crate) fn artifact(&self, id: i64, name: &str, kind: &str, date: Option<i64>) {
        self.connection
            .execute(
                "INSERT INTO artifact VALUES (?1, ?2, ?3, ?4)",
                params![id, name, date, kind],
            )
            .unwrap();
    }

    /// Adds a series of compilations: benchmark, profile and scenario separated by `/`, and backend,
    /// target and threads.
    pub(crate) fn series(&self, id: i64, case: &str, of: (&str, &str, u32), metric: &str) {
        let [benchmark, profile, scenario] = case.splitn(3, '/').collect::<Vec<_>>()[..] else {
            panic!("{case} is no test case");
        };
        let (backend, target, threads) = of;
        self.connection
            .execute(
                "INSERT INTO pstat_series VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    id, benchmark, profile, scenario, backend, target, threads, metric
                ],
            )
            .unwrap();
    }

    pub(crate) fn value(&self, series: i64, artifact: i64, collection: i64, value: f64) {
        self.connection
            .execute(
                "INSERT INTO pstat VALUES (?1, ?2, ?3, ?4)",
                params![series, artifact, collection, value],
            )
            .unwrap();
    }

    /// Writes a compressed copy beside it.
    pub(crate) fn compressed(&self, name: &str, by: impl Fn(&[u8]) -> Vec<u8>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, by(&std::fs::read(self.path()).unwrap())).unwrap();
        path
    }

    /// A file of other bytes beside it.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Three commits, of each two iterations of two test cases in two metrics under one configuration: the
/// instruction counts of the last are `factor` times the others'.
pub(crate) fn small_export(factor: f64) -> Export {
    let export = Export::new();
    for (id, case) in [
        (1, "syn-2.0.101/check/full"),
        (2, "deep-vector/opt/incr-patched: println"),
    ] {
        export.series(id, case, ("llvm", X86, 1), "instructions:u");
        export.series(id + 10, case, ("llvm", X86, 1), "wall-time");
    }
    for number in 1..=3 {
        export.commit(number, "master", i64::from(number));
        add_values(&export, number, if number == 3 { factor } else { 1.0 });
    }
    export
}

/// Two iterations of each of the four series of a small export.
pub(crate) fn add_values(export: &Export, number: u32, factor: f64) {
    for (series, usual) in [(1, 1e9), (2, 4e9), (11, 0.5), (12, 2.0)] {
        for iteration in 0..2 {
            let collection = i64::from(number) * 10 + iteration;
            let factor = if series < 10 { factor } else { 1.0 };
            let value = usual * factor * (1.0 + 0.0001 * iteration as f64);
            export.value(series, i64::from(number), collection, value);
        }
    }
}
