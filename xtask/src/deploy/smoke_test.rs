//! Whether what was deployed works: the API answers, and says which configurations there are.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::infrastructure::Outputs;
use crate::command::{self, say};
use crate::error::Error;

/// A function that was just made needs some seconds before its address answers.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_secs(3);

/// Asks the new API for its status.
pub(super) fn run(perfleet: &Path, outputs: &Outputs) -> Result<(), Error> {
    let api = reachable(outputs.text("api_url")?.trim_end_matches('/'));
    say("deploy", &format!("asking {api} how it is"));
    let mut attempt = 1;
    let status = loop {
        let asked = command::capture(
            Command::new(perfleet)
                .args(["status", "--json", "--server", &api])
                .env_remove("PERFLEET_AWS_ENVIRONMENT")
                .env_remove("PERFLEET_DATA_DIR"),
        );
        match asked {
            Ok(status) => break status,
            Err(error) if attempt == ATTEMPTS => return Err(error),
            Err(_) => std::thread::sleep(PAUSE),
        }
        attempt += 1;
    };
    let status: serde_json::Value =
        serde_json::from_str(&status).map_err(|error| Error::NotUnderstood {
            what: "the status of the new fleet".into(),
            reason: error.to_string(),
        })?;
    let configurations = status["configurations"].as_array().map_or(0, Vec::len);
    say(
        "deploy",
        &format!("the fleet answers; {configurations} configurations are registered"),
    );
    Ok(())
}

/// The address of a function as it can be reached: an emulator makes names that no DNS knows, and
/// answers for them below a path.
fn reachable(address: &str) -> String {
    let Some(emulator) = std::env::var("AWS_ENDPOINT_URL")
        .ok()
        .filter(|url| !url.is_empty())
    else {
        return address.to_owned();
    };
    let host = address.split("//").nth(1).unwrap_or(address);
    let id = host.split('.').next().unwrap_or(host);
    format!("{}/_aws/lambda-url/{id}", emulator.trim_end_matches('/'))
}
