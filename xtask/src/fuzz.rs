//! `cargo xtask fuzz`: every reader of bytes from elsewhere, on inputs that a fuzzer makes up.
//!
//! It needs a nightly toolchain, for instructions that tell the fuzzer where an input led. The tests
//! call the same entries without one, and less far.

use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::command::{self, say};
use crate::error::Error;
use crate::setup;
use crate::workspace::Workspace;

/// The toolchain, as rustup calls it.
const TOOLCHAIN: &str = "nightly";

/// The most memory that a target may take, in megabytes: more than the largest input that a reader
/// has to refuse, and less than a small machine has.
const MEMORY_MB_MAX: u32 = 2048;

/// The longest input that is made up, in bytes. Longer ones are slower and find no more.
const INPUT_BYTES_MAX: u32 = 16 * 1024;

/// What is fuzzed, and how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The target, a file of `fuzz/fuzz_targets` without its ending. Without it: all, one after the
    /// other.
    target: Option<String>,
    /// How long each target is fuzzed
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Fuzzes. Fails with the first input that breaks a target, which lies in `fuzz/artifacts`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let fuzz = workspace.root().join("fuzz");
    let targets = wanted(&targets_in(&fuzz)?, options.target.as_deref())?;
    require_nightly()?;
    let tool = setup::prepare_cargo_fuzz(workspace)?;
    let corpus = fuzz.join("corpus");
    command::run(
        Command::new("cargo")
            .args(["run", "--quiet", "--package", "fuzz-entries"])
            .args(["--example", "write_seeds", "--"])
            .arg(&corpus)
            .current_dir(workspace.root()),
    )?;
    let cargo_fuzz = |arguments: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo
            .arg("fuzz")
            .args(arguments)
            .env("RUSTUP_TOOLCHAIN", TOOLCHAIN)
            .env("PATH", command::path_with(std::slice::from_ref(&tool)))
            .current_dir(workspace.root());
        cargo
    };
    say("fuzz", "building");
    match &targets[..] {
        [one] => command::run(&mut cargo_fuzz(&["build", one]))?,
        _ => command::run(&mut cargo_fuzz(&["build"]))?,
    }
    for target in &targets {
        let mut fuzzing = cargo_fuzz(&["run", target, "--"]);
        fuzzing
            .arg(format!("-max_total_time={}", options.seconds))
            .arg(format!("-rss_limit_mb={MEMORY_MB_MAX}"))
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg("-print_final_stats=1")
            // The fuzzer tells everything on standard error, which is kept only where it fails.
            .env("RUST_BACKTRACE", "0");
        let executions = executions(&command::capture_errors(&mut fuzzing)?);
        let executions = executions.ok_or_else(|| Error::NotUnderstood {
            what: format!("what the fuzzer says of {target}"),
            reason: "it does not say how often it was executed".into(),
        })?;
        println!("{target}: {executions} executions, nothing found");
    }
    Ok(())
}

/// The names of all targets, sorted.
fn targets_in(fuzz: &Path) -> Result<Vec<String>, Error> {
    let folder = fuzz.join("fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(Error::file("list", &folder))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            Some(name.strip_suffix(".rs")?.to_owned())
        })
        .collect();
    names.sort();
    Ok(names)
}

/// The one that is asked for, or all.
fn wanted(targets: &[String], target: Option<&str>) -> Result<Vec<String>, Error> {
    match target {
        None => Ok(targets.to_vec()),
        Some(target) if targets.iter().any(|known| known == target) => Ok(vec![target.to_owned()]),
        Some(target) => Err(Error::Missing {
            what: format!("the target `{target}`"),
            remedy: format!("there are {}", targets.join(", ")),
        }),
    }
}

fn require_nightly() -> Result<(), Error> {
    let mut cargo = Command::new("cargo");
    cargo.arg("--version").env("RUSTUP_TOOLCHAIN", TOOLCHAIN);
    if command::succeeds(&mut cargo) {
        return Ok(());
    }
    Err(Error::Missing {
        what: "a nightly toolchain, which the fuzzer needs".into(),
        remedy: "install it by `rustup toolchain install nightly --profile minimal`; the tests \
                 call the same readers without it"
            .into(),
    })
}

/// How often a target was executed, by the closing lines of the fuzzer.
fn executions(said: &str) -> Option<u64> {
    said.lines().rev().find_map(|line| {
        let count = line.strip_prefix("stat::number_of_executed_units:")?;
        count.trim().parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuzzer_says_how_often_it_called_a_target() {
        let said = "#2\tINITED cov: 3\nDone 4096 runs in 61 second(s)\n\
            stat::number_of_executed_units: 4096\nstat::average_exec_per_sec:     67\n";
        assert_eq!(executions(said), Some(4096));
        assert_eq!(executions("Done"), None);
    }

    #[test]
    fn an_unknown_target_is_refused_with_those_that_there_are() {
        let targets = ["name".to_owned(), "policy".to_owned()];
        assert_eq!(wanted(&targets, None).unwrap(), targets);
        assert_eq!(wanted(&targets, Some("policy")).unwrap(), ["policy"]);
        let refused = wanted(&targets, Some("polcy")).unwrap_err().to_string();
        assert!(refused.contains("there are name, policy"), "{refused}");
    }

    #[test]
    fn every_target_of_this_checkout_is_found() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let targets = targets_in(&fuzz).unwrap();
        assert!(
            targets.contains(&"result_document".to_owned()),
            "{targets:?}"
        );
    }
}
