//! Looking into one compilation: where its time goes, what it executes, what it writes. Each tool
//! compiles the leaf crate once, from the state of its scenario, and leaves what it found in a folder.

mod binary_size;
mod callgrind;
mod flamegraph;
mod llvm_lines;
mod outside;
mod self_time;
mod tool;

use std::path::{Path, PathBuf};

use analysis::words::CostTable;
use shared_types::Scenario;

use crate::CollectorError;
use crate::measure::ObservedUnit;

pub use callgrind::costs_by_function;
pub use flamegraph::flamegraph;
pub use self_time::read_stacks;
pub use tool::Tool;

/// What a tool found out about one compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Tables of costs, the most telling first.
    pub tables: Vec<CostTable>,
    /// Files that another program opens.
    pub files: Vec<ProfileFile>,
}

/// A file that a tool left, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileFile {
    /// The file.
    pub path: PathBuf,
    /// What a person does with it: a command, or what shows it.
    pub open_with: String,
}

/// Compiles once under the eyes of a tool. What it leaves is put into `folder`, which is there.
///
/// # Errors
/// When the tool is not installed or of no use for this profile, the compilation fails, or what the
/// tool wrote cannot be understood.
pub fn profile(
    tool: Tool,
    unit: &ObservedUnit<'_>,
    scenario: &Scenario,
    folder: &Path,
) -> Result<Findings, CollectorError> {
    match tool {
        Tool::SelfProfile => self_time::profile(unit, scenario, folder),
        Tool::Callgrind => callgrind::profile(callgrind::Simulation::Calls, unit, scenario, folder),
        Tool::Cachegrind => {
            callgrind::profile(callgrind::Simulation::Caches, unit, scenario, folder)
        }
        Tool::LlvmLines => llvm_lines::profile(unit, scenario, folder),
        Tool::BinarySize => binary_size::profile(unit, scenario),
        Tool::PerfRecord => outside::perf_record(unit, scenario, folder),
        Tool::Samply => outside::samply(unit, scenario, folder),
    }
}

/// A refusal that a person can do something about.
fn refused(reason: impl Into<String>) -> CollectorError {
    CollectorError::Usage {
        reason: reason.into(),
    }
}
