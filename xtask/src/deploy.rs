//! `cargo xtask deploy ENV`: from a checkout to a running fleet in the cloud. Every step can be
//! repeated; what is there already is left as it is.
//!
//! As whom AWS is spoken to is the business of the usual variables and profiles. With
//! `AWS_ENDPOINT_URL` set, an emulator is deployed to: the environment is copied below `target/`
//! first, with what an emulator lacks switched off.

mod infrastructure;
mod smoke_test;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::command::{self, say};
use crate::error::Error;
use crate::workspace::Workspace;
use crate::{dist, page, setup};
use infrastructure::{Infrastructure, Outputs};

/// What is deployed, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The environment: a folder of `infra/environments`.
    environment: String,
    /// Settings of Terraform's state, as for `terraform init`: a file, or KEY=VALUE. Repeatable.
    #[arg(long, value_name = "FILE|KEY=VALUE")]
    backend_config: Vec<String>,
    /// A file with values for Terraform's variables. Repeatable.
    #[arg(long, value_name = "FILE")]
    var_file: Vec<PathBuf>,
    /// What the functions are built for: arm64 or x86_64.
    #[arg(long, default_value = "arm64")]
    architecture: String,
    /// The functions, built already: the folder that `cargo xtask dist` printed.
    #[arg(long, value_name = "DIR")]
    functions: Option<PathBuf>,
    /// The command line `perfleet`, built already with the feature `aws`.
    #[arg(long, value_name = "FILE")]
    perfleet: Option<PathBuf>,
    /// Leave the page as it is.
    #[arg(long)]
    no_page: bool,
    /// Show what would change, and change nothing.
    #[arg(long)]
    plan: bool,
    /// Apply without asking. For machines; a person should read the plan.
    #[arg(long)]
    yes: bool,
    /// Answer with Terraform's outputs as JSON.
    #[arg(long)]
    json: bool,
}

/// Builds, plans, applies, uploads the page, and looks whether it works.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let functions = match &options.functions {
        Some(folder) => folder.clone(),
        None => dist::build(workspace, &options.architecture)?,
    };
    // The page comes first: the CDN is told by hash which of its scripts may run.
    let page = build_page(workspace)?;
    let infrastructure = Infrastructure::prepare(workspace, options, &functions, &page)?;
    infrastructure.init()?;
    let changes = infrastructure.plan()?;
    if options.plan {
        return Ok(());
    }
    if changes {
        confirm(options)?;
        infrastructure.apply()?;
    } else {
        say("deploy", "the infrastructure is as it should be");
    }
    let outputs = infrastructure.outputs()?;
    let perfleet = match &options.perfleet {
        Some(program) => program.clone(),
        None => build_perfleet(workspace)?,
    };
    if !options.no_page {
        publish_page(&perfleet, &page, &outputs)?;
    }
    smoke_test::run(&perfleet, &outputs)?;
    if options.json {
        println!("{}", outputs.json());
    } else {
        outputs.print();
    }
    Ok(())
}

fn confirm(options: &Options) -> Result<(), Error> {
    if options.yes {
        return Ok(());
    }
    let refused = || Error::Missing {
        what: "your consent to the plan above".into(),
        remedy: "read it, then answer `yes`, or give --yes where nobody can be asked".into(),
    };
    if !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    eprint!(
        "Apply this to {}? Only `yes` does it: ",
        options.environment
    );
    let mut answer = String::new();
    std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().read_line(&mut answer))
        .map_err(|_| refused())?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(refused())
    }
}

/// The admin's command line, able to speak to AWS.
fn build_perfleet(workspace: &Workspace) -> Result<PathBuf, Error> {
    say("deploy", "building perfleet");
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--package", "functions"])
            .args(["--features", "aws", "--bin", "perfleet"])
            .current_dir(workspace.root()),
    )?;
    Ok(workspace.target().join("debug/perfleet"))
}

fn build_page(workspace: &Workspace) -> Result<PathBuf, Error> {
    let tools = setup::prepare_page(workspace)?;
    page::build_page(workspace, &tools)
}

fn publish_page(perfleet: &Path, page: &Path, outputs: &Outputs) -> Result<(), Error> {
    say("deploy", "publishing the page");
    command::run(
        Command::new(perfleet)
            .args(["page", "publish"])
            .arg(page)
            .args(["--page-bucket", outputs.text("page_bucket")?]),
    )
}
