//! How fast measurements made elsewhere are taken in.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde::Deserialize;

use super::{Figure, understood};
use crate::command::{self, say};
use crate::error::Error;
use crate::programs::Programs;

#[derive(Deserialize)]
struct Answer {
    imported: Imported,
    seconds: f64,
    values_per_second: f64,
}

#[derive(Deserialize)]
struct Imported {
    values: u64,
}

/// Imports the file into an empty store, and once more, when all of it is there.
pub(super) fn measure(
    programs: &Programs,
    data: &Path,
    folder: &Path,
) -> Result<Vec<Figure>, Error> {
    say("bench", "the import of measurements made elsewhere");
    let store = folder.join("imported");
    let import = || -> Result<Answer, Error> {
        let mut perfleet = Command::new(&programs.perfleet);
        perfleet
            .args(["import", "csv", "--json", "--data-dir"])
            .arg(&store)
            .arg(data);
        understood(&command::capture(&mut perfleet)?)
    };
    let first = import()?;
    let again = import()?;
    let read = seconds_to_read(data)?;
    Ok(vec![
        Figure {
            what: "import into an empty store",
            value: format!("{:.0} values/s", first.values_per_second),
            beside: format!(
                "{} values in {:.1} s; only decompressing the file takes {:.1} s",
                first.imported.values, first.seconds, read
            ),
        },
        Figure {
            what: "the same import again, which changes nothing",
            value: format!("{:.0} values/s", again.values_per_second),
            beside: format!(
                "{:.2} of the first import's time",
                again.seconds / first.seconds
            ),
        },
    ])
}

fn seconds_to_read(data: &Path) -> Result<f64, Error> {
    let started = Instant::now();
    command::capture(Command::new("gzip").args(["--test", "--force"]).arg(data))?;
    Ok(started.elapsed().as_secs_f64())
}
