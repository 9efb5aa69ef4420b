//! `perfleet serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use super::place::PlaceOptions;
use crate::FunctionsError;
use crate::serve::{self, LISTEN_DEFAULT, ServeOptions};

/// Run the whole system on this machine, and serve the page
#[derive(Debug, Args)]
pub(super) struct ServeCommand {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = LISTEN_DEFAULT, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The folder of the built page [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

impl ServeCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let options = ServeOptions {
            data_dir: place.data_dir()?,
            listen: self.listen,
            page: self.page.clone(),
        };
        serve::run(place.here().await?, options).await?;
        Ok(Outcome::Done)
    }
}
