//! `perfleet policy`: which policy is in force, and another one in its place.

use std::path::PathBuf;

use analysis::policy::Policy;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::output::JsonOption;
use super::place::PlaceOptions;
use super::{Outcome, output};
use crate::FunctionsError;
use crate::policy_in_force::{PolicyPlace, policy_text, put_policy};

/// Show the policy that is in force, or put another one into the store
#[derive(Debug, Args)]
pub(super) struct PolicyCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the policy that is in force, and where it is written
    Show(ShowOptions),
    /// Say whether a file holds a policy, and change nothing
    Check(FileOptions),
    /// Put the policy of a file into the store, where it is in force from then on
    Put(FileOptions),
}

#[derive(Debug, Args)]
struct ShowOptions {
    #[command(flatten)]
    json: JsonOption,
}

#[derive(Debug, Args)]
struct FileOptions {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// The policy that is in force.
#[derive(Debug, Serialize)]
struct Shown {
    /// The file; absent where the policy is in the store, or the built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Whether nobody has written one.
    built_in: bool,
    /// The policy as it is written. Nothing where it is the built-in one.
    text: String,
}

impl PolicyCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        match &self.action {
            Action::Show(options) => options.run(place).await,
            Action::Check(options) => {
                Policy::parse(&options.read()?)?;
                output::answer(&format!("{} holds a policy", options.file.display()))?;
                Ok(Outcome::Done)
            }
            Action::Put(options) => {
                put_policy(&place.here().await?, &options.read()?).await?;
                output::answer(
                    "the policy is in force; verdicts that are made from now on follow it",
                )?;
                Ok(Outcome::Done)
            }
        }
    }
}

impl ShowOptions {
    async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let found = policy_text(&place.here().await?).await?;
        let built_in = found.is_none();
        let (text, file) = match found {
            Some((text, PolicyPlace::File(file))) => (text, Some(file)),
            Some((text, PolicyPlace::Store)) => (text, None),
            None => (String::new(), None),
        };
        if self.json.json {
            output::answer_json(&Shown {
                file,
                built_in,
                text,
            })?;
        } else {
            let place = match &file {
                Some(file) => format!("# {file}\n"),
                None if built_in => {
                    "# The built-in policy is in force: nobody has written one. See docs/policy.md."
                        .to_owned()
                }
                None => "# In the store, by `perfleet policy put`.\n".to_owned(),
            };
            output::answer(&format!("{place}{}", text.trim_end()))?;
        }
        Ok(Outcome::Done)
    }
}

impl FileOptions {
    fn read(&self) -> Result<String, FunctionsError> {
        let reading = format!("reading the policy {}", self.file.display());
        std::fs::read_to_string(&self.file).map_err(FunctionsError::io(reading))
    }
}
