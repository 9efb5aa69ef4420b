//! `perfleet serve`.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use analysis::schedule::upkeep::UpkeepRules;
use clap::Args;

use super::Outcome;
use super::place::PlaceOptions;
use crate::github::settings::SETTINGS_FILE;
use crate::serve::{self, LISTEN_DEFAULT, ServeOptions};
use crate::{Context, FunctionsError, github};

/// Run the whole system on this machine, and serve the page
#[derive(Debug, Args)]
pub(super) struct ServeCommand {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = LISTEN_DEFAULT, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The folder of the built page [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// Days between two measurings of a compiler against itself, under each configuration on each of
    /// its hosts; 0 for none
    #[arg(long, default_value_t = UpkeepRules::default().a_a_days, value_name = "DAYS")]
    a_a_days: u32,
    /// The part of the measuring time of a week that measuring once more what a disturbed host
    /// measured may take; 0 for none
    #[arg(long, default_value_t = UpkeepRules::default().rerun_percent, value_name = "PERCENT")]
    rerun_percent: u32,
}

impl ServeCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let options = ServeOptions {
            data_dir: place.data_dir()?,
            listen: self.listen,
            page: self.page.clone(),
        };
        let context = place.here().await?.with_upkeep(UpkeepRules {
            a_a_days: self.a_a_days,
            rerun_percent: self.rerun_percent,
        });
        let context = with_github(context, &options)?;
        serve::run(context, options).await?;
        Ok(Outcome::Done)
    }
}

/// The same context, which knows GitHub where the data folder has a file about it.
fn with_github(context: Context, options: &ServeOptions) -> Result<Context, FunctionsError> {
    let file = options.data_dir.join(SETTINGS_FILE);
    match std::fs::read_to_string(&file) {
        Ok(document) => github::configured(context, &document, |name| std::env::var(name).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(context),
        Err(error) => Err(FunctionsError::io(format!("reading {}", file.display()))(
            error,
        )),
    }
}
