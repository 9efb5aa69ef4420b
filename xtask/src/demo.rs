//! `cargo xtask demo`: from a fresh checkout to a page on which two real compilers are compared.
//!
//! Everything that it keeps is under `target/demo`, so that a second demo goes on where the first
//! ended, and `rm -r target/demo` begins anew. It uses the programs as a person would, by their
//! command lines, and builds nothing that a cloud would need.

mod choice;
mod fleet;
mod progress;

use std::path::PathBuf;

use clap::Args;

use crate::command::say;
use crate::error::Error;
use crate::setup;
use crate::workspace::Workspace;
use crate::{page, programs};
use choice::{Choice, Toolchain};
use fleet::Fleet;

/// How much the demo measures, and when it ends.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Measure three crates that take under a second each.
    #[arg(long)]
    quick: bool,
    /// End after the tables, instead of leaving the page open.
    #[arg(long)]
    exit: bool,
    /// Where the page listens; port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    /// Compare these two toolchains of rustup instead of choosing.
    #[arg(long, num_args = 2, value_names = ["BASE", "HEAD"])]
    toolchains: Option<Vec<String>>,
}

/// Front-end threads of the configurations that are compared, each within itself.
const FRONTEND_THREADS: [u32; 2] = [1, 2];

/// Runs the demo.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Error> {
    let tools = setup::prepare_page(workspace)?;
    setup::prepare_measuring()?;
    let dist = page::build_page(workspace, &tools)?;
    say("build", "perfleet and collector");
    let programs = programs::build_release(workspace)?;
    let fleet = Fleet::new(programs, workspace.target().join("demo"))?;

    let choice = choose(&fleet, options)?;
    say("compare", &choice.describe());
    fleet.make_known(&choice)?;
    let configurations = FRONTEND_THREADS
        .iter()
        .map(|threads| fleet.register_host(*threads))
        .collect::<Result<Vec<_>, _>>()?;
    let mut server = fleet.start_server(&options.listen, &dist)?;
    say("page", &server.address);
    let request = fleet.find_or_create_request(&choice, &configurations, options.quick)?;
    let mut collector = fleet.start_collector(&configurations)?;
    let detail = progress::wait(&fleet, &request, [&mut server.process, &mut collector])?;

    let replicates = progress::replicates(&detail);
    let sides = choice.sides(replicates);
    for configuration in &configurations {
        println!();
        print!("{}", fleet.comparison_table(&sides, configuration)?);
    }
    println!("\n{}", progress::verdict(&detail));
    let page = format!(
        "{}{}",
        server.address,
        choice.page_path(replicates, &configurations)
    );
    if options.exit {
        println!("\nThe page was at {page}\nStart it again by `cargo xtask demo`.");
        return Ok(());
    }
    println!("\nThe page is open at {page}\nControl-C ends the demo; what was measured stays.");
    fleet::wait_for_interrupt(server, collector)
}

fn choose(fleet: &Fleet, options: &Options) -> Result<Choice, Error> {
    let found: Vec<Toolchain> = fleet.toolchains()?;
    match options.toolchains.as_deref() {
        Some([base, head]) => choice::named(&found, base, head),
        _ => choice::choose(&found),
    }
}

/// The folder under which a demo keeps its data.
pub(crate) fn data_folder(root: &std::path::Path) -> PathBuf {
    root.join("data")
}
