//! A SQLite file that several processes may use at the same time, without blocking the runtime.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use shared_types::InvalidInput;

use crate::StoreError;

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// One connection that writes and one that reads, so that readers never wait for a long write.
pub(super) struct Database {
    writer: Arc<Mutex<Connection>>,
    reader: Arc<Mutex<Connection>>,
}

/// What survives a loss of power.
#[derive(Clone, Copy)]
pub(super) enum Durability {
    /// Every transaction.
    Every,
    /// All but the last ones, in order. A killed process loses none.
    AllButTheLast,
}

/// What can fail within a transaction.
pub(super) enum Failure {
    /// SQLite itself.
    Sqlite(rusqlite::Error),
    /// What was found or was to be written.
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    fn during(self, action: &str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
                StoreError::NoSpace {
                    what: action.to_owned(),
                }
            }
            Self::Sqlite(error) => StoreError::Unavailable {
                action: action.to_owned(),
                reason: error.to_string(),
            },
        }
    }
}

impl Database {
    /// Opens the file, makes it where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be opened, or a newer program made its tables.
    pub(super) fn open(
        path: &Path,
        migrations: &[&str],
        durability: Durability,
    ) -> Result<Self, StoreError> {
        let action = format!("opening {}", path.display());
        let mut writer = connect(path, durability).map_err(|failure| failure.during(&action))?;
        migrate(&mut writer, path, migrations).map_err(|failure| failure.during(&action))?;
        let reader = connect(path, durability).map_err(|failure| failure.during(&action))?;
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            reader: Arc::new(Mutex::new(reader)),
        })
    }

    /// Does `work` in one transaction, which is undone if it fails.
    ///
    /// # Errors
    /// Those of `work`, and when SQLite fails.
    pub(super) async fn write<T, Work>(
        &self,
        action: &'static str,
        work: Work,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnOnce(&Transaction) -> Result<T, Failure> + Send + 'static,
    {
        // Immediate: a transaction that reads first and then writes would otherwise fail when
        // another process wrote in between.
        transact(&self.writer, action, TransactionBehavior::Immediate, work).await
    }

    /// Reads one consistent state.
    ///
    /// # Errors
    /// Those of `work`, and when SQLite fails.
    pub(super) async fn read<T, Work>(
        &self,
        action: &'static str,
        work: Work,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnOnce(&Transaction) -> Result<T, Failure> + Send + 'static,
    {
        transact(&self.reader, action, TransactionBehavior::Deferred, work).await
    }
}

async fn transact<T, Work>(
    connection: &Arc<Mutex<Connection>>,
    action: &'static str,
    behavior: TransactionBehavior,
    work: Work,
) -> Result<T, StoreError>
where
    T: Send + 'static,
    Work: FnOnce(&Transaction) -> Result<T, Failure> + Send + 'static,
{
    let connection = Arc::clone(connection);
    let transaction = move || {
        // A panic in another transaction undid that one; the connection is sound.
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(behavior)?;
        let answer = work(&transaction)?;
        transaction.commit()?;
        Ok(answer)
    };
    tokio::task::spawn_blocking(transaction)
        .await
        .map_err(|error| StoreError::Unavailable {
            action: action.to_owned(),
            reason: error.to_string(),
        })?
        .map_err(|failure: Failure| failure.during(action))
}

fn connect(path: &Path, durability: Durability) -> Result<Connection, Failure> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let synchronous = match durability {
        Durability::Every => "FULL",
        Durability::AllButTheLast => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    Ok(connection)
}

/// Applies the migrations that the file does not have yet: `user_version` counts them.
fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: usize = transaction.pragma_query_value(None, "user_version", |row| {
        row.get::<_, u32>(0).map(|count| count as usize)
    })?;
    let Some(missing) = migrations.get(applied..) else {
        return Err(Failure::Store(StoreError::Corrupt {
            what: "the database",
            id: path.display().to_string(),
            source: InvalidInput::Version {
                what: "it",
                found: applied.to_string(),
                supported: format!("0 to {}", migrations.len()),
            },
        }));
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", migrations.len() as u32)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path, migrations: &[&str]) -> Result<Database, StoreError> {
        Database::open(path, migrations, Durability::AllButTheLast)
    }

    #[test]
    fn each_migration_is_applied_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite3");
        let first = "CREATE TABLE a (x);";
        let second = "ALTER TABLE a ADD COLUMN y;";
        open(&path, &[first]).unwrap();
        open(&path, &[first, second]).unwrap();
        open(&path, &[first, second]).unwrap();
    }

    #[test]
    fn a_database_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite3");
        open(&path, &["CREATE TABLE a (x);", "CREATE TABLE b (x);"]).unwrap();
        let message = open(&path, &["CREATE TABLE a (x);"])
            .err()
            .unwrap()
            .to_string();
        assert!(message.contains("upgrade the older"), "{message}");
    }

    #[tokio::test]
    async fn a_transaction_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite3");
        let database = open(&path, &["CREATE TABLE a (x);"]).unwrap();
        let failed: Result<(), StoreError> = database
            .write("a test", |transaction| {
                transaction.execute("INSERT INTO a VALUES (1)", [])?;
                Err(Failure::Store(StoreError::NotFound {
                    what: "test",
                    id: "a".to_owned(),
                }))
            })
            .await;
        assert!(matches!(failed, Err(StoreError::NotFound { .. })));
        let count: u32 = database
            .read("a test", |transaction| {
                Ok(transaction.query_row("SELECT count(*) FROM a", [], |row| row.get(0))?)
            })
            .await
            .unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let full = rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
            None,
        );
        let failure = Failure::from(full).during("noting progress");
        assert!(matches!(failure, StoreError::NoSpace { .. }), "{failure}");
    }
}
