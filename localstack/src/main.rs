//! `localstack prepare` installs a local AWS; `localstack run` starts one, says what it is and
//! prints its address, until standard input ends.

use std::process::ExitCode;

use localstack::{Emulator, LocalAws, LocalAwsError};

const USAGE: &str = "usage: localstack prepare|run [--emulator ministack|localstack]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
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
