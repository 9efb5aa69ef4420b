//! What the programs that are measured, and those that compile for them, see of the collector's
//! environment.

use std::process::{Command, Stdio};

use shared_types::Profile;
use store::embedded::open_collector_ports;

use crate::fixture::{Fixture, job, real_toolchain, write};

/// In the value of each variable that is a secret here.
const SECRET: &str = "xyzzy-secret";

const SECRETS: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "PERFLEET_TOKEN",
    "CARGO_REGISTRIES_OURS_TOKEN",
];

/// Makes the tiny crate one whose build script tells its environment.
fn write_curious_build_script(fixture: &Fixture, told: &str) {
    let script = format!(
        "use std::io::Write;\n\
         fn main() {{\n    \
             let mut told = std::fs::OpenOptions::new().create(true).append(true)\
                 .open({told:?}).unwrap();\n    \
             for (name, value) in std::env::vars() {{\n        \
                 writeln!(told, \"build script: {{name}}={{value}}\").unwrap();\n    \
             }}\n\
         }}\n"
    );
    write(&fixture.path("suite/stress/tiny/build.rs"), &script);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_reaches_a_compiler_or_a_build_script() {
    let fixture = Fixture::new();
    let told = fixture.path("told");
    let told_text = told.to_str().unwrap();
    write_curious_build_script(&fixture, told_text);
    fixture.fake_toolchain("true");
    // The compiler is asked for its version, too, and that one is as curious as any.
    let compiler = fixture.path("fake/bin/rustc");
    let real = std::fs::read_to_string(&compiler).unwrap();
    let curious = format!("#!/bin/sh\nenv | sed \"s/^/rustc $1: /\" >> '{told_text}'\n");
    write(&compiler, &real.replacen("#!/bin/sh\n", &curious, 1));

    let job = job(
        &real_toolchain(),
        &[("tiny", Profile::Check, &["full", "incr-full"])],
    );
    let ports = open_collector_ports(&fixture.path("data")).unwrap();
    let queue = store::QueueName::Jobs(job.configuration.clone());
    let body = serde_json::to_string(&job).unwrap();
    ports.queue.send(&queue, &body).await.unwrap();

    let status = Command::new(env!("CARGO_BIN_EXE_collector"))
        // They tell it where no confined program may write.
        .args(["run", "--confinement", "none", "--once"])
        .args(["--count-below", "0", "--data-dir"])
        .arg(fixture.path("data"))
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .args(["--configuration", job.configuration.as_str()])
        .arg(format!(
            "--toolchain={}={}",
            job.runs[0].artifact,
            fixture.path("fake").display()
        ))
        .envs(SECRETS.map(|name| (name, format!("{name}-{SECRET}"))))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());

    let told = std::fs::read_to_string(&told).unwrap();
    for who in [
        "build script: PATH=",
        "rustc -vV: PATH=",
        "rustc --crate-name: PATH=",
    ] {
        assert!(told.contains(who), "{who} is not in:\n{told}");
    }
    let leaked: Vec<&str> = told.lines().filter(|line| line.contains(SECRET)).collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
}
