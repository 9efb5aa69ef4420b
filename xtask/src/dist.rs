//! `cargo xtask dist`: the functions as Lambda takes them, one zip for each, by architecture.

mod architecture;
mod glibc;
mod package;
mod start_time;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::command::{self, say};
use crate::error::Error;
use crate::programs;
use crate::workspace::Workspace;
use architecture::Architecture;

/// The functions. Each is a binary `lambda-NAME` of the package `functions`.
const FUNCTIONS: [&str; 6] = [
    "api",
    "compare",
    "coordinator",
    "github",
    "ingest",
    "reconcile",
];

/// How the functions are built.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Build quickly, for tests: large and slow.
    #[arg(long)]
    quick: bool,
}

/// How much is made of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quality {
    /// For AWS.
    Deployed,
    /// For tests, from what tests build anyway.
    Tested,
}

/// One function, packed.
struct Packed {
    name: &'static str,
    architecture: Architecture,
    binary: PathBuf,
    zip_bytes: u64,
    binary_bytes: u64,
    glibc: glibc::Version,
}

/// Builds for every architecture that this machine can build for, and prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let quality = if options.quick {
        Quality::Tested
    } else {
        Quality::Deployed
    };
    let mut packed = Vec::new();
    for architecture in Architecture::ALL {
        match architecture.obstacle()? {
            Some(obstacle) => say("dist", &format!("skipped: {architecture}, {obstacle}")),
            None => packed.extend(build_for(workspace, architecture, quality)?),
        }
    }
    print(workspace, &packed)?;
    println!("{}", folder(workspace).display());
    Ok(())
}

/// The folder of the zips for the architecture of this machine, which a local AWS can run, built
/// from what tests build anyway.
pub(crate) fn build_for_tests(workspace: &Workspace) -> Result<PathBuf, Error> {
    let architecture = Architecture::of_this_machine()?;
    build_for(workspace, architecture, Quality::Tested)?;
    Ok(folder(workspace).join(architecture.name()))
}

/// The folder of the zips for an architecture, by Lambda's name of it, as they are deployed.
pub(crate) fn build(workspace: &Workspace, architecture: &str) -> Result<PathBuf, Error> {
    let architecture: Architecture = architecture.parse()?;
    if let Some(obstacle) = architecture.obstacle()? {
        return Err(Error::Missing {
            what: format!("what builds functions for {architecture}"),
            remedy: format!("{obstacle}, or deploy with function_architecture of the other kind"),
        });
    }
    build_for(workspace, architecture, Quality::Deployed)?;
    Ok(folder(workspace).join(architecture.name()))
}

/// Lambda's name of what this machine is.
pub(crate) fn architecture_here() -> Result<&'static str, Error> {
    Ok(Architecture::of_this_machine()?.name())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("dist")
}

fn build_for(
    workspace: &Workspace,
    architecture: Architecture,
    quality: Quality,
) -> Result<Vec<Packed>, Error> {
    say(
        "dist",
        &format!("building the functions for {architecture}"),
    );
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--quiet"])
        .args(quality.cargo_arguments())
        .args(architecture.cargo_arguments()?)
        .envs(architecture.cargo_environment()?)
        .current_dir(workspace.root());
    command::run(&mut cargo)?;
    let built = workspace
        .target()
        .join(architecture.target_folder()?)
        .join(quality.profile_folder());
    let zips = folder(workspace).join(architecture.name());
    std::fs::create_dir_all(&zips).map_err(Error::file("create", &zips))?;
    FUNCTIONS
        .into_iter()
        .map(|name| {
            let binary = built.join(format!("lambda-{name}"));
            let binary = quality.slimmed(binary, &zips.join(format!("lambda-{name}")))?;
            pack(name, architecture, binary, &zips, quality)
        })
        .collect()
}

fn pack(
    name: &'static str,
    architecture: Architecture,
    binary: PathBuf,
    zips: &Path,
    quality: Quality,
) -> Result<Packed, Error> {
    let bytes = std::fs::read(&binary).map_err(Error::file("read", &binary))?;
    let glibc = glibc::needed(&bytes)?;
    if glibc > glibc::OF_THE_RUNTIME {
        return Err(Error::Unfit {
            what: binary.display().to_string(),
            reason: format!(
                "needs glibc {glibc}, and the runtime provided.al2023 has {}: build it on a system \
                 whose glibc is older",
                glibc::OF_THE_RUNTIME
            ),
        });
    }
    let zip = zips.join(format!("{name}.zip"));
    let zip_bytes = package::write(&bytes, quality.effort(), &zip)?;
    Ok(Packed {
        name,
        architecture,
        binary,
        zip_bytes,
        binary_bytes: bytes.len() as u64,
        glibc,
    })
}

fn print(workspace: &Workspace, packed: &[Packed]) -> Result<(), Error> {
    let here = Architecture::of_this_machine()?;
    println!("| function | architecture | zip | binary | glibc | start to first `next` |");
    println!("|---|---|---|---|---|---|");
    for one in packed {
        let start = if one.architecture == here {
            format!("{} ms", start_time::measure_ms(workspace, &one.binary)?)
        } else {
            "not run here".to_owned()
        };
        println!(
            "| {} | {} | {} | {} | {} | {start} |",
            one.name,
            one.architecture,
            megabytes(one.zip_bytes),
            megabytes(one.binary_bytes),
            one.glibc
        );
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

impl Quality {
    fn cargo_arguments(self) -> Vec<String> {
        match self {
            Self::Deployed => ["--package=functions", "--features=aws", "--profile=lambda"]
                .map(str::to_owned)
                .into_iter()
                .chain(FUNCTIONS.map(|name| format!("--bin=lambda-{name}")))
                .collect(),
            Self::Tested => programs::TEST_BUILD.map(str::to_owned).to_vec(),
        }
    }

    /// What is packed. Lambda has a limit, and names of symbols alone would be past it.
    fn slimmed(self, binary: PathBuf, slim: &Path) -> Result<PathBuf, Error> {
        if self == Self::Deployed {
            return Ok(binary);
        }
        let mut strip = Command::new("strip");
        strip.arg("--strip-all").arg("-o").arg(slim).arg(&binary);
        command::run(&mut strip)?;
        Ok(slim.to_owned())
    }

    fn effort(self) -> package::Effort {
        match self {
            Self::Deployed => package::Effort::Full,
            Self::Tested => package::Effort::Little,
        }
    }

    fn profile_folder(self) -> &'static str {
        match self {
            Self::Deployed => "lambda",
            Self::Tested => "debug",
        }
    }
}
