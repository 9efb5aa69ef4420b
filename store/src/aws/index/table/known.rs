//! Documents that are replaced as a whole, by who knows what is there.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::keys::Key;
use super::{Attempts, Row, Stored, Table, Transaction};
use crate::StoreError;

impl Table {
    /// Writes a document in place of the one that is known, or where none is known to be. Returns
    /// whether that was still so.
    pub(in super::super) async fn replace_known<T>(
        &self,
        what: &'static str,
        key: Key,
        known: Option<&T>,
        new: &T,
    ) -> Result<bool, StoreError>
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        let row = Row::new(what, key, new)?;
        self.replace_known_row(what, &row, known).await
    }

    /// The same, where the document has a place in an order, too.
    pub(in super::super) async fn replace_known_row<T>(
        &self,
        what: &'static str,
        row: &Row,
        known: Option<&T>,
    ) -> Result<bool, StoreError>
    where
        T: DeserializeOwned + PartialEq,
    {
        let mut attempts = Attempts::at(format!("noting {what} `{}`", row.key));
        loop {
            let stored: Option<Stored<T>> = self.find(what, &row.key).await?;
            if stored.as_ref().map(|stored| &stored.document) != known {
                return Ok(false);
            }
            let mut transaction = Transaction::default();
            transaction.replace(row.clone(), stored.map(|stored| stored.version));
            if attempts.commit(self, transaction).await? {
                return Ok(true);
            }
        }
    }
}
