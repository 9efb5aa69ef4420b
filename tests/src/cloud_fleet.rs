//! A fleet in the cloud, deployed to a local AWS as it is deployed to the real one: by `cargo xtask
//! deploy`, with the functions' zips, and reached through the function URL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use localstack::{Account, Emulator, LocalAws, Proxy};
use serde_json::Value;
use tempfile::TempDir;

use crate::fleet::{Answer, program, record_of_this_host};
use crate::process::{RunningProcess, wait_until};
use crate::small_suite::SmallSuite;
use crate::toolchain::Toolchain;

/// The environment that is deployed.
const ENVIRONMENT: &str = "staging";

/// A deployed fleet, in an account of its own.
pub struct CloudFleet {
    folder: TempDir,
    account: Account,
    /// What stands before the local AWS that it is in: functions are reached through it by a path,
    /// and calls are counted.
    pub proxy: Proxy,
    aws: LocalAws,
    outputs: Value,
    /// A token that may do everything.
    pub token: String,
    /// The suite that its collectors measure.
    pub suite: SmallSuite,
}

impl CloudFleet {
    /// Deploys everything into a local AWS, which takes some minutes.
    pub fn deploy(aws: LocalAws) -> Self {
        let proxy = Proxy::before(&aws).unwrap();
        Self::deploy_behind(aws, proxy)
    }

    /// The same with a proxy that stands before `aws` already, and may count what its functions
    /// call, too.
    pub fn deploy_behind(aws: LocalAws, proxy: Proxy) -> Self {
        let folder = TempDir::new().unwrap();
        for part in ["logs", "suite", "work"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
        }
        let account = account_of_this_process();
        let said = deploy(&environment(&aws, &proxy, &account), &[]);
        let json = said.lines().rfind(|line| line.starts_with('{'));
        let outputs = serde_json::from_str(json.unwrap_or_default())
            .unwrap_or_else(|error| panic!("no outputs: {error}\n{said}"));
        let suite = SmallSuite::create(&folder.path().join("suite"));
        let mut fleet = Self {
            folder,
            account,
            proxy,
            aws,
            outputs,
            token: String::new(),
            suite,
        };
        fleet.token = fleet.make_token();
        fleet
    }

    fn make_token(&self) -> String {
        let answer = self.perfleet(&["token", "create", "ada", "--role", "admin"]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let words = format!("{} {}", answer.stdout, answer.stderr);
        words
            .split_whitespace()
            .find(|word| word.starts_with("pft_"))
            .unwrap_or_else(|| panic!("no token: {words}"))
            .to_owned()
    }

    /// What a second deploy would change, in Terraform's words.
    pub fn plan(&self) -> String {
        deploy(
            &environment(&self.aws, &self.proxy, &self.account),
            &["--plan"],
        )
    }

    /// Which emulator it is in.
    pub fn emulator(&self) -> Emulator {
        self.aws.emulator()
    }

    /// Where the function URL can be reached: names that an emulator makes are known to no DNS.
    pub fn url(&self) -> String {
        let address = self.output("api_url");
        let id = address
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .split('.')
            .next()
            .unwrap();
        format!("{}/_aws/lambda-url/{id}", self.proxy.endpoint())
    }

    /// One of Terraform's outputs.
    pub fn output(&self, name: &str) -> &str {
        self.outputs[name]
            .as_str()
            .unwrap_or_else(|| panic!("no output `{name}`: {:#}", self.outputs))
    }

    /// The variables by which programs find this fleet.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = environment(&self.aws, &self.proxy, &self.account);
        environment.push(("PERFLEET_AWS_ENVIRONMENT", ENVIRONMENT.to_owned()));
        environment.push(("PERFLEET_AWS_BUCKET", self.output("data_bucket").to_owned()));
        environment
    }

    /// Runs `perfleet` on the fleet with an operator's credentials.
    pub fn perfleet(&self, arguments: &[&str]) -> Answer {
        let mut command = Command::new(program("perfleet"));
        command.args(arguments).envs(self.environment());
        Answer::of(&mut command)
    }

    /// Runs `perfleet … --json` through the function URL, as anybody with a token does. It must
    /// succeed.
    pub fn ask(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(program("perfleet"));
        command
            .args(arguments)
            .args(["--json", "--server", &self.url()])
            .env("PERFLEET_TOKEN", &self.token);
        Answer::of(&mut command).json()
    }

    /// Asks the function URL for a path, as a browser does. Returns the status and the text.
    pub fn get(&self, path: &str) -> (u16, String) {
        let mut answer = agent()
            .get(format!("{}{path}", self.url()))
            .header("accept", "text/html,application/json")
            .call()
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }

    /// An object of the data bucket, or `None` where there is none.
    pub fn object(&self, key: &str) -> Option<String> {
        let mut answer = agent()
            .get(self.object_address(key))
            .header("Authorization", self.authorization())
            .call()
            .unwrap();
        answer
            .status()
            .is_success()
            .then(|| answer.body_mut().read_to_string().unwrap())
    }

    /// Puts an object into the data bucket, whatever its key.
    pub fn put_object(&self, key: &str, bytes: &[u8]) {
        let answer = agent()
            .put(self.object_address(key))
            .header("Authorization", self.authorization())
            .content_type("application/octet-stream")
            .send(bytes)
            .unwrap();
        assert!(answer.status().is_success(), "{key}: {answer:?}");
    }

    /// How many objects of the data bucket have a key that begins so, 1,000 at most.
    pub fn count_objects(&self, prefix: &str) -> usize {
        let mut answer = agent()
            .get(self.object_address(""))
            .query("list-type", "2")
            .query("prefix", prefix)
            .header("Authorization", self.authorization())
            .call()
            .unwrap();
        let listing = answer.body_mut().read_to_string().unwrap();
        listing.matches("<Key>").count()
    }

    /// Beside the proxy, so that looking is not counted.
    fn object_address(&self, key: &str) -> String {
        let bucket = self.output("data_bucket");
        format!("{}/{bucket}/{key}", self.aws.own_endpoint())
    }

    /// As an AWS client writes it; no emulator checks the signature.
    fn authorization(&self) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/s3/aws4_request, \
             SignedHeaders=host, Signature=0",
            self.account.as_str()
        )
    }

    /// Registers this host under one of the configurations that are deployed.
    pub fn register(&self, id: &str, frontend_threads: u32) {
        let record = record_of_this_host(frontend_threads);
        let configuration = serde_json::json!({ "id": id, "record": record, "tier": "gating" });
        self.add("configuration", id, &configuration);
    }

    /// The record that a configuration is registered with.
    pub fn record(&self, id: &str) -> Value {
        let listed = self.ask(&["configuration", "list"]);
        let entries = listed.as_array().or(listed["items"].as_array()).unwrap();
        let mut configurations = entries.iter().map(|entry| &entry["configuration"]);
        let found = configurations.find(|configuration| configuration["id"] == id);
        found.unwrap_or_else(|| panic!("no {id}: {listed:#}"))["record"].clone()
    }

    /// Makes a history of compilers known.
    pub fn make_history_known(&self, artifacts: &Value) {
        self.add("artifact", "history", artifacts);
    }

    /// Makes the compiler of a toolchain known.
    pub fn make_known(&self, toolchain: &Toolchain) {
        let artifact = serde_json::json!({ "id": toolchain.artifact });
        self.add("artifact", &toolchain.artifact, &artifact);
    }

    fn add(&self, kind: &str, id: &str, value: &Value) {
        let file = self.folder.path().join(format!("{kind}-{id}.json"));
        std::fs::write(&file, value.to_string()).unwrap();
        let answer = self.perfleet(&[kind, "add", file.to_str().unwrap()]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
    }

    /// Starts a collector that takes its jobs from SQS.
    pub fn start_collector(
        &self,
        name: &str,
        configurations: &[&str],
        toolchain: &Toolchain,
    ) -> RunningProcess {
        let work = self.folder.path().join("work").join(name);
        let mut command = Command::new(program("collector"));
        command
            .args(["run", "--name", name, "--count-below", "0"])
            // The compilers are this machine's own, and not every machine can confine.
            .arg("--allow-unconfined")
            .args(["--api", &self.url()])
            .arg("--suite")
            .arg(&self.suite.root)
            .arg("--work-dir")
            .arg(work)
            .arg(toolchain.argument())
            .envs(self.environment());
        for configuration in configurations {
            command.args(["--configuration", configuration]);
        }
        RunningProcess::start(name, &mut command, &self.folder.path().join("logs"))
    }

    /// Waits until a request is at its end, and returns what is known of it.
    pub fn wait_for_request(&self, id: &str) -> Value {
        let detail = || self.ask(&["request", "show", id]);
        wait_until(
            &format!("request {id} to end"),
            || {
                // Each look costs a call of a function.
                std::thread::sleep(Duration::from_secs(1));
                let state = detail()["request"]["state"].clone();
                ["done", "failed", "cancelled"].contains(&state.as_str().unwrap_or_default())
            },
            || format!("{:#}\n{:#}", detail(), self.ask(&["status"])),
        );
        detail()
    }
}

fn environment(aws: &LocalAws, proxy: &Proxy, account: &Account) -> Vec<(&'static str, String)> {
    aws.environment(account)
        .into_iter()
        .map(|(name, value)| match name {
            "AWS_ENDPOINT_URL" => (name, proxy.endpoint().to_owned()),
            _ => (name, value),
        })
        .collect()
}

/// Runs `cargo xtask deploy` with what was built for tests. It must succeed.
fn deploy(environment: &[(&'static str, String)], arguments: &[&str]) -> String {
    let functions = std::env::var_os("PERFLEET_TEST_FUNCTIONS")
        .map_or_else(|| checkout().join("target/dist/x86_64"), PathBuf::from);
    let output = Command::new("cargo")
        .args(["xtask", "deploy", ENVIRONMENT, "--yes", "--json"])
        .args(arguments)
        .arg("--functions")
        .arg(functions)
        .arg("--perfleet")
        .arg(program("perfleet"))
        .current_dir(checkout())
        .envs(environment.iter().cloned())
        .output()
        .unwrap();
    let (said, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success(),
        "the deploy failed:\n{said}\n{errors}"
    );
    said
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into()
}

/// One that no other test of this machine uses at the same time.
fn account_of_this_process() -> Account {
    format!("{:012}", 700_000_000_000 + u64::from(std::process::id()))
        .parse()
        .unwrap()
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
