//! An HTTP server on a free port of 127.0.0.1, with a thread of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;

use crate::LocalAwsError;

/// The answers of every server here: small enough to be held as a whole.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Serves until it is dropped. Its thread is its own, so that it can be used from tests with and
/// without an asynchronous runtime.
#[derive(Debug)]
pub(crate) struct LoopbackServer {
    address: SocketAddr,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LoopbackServer {
    /// Every connection is given a clone of `service`. Where the service fails, the connection is
    /// closed without an answer.
    pub(crate) fn start<S>(service: S) -> Result<Self, LocalAwsError>
    where
        S: Service<Request<Incoming>, Response = Answer, Error = std::io::Error>,
        S: Clone + Send + 'static,
        S::Future: Send,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(LocalAwsError::Server)?;
        let (listener, address) = runtime.block_on(listen()).map_err(LocalAwsError::Server)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || run(&runtime, listener, service, stopped));
        Ok(Self {
            address,
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// For what belongs to the server and is to end with it.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

impl Drop for LoopbackServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It has said what it had to say when it panicked.
            let _ = thread.join();
        }
    }
}

async fn listen() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn run<S>(runtime: &Runtime, listener: TcpListener, service: S, stopped: oneshot::Receiver<()>)
where
    S: Service<Request<Incoming>, Response = Answer, Error = std::io::Error>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    runtime.block_on(async {
        tokio::select! {
            _ = stopped => {}
            () = accept(listener, service) => {}
        }
    });
}

async fn accept<S>(listener: TcpListener, service: S)
where
    S: Service<Request<Incoming>, Response = Answer, Error = std::io::Error>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    loop {
        // A client that is gone before it was accepted is no reason to stop.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // Without it small answers wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .preserve_header_case(true)
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service.clone());
        // A connection that fails concerns its client, which sees it.
        tokio::spawn(async move { drop(connection.await) });
    }
}
