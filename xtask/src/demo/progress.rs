//! Waiting for the request of the demo, and saying how far it is.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use serde_json::Value;

use super::fleet::{Background, Fleet};
use crate::error::Error;

const LOOK: Duration = Duration::from_secs(1);

/// Waits until the request has ended. Fails when the server or the collector ends before.
pub(super) fn wait(
    fleet: &Fleet,
    request: &str,
    mut parts: [&mut Background; 2],
) -> Result<Value, Error> {
    let terminal = std::io::stderr().is_terminal();
    let mut said = String::new();
    loop {
        let detail = fleet.request(request)?;
        let line = describe(&detail);
        if line != said {
            show(&line, terminal);
            said = line;
        }
        let state = detail["request"]["state"].as_str().unwrap_or_default();
        if ["done", "failed", "cancelled"].contains(&state) {
            if terminal {
                eprintln!();
            }
            return Ok(detail);
        }
        for part in &mut parts {
            part.check()?;
        }
        std::thread::sleep(LOOK);
    }
}

/// What is measured, how many of how many, and the time left.
fn describe(detail: &Value) -> String {
    let done = detail["compilations_done"].as_u64().unwrap_or(0);
    let total = detail["compilations_total"].as_u64().unwrap_or(0);
    let mut line = match (total, detail["request"]["note"].as_str()) {
        (0, Some(note)) => return note.to_owned(),
        (0, None) => return "waiting for the collector".to_owned(),
        _ => format!("{done} of {total} compilations"),
    };
    if let Some(seconds) = detail["seconds_left"].as_u64() {
        line.push_str(&format!(", about {seconds} s left"));
    }
    let running = detail["jobs"].as_array().into_iter().flatten();
    let current = running
        .filter(|job| job["state"] == "running")
        .find_map(|job| {
            Some((
                job["configuration"].as_str()?,
                job["progress"]["current"].as_str()?,
            ))
        });
    if let Some((configuration, current)) = current {
        line.push_str(&format!(": {current} ({configuration})"));
    }
    line
}

fn show(line: &str, terminal: bool) {
    if terminal {
        // Back to the start of the line, and clear what is longer there.
        eprint!("\r\x1b[K{line}");
        let _ = std::io::stderr().flush();
    } else {
        eprintln!("{line}");
    }
}

/// The replicates of base and head that the request measured: later ones than the first where an
/// earlier request had measured the same compiler.
pub(super) fn replicates(detail: &Value) -> [u64; 2] {
    ["base", "head"].map(|side| detail["request"][side]["replicate"].as_u64().unwrap_or(1))
}

/// What came out over all configurations.
pub(super) fn verdict(detail: &Value) -> String {
    format!(
        "Over all configurations: {}",
        detail["verdict_sentence"].as_str().unwrap_or("no verdict")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_is_measured_how_many_of_how_many_and_the_time_left() {
        let detail = serde_json::json!({
            "request": {"state": "running"},
            "compilations_done": 5, "compilations_total": 48, "seconds_left": 40,
            "jobs": [
                {"state": "queued", "configuration": "t2"},
                {"state": "running", "configuration": "t1", "progress": {"current": "itoa/check/full"}},
            ],
        });
        assert_eq!(
            describe(&detail),
            "5 of 48 compilations, about 40 s left: itoa/check/full (t1)"
        );
    }

    #[test]
    fn an_a_a_demo_compares_the_replicates_that_it_measured_itself() {
        let detail = serde_json::json!({
            "request": {"base": {"replicate": 2}, "head": {"replicate": 3}},
        });
        assert_eq!(replicates(&detail), [2, 3]);
    }

    #[test]
    fn before_any_job_the_note_of_the_request_says_what_is_waited_for() {
        let detail = serde_json::json!({"request": {"note": "waiting for a collector of t1"}});
        assert_eq!(describe(&detail), "waiting for a collector of t1");
    }
}
