//! A server of files on this machine that counts what it sends, and fails as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// How long a server is silent that has stalled: longer than any test waits for it.
const STALLED: Duration = Duration::from_secs(600);

/// A file that is served.
#[derive(Clone)]
struct Served {
    content: Arc<Vec<u8>>,
    entity_tag: Option<String>,
}

/// How the next answer about a file goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// With this status instead of the file.
    Status(u16),
    /// The connection ends after so many bytes.
    BreakAfter(usize),
    /// Nothing more comes after so many bytes.
    StallAfter(usize),
    /// The whole file comes, though a part was asked for.
    IgnoreRange,
    /// The file comes with a pause before it.
    Delay(Duration),
}

/// A request, and what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) path: String,
    /// The first byte that was asked for, where a part was.
    pub(crate) from: Option<usize>,
    pub(crate) status: u16,
    pub(crate) bytes_sent: usize,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Served>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    seen: Vec<Seen>,
    redirections: BTreeMap<String, String>,
    tags: u32,
}

/// The server. It ends with the test's process.
#[derive(Clone)]
pub(crate) struct ArchiveServer {
    address: String,
    state: Arc<Mutex<State>>,
}

impl ArchiveServer {
    pub(crate) fn start() -> Self {
        Self::listening("http", |own, connection| own.answer(connection))
    }

    /// The same, which speaks TLS.
    #[cfg(feature = "https")]
    pub(crate) fn start_tls(config: Arc<rustls::ServerConfig>) -> Self {
        Self::listening("https", move |own, connection| {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            own.answer(rustls::StreamOwned::new(session, connection));
        })
    }

    fn listening(scheme: &str, serve: impl Fn(&Self, TcpStream) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: format!("{scheme}://{}", listener.local_addr().unwrap()),
            state: Arc::default(),
        };
        let own = server.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (own, serve) = (own.clone(), serve.clone());
                std::thread::spawn(move || serve(&own, connection.unwrap()));
            }
        });
        server
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Serves a file, under a new entity tag.
    pub(crate) fn put(&self, path: &str, content: Vec<u8>) {
        let mut state = self.state();
        state.tags += 1;
        let entity_tag = Some(format!("\"{}\"", state.tags));
        state.files.insert(
            path.to_owned(),
            Served {
                content: Arc::new(content),
                entity_tag,
            },
        );
    }

    /// Serves another file under the same entity tag, as no server should.
    pub(crate) fn put_unnoticed(&self, path: &str, content: Vec<u8>) {
        let mut state = self.state();
        state.files.get_mut(path).unwrap().content = Arc::new(content);
    }

    /// Tells nothing any more by which a changed file could be known.
    pub(crate) fn forget_tag(&self, path: &str) {
        self.state().files.get_mut(path).unwrap().entity_tag = None;
    }

    pub(crate) fn remove(&self, path: &str) {
        self.state().files.remove(path);
    }

    /// Sends whoever asks for a path to another address.
    #[cfg(feature = "https")]
    pub(crate) fn redirect(&self, path: &str, location: String) {
        self.state().redirections.insert(path.to_owned(), location);
    }

    pub(crate) fn content(&self, path: &str) -> Vec<u8> {
        self.state().files[path].content.to_vec()
    }

    /// The next answers about a file go wrong in this way, one after the other.
    pub(crate) fn fail(&self, path: &str, faults: &[Fault]) {
        let mut state = self.state();
        state
            .faults
            .entry(path.to_owned())
            .or_default()
            .extend(faults);
    }

    /// The requests for a file so far.
    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        let state = self.state();
        let seen = state.seen.iter().filter(|seen| seen.path == path);
        seen.cloned().collect()
    }

    pub(crate) fn requests(&self) -> usize {
        self.state().seen.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn answer(&self, mut connection: impl Read + Write) {
        let mut path = String::new();
        let mut from = None;
        let mut condition = None;
        for line in BufReader::new(&mut connection).lines() {
            let Ok(line) = line else { return };
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("GET ") {
                path = rest.split(' ').next().unwrap().to_owned();
            } else if let Some((name, value)) = line.split_once(": ") {
                match name.to_ascii_lowercase().as_str() {
                    "range" => {
                        let first = value.trim_start_matches("bytes=").trim_end_matches('-');
                        from = Some(first.parse::<usize>().unwrap());
                    }
                    "if-range" => condition = Some(value.to_owned()),
                    _ => {}
                }
            }
        }
        let redirection = self.state().redirections.get(&path).cloned();
        if let Some(location) = redirection {
            let answer = format!(
                "HTTP/1.1 302 So\r\nLocation: {location}\r\nContent-Length: 0\r\n\
                 Connection: close\r\n\r\n"
            );
            let _ = connection.write_all(answer.as_bytes());
            return;
        }
        let (file, fault) = {
            let mut state = self.state();
            let fault = state.faults.get_mut(&path).and_then(VecDeque::pop_front);
            (state.files.get(&path).cloned(), fault)
        };
        let sent = send(
            &mut connection,
            file.as_ref(),
            fault,
            (from, condition),
            |seen| {
                self.state().seen.push(Seen {
                    path: path.clone(),
                    from,
                    ..seen
                });
            },
        );
        // Whoever asked may have gone.
        drop(sent);
    }
}

/// Sends an answer. `note` hears what will have been sent before the last of it is.
fn send(
    connection: &mut impl Write,
    file: Option<&Served>,
    fault: Option<Fault>,
    (from, condition): (Option<usize>, Option<String>),
    note: impl FnOnce(Seen),
) -> std::io::Result<()> {
    let seen = |status, bytes_sent| Seen {
        path: String::new(),
        from: None,
        status,
        bytes_sent,
    };
    let refusal = match (fault, file) {
        (Some(Fault::Status(status)), _) => Some(status),
        (_, None) => Some(404),
        _ => None,
    };
    if let Some(status) = refusal {
        note(seen(status, 0));
        return write!(
            connection,
            "HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    let Served {
        content,
        entity_tag,
    } = file.unwrap();
    if let Some(Fault::Delay(pause)) = fault {
        std::thread::sleep(pause);
    }
    let holds = condition.is_none() || condition == *entity_tag;
    let first = from.filter(|_| holds && fault != Some(Fault::IgnoreRange));
    let total = content.len();
    let tag = entity_tag
        .as_ref()
        .map_or_else(String::new, |tag| format!("ETag: {tag}\r\n"));
    let body = &content[first.unwrap_or_default()..];
    let (status, range) = match first {
        Some(first) => {
            let range = format!("Content-Range: bytes {first}-{}/{total}\r\n", total - 1);
            (206, range)
        }
        None => (200, String::new()),
    };
    let cut = match fault {
        Some(Fault::BreakAfter(bytes) | Fault::StallAfter(bytes)) => bytes.min(body.len()),
        _ => body.len(),
    };
    write!(
        connection,
        "HTTP/1.1 {status} So\r\n{tag}{range}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    note(seen(status, cut));
    connection.write_all(&body[..cut])?;
    if let Some(Fault::StallAfter(_)) = fault {
        std::thread::sleep(STALLED);
    }
    Ok(())
}
