//! Sampling profilers, which look at the compiler from outside.

use std::ffi::OsString;
use std::path::Path;

use shared_types::Scenario;

use super::{Findings, ProfileFile, refused};
use crate::CollectorError;
use crate::measure::{ObservedUnit, program_on_path};

/// Samples in a second: not a divisor of what else happens regularly.
const SAMPLES_PER_SECOND: u32 = 997;

/// Linux's perf.
pub(super) fn perf_record(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &Path,
) -> Result<Findings, CollectorError> {
    let data = folder.join("perf.data");
    let frequency = format!("--freq={SAMPLES_PER_SECOND}");
    let mut options = [
        "record",
        "--quiet",
        "--call-graph=fp",
        &frequency,
        "--output",
    ]
    .map(OsString::from)
    .to_vec();
    options.push(data.clone().into());
    options.push("--".into());
    let how_to_install = "`apt-get install linux-perf` (Debian), or `linux-tools-generic` (Ubuntu); \
                          where it is and still may not look, `collector doctor` says why";
    sample(unit, scenario, ("perf", options), how_to_install)?;
    Ok(file(
        &data,
        format!(
            "`perf report -i {0}`; of two, `perf diff BASE HEAD`",
            data.display()
        ),
    ))
}

/// samply, which shows what it sampled in the Firefox Profiler.
pub(super) fn samply(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &Path,
) -> Result<Findings, CollectorError> {
    let data = folder.join("samply.json.gz");
    let rate = SAMPLES_PER_SECOND.to_string();
    let mut options = ["record", "--save-only", "--rate", &rate, "--output"]
        .map(OsString::from)
        .to_vec();
    options.push(data.clone().into());
    options.push("--".into());
    sample(
        unit,
        scenario,
        ("samply", options),
        "`cargo install --locked samply`",
    )?;
    Ok(file(&data, format!("`samply load {}`", data.display())))
}

/// Compiles once under a program that takes a command line behind its own options.
fn sample(
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    (name, options): (&str, Vec<OsString>),
    how_to_install: &str,
) -> Result<(), CollectorError> {
    let Some(program) = program_on_path(name) else {
        return Err(refused(format!(
            "{name} is not installed: {how_to_install}"
        )));
    };
    unit.observe(scenario, &[], &|execution| {
        let compiler = std::mem::replace(&mut execution.program, program.clone().into());
        let compiler = std::iter::once(compiler).chain(std::mem::take(&mut execution.arguments));
        execution.arguments = options.iter().cloned().chain(compiler).collect();
    })
}

fn file(path: &Path, open_with: String) -> Findings {
    Findings {
        tables: Vec::new(),
        files: vec![ProfileFile {
            path: path.to_owned(),
            open_with,
        }],
    }
}
