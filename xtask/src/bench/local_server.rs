//! A server on a data folder, and the time that it takes to answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::programs::Programs;

/// A running server, which ends with this value.
pub(super) struct LocalServer {
    child: Child,
    /// `127.0.0.1:PORT`.
    host: String,
}

impl LocalServer {
    /// Starts the server on `data` and waits until it listens.
    pub(super) fn start(
        programs: &Programs,
        data: &Path,
        page: Option<&Path>,
    ) -> Result<Self, Error> {
        let mut serve = Command::new(&programs.perfleet);
        serve
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data);
        if let Some(page) = page {
            serve.arg("--page").arg(page);
        }
        let address_file = data.join("server-address");
        let _ = std::fs::remove_file(&address_file);
        let child = serve
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Error::CannotStart {
                command: "perfleet serve".into(),
                source,
            })?;
        let mut server = Self {
            child,
            host: String::new(),
        };
        loop {
            if let Ok(address) = std::fs::read_to_string(&address_file) {
                server.host = address.trim().trim_start_matches("http://").to_owned();
                return Ok(server);
            }
            if !matches!(server.child.try_wait(), Ok(None)) {
                return Err(Error::CommandFailed {
                    command: "perfleet serve".into(),
                    status: "it ended".into(),
                    output: String::new(),
                });
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Asks for a path; returns the seconds from the question to the last byte, and the bytes.
    pub(super) fn get(&self, path: &str) -> Result<(f64, Vec<u8>), Error> {
        let failed = |reason: String| Error::NotUnderstood {
            what: format!("the answer to GET {path}"),
            reason,
        };
        let started = Instant::now();
        let mut stream =
            TcpStream::connect(&self.host).map_err(|error| failed(error.to_string()))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.host
        )
        .map_err(|error| failed(error.to_string()))?;
        let mut answer = Vec::new();
        stream
            .read_to_end(&mut answer)
            .map_err(|error| failed(error.to_string()))?;
        let seconds = started.elapsed().as_secs_f64();
        if answer.starts_with(b"HTTP/1.1 200") {
            Ok((seconds, answer))
        } else {
            Err(failed(String::from_utf8_lossy(&answer).into_owned()))
        }
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
