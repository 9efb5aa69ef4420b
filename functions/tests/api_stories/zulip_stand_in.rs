//! A Zulip for tests, which holds its callers to the rules of the real one: Basic authentication,
//! channels that exist, lengths, and a rate limit.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(crate) const BOT: &str = "perf-bot@example.org";
pub(crate) const KEY: &str = "very-secret-key";
pub(crate) const CHANNEL: &str = "t-compiler/performance";

/// What the stand-in does with the next messages that follow the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Posts them.
    Well,
    /// Refuses so many first, since too much was posted.
    Busy(u32),
    /// Posts them, and ends the connection before it answers.
    DropsTheAnswer,
}

#[derive(Debug, Default)]
struct Inside {
    posted: Vec<String>,
    busy_left: u32,
    drops_the_answer: bool,
}

/// The stand-in.
pub(crate) struct ZulipStandIn {
    pub(crate) site: String,
    inside: Arc<Mutex<Inside>>,
}

impl ZulipStandIn {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let inside = Arc::new(Mutex::new(Inside::default()));
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Whoever hangs up early is no concern of a server.
                let _ = answer(stream, &shared);
            }
        });
        Self { site, inside }
    }

    /// One of which only the address is known.
    pub(crate) fn at(site: &str) -> Self {
        Self {
            site: site.to_owned(),
            inside: Arc::default(),
        }
    }

    pub(crate) fn is(&self, mood: Mood) {
        let mut inside = self.inside.lock().unwrap();
        inside.busy_left = match mood {
            Mood::Busy(times) => times,
            _ => 0,
        };
        inside.drops_the_answer = mood == Mood::DropsTheAnswer;
    }

    pub(crate) fn posted(&self) -> Vec<String> {
        self.inside.lock().unwrap().posted.clone()
    }
}

fn answer(mut stream: TcpStream, inside: &Mutex<Inside>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let request_line = line.trim().to_owned();
    let (mut length, mut authorization) = (0, String::new());
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => authorization = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, headers, json) = match judged(&request_line, &authorization, &body, inside) {
        Some(answer) => answer,
        None => return Ok(()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\
         connection: close\r\n\r\n{json}",
        json.len()
    )
}

type Answer = (&'static str, &'static str, String);

fn error(status: &'static str, code: &str, message: &str) -> Option<Answer> {
    let json = serde_json::json!({ "result": "error", "msg": message, "code": code });
    let headers = if status.starts_with("429") {
        "retry-after: 0\r\n"
    } else {
        ""
    };
    Some((status, headers, json.to_string()))
}

/// `None` where the connection is to end without an answer.
fn judged(
    request_line: &str,
    authorization: &str,
    body: &[u8],
    inside: &Mutex<Inside>,
) -> Option<Answer> {
    if request_line != "POST /api/v1/messages HTTP/1.1" {
        return error("404 Not Found", "BAD_REQUEST", "no such endpoint");
    }
    if authorization != format!("Basic {}", STANDARD.encode(format!("{BOT}:{KEY}"))) {
        return error("401 Unauthorized", "INVALID_API_KEY", "Invalid API key");
    }
    let fields: std::collections::BTreeMap<String, String> =
        form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    if field("type") != "stream" {
        return error("400 Bad Request", "BAD_REQUEST", "Invalid message type");
    }
    if field("to") != CHANNEL {
        let message = format!("Channel '{}' does not exist", field("to"));
        return error("400 Bad Request", "STREAM_DOES_NOT_EXIST", &message);
    }
    let topic = field("topic").chars().count();
    let content = field("content");
    if !(1..=60).contains(&topic) || content.trim().is_empty() || content.chars().count() > 10_000 {
        return error("400 Bad Request", "BAD_REQUEST", "Invalid topic or content");
    }
    let mut inside = inside.lock().unwrap();
    if inside.busy_left > 0 {
        inside.busy_left -= 1;
        return error(
            "429 Too Many Requests",
            "RATE_LIMIT_HIT",
            "API usage exceeded rate limit",
        );
    }
    inside.posted.push(content.to_owned());
    if inside.drops_the_answer {
        return None;
    }
    let id = inside.posted.len();
    Some((
        "200 OK",
        "",
        format!(r#"{{"result":"success","msg":"","id":{id}}}"#),
    ))
}
