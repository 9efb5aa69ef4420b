//! The options that say how what is measured is confined.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::execution::{ByteSize, Confinement, Executor, Limits, Sandbox, SystemView, confinement};
use crate::host;
use crate::measure::program_on_path;

/// How what is measured is confined.
#[derive(Debug, Args)]
pub(super) struct Confining {
    /// Whether compilers, build scripts and macros run confined: without network, with a read-only
    /// view of the system, and within limits
    #[arg(long, value_enum, value_name = "WHETHER", default_value_t = Whether::Auto)]
    confinement: Whether,
    /// A further folder that confined programs may read; may be given several times
    #[arg(long = "readable", value_name = "DIR")]
    readable: Vec<PathBuf>,
    /// The memory that a confined program may take, as 12GiB [default: three quarters of the host's]
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<ByteSize>,
    /// The processes and threads that a confined program may have at a time [default: 4096]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    process_limit: Option<u64>,
    /// What a confined program may write to the disk [default: 32GiB]
    #[arg(long, value_name = "SIZE")]
    disk_limit: Option<ByteSize>,
}

/// Whether programs run confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whether {
    /// By the best that this host has
    Auto,
    /// Not at all
    None,
}

impl Confining {
    /// What programs are run in. It is tried by `unconfined`, which runs programs as they are.
    pub(super) fn sandbox(&self, unconfined: &Executor) -> Sandbox {
        let mut sandbox = Sandbox {
            confinement: Confinement::None {
                reason: "switched off by --confinement none".to_owned(),
            },
            limits: self.limits(host::facts().memory_bytes),
            system: SystemView::of_this_host(),
            readable: self.readable.iter().map(absolute).collect(),
        };
        if self.confinement == Whether::Auto {
            sandbox.confinement = confinement::find(unconfined, &sandbox, program_on_path("bwrap"));
        }
        sandbox
    }

    fn limits(&self, memory_bytes: Option<u64>) -> Limits {
        let of_host = Limits::of_host(memory_bytes);
        let bytes = |size: Option<ByteSize>| size.map(|size| size.0);
        Limits {
            memory_bytes: bytes(self.memory_limit).unwrap_or(of_host.memory_bytes),
            processes: self.process_limit.unwrap_or(of_host.processes),
            disk_bytes: bytes(self.disk_limit).unwrap_or(of_host.disk_bytes),
        }
    }
}

fn absolute(path: &PathBuf) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
