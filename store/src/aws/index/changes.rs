//! Changes to the jobs and runs of a configuration that are made together with its tally.

use shared_types::ConfigurationId;
use shared_types::result_document::MeasuredRun;

use super::runs::ChangingRuns;
use super::table::{Table, Transaction};
use super::tally;
use crate::StoreError;

/// Changes that are being collected.
pub(super) struct Changes {
    /// What is neither a run nor the tally.
    pub(super) transaction: Transaction,
    /// The runs that change.
    pub(super) runs: ChangingRuns,
    /// What is counted.
    pub(super) tally: tally::Addition,
}

impl Changes {
    /// None yet. Reads the runs that may change.
    pub(super) async fn to<'a>(
        table: &Table,
        configuration: &ConfigurationId,
        runs: impl IntoIterator<Item = &'a MeasuredRun>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            transaction: Transaction::default(),
            runs: ChangingRuns::read(table, configuration, runs).await?,
            tally: tally::Addition::to(configuration),
        })
    }

    /// All of them as one transaction.
    pub(super) fn into_transaction(mut self) -> Result<Transaction, StoreError> {
        self.runs.write(&mut self.transaction)?;
        self.tally.count_measured_runs(self.runs.measured_first());
        self.tally.write(&mut self.transaction);
        Ok(self.transaction)
    }
}
