//! Every way of confining that works on this machine. Where one does not, its tests are skipped and
//! say so by name.

use std::path::PathBuf;

use collector::execution::confinement::holds;
use collector::execution::{
    Confinement, Executor, Leash, Limits, NetworkBarrier, Sandbox, SystemView,
};
use collector::measure::Workbench;

use crate::fixture::{Fixture, executor};

/// Limits that a small crate stays within, and that are soon reached by one that means to.
pub(crate) const LIMITS: Limits = Limits {
    memory_bytes: 1 << 30,
    processes: 200,
    disk_bytes: 64 << 20,
};

/// The sandboxes of this machine, with the name of each.
pub(crate) fn sandboxes() -> Vec<(&'static str, Sandbox)> {
    let bubblewrap = PathBuf::from("/usr/bin/bwrap");
    let candidates = [
        (
            "bubblewrap",
            Confinement::Bubblewrap {
                program: bubblewrap,
            },
        ),
        (
            "Landlock",
            Confinement::Landlock {
                barrier: NetworkBarrier::Namespace,
            },
        ),
    ];
    let mut found = Vec::new();
    for (name, confinement) in candidates {
        let sandbox = Sandbox {
            confinement,
            limits: LIMITS,
            system: SystemView::of_this_host(),
            readable: Vec::new(),
        };
        let scratch = tempfile::tempdir().unwrap();
        let executor = executor(scratch.path().to_owned(), Leash::default());
        match holds(&executor.confined_by(sandbox.clone())) {
            Ok(()) => found.push((name, sandbox)),
            Err(reason) => eprintln!("skipped for {name}: {reason}"),
        }
    }
    found
}

/// A workbench whose programs run in a sandbox.
pub(crate) fn confined_bench(fixture: &Fixture, sandbox: &Sandbox) -> Workbench {
    let bench = fixture.bench();
    Workbench {
        executor: bench.executor.clone().confined_by(sandbox.clone()),
        ..bench
    }
}

/// An executor in a folder whose programs run in a sandbox.
pub(crate) fn confined_executor(scratch: PathBuf, sandbox: &Sandbox) -> Executor {
    executor(scratch, Leash::default()).confined_by(sandbox.clone())
}
