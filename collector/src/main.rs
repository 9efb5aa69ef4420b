//! The program `collector`.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = collector::mode::run() {
        return code;
    }
    collector::cli::run()
}
