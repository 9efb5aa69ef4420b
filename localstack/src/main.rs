//! `localstack prepare` installs the local AWS; `localstack run` starts one and prints its
//! address, until standard input ends.

use std::process::ExitCode;

use localstack::{Installation, LocalAws, LocalAwsError};

fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("prepare") => Installation::ensure().map(drop),
        Some("run") => run(),
        _ => {
            eprintln!("usage: localstack prepare | run");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), LocalAwsError> {
    let aws = LocalAws::start(&Installation::ensure()?)?;
    println!("{}", aws.endpoint());
    // A person ends it with Ctrl-D, a script by closing the pipe.
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    Ok(())
}
