//! Measuring: from a job and the toolchains that it names to a result.
//!
//! What is measured is the compilation of the leaf crate alone, from a state that is the same in
//! every iteration. The iterations of base and head alternate.

mod build_check;
mod compile_target;
mod confined_access;
mod counting;
mod iterations;
mod job;
mod leaf_program;
mod metrics;
mod observed_unit;
mod observer;
mod problem;
mod raw_profiles;
mod resuming;
mod round_loop;
mod rounds;
mod runtime;
mod scenario_run;
mod source_copy;
mod surroundings;
mod toolchain_unit;
mod unit_folder;
mod unit_of_job;
mod work_directory;
mod workbench;

pub use build_check::{BuildCheck, BuildOutcome};
pub(crate) use counting::program_on_path;
pub use counting::{
    InstructionCounter, PreparedCounter, instructions_in_callgrind_report,
    instructions_in_plugin_report,
};
pub use metrics::available_metrics;
pub use observed_unit::ObservedUnit;
pub use observer::JobProgress;
pub use problem::Problem;
pub use raw_profiles::RawProfile;
pub use runtime::{GroupOutcome, program_times};
pub use scenario_run::LeafRun;
pub use toolchain_unit::crate_times;
pub(crate) use toolchain_unit::time_crate;
pub use unit_folder::{Unit, UnitFolder};
pub use work_directory::{WorkDirectory, default_work_directory};
pub use workbench::{DeliveredJob, JobOutcome, MeasuringOptions, Workbench};

/// Changes when the same compilation would be measured differently, so that series start anew.
pub const PROTOCOL: &str = "1";
