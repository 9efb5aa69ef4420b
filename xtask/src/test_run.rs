//! `cargo xtask test`: every check and every test, step by step, each with its time.
//!
//! A failed step does not stop the ones after it: one run tells all that is wrong.

mod emulated_arm;
mod local_aws;
mod nextest;
mod other_systems;
mod report;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::command;
use crate::emulated_arm::RELEASES;
use crate::error::Error;
use crate::setup::{self, TestTools, emulated_arm as emulated_arm_host};
use crate::workspace::Workspace;
use crate::{dist, page, programs, terraform, tidy};
use local_aws::{Emulator, LocalAws};
use report::Report;

/// How much is tested.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Also what is too slow for every day: ignored tests, and cargo-deny even where it has to be
    /// built first.
    #[arg(long)]
    all: bool,
    /// Only the tests that speak to a local AWS, and no other checks, on LocalStack. They run on
    /// ministack without this, among all others.
    #[arg(long)]
    localstack: bool,
    /// Only the tests of what measures, compiled for 64-bit ARM and run in an emulator, and no other
    /// checks.
    #[arg(long, conflicts_with = "localstack")]
    emulated_arm: bool,
    /// Only tests whose name contains one of these, and no other checks. What follows `--` goes
    /// to `cargo nextest run` as it is.
    filters: Vec<String>,
}

/// The tests that speak to a local AWS, by the names of their files.
const TESTS_OF_AWS: &str = "binary(/^(aws|cloud)(_|$)/) | package(localstack)";

/// Those among them that deploy a fleet.
const TESTS_OF_DEPLOYING: &str = "binary(cloud_fleet)";

/// Those that measure on the emulated ARM host.
const TESTS_OF_EMULATED_ARM: &str = "binary(emulated_arm)";

/// Runs all steps and fails with the names of those that failed.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let mut report = Report::new();
    let tools = report.step("setup", || setup::prepare_test(workspace));
    if options.emulated_arm {
        let path_folders = tools.map(|tools| tools.path_folders).unwrap_or_default();
        let mut summary = Vec::new();
        emulated_arm::run(
            &mut report,
            workspace,
            (&options.filters, &path_folders),
            &mut summary,
        );
        return end(report, &summary);
    }
    let everything = options.filters.is_empty() && !options.localstack;
    if everything {
        check_sources(&mut report, workspace);
    }
    let mut environment = vec![("PERFLEET_CACHE_DIR", workspace.cache().to_owned())];
    if let Some(tools) = &tools {
        environment.extend(tool_variables(workspace, tools));
        let dist = report.step("build page", || page::build_page(workspace, &tools.page));
        if let Some(dist) = dist {
            report.step("size of the page", || page::weight::check(&dist));
            environment.push(("PERFLEET_TEST_PAGE", dist));
        }
    }
    let binaries = report.step("build binaries", || build_binaries(workspace));
    environment.extend(binaries.map(|folder| ("PERFLEET_TEST_BINARIES", folder)));
    let functions = report.step("build functions", || dist::build_for_tests(workspace));
    environment.extend(functions.map(|folder| ("PERFLEET_TEST_FUNCTIONS", folder)));
    let arm = find_emulated_arm(&mut report, workspace, options);
    let has_arm = arm.is_some();
    environment.extend(arm.map(|folder| ("PERFLEET_TEST_EMULATED_ARM", folder)));
    let aws = start_local_aws(&mut report, workspace, options);
    environment.extend(aws.iter().flat_map(LocalAws::environment));

    let path_folders = tools.map(|tools| tools.path_folders).unwrap_or_default();
    let mut tests = cargo(
        workspace,
        &["nextest", "run", "--workspace", "--all-features"],
    );
    tests
        .env("PATH", command::path_with(&path_folders))
        .envs(environment);
    tests
        .args(options.all.then_some("--run-ignored=all"))
        .args(filter(&mut report, options, has_arm))
        .args(&options.filters);
    let mut summary = Vec::new();
    report.step("tests", || nextest::run(&mut tests, &mut summary));

    drop(aws);
    if everything {
        check_rest(&mut report, workspace, options.all);
    }
    if everything && options.all {
        emulated_arm::run(&mut report, workspace, (&[], &path_folders), &mut summary);
    }
    end(report, &summary)
}

fn end(report: Report, summary: &[String]) -> Result<(), Error> {
    report.print();
    // Last, since whoever reads a log from its end wants to know how many tests ran.
    summary.iter().for_each(|line| println!("{line}"));
    report.into_result()
}

/// Which tests are run, as an expression of the runner.
fn filter(report: &mut Report, options: &Options, has_arm: bool) -> Option<String> {
    let mut left_out = Vec::new();
    if !terraform::is_installed() {
        report.skip("deploying to a local AWS", "terraform is not installed");
        left_out.push(TESTS_OF_DEPLOYING);
    }
    if !has_arm {
        left_out.push(TESTS_OF_EMULATED_ARM);
    }
    let chosen = options.localstack.then_some(TESTS_OF_AWS);
    if left_out.is_empty() && chosen.is_none() {
        return None;
    }
    let mut expression = format!("({})", chosen.unwrap_or("all()"));
    for tests in left_out {
        expression.push_str(&format!(" & not ({tests})"));
    }
    Some(format!("--filterset={expression}"))
}

/// The folder of the emulated ARM host, where it was prepared. Only `--all` prepares it: it takes
/// minutes and a gigabyte.
fn find_emulated_arm(
    report: &mut Report,
    workspace: &Workspace,
    options: &Options,
) -> Option<PathBuf> {
    const NAME: &str = "emulated ARM host";
    let folder = emulated_arm_host::folder(workspace.cache());
    if emulated_arm_host::is_prepared(workspace.cache(), &RELEASES) {
        return Some(folder);
    }
    if !options.all {
        report.skip(NAME, "`cargo xtask emulated-arm` was not done");
        return None;
    }
    report.step(NAME, || emulated_arm_host::prepare(workspace, &RELEASES))?;
    Some(folder)
}

fn start_local_aws(
    report: &mut Report,
    workspace: &Workspace,
    options: &Options,
) -> Option<LocalAws> {
    if std::env::var_os("PERFLEET_LOCAL_AWS").is_some_and(|endpoint| !endpoint.is_empty()) {
        report.skip("local AWS", "PERFLEET_LOCAL_AWS names one");
        return None;
    }
    let emulator = if options.localstack {
        Emulator::Localstack
    } else {
        Emulator::Ministack
    };
    report.step("local AWS", || LocalAws::start(workspace, emulator))
}

/// The quick checks: most mistakes show here, before anything is built.
fn check_sources(report: &mut Report, workspace: &Workspace) {
    report.step("format", || {
        command::run(&mut cargo(workspace, &["fmt", "--all", "--check"]))
    });
    report.step("tidy", || tidy::run(workspace));
    report.step("clippy", || {
        let lint = [
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ];
        command::run(&mut cargo(workspace, &lint))
    });
}

fn check_rest(report: &mut Report, workspace: &Workspace, all: bool) {
    report.step("doc tests", || {
        command::run(&mut cargo(
            workspace,
            &["test", "--quiet", "--doc", "--workspace", "--all-features"],
        ))
    });
    other_systems::check(report, workspace);
    check_dependencies(report, workspace, all);
    if !terraform::is_installed() {
        report.skip("terraform", "terraform is not installed");
        return;
    }
    report.step("terraform format", || terraform::check_format(workspace));
    match terraform::provider_configuration(workspace) {
        Ok(Some(configuration)) => {
            report.step("terraform validate", || {
                terraform::validate(workspace, &configuration)
            });
        }
        Ok(None) => report.skip(
            "terraform validate",
            "no copy of the aws provider was found",
        ),
        Err(error) => {
            report.step::<()>("terraform validate", || Err(error));
        }
    }
}

fn check_dependencies(report: &mut Report, workspace: &Workspace, all: bool) {
    const NAME: &str = "cargo deny";
    let found = setup::find_cargo_deny(workspace);
    if found.is_none() && !all {
        report.skip(NAME, "cargo-deny is not installed; --all installs it");
        return;
    }
    report.step(NAME, || {
        let folder = match found {
            Some(folder) => folder,
            None => setup::prepare_cargo_deny(workspace)?,
        };
        let mut deny = cargo(workspace, &["deny", "--offline", "check"]);
        deny.args(["licenses", "bans", "sources"])
            .env("PATH", command::path_with(&[folder]));
        command::run(&mut deny)
    });
}

/// The programs that the end-to-end tests start. Returns their folder.
fn build_binaries(workspace: &Workspace) -> Result<PathBuf, Error> {
    command::run(cargo(workspace, &["build", "--quiet"]).args(programs::TEST_BUILD))?;
    let folder = workspace.target().join("debug");
    for program in ["perfleet", "collector"] {
        if !folder.join(program).is_file() {
            return Err(Error::Missing {
                what: format!("the program `{program}`"),
                remedy: "functions/ and collector/ must have binaries of these names".into(),
            });
        }
    }
    Ok(folder)
}

fn tool_variables(workspace: &Workspace, tools: &TestTools) -> [(&'static str, PathBuf); 3] {
    [
        ("PERFLEET_TEST_CHROMIUM", tools.chromium.clone()),
        ("PERFLEET_TEST_NODE", tools.node.clone()),
        (
            "PERFLEET_TEST_NODE_MODULES",
            workspace.frontend().join("node_modules"),
        ),
    ]
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .current_dir::<&Path>(workspace.root());
    command
}
