//! A collector on another machine has ports that pass the conformance suite too: the client over a
//! real connection, the server's side over the embedded store.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use store::conformance::Setting;
use store::embedded::{Clock, EmbeddedStore};
use store::http::{HttpPorts, dispatch};
use store::{CollectorPorts, Store};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

struct Place {
    setting: Setting,
    _folder: tempfile::TempDir,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let milliseconds = Arc::new(AtomicI64::new(1_800_000_000_000));
    let shown = Arc::clone(&milliseconds);
    let clock: Clock =
        Arc::new(move || Timestamp::from_millisecond(shown.load(Ordering::SeqCst)).unwrap());
    let embedded = EmbeddedStore::open_with_clock(folder.path(), clock).unwrap();
    let ports = CollectorPorts {
        queue: Arc::clone(&embedded.queue),
        objects: Arc::clone(&embedded.objects),
    };
    let remote = HttpPorts::new(&serve(ports).await, "a token").into_ports();
    let store = Store {
        index: Arc::clone(&embedded.index),
        queue: remote.queue,
        dead_letters: Arc::clone(&embedded.dead_letters),
        objects: remote.objects,
    };
    Place {
        setting: Setting {
            store,
            other: embedded,
            lease: Duration::from_secs(300),
            let_time_pass: Arc::new(move |time: Duration| {
                let moved = i64::try_from(time.as_millis()).unwrap();
                milliseconds.fetch_add(moved, Ordering::SeqCst);
                Box::pin(async {})
            }),
        },
        _folder: folder,
    }
}

async fn serve(ports: CollectorPorts) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let ports = ports.clone();
            tokio::spawn(async move { answer(&ports, connection).await });
        }
    });
    address
}

/// Answers one request and closes the connection.
async fn answer(ports: &CollectorPorts, connection: TcpStream) {
    let mut connection = BufReader::new(connection);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.unwrap();
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let field = |name: &str| {
        head.iter()
            .filter_map(|line| line.split_once(": "))
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
            .unwrap()
    };
    assert_eq!(field("x-perfleet-token"), "a token");
    let mut body = vec![0; field("content-length").parse().unwrap()];
    connection.read_exact(&mut body).await.unwrap();
    let path = head[0].split(' ').nth(1).unwrap();
    let route = path.rsplit('/').next().unwrap();
    let answer = dispatch(ports, route, &body).await.unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&answer).await.unwrap();
    connection.flush().await.unwrap();
}

macro_rules! define {
    ($group:ident: $($case:ident),* $(,)?) => {
        mod $group {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let place = crate::place().await;
                    store::conformance::$group::$case(&place.setting).await;
                }
            )*
        }
    };
}

store::queue_conformance!(define);
store::objects_conformance!(define);
