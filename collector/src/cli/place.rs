//! The options that name where things are, and what is made of them.

use std::path::PathBuf;

use clap::Args;
use shared_types::result_document::CollectorVersion;

use super::confining::Confining;
use crate::CollectorError;
use crate::execution::perf_events::CounterPlan;
use crate::execution::{Executor, Leash};
use crate::host::{self, EmulatedArchitecture, EmulatedHost};
use crate::measure::{
    InstructionCounter, MeasuringOptions, WorkDirectory, Workbench, default_work_directory,
};
use crate::suite::{SUITE_DIR_VARIABLE, Suite, suite_directory};
use crate::toolchain::Rustup;

/// Where the suite and the collector's own files are, and how what is measured is confined.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The folder of the benchmark suite [default: PERFLEET_SUITE_DIR, else that of the checkout]
    #[arg(long, value_name = "DIR")]
    suite: Option<PathBuf>,
    /// The folder for downloads, builds and undelivered results [default: PERFLEET_WORK_DIR, else
    /// `perfleet` in the cache folder]
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,
    /// Instructions are counted by emulation only where a compilation takes less than this without
    #[arg(long, value_name = "SECONDS", default_value_t = MeasuringOptions::default().count_below_s)]
    count_below: f64,
    /// Measure at once, without compiling each benchmark once before to warm up
    #[arg(long)]
    no_warm_up: bool,
    /// Count every iteration, also those that something else on this host spoilt
    #[arg(long)]
    keep_disturbed: bool,
    /// Measure as a host of this architecture that a program on this one emulates: aarch64. Such a
    /// host tells counts and sizes only; its toolchains are those that `cargo xtask emulated-arm`
    /// makes
    #[arg(long, value_name = "ARCHITECTURE")]
    emulated: Option<EmulatedArchitecture>,
    /// A checkout of the compiler's sources, prepared to be built offline, for toolchain benchmarks
    /// [default: PERFLEET_RUSTC_CHECKOUT]
    #[arg(long, value_name = "DIR")]
    rustc_checkout: Option<PathBuf>,
    #[command(flatten)]
    pub(super) confining: Confining,
}

/// The name of the variable that names a checkout of the compiler's sources.
const RUSTC_CHECKOUT_VARIABLE: &str = "PERFLEET_RUSTC_CHECKOUT";

impl Place {
    /// The suite.
    pub(super) fn suite(&self) -> Result<Suite, CollectorError> {
        let variable = std::env::var_os(SUITE_DIR_VARIABLE);
        Suite::load(&suite_directory(self.suite.as_deref(), variable))
    }

    fn rustc_checkout(&self) -> Option<PathBuf> {
        let variable = || std::env::var_os(RUSTC_CHECKOUT_VARIABLE).filter(|dir| !dir.is_empty());
        let named = self.rustc_checkout.clone();
        named.or_else(|| variable().map(PathBuf::from))
    }

    /// The work folder.
    pub(super) fn work_directory(&self) -> PathBuf {
        let variable = |name: &str| std::env::var_os(name);
        self.work_dir
            .clone()
            .unwrap_or_else(|| default_work_directory(variable))
    }

    /// All that measuring needs, under the collector's `name`. Jobs that nobody vouches for are
    /// measured without confinement only where `allow_unconfined`.
    pub(super) fn workbench(
        &self,
        name: &str,
        allow_unconfined: bool,
    ) -> Result<Workbench, CollectorError> {
        let mut bench = self.plain_workbench(name)?;
        let sandbox = self.confining.sandbox(&bench.executor);
        bench.executor = bench.executor.confined_by(sandbox);
        bench.options.allow_unconfined = allow_unconfined;
        bench.counter = match self.emulated {
            Some(_) => InstructionCounter::of_emulated_host(&bench.work.tools())?,
            None => InstructionCounter::find(&bench.executor, &bench.work.tools()),
        };
        Ok(bench)
    }

    /// All that compiling one's own crates by one's own compilers needs: nothing is confined, so that
    /// any tool can look, and there is no counter of instructions, which takes its time to find.
    pub(super) fn plain_workbench(&self, name: &str) -> Result<Workbench, CollectorError> {
        let suite = self.suite()?;
        let work = WorkDirectory::open(&self.work_directory())?;
        let program = std::env::current_exe()
            .map_err(CollectorError::io("find the program", "collector".as_ref()))?;
        let emulated = self.emulated.map(EmulatedHost::find).transpose()?;
        // The processor around an emulated host counts what the emulator does.
        let counters = match emulated {
            Some(_) => CounterPlan::default(),
            None => CounterPlan::of_this_host(),
        };
        let executor = Executor::new(program, work.scratch(), Leash::default(), counters);
        Ok(Workbench {
            counter: InstructionCounter::None {
                reason: "nothing is measured here".to_owned(),
            },
            suite,
            work,
            executor,
            host: emulated.map_or_else(host::facts, |emulated| emulated.facts()),
            collector: CollectorVersion {
                name: name.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            options: MeasuringOptions {
                count_below_s: self.count_below,
                warm_up: !self.no_warm_up,
                repeat_disturbed: !self.keep_disturbed,
                allow_unconfined: true,
            },
            rustc_checkout: self.rustc_checkout(),
            own_cargo: rustup().any_cargo(),
        })
    }
}

/// The toolchains of this machine's user.
pub(super) fn rustup() -> Rustup {
    Rustup::from_environment(|name| std::env::var_os(name))
}
