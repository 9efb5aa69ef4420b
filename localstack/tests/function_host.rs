//! A function is started, given events and ended as AWS Lambda does it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use localstack::{FunctionHost, LocalAwsError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A function as small as can be, which does what its event tells.
const FUNCTION: &str = r#"#!/usr/bin/env python3
import http.client, json, os, sys, time

api = os.environ["AWS_LAMBDA_RUNTIME_API"]
runtime = "/2018-06-01/runtime/"

def post(path, body, chunked):
    connection = http.client.HTTPConnection(api)
    if chunked:
        pieces = (bytes([byte]) for byte in body.encode())
        connection.request("POST", runtime + path, pieces, {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    else:
        connection.request("POST", runtime + path, body)
    return connection.getresponse().status

if "FAILS_TO_START" in os.environ:
    post("init/error", json.dumps({"errorType": "NoTable", "errorMessage": "there is no table"}), False)
    sys.exit(3)

while True:
    connection = http.client.HTTPConnection(api)
    connection.request("GET", runtime + "invocation/next")
    response = connection.getresponse()
    event = json.loads(response.read())
    invocation = "invocation/" + response.headers["Lambda-Runtime-Aws-Request-Id"]
    print(json.dumps({"asked": event["do"]}), flush=True)
    if event["do"] == "environment":
        post(invocation + "/response", json.dumps(dict(os.environ)), False)
    elif event["do"] == "echo":
        post(invocation + "/response", json.dumps(event), event["chunked"])
    elif event["do"] == "deadline":
        left = int(response.headers["Lambda-Runtime-Deadline-Ms"]) - time.time() * 1000
        post(invocation + "/response", json.dumps(left > 0), False)
    elif event["do"] == "answer another":
        status = post("invocation/another/response", "{}", False)
        post(invocation + "/response", json.dumps(status), False)
    elif event["do"] == "answer no json":
        post(invocation + "/response", "<html>", False)
    elif event["do"] == "fail":
        error = {"errorType": "Refused", "errorMessage": "as you like"}
        post(invocation + "/error", json.dumps(error), False)
    elif event["do"] == "exit":
        sys.exit(7)
    elif event["do"] == "hang":
        open(event["mark"], "w").close()
        time.sleep(3600)
"#;

struct Function {
    _folder: TempDir,
    binary: PathBuf,
}

impl Function {
    fn write() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("perfleet-test.py");
        std::fs::write(&binary, FUNCTION).unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            _folder: folder,
            binary,
        }
    }

    fn start(&self, more: &[(&str, &str)]) -> Result<FunctionHost, LocalAwsError> {
        // Where the interpreter is, is known to us alone.
        let path = std::env::var("PATH").unwrap();
        let environment = [("PATH", path.as_str())];
        FunctionHost::start(&self.binary, environment.iter().chain(more).copied())
    }
}

#[test]
fn events_are_answered_one_after_the_other_also_in_chunks() {
    let function = Function::write();
    let host = function.start(&[]).unwrap();
    assert!(!host.time_to_first_next().is_zero());
    for chunked in [false, true] {
        let event = json!({"do": "echo", "chunked": chunked, "text": "größer als 7 µs"});
        assert_eq!(host.invoke(&event).unwrap(), event);
    }
    let deadline = host.invoke(&json!({"do": "deadline"})).unwrap();
    assert_eq!(deadline, json!(true));
    assert!(host.log().contains(r#"{"asked": "deadline"}"#));
}

#[test]
fn events_wait_in_line_while_one_is_worked_on() {
    let function = Function::write();
    let host = function.start(&[]).unwrap();
    let event = |number: u32| json!({"do": "echo", "chunked": false, "number": number});
    let begun: Vec<_> = (0..3).map(|number| host.begin(&event(number))).collect();
    for (number, invocation) in (0..3).zip(begun) {
        assert_eq!(invocation.wait().unwrap(), event(number));
    }
}

#[test]
fn a_function_sees_what_lambda_sets_and_what_it_is_given_and_nothing_else() {
    let function = Function::write();
    let host = function.start(&[("PERFLEET_AWS_ENVIRONMENT", "staging")]);
    let seen = host.unwrap().invoke(&json!({"do": "environment"})).unwrap();
    assert_eq!(seen["PERFLEET_AWS_ENVIRONMENT"], "staging");
    assert_eq!(seen["AWS_LAMBDA_FUNCTION_NAME"], "perfleet-test");
    assert_eq!(seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    // The test runner sets it for us.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert_eq!(seen.get("CARGO_MANIFEST_DIR"), None);
}

#[test]
fn an_error_of_the_function_is_told_as_it_sent_it_and_it_goes_on() {
    let function = Function::write();
    let host = function.start(&[]).unwrap();
    let failed = host.invoke(&json!({"do": "fail"})).unwrap_err();
    let LocalAwsError::FunctionFailed { error } = failed else {
        panic!("{failed}");
    };
    assert_eq!(
        error,
        json!({"errorType": "Refused", "errorMessage": "as you like"})
    );
    let refused = host.invoke(&json!({"do": "answer another"})).unwrap();
    assert_eq!(refused, json!(400));
    let odd = host.invoke(&json!({"do": "answer no json"})).unwrap_err();
    assert!(odd.to_string().contains("<html>"), "{odd}");
}

#[test]
fn a_function_that_exits_is_reported_with_its_log_and_stays_ended() {
    let function = Function::write();
    let host = function.start(&[]).unwrap();
    let exit = json!({"do": "exit"});
    for _ in 0..2 {
        let ended = host.invoke(&exit).unwrap_err().to_string();
        assert!(ended.contains("exit status: 7"), "{ended}");
        assert!(ended.contains(r#"{"asked": "exit"}"#), "{ended}");
    }
}

#[test]
fn a_function_can_be_killed_half_way() {
    let function = Function::write();
    let host = function.start(&[]).unwrap();
    let mark = function.binary.with_file_name("mark");
    let invocation = host.begin(&json!({"do": "hang", "mark": mark}));
    while !mark.exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    host.kill();
    let ended = invocation.wait().unwrap_err();
    assert!(matches!(ended, LocalAwsError::FunctionEnded { .. }));
    assert!(ended.to_string().contains("signal: 9"), "{ended}");
}

#[test]
fn a_function_that_cannot_start_says_why() {
    let function = Function::write();
    let refused = function.start(&[("FAILS_TO_START", "")]).unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("there is no table"), "{refused}");
    assert!(refused.contains("exit status: 3"), "{refused}");

    let nobody: [(&str, &str); 0] = [];
    let missing = FunctionHost::start(&function.binary.with_file_name("no"), nobody);
    let missing = missing.unwrap_err();
    assert!(matches!(missing, LocalAwsError::CannotStart { .. }));
}

#[test]
fn nothing_of_a_function_is_left_when_its_host_is_dropped() {
    let function = Function::write();
    let host = function.start(&[]).unwrap();
    let seen: Value = host.invoke(&json!({"do": "environment"})).unwrap();
    let folder = PathBuf::from(seen["TMPDIR"].as_str().unwrap());
    let api = seen["AWS_LAMBDA_RUNTIME_API"].as_str().unwrap().to_owned();
    assert!(folder.is_dir());
    drop(host);
    assert!(!folder.exists());
    std::net::TcpStream::connect(api).unwrap_err();
}
