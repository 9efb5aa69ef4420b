//! Where a command works: on a data folder of this machine, on a server, or on a fleet in the cloud.

use std::path::{Path, PathBuf};

use clap::Args;
use store::embedded::EmbeddedStore;

use super::access::{Access, Client};
use crate::serve::ADDRESS_FILE;
use crate::shadow::{Shadow, ShadowSettings};
use crate::{Context, FunctionsError, Settings};

/// The name of the policy's file in the data folder.
const POLICY_FILE: &str = "policy.toml";

/// Where a command works.
#[derive(Debug, Clone, Args)]
pub(super) struct PlaceOptions {
    /// The folder that holds all data [default: the platform's folder for data]
    #[arg(long, global = true, env = "PERFLEET_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Work on the fleet of this environment in the cloud instead, with your own AWS credentials
    #[arg(
        long,
        global = true,
        env = "PERFLEET_AWS_ENVIRONMENT",
        value_name = "ENVIRONMENT"
    )]
    aws: Option<String>,
    /// The bucket that holds that fleet's data
    #[arg(long, global = true, env = "PERFLEET_AWS_BUCKET", value_name = "NAME")]
    bucket: Option<String>,
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

/// Where a command works, once the options are understood.
enum Place {
    /// On a server.
    Server(Client),
    /// On a fleet in the cloud.
    Cloud(CloudPlace),
    /// On a data folder.
    Folder(PathBuf),
}

impl PlaceOptions {
    /// The data folder.
    pub(super) fn data_dir(&self) -> Result<PathBuf, FunctionsError> {
        if let Some(environment) = &self.aws {
            return Err(FunctionsError::Usage(format!(
                "this works on a data folder of this machine, and not on the fleet `{environment}` \
                 in the cloud, where functions do it"
            )));
        }
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

    /// What reads go to: the server or the fleet that was named, else the data folder, which must be
    /// there.
    pub(super) async fn for_reading(&self) -> Result<Access, FunctionsError> {
        let data_dir = match self.place()? {
            Place::Server(client) => return Ok(Access::Server(client)),
            Place::Cloud(cloud) => return Ok(Access::Here(cloud.open().await)),
            Place::Folder(data_dir) => data_dir,
        };
        if !data_dir.is_dir() {
            return Err(FunctionsError::Usage(format!(
                "there is no data folder {}: `perfleet serve` makes it, `--data-dir DIR` names \
                 another, and `--server URL` asks a server",
                data_dir.display()
            )));
        }
        Ok(Access::Here(open(&data_dir)?))
    }

    /// What writes go to: the server or the fleet that was named, else the server that works on the
    /// data folder if there is a token for it, else the data folder itself. Whoever may write into
    /// that folder, or into the fleet's table, may do all that a token allows.
    pub(super) async fn for_writing(&self) -> Result<Access, FunctionsError> {
        let data_dir = match self.place()? {
            Place::Server(client) => return Ok(Access::Server(client)),
            Place::Cloud(cloud) => return Ok(Access::Here(cloud.open().await)),
            Place::Folder(data_dir) => data_dir,
        };
        if let Some(token) = self.token.as_deref()
            && let Some(address) = running_server(&data_dir)
        {
            return Ok(Access::Server(Client::new(&address, Some(token))));
        }
        Ok(Access::Here(open(&data_dir)?))
    }

    /// The store in the cloud, or in the data folder, which is made where there is none.
    pub(super) async fn here(&self) -> Result<Context, FunctionsError> {
        match self.place()? {
            Place::Server(_) => Err(FunctionsError::Usage(format!(
                "this works on a data folder of this machine, and not on the server {}: run it \
                 there",
                self.server.as_deref().unwrap_or_default()
            ))),
            Place::Cloud(cloud) => Ok(cloud.open().await),
            Place::Folder(data_dir) => open(&data_dir),
        }
    }

    /// Whether somebody works on what waits in the queues.
    pub(super) fn is_served(&self) -> bool {
        match self.place() {
            Ok(Place::Server(_) | Place::Cloud(_)) => true,
            Ok(Place::Folder(data_dir)) => running_server(&data_dir).is_some(),
            Err(_) => false,
        }
    }

    fn place(&self) -> Result<Place, FunctionsError> {
        let usage = |text: &str| Err(FunctionsError::Usage(text.to_owned()));
        match (&self.aws, &self.bucket, &self.server) {
            (None, None, None) => Ok(Place::Folder(self.data_dir()?)),
            (None, None, Some(server)) => {
                Ok(Place::Server(Client::new(server, self.token.as_deref())))
            }
            (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => usage(
                "a server (`--server` or PERFLEET_SERVER) and a fleet (`--aws` and `--bucket`, or \
                 their variables) are named: which is it?",
            ),
            (Some(_), _, _) | (_, Some(_), _) if self.data_dir.is_some() => usage(
                "a data folder (`--data-dir` or PERFLEET_DATA_DIR) and a fleet (`--aws` and \
                 `--bucket`, or their variables) are named: which is it?",
            ),
            (Some(environment), Some(bucket), None) => {
                Ok(Place::Cloud(CloudPlace::new(environment, bucket)?))
            }
            (Some(environment), None, None) => Err(FunctionsError::Usage(format!(
                "`--aws {environment}` needs `--bucket NAME`, too: `terraform output data_bucket` \
                 of the environment tells its name"
            ))),
            (None, Some(_), None) => usage("`--bucket` needs `--aws ENVIRONMENT`, too"),
        }
    }
}

/// A fleet in the cloud.
#[cfg(feature = "aws")]
struct CloudPlace(store::aws::AwsPlace);

#[cfg(feature = "aws")]
impl CloudPlace {
    fn new(environment: &str, bucket: &str) -> Result<Self, FunctionsError> {
        Ok(Self(store::aws::AwsPlace {
            environment: environment.parse()?,
            bucket: bucket.to_owned(),
        }))
    }

    async fn open(&self) -> Context {
        Context::new(store::aws::open(&self.0).await, Settings::default())
    }
}

/// A program without AWS names no place in the cloud.
#[cfg(not(feature = "aws"))]
enum CloudPlace {}

#[cfg(not(feature = "aws"))]
impl CloudPlace {
    fn new(environment: &str, _bucket: &str) -> Result<Self, FunctionsError> {
        Err(FunctionsError::Usage(format!(
            "this `perfleet` was built without AWS and cannot reach the fleet `{environment}`: \
             build it by `cargo build --release --package functions --features aws`"
        )))
    }

    async fn open(&self) -> Context {
        match *self {}
    }
}

fn open(data_dir: &Path) -> Result<Context, FunctionsError> {
    let settings = Settings {
        policy_file: Some(data_dir.join(POLICY_FILE)),
        ..Settings::default()
    };
    let shadow = ShadowSettings::of_data_folder(data_dir)?;
    let context = Context::new(EmbeddedStore::open(data_dir)?, settings);
    Ok(context.with_shadow(shadow.map(Shadow::new)))
}

/// The address of the server that works on a data folder, if it answers.
fn running_server(data_dir: &Path) -> Option<String> {
    let address = std::fs::read_to_string(data_dir.join(ADDRESS_FILE)).ok()?;
    let address = address.trim();
    let client = Client::new(address, None);
    client.answers().then(|| address.to_owned())
}
