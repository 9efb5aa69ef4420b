//! Collectors, as they were last heard of. Signs of life are kept apart from what a collector says
//! of itself, since they come every ten seconds, and are forgotten where none comes for long.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared_types::collector::CollectorRecord;
use shared_types::events::CollectorReport;

use super::keys;
use super::table::{Attempts, Row, Stored, Table};
use crate::StoreError;

const WHAT: &str = "collector";

/// For how long a sign of life is kept: far longer than a collector counts as alive.
const HEARTBEAT_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredCollector {
    report: CollectorReport,
    reported_at: Timestamp,
    first_seen_at: Timestamp,
    draining: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Heartbeat {
    collector: String,
    at: Timestamp,
}

pub(super) async fn record(
    table: &Table,
    report: &CollectorReport,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut attempts = Attempts::at(format!("noting the collector `{}`", report.collector));
    loop {
        let known = read(table, &report.collector).await?;
        let told = match &known {
            Some(known) => tell(&known.document, report, at),
            None => StoredCollector {
                report: report.clone(),
                reported_at: at,
                first_seen_at: at,
                draining: false,
            },
        };
        if known.as_ref().is_some_and(|known| known.document == told)
            || replace(table, &mut attempts, &told, known).await?
        {
            return Ok(());
        }
    }
}

/// What is known of a collector after a report, which may be older than the last.
fn tell(known: &StoredCollector, report: &CollectorReport, at: Timestamp) -> StoredCollector {
    let is_news = at >= known.reported_at;
    StoredCollector {
        report: if is_news { report } else { &known.report }.clone(),
        reported_at: known.reported_at.max(at),
        first_seen_at: known.first_seen_at.min(at),
        draining: known.draining,
    }
}

/// Notes that a collector gave some sign of life.
pub(super) async fn heard_of(table: &Table, name: &str, at: Timestamp) -> Result<(), StoreError> {
    let heartbeat = Heartbeat {
        collector: name.to_owned(),
        at,
    };
    let expires_at = at.saturating_add(HEARTBEAT_KEPT).unwrap_or(Timestamp::MAX);
    let row = Row::new(WHAT, keys::heartbeat(name), &heartbeat)?.expiring(expires_at);
    Attempts::at(format!("noting a sign of life of `{name}`"))
        .put_later(table, row, at)
        .await
}

pub(super) async fn all(table: &Table) -> Result<Vec<CollectorRecord>, StoreError> {
    let known: Vec<StoredCollector> = table.partition(keys::COLLECTORS).documents(WHAT).await?;
    let heartbeats: Vec<Heartbeat> = table.partition(keys::HEARTBEATS).documents(WHAT).await?;
    let heard_at: HashMap<String, Timestamp> = heartbeats
        .into_iter()
        .map(|heartbeat| (heartbeat.collector, heartbeat.at))
        .collect();
    let mut all: Vec<CollectorRecord> = known
        .into_iter()
        .map(|known| CollectorRecord {
            last_seen_at: heard_at
                .get(&known.report.collector)
                .map_or(known.reported_at, |at| known.reported_at.max(*at)),
            first_seen_at: known.first_seen_at,
            draining: known.draining,
            report: known.report,
        })
        .collect();
    all.sort_by(|one, other| one.report.collector.cmp(&other.report.collector));
    Ok(all)
}

pub(super) async fn set_draining(
    table: &Table,
    name: &str,
    draining: bool,
) -> Result<(), StoreError> {
    let mut attempts = Attempts::at(format!("draining the collector `{name}`"));
    loop {
        let Some(known) = read(table, name).await? else {
            return Err(StoreError::NotFound {
                what: WHAT,
                id: name.to_owned(),
            });
        };
        let mut changed = known.document.clone();
        changed.draining = draining;
        if replace(table, &mut attempts, &changed, Some(known)).await? {
            return Ok(());
        }
    }
}

async fn read(table: &Table, name: &str) -> Result<Option<Stored<StoredCollector>>, StoreError> {
    table.find(WHAT, &keys::collector(name)).await
}

/// What is written is the same the second time, so that a lost answer does no harm.
async fn replace(
    table: &Table,
    attempts: &mut Attempts,
    collector: &StoredCollector,
    known: Option<Stored<StoredCollector>>,
) -> Result<bool, StoreError> {
    let key = keys::collector(&collector.report.collector);
    let row = Row::new(WHAT, key, collector)?;
    attempts
        .put(table, row, known.map(|known| known.version))
        .await
}
