//! `cargo xtask emulated-arm`: a second platform on one machine, for real: an ARM host that QEMU
//! emulates, registered as an experimental configuration.

mod registration;

use std::path::PathBuf;

use clap::Args;

use crate::command::say;
use crate::error::Error;
use crate::programs::{self, Programs};
use crate::setup::emulated_arm::{self, CompilerPair};
use crate::workspace::Workspace;
use registration::{Place, Registered};

/// What is compared when nothing else is asked for. The tests compare these.
pub(crate) const RELEASES: [&str; 2] = ["1.95.0", "1.96.0"];

/// What is prepared, and where it is registered.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Register it in this data folder of a server
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    data_dir: Option<PathBuf>,
    /// Register it with the server at this address, with the token in PERFLEET_TOKEN
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The releases of rustc that are prepared for it
    #[arg(long, num_args = 2, value_names = ["BASE", "HEAD"], default_values = RELEASES)]
    releases: Vec<String>,
    /// Use the programs `perfleet` and `collector` in this folder instead of building them
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
}

/// Prepares the host, registers it where a place is named, and says what to do next.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let releases: Vec<&str> = options.releases.iter().map(String::as_str).collect();
    let pairs = emulated_arm::prepare(workspace, &releases)?;
    for pair in &pairs {
        let line = format!(
            "rustc {} for ARM is {}",
            pair.release,
            pair.emulated.display()
        );
        say("emulated-arm", &line);
    }
    let place = match (&options.data_dir, &options.server) {
        (Some(folder), _) => Place::DataFolder(folder.clone()),
        (None, Some(url)) => Place::Server(url.clone()),
        (None, None) => {
            println!("{}", next_without_server(&pairs));
            return Ok(());
        }
    };
    let programs = match &options.programs {
        Some(folder) => Programs::in_folder(folder),
        None => programs::build_release(workspace)?,
    };
    let registered = registration::register(workspace, &programs, &place, &pairs)?;
    println!("{}", next_with_server(&place, &registered, &pairs));
    Ok(())
}

fn next_without_server(pairs: &[CompilerPair]) -> String {
    let folders: Vec<String> = pairs
        .iter()
        .map(|pair| pair.emulated.display().to_string())
        .collect();
    format!(
        "Compare them here by\n  collector bench --emulated aarch64 --quick {}\nor register the host \
         with a server by `cargo xtask emulated-arm --data-dir DIR` (or `--server URL`).",
        folders.join(" ")
    )
}

fn next_with_server(place: &Place, registered: &Registered, pairs: &[CompilerPair]) -> String {
    let place = place.options().join(" ");
    let configuration = &registered.configuration;
    let toolchains: String = pairs
        .iter()
        .zip(&registered.artifacts)
        .map(|(pair, artifact)| {
            let folder = pair.emulated.display();
            format!(" \\\n    --toolchain {artifact}={folder}")
        })
        .collect();
    let artifacts = &registered.artifacts;
    let (base, head) = (
        artifacts.first().map_or("BASE", String::as_str),
        artifacts.last().map_or("HEAD", String::as_str),
    );
    format!(
        "The configuration {configuration} is registered, as experimental. Serve it by\n  \
         collector run {place} --emulated aarch64 --configuration {configuration}{toolchains}\nand \
         compare on it, beside configurations of other hosts, by\n  perfleet request {place} {head} \
         --base {base} --profiles check --paired \\\n    --configuration {configuration} \
         --configuration ANOTHER"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs() -> Vec<CompilerPair> {
        RELEASES
            .map(|release| CompilerPair {
                release: release.to_owned(),
                emulated: format!("emulated/{release}").into(),
                native: format!("native/{release}").into(),
            })
            .to_vec()
    }

    #[test]
    fn what_to_do_next_names_every_toolchain_and_the_configuration() {
        let registered = Registered {
            configuration: "aarch64-qemu-user-llvm-t1".into(),
            artifacts: vec!["local-1.95.0-a".into(), "local-1.96.0-b".into()],
        };
        let place = Place::DataFolder("data".into());
        let said = next_with_server(&place, &registered, &pairs());
        assert_eq!(
            said,
            "The configuration aarch64-qemu-user-llvm-t1 is registered, as experimental. Serve it by\n  \
             collector run --data-dir data --emulated aarch64 --configuration \
             aarch64-qemu-user-llvm-t1 \\\n    --toolchain local-1.95.0-a=emulated/1.95.0 \\\n    \
             --toolchain local-1.96.0-b=emulated/1.96.0\nand compare on it, beside configurations of \
             other hosts, by\n  perfleet request --data-dir data local-1.96.0-b --base \
             local-1.95.0-a --profiles check --paired \\\n    --configuration \
             aarch64-qemu-user-llvm-t1 --configuration ANOTHER"
        );
    }

    #[test]
    fn without_a_server_they_can_be_compared_all_the_same() {
        let said = next_without_server(&pairs());
        assert!(
            said.contains("--emulated aarch64 --quick emulated/1.95.0 emulated/1.96.0\n"),
            "{said}"
        );
    }
}
