//! How long the mathematics takes, and how many instructions.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Figure;
use crate::command::{self, say};
use crate::error::Error;
use crate::workspace::Workspace;

/// What is timed at full size, and counted by emulation at a part of it.
struct Load {
    what: &'static str,
    timed: &'static [&'static str],
    counted: &'static [&'static str],
    /// What nothing of it costs, which is taken off the count.
    nothing: &'static [&'static str],
    units_timed: f64,
    units_counted: f64,
    unit: &'static str,
}

const LOADS: [Load; 2] = [
    Load {
        what: "comparisons of 8 configurations x 700 test cases x 10 metrics, 100 runs of history",
        timed: &["comparison", "8", "10"],
        counted: &["comparison", "1", "2"],
        nothing: &["comparison", "0", "0"],
        units_timed: 56_000.0,
        units_counted: 1_400.0,
        unit: "test case",
    },
    Load {
        what: "change points of 10,000 series x 1,000 values",
        timed: &["change-points", "10000"],
        counted: &["change-points", "30"],
        nothing: &["change-points", "0"],
        units_timed: 10_000.0,
        units_counted: 30.0,
        unit: "series",
    },
];

/// Times both loads, and counts instructions where valgrind is installed.
pub(super) fn measure(workspace: &Workspace, folder: &Path) -> Result<Vec<Figure>, Error> {
    say("bench", "the analysis");
    command::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--release", "--package", "analysis"])
            .args(["--example", "analysis_speed"])
            .current_dir(workspace.root()),
    )?;
    let program = workspace.target().join("release/examples/analysis_speed");
    let mut figures = Vec::new();
    for load in &LOADS {
        let seconds: f64 = read(&command::capture(Command::new(&program).args(load.timed))?)?;
        let counted = count(&program, load, folder)?;
        figures.push(Figure {
            what: load.what,
            value: format!("{seconds:.1} s"),
            beside: format!(
                "{:.0} \u{b5}s for each {}{counted}",
                1e6 * seconds / load.units_timed,
                load.unit
            ),
        });
    }
    Ok(figures)
}

fn count(program: &Path, load: &Load, folder: &Path) -> Result<String, Error> {
    if command::find_program("valgrind").is_none() {
        return Ok("; instructions not counted, as valgrind is not installed".to_owned());
    }
    let out = folder.join("callgrind.out");
    let whole = instructions(program, load.counted, &out)?;
    let nothing = instructions(program, load.nothing, &out)?;
    let each = (whole - nothing) / load.units_counted;
    Ok(format!(", {:.0} thousand instructions", each / 1e3))
}

/// How many instructions a run makes, as callgrind counts them: the line `summary:` of its output.
fn instructions(program: &Path, arguments: &[&str], out: &PathBuf) -> Result<f64, Error> {
    command::capture(
        Command::new("valgrind")
            .args(["--quiet", "--tool=callgrind"])
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(program)
            .args(arguments),
    )?;
    let text = std::fs::read_to_string(out).map_err(Error::file("read", out))?;
    let summary = text.lines().find_map(|line| {
        line.strip_prefix("summary:")
            .or(line.strip_prefix("totals:"))
    });
    read(summary.unwrap_or_default())
}

fn read(text: &str) -> Result<f64, Error> {
    text.trim().parse().map_err(|_| Error::NotUnderstood {
        what: "what the analysis was measured to take".into(),
        reason: format!("`{}` is no number", text.trim()),
    })
}
