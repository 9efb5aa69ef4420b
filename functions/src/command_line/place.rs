//! Where a command works: on a data folder of this machine, or on a server.

use std::path::{Path, PathBuf};

use clap::Args;
use store::embedded::EmbeddedStore;

use super::access::{Access, Client};
use crate::serve::ADDRESS_FILE;
use crate::{Context, FunctionsError, Settings};

/// The name of the policy's file in the data folder.
const POLICY_FILE: &str = "policy.toml";

/// Where a command works.
#[derive(Debug, Clone, Args)]
pub(super) struct PlaceOptions {
    /// The folder that holds all data [default: the platform's folder for data]
    #[arg(long, global = true, env = "PERFLEET_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Work on a server at this address instead of on a data folder
    #[arg(long, global = true, env = "PERFLEET_SERVER", value_name = "URL")]
    server: Option<String>,
    /// The token for writes on a server
    #[arg(
        long,
        global = true,
        env = "PERFLEET_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    token: Option<String>,
}

impl PlaceOptions {
    /// The data folder.
    pub(super) fn data_dir(&self) -> Result<PathBuf, FunctionsError> {
        if let Some(data_dir) = &self.data_dir {
            return Ok(data_dir.clone());
        }
        directories::ProjectDirs::from("", "", "perfleet")
            .map(|folders| folders.data_dir().to_owned())
            .ok_or_else(|| {
                FunctionsError::Usage(
                    "this user has no home folder: name the data folder by `--data-dir`".to_owned(),
                )
            })
    }

    /// What reads go to: the server that was named, else the data folder, which must be there.
    pub(super) fn for_reading(&self) -> Result<Access, FunctionsError> {
        if let Some(server) = &self.server {
            return Ok(Access::Server(Client::new(server, self.token.as_deref())));
        }
        let data_dir = self.data_dir()?;
        if !data_dir.is_dir() {
            return Err(FunctionsError::Usage(format!(
                "there is no data folder {}: `perfleet serve` makes it, `--data-dir DIR` names \
                 another, and `--server URL` asks a server",
                data_dir.display()
            )));
        }
        Ok(Access::Here(open(&data_dir)?))
    }

    /// What writes go to: the server that was named, else the one that works on the data folder if
    /// there is a token for it, else the data folder itself. Whoever may write into that folder may
    /// do all that a token allows.
    pub(super) fn for_writing(&self) -> Result<Access, FunctionsError> {
        if let Some(server) = &self.server {
            return Ok(Access::Server(Client::new(server, self.token.as_deref())));
        }
        let data_dir = self.data_dir()?;
        if let Some(token) = self.token.as_deref()
            && let Some(address) = running_server(&data_dir)
        {
            return Ok(Access::Server(Client::new(&address, Some(token))));
        }
        Ok(Access::Here(open(&data_dir)?))
    }

    /// The store in the data folder, which is made where there is none.
    pub(super) fn here(&self) -> Result<Context, FunctionsError> {
        if let Some(server) = &self.server {
            return Err(FunctionsError::Usage(format!(
                "this works on a data folder of this machine, and not on the server {server}: run \
                 it there"
            )));
        }
        open(&self.data_dir()?)
    }

    /// Whether somebody works on what waits in the queues.
    pub(super) fn is_served(&self) -> bool {
        self.server.is_some()
            || self
                .data_dir()
                .is_ok_and(|data_dir| running_server(&data_dir).is_some())
    }
}

fn open(data_dir: &Path) -> Result<Context, FunctionsError> {
    let settings = Settings {
        policy_file: Some(data_dir.join(POLICY_FILE)),
        ..Settings::default()
    };
    Ok(Context::new(EmbeddedStore::open(data_dir)?, settings))
}

/// The address of the server that works on a data folder, if it answers.
fn running_server(data_dir: &Path) -> Option<String> {
    let address = std::fs::read_to_string(data_dir.join(ADDRESS_FILE)).ok()?;
    let address = address.trim();
    let client = Client::new(address, None);
    client.answers().then(|| address.to_owned())
}
