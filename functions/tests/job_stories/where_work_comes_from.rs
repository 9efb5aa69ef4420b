//! Where requests come from beside people and branches, whether their compilers are there, and what was
//! asked for as a load of the simulator.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};

use functions::availability::{ArtifactAvailability, Availability, PublishedArchives};
use functions::watching::{self, Watch, WatchedPlace};
use shared_types::{Artifact, ArtifactId, HistoryPosition, Line};

use crate::command_line::perfleet;
use crate::world::{BASE, HEAD, ONE, World, new_request};

fn release(minor: i64, day: &str) -> Artifact {
    let id = |minor: i64| format!("release-1.{minor}.0").parse().unwrap();
    Artifact {
        commit_date: Some(format!("{day}T00:00:00Z").parse().unwrap()),
        history: Some(HistoryPosition {
            line: Line::Releases,
            ordinal: minor,
            parent: Some(id(minor - 1)),
        }),
        ..Artifact::named(id(minor))
    }
}

#[tokio::test]
async fn releases_of_a_list_are_asked_for_once_each_and_none_that_is_too_old() {
    let world = World::new().await;
    world.announce("c1", &[ONE]).await;
    let list = world.folder().join("releases.json");
    let write = |releases: &[Artifact]| {
        std::fs::write(&list, serde_json::to_vec(releases).unwrap()).unwrap();
    };
    let watch = Watch {
        name: "stable".to_owned(),
        place: WatchedPlace::Releases {
            releases: list.clone(),
        },
        since: "2026-01-01T00:00:00Z".parse().unwrap(),
        configurations: vec![ONE.parse().unwrap()],
        selection: new_request(BASE, HEAD, &[ONE]).selection,
        iterations: Some(2),
        priority: 0,
    };
    let look = async || watching::look(&world.context, &watch).await;
    let error = look().await.unwrap_err().to_string();
    assert!(error.contains("releases.json"), "{error}");

    write(&[release(90, "2025-12-01"), release(91, "2026-01-20")]);
    assert_eq!(look().await.unwrap(), 1);
    assert_eq!(look().await.unwrap(), 0);
    write(&[
        release(90, "2025-12-01"),
        release(91, "2026-01-20"),
        release(92, "2026-03-01"),
    ]);
    assert_eq!(look().await.unwrap(), 1);

    world.measure_all(ONE, 1.0).await;
    // The release before the first is measured with it, and so is no other twice.
    assert_eq!(world.run_count(ONE).await, 3);
    std::fs::write(&list, "[{\"id\": 7}]").unwrap();
    let error = look().await.unwrap_err().to_string();
    assert!(error.contains("is no list of artifacts"), "{error}");
}

/// Answers each request with the next status, and hands on what was asked for.
fn archive_server(statuses: &'static [u16]) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = std::thread::spawn(move || {
        let answer = |status: &u16| {
            let (mut connection, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            let mut byte = [0];
            while !asked.ends_with(b"\r\n\r\n") && connection.read(&mut byte).unwrap() == 1 {
                asked.push(byte[0]);
            }
            write!(
                connection,
                "HTTP/1.1 {status} As told\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            .unwrap();
            let _ = connection.shutdown(Shutdown::Both);
            let first_line = String::from_utf8(asked).unwrap();
            first_line.lines().next().unwrap().to_owned()
        };
        statuses.iter().map(answer).collect()
    });
    (format!("http://{address}"), serving)
}

#[tokio::test]
async fn a_server_of_archives_is_asked_for_the_one_of_the_commit_and_the_target() {
    let (server, serving) = archive_server(&[200, 404, 503]);
    let archives = PublishedArchives::at(&format!("{server}/{{sha}}/{{target}}.tar.xz")).unwrap();
    let commit: ArtifactId = "ab".repeat(20).parse().unwrap();
    let ask = async || archives.ask(&commit, "x86_64-unknown-linux-gnu").await;

    assert_eq!(ask().await, Availability::There);
    for status in ["404", "503"] {
        let Availability::NotYet(reason) = ask().await else {
            panic!("an archive that is not there is none to wait for");
        };
        assert!(
            reason.contains(status) && reason.contains(&server),
            "{reason}"
        );
    }
    let asked = serving.join().unwrap();
    let wanted = format!("HEAD /{commit}/x86_64-unknown-linux-gnu.tar.xz HTTP/1.1");
    assert_eq!(asked, [wanted.as_str(); 3]);

    // It is gone by now, and a release has no archive of its own to wait for.
    assert!(matches!(ask().await, Availability::NotYet(_)));
    let release = "release-1.95.0".parse().unwrap();
    let answer = archives.ask(&release, "x86_64-unknown-linux-gnu").await;
    assert_eq!(answer, Availability::There);
}

#[tokio::test]
async fn what_was_asked_for_is_a_load_for_the_simulator() {
    let world = World::new().await;
    let nothing = perfleet(world.folder(), &["simulate", "--recorded"], "");
    assert_eq!(nothing.code, 1);
    assert!(nothing.stderr.contains("nothing was asked for here yet"));

    world.announce("c1", &[ONE]).await;
    world.ask(BASE, HEAD, &[ONE]).await;
    world.measure_all(ONE, 1.0).await;
    let load = perfleet(
        world.folder(),
        &["simulate", "--recorded", "--print-load"],
        "",
    )
    .json();
    assert_eq!(load["requests"].as_array().unwrap().len(), 1);
    assert_eq!(load["requests"][0]["head"], HEAD);
    assert_eq!(load["collectors"][0]["name"], "c1");
    let report = perfleet(world.folder(), &["simulate", "--recorded", "--json"], "").json();
    assert_eq!(report["outcome"]["violations"], serde_json::json!([]));
    assert_eq!(
        report["outcome"]["answers"].as_array().map(Vec::len),
        Some(1)
    );
}
