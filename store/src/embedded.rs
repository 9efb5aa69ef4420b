//! The adapters for one machine: SQLite for the index and the queues, apart, and a folder for
//! objects.
//!
//! A data folder holds `format` (its version), `index.sqlite3`, `queue.sqlite3` and `objects/`.
//! The server and collectors open the queues and the objects at the same time; the index is the
//! server's alone.

mod data_folder;
mod database;
mod dead_letters;
mod document;
mod index;
mod objects;
mod queue;
mod schema;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{CollectorPorts, DeadLetters, Index, Objects, Queue, Store, StoreError};
use index::EmbeddedIndex;
use objects::FolderObjects;
use queue::EmbeddedQueue;

/// Tells the time, by which leases end.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of this machine.
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// A whole store in one data folder.
pub struct EmbeddedStore;

impl EmbeddedStore {
    /// Opens the store in `data_dir`, and makes it where there is none.
    ///
    /// # Errors
    /// When the folder cannot be made, read or written, or a program of another major version made
    /// it.
    pub fn open(data_dir: &Path) -> Result<Store, StoreError> {
        Self::open_with_clock(data_dir, system_clock())
    }

    /// As [`Self::open`], with leases that end by `clock`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_clock(data_dir: &Path, clock: Clock) -> Result<Store, StoreError> {
        let (queue, objects) = open_queue_and_objects(data_dir, clock)?;
        let index: Arc<dyn Index> = Arc::new(EmbeddedIndex::open(&data_dir.join("index.sqlite3"))?);
        Ok(Store {
            index,
            dead_letters: Arc::clone(&queue) as Arc<dyn DeadLetters>,
            queue,
            objects,
        })
    }
}

/// Opens what a collector needs of the store in `data_dir`, and never its index.
///
/// # Errors
/// As [`EmbeddedStore::open`].
pub fn open_collector_ports(data_dir: &Path) -> Result<CollectorPorts, StoreError> {
    open_collector_ports_with_clock(data_dir, system_clock())
}

/// As [`open_collector_ports`], with leases that end by `clock`.
///
/// # Errors
/// As [`EmbeddedStore::open`].
pub fn open_collector_ports_with_clock(
    data_dir: &Path,
    clock: Clock,
) -> Result<CollectorPorts, StoreError> {
    let (queue, objects) = open_queue_and_objects(data_dir, clock)?;
    Ok(CollectorPorts { queue, objects })
}

fn open_queue_and_objects(
    data_dir: &Path,
    clock: Clock,
) -> Result<(Arc<EmbeddedQueue>, Arc<dyn Objects>), StoreError> {
    data_folder::prepare(data_dir)?;
    let queue = Arc::new(EmbeddedQueue::open(&data_dir.join("queue.sqlite3"), clock)?);
    let announced = Arc::clone(&queue) as Arc<dyn Queue>;
    let objects = FolderObjects::open(&data_dir.join("objects"), announced)?;
    Ok((queue, Arc::new(objects)))
}
