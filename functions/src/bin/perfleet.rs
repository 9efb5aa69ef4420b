//! `perfleet`: the server on one machine, and the administrator's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    functions::command_line::run()
}
