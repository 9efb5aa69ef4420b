//! `perfleet retract`.

mod text;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use shared_types::api::Page;
use shared_types::retraction::{
    NewRetraction, RetractedRun, Retraction, RetractionEffects, RetractionRange,
};
use shared_types::triage::{begin_of, end_of, parse_day};
use shared_types::{ConfigurationId, RetractionId};

use super::access::Access;
use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, names, output};
use crate::FunctionsError;

/// Take back results of a host, a configuration, a run or a time, with all that follows from them
///
/// What was measured stays stored and no longer counts: series, comparisons, verdicts and comments
/// are made again without it. What arrives later and is in the range does not count either. Results
/// are retracted for which all holds that is named.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct RetractCommand {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    range: RangeOptions,
    /// Why, for all who read it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Say what it would touch, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Take a retraction back: its results count again
    #[arg(long, value_name = "ID", conflicts_with_all = [
        "host", "configuration", "run", "from", "to", "reason", "dry_run",
    ])]
    undo: Option<RetractionId>,
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what was retracted, by whom and why, the newest first
    List(JsonOption),
}

#[derive(Debug, Args)]
struct RangeOptions {
    /// What this host measured
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// What was measured under this configuration
    #[arg(long)]
    configuration: Option<ConfigurationId>,
    /// A run: ARTIFACT@CONFIGURATION, with #2 for one replicate of it
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// What was measured from this time on: 2026-05-03T07:30:00Z, or a day in UTC
    #[arg(long, value_name = "TIME", value_parser = begin)]
    from: Option<Timestamp>,
    /// What was measured before this time, or to the end of a day in UTC
    #[arg(long, value_name = "TIME", value_parser = end)]
    to: Option<Timestamp>,
}

impl RetractCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        if let Some(Action::List(json)) = &self.action {
            return list(&place.for_reading().await?, *json).await;
        }
        if let Some(id) = self.undo {
            let access = place.for_writing().await?;
            let undone = access.take_retraction_back(id).await?;
            return self.answer(&undone);
        }
        if self.dry_run {
            let access = place.for_reading().await?;
            let range = self.range.read(&access).await?;
            let effects: RetractionEffects = access.get(&effects_path(&range)).await?;
            if self.json.json {
                output::answer_json(&effects)?;
            } else {
                output::answer(&text::effects(&range, &effects))?;
            }
            return Ok(Outcome::Done);
        }
        let Some(reason) = &self.reason else {
            return Err(FunctionsError::Usage(
                "say why by `--reason TEXT`; `--dry-run` says what it would touch, and `perfleet \
                 retract list` what was retracted"
                    .to_owned(),
            ));
        };
        let access = place.for_writing().await?;
        let wanted = NewRetraction {
            range: self.range.read(&access).await?,
            reason: reason.clone(),
        };
        self.answer(&access.retract(&wanted).await?)
    }

    fn answer(&self, retraction: &Retraction) -> Result<Outcome, FunctionsError> {
        if self.json.json {
            output::answer_json(retraction)?;
        } else {
            output::answer(&text::retraction(retraction))?;
        }
        Ok(Outcome::Done)
    }
}

impl RangeOptions {
    async fn read(&self, access: &Access) -> Result<RetractionRange, FunctionsError> {
        let run = match &self.run {
            None => None,
            Some(text) => Some(names::side(access, text).await?.parse::<RetractedRun>()?),
        };
        Ok(RetractionRange {
            host: self.host.clone(),
            configuration: self.configuration.clone(),
            run,
            from: self.from,
            to: self.to,
        })
    }
}

async fn list(access: &Access, json: JsonOption) -> Result<Outcome, FunctionsError> {
    let page: Page<Retraction> = access.get("retractions?limit=500").await?;
    if json.json {
        output::answer_json(&page.items)?;
    } else if page.items.is_empty() {
        output::answer("nothing was retracted")?;
    } else {
        let lines: Vec<String> = page.items.iter().map(text::retraction).collect();
        output::answer(&lines.join("\n"))?;
    }
    Ok(Outcome::Done)
}

fn effects_path(range: &RetractionRange) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    };
    add("host", range.host.clone());
    add(
        "configuration",
        range.configuration.as_ref().map(ToString::to_string),
    );
    add("run", range.run.as_ref().map(ToString::to_string));
    add("from", range.from.map(|time| time.to_string()));
    add("to", range.to.map(|time| time.to_string()));
    format!("retraction-effects?{}", query.finish())
}

fn begin(text: &str) -> Result<Timestamp, String> {
    time(text, begin_of)
}

fn end(text: &str) -> Result<Timestamp, String> {
    time(text, end_of)
}

fn time(text: &str, of_day: fn(jiff::civil::Date) -> Timestamp) -> Result<Timestamp, String> {
    if let Ok(day) = parse_day(text) {
        return Ok(of_day(day));
    }
    text.parse().map_err(|_| {
        "neither a time such as 2026-05-03T07:30:00Z nor a day such as 2026-05-03".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_retracted_from_its_begin_to_its_end() {
        let (begins, ends) = (begin("2026-05-03").unwrap(), end("2026-05-05").unwrap());
        assert_eq!(begins.to_string(), "2026-05-03T00:00:00Z");
        assert_eq!(ends.to_string(), "2026-05-06T00:00:00Z");
        let exactly = end("2026-05-05T07:30:00Z").unwrap();
        assert_eq!(exactly.to_string(), "2026-05-05T07:30:00Z");
        assert!(begin("yesterday").is_err());
    }
}
