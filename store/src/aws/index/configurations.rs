//! Configurations: another record is another configuration.

use shared_types::{Configuration, ConfigurationId, Tier};

use super::keys;
use super::table::{Attempts, Row, Stored, Table, Transaction};
use crate::StoreError;

const WHAT: &str = "configuration";

pub(super) async fn register(table: &Table, new: &Configuration) -> Result<(), StoreError> {
    let mut attempts = Attempts::at(format!("registering the configuration `{}`", new.id));
    loop {
        let known = read(table, &new.id).await?;
        if let Some(known) = &known {
            if known.document.record != new.record {
                return Err(StoreError::Conflict {
                    what: WHAT,
                    id: new.id.to_string(),
                    reason: "has another record: register what differs under a slug of its own"
                        .to_owned(),
                });
            }
            if known.document == *new {
                return Ok(());
            }
        }
        if replace(table, &mut attempts, new, known).await? {
            return Ok(());
        }
    }
}

pub(super) async fn set_tier(
    table: &Table,
    id: &ConfigurationId,
    tier: Tier,
) -> Result<(), StoreError> {
    let mut attempts = Attempts::at(format!("setting the tier of `{id}`"));
    loop {
        let Some(known) = read(table, id).await? else {
            return Err(StoreError::NotFound {
                what: WHAT,
                id: id.to_string(),
            });
        };
        let mut changed = known.document.clone();
        changed.tier = tier;
        if replace(table, &mut attempts, &changed, Some(known)).await? {
            return Ok(());
        }
    }
}

pub(super) async fn find(
    table: &Table,
    id: &ConfigurationId,
) -> Result<Option<Configuration>, StoreError> {
    Ok(read(table, id).await?.map(|known| known.document))
}

pub(super) async fn all(table: &Table) -> Result<Vec<Configuration>, StoreError> {
    table.partition(keys::CONFIGURATIONS).documents(WHAT).await
}

async fn read(
    table: &Table,
    id: &ConfigurationId,
) -> Result<Option<Stored<Configuration>>, StoreError> {
    table.find(WHAT, &keys::configuration(id)).await
}

async fn replace(
    table: &Table,
    attempts: &mut Attempts,
    configuration: &Configuration,
    known: Option<Stored<Configuration>>,
) -> Result<bool, StoreError> {
    let row = Row::new(WHAT, keys::configuration(&configuration.id), configuration)?;
    let mut transaction = Transaction::default();
    transaction.replace(row, known.map(|known| known.version));
    attempts.commit(table, transaction).await
}
