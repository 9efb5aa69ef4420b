//! `perfleet serve`: the whole system in one process, over the embedded store. It answers the API,
//! hands out the series and the page, and does what functions in the cloud would do.

mod background;
mod http;
mod instance;
mod telemetry;

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use store::TokenRole;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use crate::site::page::{PAGE_FOLDER_VARIABLE, inside as file_of_page};
pub use instance::ADDRESS_FILE;

use crate::api::credentials;
use crate::site::Site;
use crate::site::page::{self, Page};
use crate::watching::Watches;
use crate::{Context, FunctionsError};
use instance::Instance;

/// The address on which the server listens unless told otherwise.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7878";

/// How long answers that are being sent are waited for when the server is to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// How the server is to run.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The folder that holds all data. Made where it is not there.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// The folder of the built page; `None` looks into [`PAGE_FOLDER_VARIABLE`] and the checkout.
    pub page: Option<PathBuf>,
    /// What is watched.
    pub watches: Watches,
}

/// Runs the server until it is told to end by SIGINT or SIGTERM.
///
/// # Errors
/// When another server works on the data folder, the address cannot be listened on, or the store
/// cannot be opened.
pub async fn run(context: Context, options: ServeOptions) -> Result<(), FunctionsError> {
    // Taken first: two servers would hand out each job twice.
    let instance = Instance::acquire(&options.data_dir)?;
    let signals = EndSignals::install()?;
    let listener = listen(options.listen).await?;
    let address = listener
        .local_addr()
        .map_err(FunctionsError::io("asking for the server's own address"))?;
    print_first_token(&context).await?;
    let url = format!("http://{address}");
    instance.announce(&url)?;
    say(&format!("listening on {url}"))?;

    let (stop, stopping) = watch::channel(false);
    let loops = background::start(&context, &stopping, options.watches);
    let folder = page::find_folder(options.page.as_deref());
    let site = Site {
        context,
        page: Arc::new(Page::new(folder)),
    };
    let serving = tokio::spawn(http::serve(listener, site, stopping));
    signals.received().await?;
    tracing::info!("ending: waiting for answers that are being sent");
    // Nobody to tell is no error: then all have ended already.
    let _ = stop.send(true);
    let ended = async {
        let served = serving.await;
        loops.ended().await;
        served
    };
    match tokio::time::timeout(FAREWELL, ended).await {
        Ok(Ok(served)) => served,
        Ok(Err(panic)) => Err(FunctionsError::Defect(panic.to_string())),
        // Whoever still waits asks again: every answer and every message can be repeated.
        Err(_) => Ok(()),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, FunctionsError> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => {
                "another program listens there; choose another address by `--listen \
                 127.0.0.1:PORT`, or any free port by `--listen 127.0.0.1:0`"
                    .to_owned()
            }
            ErrorKind::PermissionDenied => {
                "this user may not; choose a port above 1023 by `--listen 127.0.0.1:PORT`"
                    .to_owned()
            }
            _ => format!("{error}; choose another address by `--listen ADDRESS:PORT`"),
        };
        FunctionsError::Usage(format!("cannot listen on {address}: {advice}"))
    })
}

/// Makes the first token of a new data folder and shows it, once.
async fn print_first_token(context: &Context) -> Result<(), FunctionsError> {
    let index = context.store.index.as_ref();
    if index.has_tokens().await? {
        return Ok(());
    }
    let random = context.random_bytes()?;
    let token =
        credentials::issue_token(index, "admin", TokenRole::Admin, &random, context.now()).await?;
    // Not by way of the log, which may be kept.
    let mut out = std::io::stderr().lock();
    writeln!(
        out,
        "the token for writes, shown this once: {token}\n\
         send it in the header `X-Perfleet-Token`; `perfleet token create` makes others"
    )
    .map_err(FunctionsError::io("showing the first token"))
}

/// Says something to who started the server, who may wait for just this line.
fn say(line: &str) -> Result<(), FunctionsError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(FunctionsError::io("writing to standard output"))
}

/// The signals that end the server. They are ours from the moment in which this is made, so it is
/// made before anybody is told that the server runs.
#[cfg(unix)]
struct EndSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl EndSignals {
    fn install() -> Result<Self, FunctionsError> {
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| signal(kind).map_err(FunctionsError::io("waiting for signals"));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    async fn received(mut self) -> Result<(), FunctionsError> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        Ok(())
    }
}

/// The signals that end the server.
#[cfg(not(unix))]
struct EndSignals;

#[cfg(not(unix))]
impl EndSignals {
    fn install() -> Result<Self, FunctionsError> {
        Ok(Self)
    }

    async fn received(self) -> Result<(), FunctionsError> {
        tokio::signal::ctrl_c()
            .await
            .map_err(FunctionsError::io("waiting for signals"))
    }
}
