//! The tables, as migrations: each is applied once and never changed afterwards.
//!
//! Documents are kept as JSON, beside them the columns that are asked for. Times are nanoseconds
//! since 1970.

/// The migrations of the index.
pub(super) const INDEX_MIGRATIONS: &[&str] = &[
    INDEX_1,
    INDEX_2,
    INDEX_SCHEDULING,
    INDEX_GITHUB,
    INDEX_TRIAGE,
    INDEX_RETRACTIONS,
];

/// The migrations of the queues.
pub(super) const QUEUE_MIGRATIONS: &[&str] = &[QUEUE_1];

/// What sorts below every time: the time of a run that was never measured.
pub(super) const NEVER: i64 = -9_000_000_000_000_000_000;

const INDEX_1: &str = "
CREATE TABLE configurations (
    id TEXT PRIMARY KEY,
    record TEXT NOT NULL,
    tier TEXT NOT NULL
) STRICT;

CREATE TABLE artifacts (
    id TEXT PRIMARY KEY,
    line TEXT,
    ordinal INTEGER,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX artifacts_by_history ON artifacts (line, ordinal, id);

CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX requests_by_state ON requests (state, id);

CREATE TABLE jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    request TEXT NOT NULL REFERENCES requests (id),
    configuration TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    compilations INTEGER NOT NULL,
    compilations_done INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_in_order
    ON jobs (configuration, state, priority DESC, created_at, sequence);
CREATE INDEX jobs_by_request ON jobs (request, configuration);

-- Kept when a job is asked for once more, so that a failure that is reported again late does not
-- count against the new try.
CREATE TABLE failed_attempts (
    job TEXT NOT NULL REFERENCES jobs (id),
    attempt INTEGER NOT NULL,
    PRIMARY KEY (job, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    configuration TEXT NOT NULL,
    artifact TEXT NOT NULL,
    replicate INTEGER NOT NULL,
    jobs_left INTEGER NOT NULL CHECK (jobs_left >= 0),
    measured_at INTEGER NOT NULL,
    hosts TEXT NOT NULL,
    test_cases INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    PRIMARY KEY (configuration, artifact, replicate)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (configuration, measured_at, artifact, replicate);
CREATE INDEX runs_by_artifact ON runs (artifact, configuration, replicate);

CREATE TABLE results (
    key TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    origin TEXT NOT NULL,
    configuration TEXT NOT NULL,
    host TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    counted INTEGER NOT NULL
) STRICT;
CREATE INDEX results_by_job ON results (job, attempt, key);
-- One result of a job counts, whatever the program above believes.
CREATE UNIQUE INDEX results_counted_once ON results (job)
    WHERE counted = 1 AND origin = 'collector';

CREATE TABLE result_runs (
    configuration TEXT NOT NULL,
    artifact TEXT NOT NULL,
    replicate INTEGER NOT NULL,
    result TEXT NOT NULL REFERENCES results (key),
    PRIMARY KEY (configuration, artifact, replicate, result)
) STRICT, WITHOUT ROWID;

CREATE TABLE measuring_failures (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    result TEXT NOT NULL REFERENCES results (key),
    configuration TEXT NOT NULL,
    artifact TEXT NOT NULL,
    at INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX measuring_failures_by_run ON measuring_failures (configuration, artifact);
CREATE INDEX measuring_failures_by_time ON measuring_failures (at, sequence);

CREATE TABLE collectors (
    name TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    reported_at INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    draining INTEGER NOT NULL
) STRICT;

CREATE TABLE comparisons (
    configuration TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    computed_at INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (configuration, input_hash)
) STRICT;
CREATE INDEX comparisons_by_time ON comparisons (configuration, computed_at, input_hash);

CREATE TABLE comparison_requests (
    request TEXT NOT NULL,
    configuration TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    PRIMARY KEY (request, configuration, input_hash),
    FOREIGN KEY (configuration, input_hash) REFERENCES comparisons (configuration, input_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE problems (
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (subject, message)
) STRICT;
CREATE INDEX problems_by_time ON problems (at);

CREATE TABLE tokens (
    sha256 TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    person TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
";

const INDEX_2: &str = "
CREATE TABLE upkeep (
    configuration TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE disturbed_runs (
    configuration TEXT NOT NULL,
    artifact TEXT NOT NULL,
    replicate INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (configuration, artifact, replicate)
) STRICT, WITHOUT ROWID;

CREATE INDEX jobs_by_end ON jobs (configuration, state, finished_at);
";

const INDEX_SCHEDULING: &str = "
CREATE TABLE scheduling (
    configuration TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;
";

const INDEX_GITHUB: &str = "
CREATE TABLE pull_requests (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE pull_request_of (
    request TEXT PRIMARY KEY,
    pull_request TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_end ON deliveries (until);
";

const INDEX_TRIAGE: &str = "
CREATE TABLE triage_records (
    sides TEXT PRIMARY KEY,
    changed_at INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX triage_records_by_time ON triage_records (changed_at, sides);

CREATE TABLE weekly_posts (
    week TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;
";

const INDEX_RETRACTIONS: &str = "
CREATE TABLE retractions (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;
";

const QUEUE_1: &str = "
-- AUTOINCREMENT: a number that was used is never used again, so a receipt names one delivery.
CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    deliveries INTEGER NOT NULL,
    visible_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_in_order ON messages (queue, sequence);

CREATE TABLE dead_letters (
    sequence INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    body TEXT NOT NULL,
    deliveries INTEGER NOT NULL,
    reason TEXT NOT NULL,
    died_at INTEGER NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_queue ON dead_letters (queue);
";
