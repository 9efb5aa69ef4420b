//! What a person should see: counted, so that one that comes again and again fills no page, and
//! forgotten when it did not come for long.

use jiff::{SignedDuration, Timestamp};
use shared_types::api::ReportedProblem;

use super::keys::{self, Order};
use super::long_text;
use super::table::{Attempts, Row, Stored, Table, Transaction};
use crate::StoreError;

const WHAT: &str = "problem";

/// For how long a problem is kept after it was last reported.
const KEPT: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Longer texts are cut: a problem that is too large to be told of would be told of to nobody.
const TEXT_BYTES_MAX: usize = 64 * 1024;

pub(super) async fn report(
    table: &Table,
    subject: &str,
    message: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = keys::problem(subject, message);
    let mut attempts = Attempts::at("reporting a problem");
    loop {
        let known: Option<Stored<ReportedProblem>> = table.find(WHAT, &key).await?;
        let problem = match &known {
            Some(known) => ReportedProblem {
                at: known.document.at.max(at),
                count: known.document.count.saturating_add(1),
                ..known.document.clone()
            },
            None => ReportedProblem {
                subject: long_text::beginning(subject, TEXT_BYTES_MAX).into_owned(),
                message: long_text::beginning(message, TEXT_BYTES_MAX).into_owned(),
                at,
                count: 1,
            },
        };
        let order = format!("{}#{}", keys::time(problem.at), key.sort);
        let expires_at = problem.at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let row = Row::new(WHAT, key.clone(), &problem)?
            .ordered(Order::new(keys::PROBLEMS, order))
            .expiring(expires_at);
        let mut transaction = Transaction::default();
        transaction.replace(row, known.map(|known| known.version));
        if attempts.commit(table, transaction).await? {
            return Ok(());
        }
    }
}

pub(super) async fn latest(table: &Table, limit: u32) -> Result<Vec<ReportedProblem>, StoreError> {
    let mut found: Vec<ReportedProblem> = table
        .order(keys::PROBLEMS)
        .descending()
        .limit(limit)
        .documents(WHAT)
        .await?;
    found.sort_by(|one, other| {
        let by_name = (&one.subject, &one.message).cmp(&(&other.subject, &other.message));
        other.at.cmp(&one.at).then(by_name)
    });
    Ok(found)
}
