//! What a collector of the cloud costs: its calls to AWS and to the API, counted over minutes of
//! idling and of working, and told for an hour.
//!
//! `cargo bench --profile dev --package collector --features aws --bench cloud_calls`

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot go on is to fail"
)]
#![allow(
    dead_code,
    reason = "account and fixture are the tests', of which this uses a part"
)]

#[path = "../tests/cloud/account.rs"]
mod account;
#[path = "../tests/measuring/fixture.rs"]
mod fixture;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use account::TestAccount;
use fixture::{Fixture, job, real_toolchain};
use localstack::Proxy;
use shared_types::{ConfigurationId, Profile};

/// How long is counted, once a collector has said that it is there.
const COUNTED: Duration = Duration::from_secs(10 * 60);
/// Calls of one start and one farewell are told apart from those of the time between.
const SETTLING: Duration = Duration::from_secs(5);

type Counts = BTreeMap<String, u64>;

fn main() {
    // Cargo passes arguments of its own to benchmarks.
    let idle = [1, 2, 4, 10].map(|queues| std::thread::spawn(move || idle(queues)));
    let working = std::thread::spawn(working);
    let minutes = COUNTED.as_secs() / 60;
    println!("counted over {minutes} minutes, told for an hour");
    for (queues, counted) in [1, 2, 4, 10].into_iter().zip(idle) {
        print_counts(
            &format!("idle, {queues} configurations"),
            &per_hour(&counted.join().unwrap()),
        );
    }
    let (steady, short_job) = working.join().unwrap();
    print_counts("working on one long job", &per_hour(&steady));
    print_counts(
        "start, one job of seconds, farewell (not for an hour)",
        &short_job,
    );
}

fn per_hour(counts: &Counts) -> Counts {
    let hour = |count: &u64| (*count as f64 * 3_600.0 / COUNTED.as_secs_f64()).round() as u64;
    counts
        .iter()
        .map(|(call, count)| (call.clone(), hour(count)))
        .collect()
}

fn print_counts(what: &str, counts: &Counts) {
    println!("\n{what}");
    for (call, count) in counts {
        println!("  {call:<36} {count}");
    }
}

fn idle(queues: usize) -> Counts {
    let fixture = Fixture::new();
    let configurations: Vec<ConfigurationId> = (0..queues)
        .map(|number| format!("c{number}").parse().unwrap())
        .collect();
    let account = TestAccount::of(&configurations);
    let proxy = Proxy::before(&account.aws).unwrap();
    let api = CountingApi::start();
    let collector = RunningCollector::start(&fixture, &account, &configurations, (&proxy, &api));
    std::thread::sleep(SETTLING);
    let counts = counted_while(&proxy, &api, || std::thread::sleep(COUNTED));
    drop(collector);
    counts
}

/// The calls while a job is worked on, and those of a whole short life.
fn working() -> (Counts, Counts) {
    let fixture = Fixture::new();
    let seconds = COUNTED.as_secs() + 60;
    let mut job = job(
        &fixture.fake_toolchain(&format!("sleep {seconds}")),
        &[("tiny", Profile::Check, &["full"])],
    );
    job.time_limit_s = seconds + 60;
    let configurations = [job.configuration.clone()];
    let account = TestAccount::of(&configurations);
    let proxy = Proxy::before(&account.aws).unwrap();
    let api = CountingApi::start();
    account.send(&job);
    let arguments = [format!(
        "--toolchain={}={}",
        job.runs[0].artifact,
        fixture.path("fake").display()
    )];
    let mut collector = RunningCollector::start_with(
        &fixture,
        &account,
        &configurations,
        (&proxy, &api),
        &arguments,
    );
    std::thread::sleep(SETTLING);
    let steady = counted_while(&proxy, &api, || std::thread::sleep(COUNTED));
    collector.end();

    let fixture = Fixture::new();
    let toolchain = real_toolchain();
    let job = fixture::job(&toolchain, &[("tiny", Profile::Check, &["full"])]);
    let account = TestAccount::of(&configurations);
    let proxy = Proxy::before(&account.aws).unwrap();
    account.send(&job);
    let arguments = [
        format!(
            "--toolchain={}={}",
            job.runs[0].artifact,
            toolchain.rustc.display()
        ),
        "--once".to_owned(),
    ];
    let short = counted_while(&proxy, &api, || {
        RunningCollector::start_with(
            &fixture,
            &account,
            &configurations,
            (&proxy, &api),
            &arguments,
        )
        .wait();
    });
    (steady, short)
}

fn counted_while(proxy: &Proxy, api: &CountingApi, what: impl FnOnce()) -> Counts {
    proxy.reset_traffic();
    api.reset();
    what();
    let mut counts = api.reset();
    for (call, traffic) in proxy.traffic().iter() {
        counts.insert(
            format!("{} {}", call.service, call.operation),
            traffic.calls,
        );
    }
    counts
}

/// A collector's process.
struct RunningCollector(Child);

impl RunningCollector {
    fn start(
        fixture: &Fixture,
        account: &TestAccount,
        configurations: &[ConfigurationId],
        ends: (&Proxy, &CountingApi),
    ) -> Self {
        Self::start_with(fixture, account, configurations, ends, &[])
    }

    fn start_with(
        fixture: &Fixture,
        account: &TestAccount,
        configurations: &[ConfigurationId],
        (proxy, api): (&Proxy, &CountingApi),
        arguments: &[String],
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_collector"));
        command
            .args(["run", "--name", "counted", "--count-below", "0"])
            .arg("--suite")
            .arg(fixture.path("suite"))
            .arg("--work-dir")
            .arg(fixture.path("work"))
            .args(arguments)
            .envs(account.place_variables(proxy.endpoint()))
            .envs(account.key_variables())
            .env("PERFLEET_API", &api.address)
            .stdin(Stdio::null());
        for configuration in configurations {
            command.args(["--configuration", configuration.as_str()]);
        }
        Self(command.spawn().unwrap())
    }

    fn wait(&mut self) {
        assert!(self.0.wait().unwrap().success());
    }

    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for RunningCollector {
    fn drop(&mut self) {
        self.end();
    }
}

/// An API that counts what it is asked.
struct CountingApi {
    address: String,
    counts: Arc<Mutex<Counts>>,
}

impl CountingApi {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let counts: Arc<Mutex<Counts>> = Arc::default();
        let counted = Arc::clone(&counts);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut request = [0; 4_096];
                let length = connection.read(&mut request).unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let (question, answer) = if request.starts_with("GET /api/v1/jobs/") {
                    ("api GET jobs/{id}", "{\"state\":\"running\"}")
                } else {
                    ("api GET collectors", "{\"items\":[]}")
                };
                *counted
                    .lock()
                    .unwrap()
                    .entry(question.to_owned())
                    .or_default() += 1;
                let _ = write!(
                    connection,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                     Connection: close\r\nContent-Length: {}\r\n\r\n{answer}",
                    answer.len()
                );
            }
        });
        Self { address, counts }
    }

    fn reset(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap())
    }
}
