//! `localstack prepare` installs a local AWS; `localstack run` starts one, says what it is and
//! prints its address, until standard input ends; `localstack time-start` prints how many
//! milliseconds a function takes from its start to its first question for an event.

use std::path::Path;
use std::process::ExitCode;

use localstack::{Emulator, FunctionHost, LocalAws, LocalAwsError};

const USAGE: &str = "usage: localstack prepare|run [--emulator ministack|localstack]\n\
                     \u{20}      localstack time-start BINARY";

/// Of so many starts the median is told.
const STARTS: usize = 5;

/// Enough for a function to start; it is given no event.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("PERFLEET_AWS_ENVIRONMENT", "staging"),
    ("PERFLEET_AWS_BUCKET", "none"),
    ("AWS_ACCESS_KEY_ID", "000000000000"),
    ("AWS_SECRET_ACCESS_KEY", "local"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["time-start", binary] => time_start(binary.as_ref()).map(|()| true),
        [command] => Emulator::chosen().and_then(|emulator| obey(command, emulator)),
        [command, "--emulator", name] => name.parse().and_then(|name| obey(command, name)),
        _ => Ok(false),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether there is such a command.
fn obey(command: &str, emulator: Emulator) -> Result<bool, LocalAwsError> {
    match command {
        "prepare" => emulator.prepare()?,
        "run" => run(emulator)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn run(emulator: Emulator) -> Result<(), LocalAwsError> {
    let aws = LocalAws::start(emulator)?;
    println!("{}", aws.describes());
    println!("{}", aws.endpoint());
    // A person ends it with Ctrl-D, a script by closing the pipe.
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    Ok(())
}

fn time_start(binary: &Path) -> Result<(), LocalAwsError> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let host = FunctionHost::start(binary, ENVIRONMENT)?;
        times.push(host.time_to_first_next());
    }
    times.sort_unstable();
    println!("{}", times[STARTS / 2].as_millis());
    Ok(())
}
