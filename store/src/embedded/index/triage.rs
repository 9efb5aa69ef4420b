//! What people decided, and what was announced: one document each, replaced only by who knows what
//! is there.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use shared_types::run::SidePair;
use shared_types::triage::{IsoWeek, TriageRecord, WeeklyPost};

use super::EmbeddedIndex;
use crate::embedded::database::Failure;
use crate::embedded::document::{execute, first_row, from_json, rows, to_json, to_nanoseconds};
use crate::{StoreError, TriageIndex};

const RECORD: &str = "triage record";
const POST: &str = "weekly post";

#[async_trait]
impl TriageIndex for EmbeddedIndex {
    async fn triage_record(&self, sides: &SidePair) -> Result<Option<TriageRecord>, StoreError> {
        let sides = sides.clone();
        self.database
            .read("reading a triage record", move |index| {
                find_record(index, &sides)
            })
            .await
    }
    async fn triage_records(&self, limit: u32) -> Result<Vec<TriageRecord>, StoreError> {
        self.database
            .read("listing triage records", move |index| {
                newest_records(index, limit)
            })
            .await
    }
    async fn replace_triage_record(
        &self,
        known: Option<&TriageRecord>,
        new: &TriageRecord,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting a triage record", move |index| {
                replace_record(index, known.as_ref(), &new)
            })
            .await
    }
    async fn weekly_post(&self, week: IsoWeek) -> Result<Option<WeeklyPost>, StoreError> {
        self.database
            .read("reading a weekly post", move |index| find_post(index, week))
            .await
    }
    async fn replace_weekly_post(
        &self,
        known: Option<&WeeklyPost>,
        new: &WeeklyPost,
    ) -> Result<bool, StoreError> {
        let (known, new) = (known.cloned(), new.clone());
        self.database
            .write("noting a weekly post", move |index| {
                replace_post(index, known.as_ref(), &new)
            })
            .await
    }
}

fn find_record(connection: &Connection, sides: &SidePair) -> Result<Option<TriageRecord>, Failure> {
    let sides = sides.to_string();
    let json: Option<String> = first_row(
        connection,
        "SELECT json FROM triage_records WHERE sides = ?1",
        params![sides],
        |row| row.get(0),
    )?;
    json.map(|json| from_json(RECORD, &sides, &json))
        .transpose()
}

fn newest_records(connection: &Connection, limit: u32) -> Result<Vec<TriageRecord>, Failure> {
    let found: Vec<(String, String)> = rows(
        connection,
        "SELECT sides, json FROM triage_records ORDER BY changed_at DESC, sides DESC LIMIT ?1",
        params![limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    found
        .iter()
        .map(|(sides, json)| from_json(RECORD, sides, json))
        .collect()
}

fn replace_record(
    connection: &Connection,
    known: Option<&TriageRecord>,
    new: &TriageRecord,
) -> Result<bool, Failure> {
    if find_record(connection, &new.sides)?.as_ref() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO triage_records (sides, changed_at, json) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at, json = excluded.json",
        params![
            new.sides.to_string(),
            to_nanoseconds(new.changed_at),
            to_json(RECORD, new)?
        ],
    )?;
    Ok(true)
}

fn find_post(connection: &Connection, week: IsoWeek) -> Result<Option<WeeklyPost>, Failure> {
    let week = week.to_string();
    let json: Option<String> = first_row(
        connection,
        "SELECT json FROM weekly_posts WHERE week = ?1",
        params![week],
        |row| row.get(0),
    )?;
    json.map(|json| from_json(POST, &week, &json)).transpose()
}

fn replace_post(
    connection: &Connection,
    known: Option<&WeeklyPost>,
    new: &WeeklyPost,
) -> Result<bool, Failure> {
    if find_post(connection, new.week)?.as_ref() != known {
        return Ok(false);
    }
    execute(
        connection,
        "INSERT INTO weekly_posts (week, json) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET json = excluded.json",
        params![new.week.to_string(), to_json(POST, new)?],
    )?;
    Ok(true)
}
