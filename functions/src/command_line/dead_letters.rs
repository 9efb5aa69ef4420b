//! `perfleet dead-letters`: messages that could not be handled. Works on the store itself, like
//! `perfleet token`: whoever may write there may do all that a token allows.

use std::fmt::Write;

use clap::{Args, Subcommand};
use serde::Serialize;
use store::{AuditEntry, DeadLetter, QueueName, StoreError};
use tokio::task::JoinSet;

use super::access::local_person;
use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::{Context, FunctionsError};

/// How many dead letters of a queue are looked at to find one by its id.
const LOOKED_AT_MAX: usize = 10_000;

/// How much of a message a list shows, in characters.
const SHOWN_MAX: usize = 100;

/// Look at messages that could not be handled, have them handled once more, or drop them
#[derive(Debug, Args)]
pub(super) struct DeadLettersCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the dead letters, the oldest first
    List {
        #[command(flatten)]
        queue: QueueOption,
        /// How many of each queue at most
        #[arg(long, default_value_t = 100, value_name = "NUMBER")]
        limit: u32,
        #[command(flatten)]
        json: JsonOption,
    },
    /// Show a whole message
    Show {
        /// The dead letter, as it is listed
        id: String,
        #[command(flatten)]
        queue: QueueOption,
        #[command(flatten)]
        json: JsonOption,
    },
    /// Send messages to their queue once more
    Retry(RetryOptions),
    /// Drop a message for good
    Discard {
        /// The dead letters, as they are listed
        #[arg(required = true)]
        id: Vec<String>,
        /// That they are to be lost
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        queue: QueueOption,
        #[command(flatten)]
        json: JsonOption,
    },
}

#[derive(Debug, Args)]
struct RetryOptions {
    /// The dead letters, as they are listed
    #[arg(required_unless_present = "all")]
    id: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with = "id")]
    all: bool,
    #[command(flatten)]
    queue: QueueOption,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct QueueOption {
    /// Of this queue alone: events, ingest, compare, github, or jobs/CONFIGURATION
    #[arg(long, value_name = "QUEUE")]
    queue: Option<QueueName>,
}

/// A dead letter, as it is told of.
#[derive(Debug, Serialize)]
struct Listed {
    queue: String,
    id: String,
    deliveries: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    died_at: Option<jiff::Timestamp>,
    body: String,
}

/// What was done to dead letters.
#[derive(Debug, Serialize)]
struct Changed {
    queue: String,
    /// Absent where all of the queue were meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    count: u64,
}

impl DeadLettersCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let desk = Desk {
            context: place.here().await?,
        };
        match &self.action {
            Action::List { queue, limit, json } => list(&desk, queue, *limit, *json).await?,
            Action::Show { id, queue, json } => show(&desk, queue, id, *json).await?,
            Action::Retry(options) => retry(&desk, options).await?,
            Action::Discard {
                id,
                yes,
                queue,
                json,
            } => {
                if !yes {
                    return Err(FunctionsError::Usage(
                        "what is discarded is lost for good: add `--yes`".to_owned(),
                    ));
                }
                discard(&desk, queue, id, *json).await?;
            }
        }
        Ok(Outcome::Done)
    }
}

async fn list(
    desk: &Desk,
    queue: &QueueOption,
    limit: u32,
    json: JsonOption,
) -> Result<(), FunctionsError> {
    let limit = limit as usize;
    let mut all = Vec::new();
    for (queue, letters) in desk.letters(queue, limit).await? {
        if letters.len() == limit {
            let dead = desk.context.store.queue.depth(&queue).await?.dead;
            output::say(&format!("{queue}: {limit} of about {dead} are listed"));
        }
        all.extend(letters.into_iter().map(|letter| listed(&queue, letter)));
    }
    if json.json {
        return output::answer_json(&all);
    }
    if all.is_empty() {
        output::say("there are no dead letters");
    }
    let mut text = String::new();
    for letter in &all {
        let _ = writeln!(text, "{}", line(letter));
    }
    output::answer(&text)
}

async fn show(
    desk: &Desk,
    queue: &QueueOption,
    id: &str,
    json: JsonOption,
) -> Result<(), FunctionsError> {
    let (queue, letter) = desk.find(queue, id).await?;
    let letter = listed(&queue, letter);
    if json.json {
        return output::answer_json(&letter);
    }
    output::say(&line(&letter));
    let as_json: Result<serde_json::Value, _> = serde_json::from_str(&letter.body);
    match as_json {
        Ok(value) => output::answer_json(&value),
        Err(_) => output::answer(&letter.body),
    }
}

async fn retry(desk: &Desk, options: &RetryOptions) -> Result<(), FunctionsError> {
    let dead_letters = &desk.context.store.dead_letters;
    let mut changed = Vec::new();
    if options.all {
        for (queue, letters) in desk.letters(&options.queue, 1).await? {
            if letters.is_empty() {
                continue;
            }
            desk.record("retry", &queue, "all").await?;
            changed.push(Changed {
                count: dead_letters.retry_all(&queue).await?,
                queue: queue.to_string(),
                id: None,
            });
        }
    }
    for id in &options.id {
        let (queue, _) = desk.find(&options.queue, id).await?;
        desk.record("retry", &queue, id).await?;
        let done = dead_letters.retry(&queue, id).await?;
        changed.push(change(&queue, id, done)?);
    }
    tell(&changed, "sent once more", options.json)
}

async fn discard(
    desk: &Desk,
    queue: &QueueOption,
    ids: &[String],
    json: JsonOption,
) -> Result<(), FunctionsError> {
    let mut changed = Vec::new();
    for id in ids {
        let (queue, _) = desk.find(queue, id).await?;
        desk.record("discard", &queue, id).await?;
        let done = desk.context.store.dead_letters.discard(&queue, id).await?;
        changed.push(change(&queue, id, done)?);
    }
    tell(&changed, "discarded", json)
}

fn tell(changed: &[Changed], what: &str, json: JsonOption) -> Result<(), FunctionsError> {
    if json.json {
        return output::answer_json(&changed);
    }
    if changed.is_empty() {
        output::say("there are no dead letters");
    }
    let mut text = String::new();
    for one in changed {
        let _ = match &one.id {
            Some(id) => writeln!(text, "{}: {id} is {what}", one.queue),
            None => writeln!(text, "{}: {} are {what}", one.queue, one.count),
        };
    }
    output::answer(&text)
}

/// Where dead letters are looked at.
struct Desk {
    context: Context,
}

impl Desk {
    /// The queue that was named, else all queues that there can be.
    async fn queues(&self, wanted: &QueueOption) -> Result<Vec<QueueName>, FunctionsError> {
        if let Some(queue) = &wanted.queue {
            return Ok(vec![queue.clone()]);
        }
        let configurations = self.context.store.index.configurations().await?;
        let of_jobs = configurations
            .into_iter()
            .map(|configuration| QueueName::Jobs(configuration.id));
        Ok(QueueName::OF_FUNCTIONS.into_iter().chain(of_jobs).collect())
    }

    /// The dead letters of each queue, of all queues at the same time: an empty one in the cloud
    /// takes a second to say so.
    async fn letters(
        &self,
        wanted: &QueueOption,
        limit: usize,
    ) -> Result<Vec<(QueueName, Vec<DeadLetter>)>, FunctionsError> {
        let mut looks = JoinSet::new();
        for (place, queue) in self.queues(wanted).await?.into_iter().enumerate() {
            let dead_letters = self.context.store.dead_letters.clone();
            looks.spawn(async move {
                let letters = dead_letters.list(&queue, limit).await;
                (place, queue, letters)
            });
        }
        let mut looked = looks.join_all().await;
        looked.sort_by_key(|(place, ..)| *place);
        let mut found = Vec::new();
        for (_, queue, letters) in looked {
            match letters {
                Ok(letters) => found.push((queue, letters)),
                // In the cloud a configuration of imported results has none, and wants none.
                Err(StoreError::Conflict { .. }) if wanted.queue.is_none() => {
                    tracing::info!(%queue, "there is no such queue");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    async fn find(
        &self,
        wanted: &QueueOption,
        id: &str,
    ) -> Result<(QueueName, DeadLetter), FunctionsError> {
        let letters = self.letters(wanted, LOOKED_AT_MAX).await?;
        letters
            .into_iter()
            .flat_map(|(queue, letters)| letters.into_iter().map(move |one| (queue.clone(), one)))
            .find(|(_, letter)| letter.id == id)
            .ok_or_else(|| gone(id))
    }

    /// Notes a write in the book of writes before it is done: what is done is never unknown.
    async fn record(
        &self,
        action: &str,
        queue: &QueueName,
        subject: &str,
    ) -> Result<(), FunctionsError> {
        let entry = AuditEntry {
            at: self.context.now(),
            person: local_person(),
            action: format!("dead-letters {action}"),
            subject: format!("{queue} {subject}"),
        };
        Ok(self.context.store.index.record_audit(&entry).await?)
    }
}

fn change(queue: &QueueName, id: &str, done: bool) -> Result<Changed, FunctionsError> {
    if !done {
        return Err(gone(id));
    }
    Ok(Changed {
        queue: queue.to_string(),
        id: Some(id.to_owned()),
        count: 1,
    })
}

fn gone(id: &str) -> FunctionsError {
    FunctionsError::NotMeasured(format!(
        "there is no dead letter `{id}`: `perfleet dead-letters list` lists those that there are"
    ))
}

fn listed(queue: &QueueName, letter: DeadLetter) -> Listed {
    Listed {
        queue: queue.to_string(),
        id: letter.id,
        deliveries: letter.deliveries,
        reason: letter.reason,
        died_at: letter.died_at,
        body: letter.body,
    }
}

fn line(letter: &Listed) -> String {
    let Listed {
        queue,
        id,
        deliveries,
        ..
    } = letter;
    let reason = letter
        .reason
        .as_deref()
        .unwrap_or("it was never handled in time");
    let died_at = match letter.died_at {
        Some(at) => format!(", {at}"),
        None => String::new(),
    };
    let mut body: String = letter.body.chars().take(SHOWN_MAX).collect();
    if body.len() < letter.body.len() {
        body.push('…');
    }
    format!("{queue}  {id}  (delivered {deliveries}x{died_at})  {reason}\n    {body}")
}
