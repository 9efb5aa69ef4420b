//! The processes around a measured program.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use collector::execution::{Access, Ending, Execution, Leash};
use shared_types::Profile;

use crate::fixture::{Fixture, executor, job, measure};

fn shell(folder: &Path, script: &str) -> Execution {
    Execution {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: vec![("PATH".into(), std::env::var_os("PATH").unwrap())],
        directory: folder.into(),
        output: folder.join("output.txt").into(),
        time_limit_ms: 60_000,
        access: Access::default(),
    }
}

#[test]
fn the_report_tells_how_a_program_ended() {
    let folder = tempfile::tempdir().unwrap();
    let executor = executor(folder.path().to_owned(), Leash::default());
    let ending = |script: &str| executor.run(&shell(folder.path(), script)).unwrap().ending;
    assert_eq!(ending("exit 7"), Ending::Exited { code: 7 });
    assert_eq!(
        ending("kill -ABRT $$"),
        Ending::Signalled {
            signal: libc::SIGABRT
        }
    );
    let mut missing = shell(folder.path(), "");
    missing.program = OsString::from("/no/such/program");
    let ending = executor.run(&missing).unwrap().ending;
    assert_eq!(
        ending,
        Ending::NotStarted {
            error: libc::ENOENT
        }
    );
}

#[test]
fn addresses_are_the_same_in_every_run() {
    let folder = tempfile::tempdir().unwrap();
    let executor = executor(folder.path().to_owned(), Leash::default());
    let addresses = || {
        let report = executor
            .run(&shell(folder.path(), "cat /proc/self/maps"))
            .unwrap();
        let maps = std::fs::read_to_string(folder.path().join("output.txt")).unwrap();
        (report.fixed_addresses, maps)
    };
    let (fixed, first) = addresses();
    let (_, second) = addresses();
    assert_eq!(fixed, first == second);
}

#[test]
fn a_process_that_was_left_behind_is_ended_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let executor = executor(folder.path().to_owned(), Leash::default());
    let script = "setsid sleep 1000 & echo $!";
    let report = executor.run(&shell(folder.path(), script)).unwrap();
    assert_eq!(report.ending, Ending::Exited { code: 0 });
    assert_eq!(report.left_behind, 1);
    let left = std::fs::read_to_string(folder.path().join("output.txt")).unwrap();
    assert!(!Path::new("/proc").join(left.trim()).exists());
}

#[test]
fn cutting_the_leash_ends_what_is_running() {
    let folder = tempfile::tempdir().unwrap();
    let leash = Leash::default();
    let executor = executor(folder.path().to_owned(), leash.clone());
    let started = folder.path().join("started");
    let script = format!("touch {}; sleep 1000", started.display());
    let execution = shell(folder.path(), &script);
    let cutter = std::thread::spawn(move || {
        while !started.exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        leash.cut();
    });
    assert_eq!(executor.run(&execution).unwrap().ending, Ending::CalledOff);
    cutter.join().unwrap();
    assert_eq!(executor.run(&execution).unwrap().ending, Ending::CalledOff);
}

#[test]
fn no_secret_of_the_collector_reaches_a_compiler_or_a_build() {
    let fixture = Fixture::new();
    let seen = fixture.path("environment");
    let toolchain = fixture.fake_toolchain(&format!("env > {}", seen.display()));
    // The environment of this test is that of all its neighbours, so that the collector with the
    // secrets is a process of its own.
    let name = fixture.path("fake");
    let output = Command::new(env!("CARGO_BIN_EXE_collector"))
        .args(["bench", name.to_str().unwrap(), name.to_str().unwrap()])
        .args([
            "--include",
            "tiny",
            "--profiles",
            "check",
            "--scenarios",
            "full",
        ])
        .args(["--iterations", "1", "--count-below", "0", "--json"])
        // It writes where no confined program may.
        .args(["--confinement", "none"])
        .arg("--suite")
        .arg(fixture.path("suite"))
        .arg("--work-dir")
        .arg(fixture.path("work"))
        .env("AWS_SECRET_ACCESS_KEY", "hush-1")
        .env("CARGO_REGISTRY_TOKEN", "hush-2")
        .env("PERFLEET_TOKEN", "hush-3")
        .env("SOME_OTHER_VARIABLE", "hush-4")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let environment = std::fs::read_to_string(&seen).unwrap();
    assert!(environment.contains("CARGO_PKG_NAME=tiny"), "{environment}");
    assert!(!environment.contains("hush"), "{environment}");
    assert!(!environment.contains("PERFLEET_"), "{environment}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["comparison"]["a_a"], true);
    drop(toolchain);
}

#[test]
fn a_script_in_place_of_a_compiler_is_measured_as_one() {
    let fixture = Fixture::new();
    let toolchain = fixture.fake_toolchain("true");
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"][..])]);
    let document = measure(&fixture.bench(), &job, &toolchain).document;
    assert_eq!(document.failures, []);
}
