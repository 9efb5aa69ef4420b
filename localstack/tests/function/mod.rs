//! A function for Lambda, as small as can be, that does what its event tells.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::{Answer, Call, Client};

/// It counts the receives of SQS messages, so that each of them can fail as often as it says.
const SOURCE: &str = r#"
import http.client, json, os, sys, time, urllib.request

api = os.environ["AWS_LAMBDA_RUNTIME_API"]
runtime = "/2018-06-01/runtime/"

def sqs(operation, body):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], json.dumps(body).encode(), {
        "Authorization": "AWS4-HMAC-SHA256 Credential=%s/20260101/us-east-1/sqs/aws4_request, "
                         "SignedHeaders=host, Signature=0" % os.environ["AWS_ACCESS_KEY_ID"],
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "AmazonSQS." + operation,
    })
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or b"null")

def handle(event):
    if "Records" in event:
        failed = []
        for record in event["Records"]:
            order = json.loads(record["body"])
            receives = int(record["attributes"]["ApproximateReceiveCount"])
            if receives <= order["failures"]:
                failed.append({"itemIdentifier": record["messageId"]})
            else:
                answer = {"name": order["name"], "receives": receives}
                sqs("SendMessage", {"QueueUrl": order["answer_to"], "MessageBody": json.dumps(answer)})
        return {"batchItemFailures": failed}
    if event.get("source") == "aws.events":
        sqs("SendMessage", {"QueueUrl": os.environ["TO"], "MessageBody": json.dumps(event)})
        return None
    if event.get("do") == "environment":
        return dict(os.environ)
    if event.get("do") == "send":
        sqs("SendMessage", {"QueueUrl": event["queue"], "MessageBody": "from the function"})
        return {"sent": True}
    if event.get("do") == "fail":
        raise ValueError("as you like")
    if event.get("do") == "hang":
        time.sleep(3600)
    if event.get("do") == "exit":
        sys.exit(7)
    return {"echo": event.get("body") or event}

if "FAILS_TO_START" in os.environ:
    error = json.dumps({"errorType": "NoTable", "errorMessage": "there is no table"})
    connection = http.client.HTTPConnection(api)
    connection.request("POST", runtime + "init/error", error)
    connection.getresponse().read()
    sys.exit(3)

while True:
    connection = http.client.HTTPConnection(api)
    connection.request("GET", runtime + "invocation/next")
    response = connection.getresponse()
    event = json.loads(response.read())
    invocation = runtime + "invocation/" + response.headers["Lambda-Runtime-Aws-Request-Id"]
    print("event: " + json.dumps(event), flush=True)
    try:
        path, body = "/response", handle(event)
    except ValueError as error:
        path, body = "/error", {"errorType": "Refused", "errorMessage": str(error)}
    connection = http.client.HTTPConnection(api)
    connection.request("POST", invocation + path, json.dumps(body))
    connection.getresponse().read()
"#;

/// What no answer of this function takes.
const SECONDS_MAX: u32 = 3;

/// Makes the function `name` with `environment` and waits until it can be called.
pub(crate) fn create(client: &Client, name: &str, environment: &Value) {
    let function = json!({
        "FunctionName": name,
        "Runtime": "provided.al2023",
        "Handler": "bootstrap",
        "Role": "arn:aws:iam::000000000000:role/perfleet-test",
        "Timeout": SECONDS_MAX,
        "Environment": {"Variables": environment},
        "Code": {"ZipFile": STANDARD.encode(zip())},
    });
    let created = call(
        client,
        "POST",
        "/2015-03-31/functions",
        &function.to_string(),
    );
    assert_eq!(created.status, 201, "{}", created.body);
    let address = format!("/2015-03-31/functions/{name}");
    loop {
        let found = call(client, "GET", &address, "");
        match found.json()["Configuration"]["State"].as_str() {
            Some("Pending") => std::thread::sleep(std::time::Duration::from_millis(50)),
            Some("Active") => return,
            _ => panic!("{}", found.body),
        }
    }
}

/// Calls the function and waits for its answer.
pub(crate) fn invoke(client: &Client, name: &str, event: &Value) -> Answer {
    let address = format!("/2015-03-31/functions/{name}/invocations");
    call(client, "POST", &address, &event.to_string())
}

/// A call of Lambda's own interface.
pub(crate) fn call(client: &Client, method: &str, address: &str, body: &str) -> Answer {
    let call = Call {
        method,
        service: "lambda",
        address,
        headers: &[("Content-Type", "application/json")],
    };
    client.send(&call, body).unwrap()
}

fn zip() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let bootstrap = folder.path().join("bootstrap");
    // Functions have no PATH of ours.
    let interpreter = python(&["-c", "import sys; print(sys.executable)"]);
    std::fs::write(&bootstrap, format!("#!{}\n{SOURCE}", interpreter.trim())).unwrap();
    std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
    let zip = folder.path().join("function.zip");
    let (zip_text, bootstrap_text) = (zip.to_str().unwrap(), bootstrap.to_str().unwrap());
    python(&["-m", "zipfile", "-c", zip_text, bootstrap_text]);
    std::fs::read(&zip).unwrap()
}

fn python(arguments: &[&str]) -> String {
    let output = Command::new("python3").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
