//! Where a monitoring system reads what an agent does: an address, a file, or both.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use clap::Args;
use shared_types::exposition::MEDIA_TYPE;
use tokio::net::TcpListener;

use crate::agent::TelemetryPage;
use crate::{CollectorError, durable_file};

/// How often the file is written.
const WRITTEN_EVERY: Duration = Duration::from_secs(15);

/// What is told, and where.
#[derive(Debug, Args)]
pub(super) struct TelemetryOptions {
    /// Answers Prometheus at http://ADDRESS/metrics, and prints the address; port 0 takes any that is
    /// free
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
    /// Writes the same into a file every 15 seconds, for node_exporter's textfile collector
    #[arg(long, value_name = "FILE.prom")]
    metrics_file: Option<PathBuf>,
}

impl TelemetryOptions {
    /// Begins to tell.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the file cannot be written.
    pub(super) async fn start(&self, page: &TelemetryPage) -> Result<(), CollectorError> {
        if let Some(address) = self.metrics_listen {
            let listener = TcpListener::bind(address).await;
            let listener = listener.map_err(|error| cannot_listen(address, &error))?;
            let address = listener.local_addr();
            let address = address.map_err(CollectorError::io("ask for", "the address".as_ref()))?;
            eprintln!("metrics at http://{address}/metrics");
            tokio::spawn(answer(listener, page.clone()));
        }
        if let Some(path) = &self.metrics_file {
            self.write(page)?;
            let (path, page) = (path.clone(), page.clone());
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(WRITTEN_EVERY).await;
                    if let Err(error) = durable_file::write(&path, text(&page).await.as_bytes()) {
                        eprintln!("note: `{}` cannot be written: {error}", path.display());
                    }
                }
            });
        }
        Ok(())
    }

    /// Writes the file, if there is to be one, as it is now.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(super) fn write(&self, page: &TelemetryPage) -> Result<(), CollectorError> {
        let Some(path) = &self.metrics_file else {
            return Ok(());
        };
        durable_file::write(path, page.text().as_bytes()).map_err(CollectorError::io("write", path))
    }
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> CollectorError {
    CollectorError::Usage {
        reason: format!(
            "cannot tell metrics at {address}: {error}; choose another address by \
             `--metrics-listen 127.0.0.1:PORT`, or any free port by `127.0.0.1:0`"
        ),
    }
}

async fn answer(listener: TcpListener, page: TelemetryPage) {
    let router = Router::new().route(
        "/metrics",
        get(async move || ([(CONTENT_TYPE, MEDIA_TYPE)], text(&page).await)),
    );
    if let Err(error) = axum::serve(listener, router).await {
        eprintln!("note: metrics are not told any more: {error}");
    }
}

/// The text, read apart from what the agent waits for.
async fn text(page: &TelemetryPage) -> String {
    let page = page.clone();
    let read = tokio::task::spawn_blocking(move || page.text());
    read.await.unwrap_or_default()
}
