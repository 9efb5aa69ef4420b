//! Runs on disturbed hosts: one item each, replaced only by who knows what is there.

use shared_types::ConfigurationId;
use shared_types::disturbance::DisturbedRun;

use super::keys;
use super::table::Table;
use crate::StoreError;

const WHAT: &str = "disturbed run";

pub(super) async fn of_configuration(
    table: &Table,
    configuration: &ConfigurationId,
) -> Result<Vec<DisturbedRun>, StoreError> {
    let partition = table.partition(keys::disturbed_runs(configuration));
    partition.documents(WHAT).await
}

pub(super) async fn replace(
    table: &Table,
    known: Option<&DisturbedRun>,
    new: &DisturbedRun,
) -> Result<bool, StoreError> {
    let key = keys::disturbed_run(&new.configuration, &new.run);
    table.replace_known(WHAT, key, known, new).await
}
