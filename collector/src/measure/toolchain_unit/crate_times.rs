//! How long each crate of a build takes: this program stands in front of the compiler, and notes it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::mode::{self, Mode};

/// The file for the times.
const FILE: &str = "PERFLEET_CRATE_TIMES";
/// The path of the compiler, where this program is called in its place and not by cargo in front of it.
const RUSTC: &str = "PERFLEET_TIMED_RUSTC";

/// The name of the file, in a folder that the build may write to.
pub(super) const FILE_NAME: &str = "crate-times.jsonl";

/// The largest file that is read, in bytes.
pub(super) const FILE_BYTES_MAX: u64 = 16 << 20;

/// One compilation.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct CrateTime {
    #[serde(rename = "crate")]
    name: String,
    wall_time_ns: u64,
}

/// The variables that let `collector` note times in `file` when it is called as the wrapper of rustc,
/// or, where `rustc` is given, in its place.
pub(super) fn variables(file: &Path, rustc: Option<&Path>) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> = vec![
        (mode::VARIABLE.into(), Mode::TimeCrate.as_str().into()),
        (FILE.into(), file.into()),
    ];
    variables.extend(rustc.map(|rustc| (RUSTC.into(), rustc.into())));
    variables
}

/// Runs the compiler, and notes how long it took for a crate. Questions about the compiler are not
/// noted.
pub(crate) fn time_crate(arguments: &[OsString]) -> io::Result<ExitCode> {
    let (rustc, arguments) = match (std::env::var_os(RUSTC), arguments.split_first()) {
        (Some(rustc), _) => (rustc, arguments),
        (None, Some((rustc, arguments))) => (rustc.clone(), arguments),
        (None, None) => return Err(io::Error::other("cargo named no compiler")),
    };
    let package = std::env::var("CARGO_PKG_NAME").ok();
    let name = crate_name(arguments, package.as_deref());
    let started = Instant::now();
    let status = Command::new(rustc)
        .args(arguments)
        .env_remove(mode::VARIABLE)
        .status()?;
    if let (Some(name), Some(file), true) = (name, std::env::var_os(FILE), status.success()) {
        note(Path::new(&file), name, started)?;
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn note(file: &Path, name: String, started: Instant) -> io::Result<()> {
    let time = CrateTime {
        name,
        wall_time_ns: u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX),
    };
    let line = serde_json::to_string(&time).map_err(io::Error::other)?;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)?;
    // In one piece, since another compiler may end at the same time.
    file.write_all(format!("{line}\n").as_bytes())
}

/// The crate that is compiled: its name, or that of its package where it is a build script, which all
/// have one name. `None` where the compiler is only asked something.
fn crate_name(arguments: &[OsString], package: Option<&str>) -> Option<String> {
    let is = |argument: &OsString, text: &str| argument.as_os_str() == OsStr::new(text);
    let asks = arguments
        .iter()
        .any(|argument| is(argument, "-") || argument.as_encoded_bytes().starts_with(b"--print"));
    let position = arguments
        .iter()
        .position(|argument| is(argument, "--crate-name"))?;
    let name = arguments.get(position + 1)?.to_str()?;
    match package {
        _ if asks => None,
        Some(package) if name.starts_with("build_script_") => Some(format!("{package}.build")),
        _ => Some(name.to_owned()),
    }
}

/// The times of the crates of a build, in nanoseconds by name: those of all versions and targets of one
/// name together.
///
/// # Errors
/// Says which line is not understood.
pub fn crate_times(text: &str) -> Result<BTreeMap<String, u64>, String> {
    let mut times: BTreeMap<String, u64> = BTreeMap::new();
    for line in text.lines() {
        let time: CrateTime = serde_json::from_str(line)
            .map_err(|error| format!("`{line}` is not the time of a crate: {error}"))?;
        let sum = times.entry(time.name).or_insert(0);
        *sum = sum.saturating_add(time.wall_time_ns);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name_in(line: &str, package: Option<&str>) -> Option<String> {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        crate_name(&arguments, package)
    }

    #[test]
    fn a_build_script_goes_by_its_package_and_questions_are_not_noted() {
        let name = name_in("--crate-name build_script_build build.rs", Some("libc"));
        assert_eq!(name.as_deref(), Some("libc.build"));
        let name = name_in(
            "--crate-name regex_syntax src/lib.rs --emit=link",
            Some("regex-syntax"),
        );
        assert_eq!(name.as_deref(), Some("regex_syntax"));
        assert_eq!(name_in("- --crate-name ___ --print=file-names", None), None);
        assert_eq!(name_in("-vV", None), None);
    }

    proptest! {
        #[test]
        fn times_of_one_name_are_added(
            times in proptest::collection::vec(("[a-c]", 0u64..1 << 40), 0..12),
        ) {
            let lines = times.iter().map(|(name, wall_time_ns)| {
                let time = CrateTime { name: name.clone(), wall_time_ns: *wall_time_ns };
                serde_json::to_string(&time).unwrap() + "\n"
            });
            let read = crate_times(&lines.collect::<String>()).unwrap();
            let all: u64 = times.iter().map(|(_, time)| time).sum();
            prop_assert_eq!(read.values().sum::<u64>(), all);
            prop_assert!(times.iter().all(|(name, _)| read.contains_key(name)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(\\{\"crate\":\"[a-z]?\",\"wall_time_ns\":-?[0-9]{0,30}\\}?\n){0,3}.{0,5}") {
            let _ = crate_times(&text);
        }
    }
}
