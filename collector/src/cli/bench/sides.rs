//! The two runs that one table compares.

use analysis::words::Names;
use shared_types::Replicate;
use shared_types::result_document::MeasuredRun;
use shared_types::run::Side;

use crate::toolchain::Toolchain;

/// The two runs of a bench. One toolchain against itself is measured as two replicates.
pub(super) struct Sides {
    pub(super) base: MeasuredRun,
    pub(super) head: MeasuredRun,
    pub(super) names: Names,
    same: bool,
}

impl Sides {
    pub(super) fn of(base: &Toolchain, head: &Toolchain) -> Self {
        let same = base.artifact.id == head.artifact.id;
        let title = |toolchain: &Toolchain| {
            let title = toolchain.artifact.title.clone();
            title.unwrap_or_else(|| toolchain.artifact.id.to_string())
        };
        let run = |toolchain: &Toolchain, replicate| MeasuredRun {
            artifact: toolchain.artifact.id.clone(),
            replicate,
        };
        let second = if same {
            Replicate::FIRST.next()
        } else {
            Replicate::FIRST
        };
        Self {
            base: run(base, Replicate::FIRST),
            head: run(head, second),
            names: Names {
                base: title(base),
                head: title(head),
            },
            same,
        }
    }

    pub(super) fn side(&self, run: &MeasuredRun) -> Side {
        Side {
            artifact: run.artifact.clone(),
            replicate: self.same.then_some(run.replicate),
        }
    }
}
