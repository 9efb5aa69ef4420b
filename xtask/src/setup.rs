//! `cargo xtask setup`: installs what the project needs and the machine lacks.
//!
//! Every part looks first whether it is there, so that repeating it costs a second. What is built
//! or unpacked goes into the project's cache folder, never into the checkout or the system; only
//! the distribution's own packages are installed system-wide.

mod apt;
mod cargo_tools;
mod debian_toolchain;
pub(crate) mod emulated_arm;
mod node;
mod node_modules;
mod wasm;

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use clap::ValueEnum;

use crate::command::{self, say};
use crate::error::Error;
use crate::workspace::Workspace;

/// What to prepare a machine for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// Building the page: WebAssembly, Trunk, wasm-bindgen, wasm-opt, the chart library.
    Page,
    /// Measuring: instruction counts on hosts without hardware counters, the sandbox.
    Measuring,
    /// Running every test: both of the above, a browser, the test runner, a local AWS.
    Test,
    /// Debian's own rustc as a further rustup toolchain, to have two compilers to compare.
    SecondCompiler,
}

/// What building the page needs.
#[derive(Debug, Clone)]
pub(crate) struct PageTools {
    /// The rustup toolchain that compiles to WebAssembly, a value for `RUSTUP_TOOLCHAIN`.
    pub(crate) toolchain: String,
    /// Folders that go in front of PATH: Trunk, wasm-bindgen, the splitter and wasm-opt.
    pub(crate) path_folders: Vec<PathBuf>,
}

/// What running the tests needs.
#[derive(Debug, Clone)]
pub(crate) struct TestTools {
    /// What building the page needs.
    pub(crate) page: PageTools,
    /// The browser.
    pub(crate) chromium: PathBuf,
    /// The Node.js that runs the browser's driver.
    pub(crate) node: PathBuf,
    /// Folders that go in front of PATH: the test runner where it is the project's own.
    pub(crate) path_folders: Vec<PathBuf>,
}

/// Prepares this machine for `purpose`, or for all of them but the second compiler.
pub(crate) fn run(workspace: &Workspace, purpose: Option<Purpose>) -> Result<(), Error> {
    match purpose {
        Some(Purpose::Page) => prepare_page(workspace).map(drop)?,
        Some(Purpose::Measuring) => prepare_measuring()?,
        Some(Purpose::Test) | None => prepare_test(workspace).map(drop)?,
        Some(Purpose::SecondCompiler) => prepare_second_compiler(workspace).map(drop)?,
    }
    say("setup", "ready");
    Ok(())
}

/// Held while something is put into the cache: two checkouts may be set up at once, and the second
/// waits and then finds everything there.
fn lock_cache(workspace: &Workspace) -> Result<File, Error> {
    let path = workspace.cache().join("setup.lock");
    let lock = File::create(&path).map_err(Error::file("create", &path))?;
    lock.lock().map_err(Error::file("lock", &path))?;
    Ok(lock)
}

/// Prepares for building the page.
pub(crate) fn prepare_page(workspace: &Workspace) -> Result<PageTools, Error> {
    let _lock = lock_cache(workspace)?;
    apt::ensure(&[apt::C_COMPILER, apt::NODE, apt::NPM])?;
    let toolchain = wasm::ensure_toolchain(workspace.cache())?;
    let trunk = cargo_tools::ensure(workspace.cache(), &cargo_tools::TRUNK)?;
    let wasm_bindgen = cargo_tools::ensure(workspace.cache(), &cargo_tools::WASM_BINDGEN)?;
    let wasm_split = cargo_tools::ensure(workspace.cache(), &cargo_tools::WASM_SPLIT)?;
    let node_modules = node_modules::ensure(&workspace.frontend())?;
    Ok(PageTools {
        toolchain,
        path_folders: vec![trunk, wasm_bindgen, wasm_split, node_modules.join(".bin")],
    })
}

/// Prepares for measuring. Nothing here is indispensable: what is missing is a metric less.
pub(crate) fn prepare_measuring() -> Result<(), Error> {
    apt::ensure(&[apt::C_COMPILER])?;
    for (package, lost) in [
        (apt::QEMU, "instructions:qemu will be absent from results"),
        (
            apt::VALGRIND,
            "instructions:valgrind will be absent from results",
        ),
        (apt::BUBBLEWRAP, "benchmarks will run without a sandbox"),
    ] {
        if let Err(error) = apt::ensure(&[package]) {
            say("setup", &format!("warning: {lost} ({error})"));
        }
    }
    Ok(())
}

/// Prepares for running every test.
pub(crate) fn prepare_test(workspace: &Workspace) -> Result<TestTools, Error> {
    let page = prepare_page(workspace)?;
    let _lock = lock_cache(workspace)?;
    prepare_measuring()?;
    apt::ensure(&[apt::CHROMIUM, apt::CHROMIUM_DRIVER, apt::PYTHON_VENV])?;
    let path_folders = match command::find_program("cargo-nextest") {
        Some(_) => Vec::new(),
        None => vec![cargo_tools::ensure(
            workspace.cache(),
            &cargo_tools::NEXTEST,
        )?],
    };
    prepare_local_aws(workspace)?;
    Ok(TestTools {
        page,
        chromium: apt::program(&apt::CHROMIUM)?,
        node: node::ensure(workspace.cache())?,
        path_folders,
    })
}

/// The crate that starts the local AWS also knows how to install it.
fn prepare_local_aws(workspace: &Workspace) -> Result<(), Error> {
    let prepare = ["run", "--quiet", "--package", "localstack", "--", "prepare"];
    command::capture(
        Command::new("cargo")
            .args(prepare)
            .current_dir(workspace.root())
            .env("PERFLEET_CACHE_DIR", workspace.cache()),
    )
    .map(drop)
}

/// Installs Debian's rustc beside rustup's and returns the name of its toolchain. It comes from
/// the same upstream source, has a real commit hash, and differs from every rustup release enough
/// to make a comparison worth looking at.
pub(crate) fn prepare_second_compiler(workspace: &Workspace) -> Result<&'static str, Error> {
    let _lock = lock_cache(workspace)?;
    apt::ensure(&[apt::C_COMPILER])?;
    let toolchain = debian_toolchain::ensure(workspace.cache())?;
    say(
        "setup",
        &format!("rustup toolchain `{toolchain}` is Debian's rustc"),
    );
    Ok(toolchain)
}

/// Where the program that checks licences and sources of dependencies is, if it is anywhere: a
/// folder to put on PATH.
pub(crate) fn find_cargo_deny(workspace: &Workspace) -> Option<PathBuf> {
    let installed = command::find_program("cargo-deny");
    let folder = installed.and_then(|program| program.parent().map(PathBuf::from));
    folder.or_else(|| cargo_tools::find(workspace.cache(), &cargo_tools::DENY))
}

/// Installs the program that checks licences and sources of dependencies. Minutes of building:
/// only for `cargo xtask test --all`.
pub(crate) fn prepare_cargo_deny(workspace: &Workspace) -> Result<PathBuf, Error> {
    let _lock = lock_cache(workspace)?;
    cargo_tools::ensure(workspace.cache(), &cargo_tools::DENY)
}

/// Installs the program that builds and runs fuzz targets, and the compiler that its runtime needs.
/// Returns the folder to put on PATH.
pub(crate) fn prepare_cargo_fuzz(workspace: &Workspace) -> Result<PathBuf, Error> {
    let _lock = lock_cache(workspace)?;
    apt::ensure(&[apt::C_COMPILER, apt::CPP_COMPILER])?;
    cargo_tools::ensure(workspace.cache(), &cargo_tools::FUZZ)
}
