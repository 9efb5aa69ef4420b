//! `collector toolchains`: what can be measured on this machine.

use std::process::ExitCode;

use clap::Args;

use super::place::rustup;
use super::{answer, answer_json};
use crate::CollectorError;
use crate::execution::Sandbox;
use crate::toolchain::Toolchain;

#[derive(Debug, Args)]
pub(super) struct ToolchainsArguments {
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &ToolchainsArguments) -> Result<ExitCode, CollectorError> {
    let (toolchains, errors) = Toolchain::of_rustup(&rustup(), &Sandbox::open("installed by hand"));
    for error in errors {
        eprintln!("note: {error}");
    }
    if arguments.json {
        answer_json(&toolchains)?;
    } else {
        answer(&toolchains.iter().map(line).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(toolchain: &Toolchain) -> String {
    let unusable = match toolchain.usable {
        true => "",
        false => " (cannot be measured: it has no standard library for its own host)",
    };
    format!(
        "{}\n  {}{unusable}\n  {}\n",
        toolchain.artifact.id,
        toolchain.artifact.title.as_deref().unwrap_or("rustc"),
        toolchain.names.join(", ")
    )
}
