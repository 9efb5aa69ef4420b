//! Build scripts that mean harm, each in every sandbox of this machine.

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};

use collector::execution::{Access, Confinement, Ending, Execution, Leash, Limit};
use collector::measure::Workbench;
use shared_types::Profile;
use shared_types::job::Trust;
use shared_types::result_document::{FailureKind, MeasuringFailure, ResultDocument};

use crate::fixture::{Fixture, executor, job, measure, measurement, real_toolchain, write};
use crate::sandbox::{confined_bench, confined_executor, sandboxes};

/// Makes the tiny crate one with a build script.
fn write_build_script(fixture: &Fixture, body: &str) {
    let script = format!("fn main() {{\n{body}\n}}\n");
    write(&fixture.path("suite/stress/tiny/build.rs"), &script);
}

fn measure_tiny(bench: &Workbench) -> ResultDocument {
    let toolchain = real_toolchain();
    let job = job(&toolchain, &[("tiny", Profile::Check, &["full"][..])]);
    measure(bench, &job, &toolchain).document
}

fn only_failure(document: &ResultDocument) -> &MeasuringFailure {
    let [failure] = document.failures.as_slice() else {
        panic!("one failure was expected: {:?}", document.failures);
    };
    failure
}

/// What a failed build tells, for whoever reads a failing test.
fn told(failure: &MeasuringFailure) -> String {
    format!("{}: {}\n{}", failure.kind, failure.message, failure.output)
}

/// A build script that tries to get out in every way, tells which ways were open, and fails.
fn write_escaping_build_script(fixture: &Fixture, (tcp, udp): (&TcpListener, &UdpSocket)) {
    let own = std::process::id();
    let credential = fixture.path("credential");
    write(&credential, "a secret");
    write(&fixture.path("work/spool/result"), "not delivered yet");
    let attempts = [
        (
            "connect",
            format!(
                "std::net::TcpStream::connect({:?}).is_ok()",
                tcp.local_addr().unwrap().to_string()
            ),
        ),
        (
            "read the credential",
            format!("std::fs::read({credential:?}).is_ok()"),
        ),
        (
            "read the spool",
            format!(
                "std::fs::read({:?}).is_ok()",
                fixture.path("work/spool/result")
            ),
        ),
        (
            "read the collector's environment",
            format!("std::fs::read(\"/proc/{own}/environ\").is_ok()"),
        ),
        (
            "signal the collector",
            format!(
                "std::process::Command::new(\"sh\").args([\"-c\", \"kill -0 {own}\"]).status()\
                 .unwrap().success()"
            ),
        ),
        (
            "write outside",
            format!(
                "std::fs::write({:?}, \"x\").is_ok()",
                fixture.path("outside")
            ),
        ),
        (
            "write into the sources",
            "std::fs::write(\"src/added.rs\", \"x\").is_ok()".to_owned(),
        ),
    ];
    let mut body = format!(
        "let _ = std::net::UdpSocket::bind(\"0.0.0.0:0\").unwrap().send_to(b\"hello\", {:?});\n",
        udp.local_addr().unwrap().to_string()
    );
    for (name, attempt) in attempts {
        body.push_str(&format!(
            "eprintln!(\"{{}}: {name}\", if {attempt} {{ \"OPEN\" }} else {{ \"closed\" }});\n"
        ));
    }
    body.push_str(
        "std::fs::write(std::env::temp_dir().join(\"perfleet-build\"), \"x\").unwrap();\n\
         std::fs::write(std::path::Path::new(&std::env::var(\"OUT_DIR\").unwrap())\
         .join(\"file\"), \"x\").unwrap();\n\
         panic!(\"done\");",
    );
    write_build_script(fixture, &body);
}

/// The ways out that a build script found open.
fn open_ways(failure: &MeasuringFailure) -> Vec<&str> {
    assert!(failure.output.contains("done"), "{}", told(failure));
    let lines = failure.output.lines();
    lines
        .filter_map(|line| line.trim().strip_prefix("OPEN: "))
        .collect()
}

#[test]
fn a_build_script_reaches_neither_network_nor_credentials_nor_what_is_outside_its_folders() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_nonblocking(true).unwrap();
    let arrived = || udp.recv(&mut [0; 8]).is_ok();

    // All of it is open where nothing confines: else this test would prove nothing.
    let fixture = Fixture::new();
    write_escaping_build_script(&fixture, (&tcp, &udp));
    let document = measure_tiny(&fixture.bench());
    assert_eq!(open_ways(only_failure(&document)).len(), 7);
    assert!(arrived());

    for (name, sandbox) in sandboxes() {
        let fixture = Fixture::new();
        write_escaping_build_script(&fixture, (&tcp, &udp));
        let document = measure_tiny(&confined_bench(&fixture, &sandbox));
        let failure = only_failure(&document);
        let mut open = open_ways(failure);
        // There the way leads into a file system that only the script sees.
        open.retain(|way| *way != "write outside" || fixture.path("outside").exists());
        assert_eq!(open, [] as [&str; 0], "{name}: {}", told(failure));
        assert!(!arrived(), "{name}: a datagram got out");
    }
}

/// The processes of this machine with a word on their command line.
fn processes_with(word: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|process| {
            let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0)
                .any(|argument| argument == word.as_bytes())
        })
        .collect()
}

/// A number of seconds that no other sleeper has.
fn unique_seconds(name: &str) -> String {
    format!("1000.{}{}", std::process::id(), name.len())
}

#[test]
fn a_daemon_that_a_build_script_leaves_behind_does_not_outlive_the_build() {
    for (name, sandbox) in sandboxes() {
        let fixture = Fixture::new();
        let seconds = unique_seconds(name);
        write_build_script(
            &fixture,
            &format!(
                "let started = std::path::PathBuf::from(std::env::var(\"OUT_DIR\").unwrap())\
                 .join(\"started\");\n\
                 let script = format!(\"exec >/dev/null 2>&1; touch {{}}; exec sleep {seconds}\", started.display());\n\
                 std::process::Command::new(\"setsid\").args([\"sh\", \"-c\", &script]).spawn()\
                 .unwrap();\n\
                 while !started.exists() {{\n\
                     std::thread::sleep(std::time::Duration::from_millis(5));\n\
                 }}\n"
            ),
        );
        let document = measure_tiny(&confined_bench(&fixture, &sandbox));
        assert_eq!(document.failures, [], "{name}");
        assert!(measurement(&document, "tiny/check/full").is_some());
        assert_eq!(processes_with(&seconds), [] as [&Path; 0], "{name}");
    }
}

#[test]
fn a_build_script_that_starts_processes_without_end_is_stopped_at_the_limit() {
    for (name, sandbox) in sandboxes() {
        let fixture = Fixture::new();
        let seconds = unique_seconds(name);
        write_build_script(
            &fixture,
            &format!(
                "loop {{\n\
                     std::process::Command::new(\"setsid\").args([\"sleep\", \"{seconds}\"])\
                     .spawn().unwrap();\n\
                 }}"
            ),
        );
        let document = measure_tiny(&confined_bench(&fixture, &sandbox));
        let failure = only_failure(&document);
        assert!(
            failure
                .message
                .contains("200 processes and threads at a time"),
            "{name}: {}",
            told(failure)
        );
        assert_ne!(failure.kind, FailureKind::Host, "{name}");
        assert_eq!(processes_with(&seconds), [] as [&Path; 0], "{name}");
    }
}

#[test]
fn a_build_script_gets_no_more_memory_than_the_limit_alone_or_by_many_processes() {
    let alone = "let memory = vec![7_u8; 3 << 30];\nprintln!(\"{}\", memory[1 << 30]);";
    let together = "\
        let own = std::env::current_exe().unwrap();\n\
        if std::env::args().nth(1).is_some() {\n\
            let memory = vec![7_u8; 400 << 20];\n\
            std::thread::sleep(std::time::Duration::from_secs(1000));\n\
            println!(\"{}\", memory[300 << 20]);\n\
        } else {\n\
            let all: Vec<_> = (0..5)\n\
                .map(|_| std::process::Command::new(&own).arg(\"take\").spawn().unwrap())\n\
                .collect();\n\
            for mut one in all { one.wait().unwrap(); }\n\
        }";
    for (name, sandbox) in sandboxes() {
        for (script, words) in [
            (alone, "A process may take 1GiB of memory (--memory-limit)"),
            (
                together,
                "took more than 1GiB of memory with all its processes",
            ),
        ] {
            let fixture = Fixture::new();
            write_build_script(&fixture, script);
            let document = measure_tiny(&confined_bench(&fixture, &sandbox));
            let failure = only_failure(&document);
            assert!(failure.message.contains(words), "{name}: {}", told(failure));
            assert_ne!(failure.kind, FailureKind::Host, "{name}");
        }
    }
}

#[test]
fn a_build_script_writes_no_more_than_the_limit_in_one_file_or_in_many() {
    let out = "let out = std::path::PathBuf::from(std::env::var(\"OUT_DIR\").unwrap());\n";
    let one = "use std::io::Write;\n\
               let mut file = std::fs::File::create(out.join(\"large\")).unwrap();\n\
               for _ in 0..1000 { file.write_all(&[7; 1 << 20]).unwrap(); }";
    let many = "for number in 0..100 {\n\
                    std::fs::write(out.join(number.to_string()), [7; 1 << 20]).unwrap();\n\
                }";
    for (name, sandbox) in sandboxes() {
        for (script, words) in [
            (one, "64MiB"),
            (
                many,
                "wrote more than 64MiB to the disk and was ended (--disk-limit)",
            ),
        ] {
            let fixture = Fixture::new();
            write_build_script(&fixture, &format!("{out}{script}"));
            let document = measure_tiny(&confined_bench(&fixture, &sandbox));
            let failure = only_failure(&document);
            assert!(failure.message.contains(words), "{name}: {}", told(failure));
            assert_ne!(failure.kind, FailureKind::Host, "{name}");
        }
    }
}

fn shell(folder: &Path, script: &str) -> Execution {
    Execution {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        directory: "/".into(),
        output: folder.join("output.txt").into(),
        time_limit_ms: 60_000,
        access: Access::default(),
    }
}

#[test]
fn a_program_that_runs_for_ever_is_killed_at_the_time_limit_with_all_that_it_started() {
    for (name, sandbox) in sandboxes() {
        let folder = tempfile::tempdir().unwrap();
        let executor = confined_executor(folder.path().to_owned(), &sandbox);
        let seconds = unique_seconds(name);
        let script = format!("trap '' TERM; setsid sleep {seconds} & sleep {seconds}");
        let mut execution = shell(folder.path(), &script);
        execution.time_limit_ms = 2_000;
        let report = executor.run(&execution).unwrap();
        assert_eq!(report.ending, Ending::TimedOut, "{name}");
        assert_eq!(processes_with(&seconds), [] as [&Path; 0], "{name}");
    }
}

#[test]
fn a_disk_is_watched_while_a_program_runs_and_not_only_at_its_end() {
    for (name, sandbox) in sandboxes() {
        let folder = tempfile::tempdir().unwrap();
        let executor = confined_executor(folder.path().to_owned(), &sandbox);
        let own = folder.path().join("own");
        std::fs::create_dir(&own).unwrap();
        let script = format!(
            "cd {}; n=0; while :; do head -c 1000000 /dev/zero > $n; n=$((n+1)); sync; \
             [ $n -lt 200 ] || sleep 1000; done",
            own.display()
        );
        let mut execution = shell(folder.path(), &script);
        execution.access.writable.push(own);
        let report = executor.run(&execution).unwrap();
        let limit = Limit::Disk;
        assert_eq!(report.ending, Ending::LimitReached { limit }, "{name}");
    }
}

#[test]
fn a_program_can_neither_read_its_supervisor_nor_forge_its_report() {
    for (name, sandbox) in sandboxes() {
        let folder = tempfile::tempdir().unwrap();
        let executor = confined_executor(folder.path().to_owned(), &sandbox);
        let script = "cat /proc/$PPID/environ && echo READ; \
                      echo '{}' > /proc/$PPID/fd/1 && echo FORGED; exit 7";
        let report = executor.run(&shell(folder.path(), script)).unwrap();
        assert_eq!(report.ending, Ending::Exited { code: 7 }, "{name}");
        let output = std::fs::read_to_string(folder.path().join("output.txt")).unwrap();
        for done in ["READ", "FORGED"] {
            assert!(!output.lines().any(|line| line == done), "{name}: {output}");
        }
        assert!(output.contains("denied"), "{name}: {output}");
    }
}

#[test]
fn a_job_that_nobody_vouches_for_is_refused_where_nothing_confines_it() {
    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let mut job = job(&toolchain, &[("tiny", Profile::Check, &["full"][..])]);
    job.trust = Some(Trust::Untrusted);

    let mut bench = fixture.bench();
    let document = measure(&bench, &job, &toolchain).document;
    assert_eq!(document.measurements, []);
    let failure = only_failure(&document);
    assert_eq!(failure.kind, FailureKind::Unavailable);
    for words in ["nobody vouches", "bubblewrap", "--allow-unconfined"] {
        assert!(failure.message.contains(words), "{}", told(failure));
    }

    bench.options.allow_unconfined = true;
    let document = measure(&bench, &job, &toolchain).document;
    assert_eq!(document.failures, []);
    drop(bench);

    for (name, sandbox) in sandboxes() {
        let mut bench = confined_bench(&fixture, &sandbox);
        bench.own_cargo = Some(toolchain.cargo.clone());
        let outcome = measure(&bench, &job, &toolchain);
        assert_eq!(outcome.document.failures, [], "{name}");
        assert!(
            outcome.log.contains("what is measured is confined: by "),
            "{name}: {}",
            outcome.log
        );
    }
}

#[test]
fn a_file_that_the_collector_was_given_open_is_closed_to_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let executor = executor(folder.path().to_owned(), Leash::default());
    let script = "ls /proc/self/fd";
    executor.run(&shell(folder.path(), script)).unwrap();
    let output = std::fs::read_to_string(folder.path().join("output.txt")).unwrap();
    // The fourth is the folder that is listed.
    assert_eq!(output.split_whitespace().count(), 4, "{output}");
}

#[test]
fn a_program_that_ends_its_supervisor_takes_all_that_it_started_with_it() {
    // Landlock has no namespace for processes: there the daemon stays, without network and files.
    for (name, sandbox) in sandboxes() {
        if !matches!(sandbox.confinement, Confinement::Bubblewrap { .. }) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let executor = confined_executor(folder.path().to_owned(), &sandbox);
        let seconds = unique_seconds("supervisor");
        let script = format!("setsid sleep {seconds} & sleep 0.2; kill -KILL $PPID; sleep 1000");
        let error = executor.run(&shell(folder.path(), &script)).unwrap_err();
        let words = "perhaps by the program itself";
        assert!(error.to_string().contains(words), "{name}: {error}");
        // The kernel ends a namespace in its own time.
        while !processes_with(&seconds).is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}
