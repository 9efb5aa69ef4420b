//! Something that answers every call as S3 refuses one, by a clock of its own.

use std::io::{Read, Write};
use std::net::TcpListener;

use jiff::{SignedDuration, Timestamp};

pub(crate) struct RefusingServer {
    pub(crate) address: String,
}

impl RefusingServer {
    /// Refuses with `code`, and tells a time that is so many seconds from the right one.
    pub(crate) fn start(code: &'static str, clock_offset_s: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let _ = connection.read(&mut [0; 65_536]);
                let at = Timestamp::now() + SignedDuration::from_secs(clock_offset_s);
                let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
                let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
                let length = body.len();
                let _ = write!(
                    connection,
                    "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nDate: {date}\r\n\
                     Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                );
            }
        });
        Self { address }
    }
}
