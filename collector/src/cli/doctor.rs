//! `collector doctor`: what this host can measure, what is missing, and the one line that mends it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::place::Place;
use super::{answer, answer_json};
use crate::CollectorError;
use crate::doctor::{Finding, Mending, Seen, examine, mend};
use crate::execution::perf_events::CounterPlan;
use crate::execution::{Executor, Leash};
use crate::host::HostTree;

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Changes what the kernel can be told, until the next start of the host. Takes root
    #[arg(long)]
    apply: bool,
    /// Exits with 3 where something is found to be like this
    #[arg(long, value_name = "STATE")]
    fail_on: Option<FailOn>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// What `--fail-on` may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Not as measuring wants it.
    Poor,
}

/// The answer to `--apply` as JSON.
#[derive(Serialize)]
struct Applied<'a> {
    schema: u32,
    mendings: &'a [Mending],
    findings: &'a [Finding],
}

/// Something was to be changed and was not.
const FAILED: u8 = 1;
/// `--fail-on` is met.
const MET: u8 = 3;

pub(super) fn run(arguments: &DoctorArguments) -> Result<ExitCode, CollectorError> {
    let tree = HostTree::of_this_host();
    let look = || {
        let seen = Seen::of_this_host(&tree, &arguments.place.work_directory())?;
        let mut findings = examine(&tree, &seen);
        findings.push(confinement(&arguments.place)?);
        Ok::<_, CollectorError>(findings)
    };
    let mut findings = look()?;
    let mut mendings = Vec::new();
    if arguments.apply {
        mendings = mend(&tree, &findings);
        findings = look()?;
    }
    match (arguments.json, arguments.apply) {
        (true, false) => answer_json(&findings)?,
        (true, true) => answer_json(&Applied {
            schema: 1,
            mendings: &mendings,
            findings: &findings,
        })?,
        (false, _) => {
            answer(&mendings.iter().map(Mending::to_string).collect::<String>())?;
            answer(&findings.iter().map(Finding::to_string).collect::<String>())?;
        }
    }
    let is_poor = findings.iter().any(|finding| finding.good == Some(false));
    Ok(match arguments.fail_on {
        _ if mendings.iter().any(Mending::is_refused) => ExitCode::from(FAILED),
        Some(FailOn::Poor) if is_poor => ExitCode::from(MET),
        _ => ExitCode::SUCCESS,
    })
}

/// What confines programs here, tried in a folder of its own: the work folder may be another
/// collector's just now.
fn confinement(place: &Place) -> Result<Finding, CollectorError> {
    let program = std::env::current_exe()
        .map_err(CollectorError::io("find the program", "collector".as_ref()))?;
    let scratch = tempfile::tempdir().map_err(CollectorError::io(
        "create a folder in",
        &std::env::temp_dir(),
    ))?;
    let executor = Executor::new(
        program,
        scratch.path().to_owned(),
        Leash::default(),
        CounterPlan::default(),
    );
    Ok(place.confining.sandbox(&executor).confinement.finding())
}
