//! `perfleet serve`.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use analysis::schedule::upkeep::UpkeepRules;
use clap::Args;

use super::Outcome;
use super::place::PlaceOptions;
use crate::announcements::zulip::ZulipSettings;
use crate::availability::PublishedArchives;
use crate::github::settings::SETTINGS_FILE;
use crate::serve::{self, LISTEN_DEFAULT, ServeOptions};
use crate::watching::Watches;
use crate::{Context, FunctionsError, announcements, github};

/// The file in the data folder that says what is watched.
const WATCH_FILE: &str = "watch.toml";

/// Run the whole system on this machine, and serve the page
#[derive(Debug, Args)]
pub(super) struct ServeCommand {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, default_value = LISTEN_DEFAULT, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The folder of the built page [default: that of the checkout]
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// The file that says which branches and releases are asked for by themselves [default:
    /// `watch.toml` in the data folder, where that is]
    #[arg(long, value_name = "FILE")]
    watch: Option<PathBuf>,
    /// Where the compilers of commits are published, with `{sha}` and `{target}`: a request waits until
    /// the server there has them
    #[arg(long, value_name = "URL")]
    artifact_url: Option<String>,
    /// Days between two measurings of a compiler against itself, under each configuration on each of
    /// its hosts; 0 for none
    #[arg(long, default_value_t = UpkeepRules::default().a_a_days, value_name = "DAYS")]
    a_a_days: u32,
    /// The part of the measuring time of a week that measuring once more what a disturbed host
    /// measured may take; 0 for none
    #[arg(long, default_value_t = UpkeepRules::default().rerun_percent, value_name = "PERCENT")]
    rerun_percent: u32,
    /// Where people reach the page, for links in what is posted [default: no links]
    #[arg(long, env = "PERFLEET_PAGE_URL", value_name = "URL")]
    page_url: Option<String>,
}

impl ServeCommand {
    pub(super) async fn run(&self, place: &PlaceOptions) -> Result<Outcome, FunctionsError> {
        let mut options = ServeOptions {
            data_dir: place.data_dir()?,
            listen: self.listen,
            page: self.page.clone(),
            watches: self.watches(&place.data_dir()?)?,
        };
        // By the environment alone: what stands on a command line, everybody on the machine can read.
        let zulip = ZulipSettings::read(|name| std::env::var(name).ok())?;
        let page_url = self.page_url.as_deref();
        let page_url = page_url.map(|url| url.trim_end_matches('/').to_owned());
        let mut context = place
            .here()
            .await?
            .with_upkeep(UpkeepRules {
                a_a_days: self.a_a_days,
                rerun_percent: self.rerun_percent,
            })
            .with_page_url(page_url)
            .with_announcements(announcements::by(zulip));
        if let Some(url) = &self.artifact_url {
            let archives = PublishedArchives::at(url).map_err(FunctionsError::Usage)?;
            context = context.with_availability(Arc::new(archives));
        }
        let context = with_github(context, &options)?;
        if let Some(github) = &context.github {
            options.watches = options.watches.and(&github.watches)?;
        }
        serve::run(context, options).await?;
        Ok(Outcome::Done)
    }

    fn watches(&self, data_dir: &Path) -> Result<Watches, FunctionsError> {
        let usual = data_dir.join(WATCH_FILE);
        match &self.watch {
            Some(file) => Watches::read(file),
            None if usual.is_file() => Watches::read(&usual),
            None => Ok(Watches::default()),
        }
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
