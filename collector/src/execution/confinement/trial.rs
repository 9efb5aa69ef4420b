//! Finding out what confines on this host by trying it: a small program is run inside and tries
//! what it must not be able to do.

use std::ffi::OsString;
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Confinement, NetworkBarrier, Sandbox};
use crate::CollectorError;
use crate::execution::{Access, Ending, Execution, Executor, last_lines};
use crate::mode::{self, Mode};

/// How long a trial may take, in milliseconds.
const TIME_LIMIT_MS: u64 = 20_000;

/// How long the trial program waits for a connection. On one host there is nothing to wait for.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// What the trial program could do inside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tried {
    connected: bool,
    read_credential: bool,
    wrote_outside: bool,
    wrote_inside: bool,
}

/// What the trial program is to try.
#[derive(Debug, Serialize, Deserialize)]
struct Targets {
    tcp: String,
    udp: String,
    credential: OsString,
    outside: OsString,
    inside: OsString,
}

/// Finds the best confinement of this host. `unconfined` runs programs as they are; `sandbox` says
/// all about it but what confines. `bubblewrap` is its program, where there is one.
pub fn find(unconfined: &Executor, sandbox: &Sandbox, bubblewrap: Option<PathBuf>) -> Confinement {
    let mut reasons = Vec::new();
    if !cfg!(target_os = "linux") {
        return Confinement::None {
            reason: "for this system no way is known here".to_owned(),
        };
    }
    if bubblewrap.is_none() {
        reasons.push("there is no bwrap".to_owned());
    }
    let candidates = bubblewrap
        .map(|program| Confinement::Bubblewrap { program })
        .into_iter()
        .chain(
            [NetworkBarrier::Namespace, NetworkBarrier::TcpAlone]
                .map(|barrier| Confinement::Landlock { barrier }),
        );
    for confinement in candidates {
        let name = match &confinement {
            Confinement::Bubblewrap { .. } => "bubblewrap",
            Confinement::Landlock {
                barrier: NetworkBarrier::Namespace,
            } => "Landlock with a network namespace",
            Confinement::Landlock { .. } | Confinement::None { .. } => "Landlock alone",
        };
        let executor = unconfined.clone().confined_by(Sandbox {
            confinement: confinement.clone(),
            ..sandbox.clone()
        });
        match holds(&executor) {
            Ok(()) => return confinement,
            Err(reason) => reasons.push(format!("{name}: {reason}")),
        }
    }
    Confinement::None {
        reason: reasons.join("; "),
    }
}

/// Tries what an executor's programs must not be able to do.
///
/// # Errors
/// Says in words what they could do, or why it could not be tried.
pub fn holds(executor: &Executor) -> Result<(), String> {
    let folder = executor.scratch().join("confinement-trial");
    let inside = folder.join("inside");
    let credential = folder.join("credential");
    let outside = folder.join("outside.txt");
    let prepared = || -> io::Result<(TcpListener, UdpSocket)> {
        std::fs::create_dir_all(&inside)?;
        std::fs::write(&credential, "a secret")?;
        let udp = UdpSocket::bind("127.0.0.1:0")?;
        udp.set_nonblocking(true)?;
        Ok((TcpListener::bind("127.0.0.1:0")?, udp))
    };
    let (tcp, udp) = prepared().map_err(|error| format!("it could not be tried: {error}"))?;
    let address = |address: io::Result<std::net::SocketAddr>| {
        address.map_or_else(|error| error.to_string(), |address| address.to_string())
    };
    let targets = Targets {
        tcp: address(tcp.local_addr()),
        udp: address(udp.local_addr()),
        credential: credential.into(),
        outside: outside.clone().into(),
        inside: inside.clone().into(),
    };
    let tried = run_inside(executor, &targets, &folder).map_err(|error| error.to_string())?;
    // What was written into a temporary file system of its own has not got out.
    let tried = Tried {
        wrote_outside: tried.wrote_outside && outside.exists(),
        ..tried
    };
    let sent = udp.recv(&mut [0; 8]).is_ok();
    let udp_is_known_to_be_open = matches!(
        executor.sandbox().confinement,
        Confinement::Landlock {
            barrier: NetworkBarrier::TcpAlone
        }
    );
    let _ = std::fs::remove_dir_all(&folder);
    judge(tried, sent && !udp_is_known_to_be_open)
}

fn run_inside(
    executor: &Executor,
    targets: &Targets,
    folder: &Path,
) -> Result<Tried, CollectorError> {
    let output = folder.join("output.txt");
    let failed = |reason: String| CollectorError::Execution {
        program: "a trial".to_owned(),
        reason,
    };
    let json = serde_json::to_string(targets).map_err(|error| failed(error.to_string()))?;
    let execution = Execution {
        program: executor.collector().into(),
        arguments: vec![json.into()],
        environment: vec![(mode::VARIABLE.into(), Mode::Trial.as_str().into())],
        directory: targets.inside.clone(),
        output: output.clone().into(),
        time_limit_ms: TIME_LIMIT_MS,
        access: Access {
            readable: Vec::new(),
            writable: vec![targets.inside.clone().into()],
        },
    };
    let report = executor.run(&execution)?;
    let written = last_lines(&output, 4_000);
    if report.ending != (Ending::Exited { code: 0 }) {
        return Err(failed(format!("{:?}: {written}", report.ending)));
    }
    serde_json::from_str(&written).map_err(|error| failed(format!("{error}: {written}")))
}

/// Says what a confinement lets through, if anything.
fn judge(tried: Tried, sent: bool) -> Result<(), String> {
    let holes = [
        (tried.connected, "a connection got out"),
        (sent, "a datagram got out"),
        (
            tried.read_credential,
            "a file of the collector could be read",
        ),
        (tried.wrote_outside, "a file could be written outside"),
        (
            !tried.wrote_inside,
            "its own folder could not be written to",
        ),
    ];
    let found: Vec<&str> = holes
        .iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, words)| *words)
        .collect();
    match found.as_slice() {
        [] => Ok(()),
        found => Err(found.join(", ")),
    }
}

/// The trial program: tries everything, and writes what it could do to standard output.
pub(crate) fn run(targets: &OsString) -> io::Result<()> {
    let targets: Targets = serde_json::from_slice(targets.as_encoded_bytes())?;
    let connected = targets
        .tcp
        .parse()
        .is_ok_and(|address| TcpStream::connect_timeout(&address, CONNECT_LIMIT).is_ok());
    // Whether it arrived is for the other side to say.
    let _ = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"hello", &targets.udp));
    let tried = Tried {
        connected,
        read_credential: std::fs::read(&targets.credential).is_ok(),
        wrote_outside: std::fs::write(&targets.outside, "x").is_ok(),
        wrote_inside: std::fs::write(Path::new(&targets.inside).join("file"), "x").is_ok(),
    };
    serde_json::to_writer(io::stdout(), &tried).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hole_is_named_and_a_tight_one_passes() {
        let tight = Tried {
            wrote_inside: true,
            ..Tried::default()
        };
        assert_eq!(judge(tight, false), Ok(()));
        let open = Tried {
            connected: true,
            read_credential: true,
            wrote_outside: true,
            wrote_inside: false,
        };
        insta::assert_snapshot!(judge(open, true).unwrap_err());
    }
}
