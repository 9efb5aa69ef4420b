//! What the command line of a group asks for.

use crate::Repetition;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// The names of the benchmarks.
    List,
    /// A benchmark.
    Run {
        /// Its name.
        name: String,
        /// How often.
        repetition: Repetition,
    },
}

const USAGE: &str = "say `list` or `run NAME [--warm-up NUMBER] [--iterations NUMBER]`";

impl Command {
    /// Reads the arguments that follow the program's name.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["list"] => Ok(Self::List),
            ["run", name, options @ ..] => Ok(Self::Run {
                name: (*name).to_owned(),
                repetition: repetition(options)?,
            }),
            _ => Err(USAGE.to_owned()),
        }
    }
}

/// 3 iterations to warm up, then 5, unless something else is said.
fn repetition(options: &[&str]) -> Result<Repetition, String> {
    let mut repetition = Repetition {
        warm_up: 3,
        iterations: 5,
    };
    for pair in options.chunks(2) {
        let [name, value] = pair else {
            return Err(USAGE.to_owned());
        };
        let number: u32 = value
            .parse()
            .map_err(|_| format!("{name} {value}: say how often, as a number"))?;
        match *name {
            "--warm-up" => repetition.warm_up = number,
            "--iterations" => repetition.iterations = number,
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(repetition)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Command::parse(&arguments)
    }

    #[test]
    fn a_benchmark_is_run_five_times_after_three_unless_something_else_is_said() {
        let run = |warm_up, iterations| {
            Ok(Command::Run {
                name: "sum".to_owned(),
                repetition: Repetition {
                    warm_up,
                    iterations,
                },
            })
        };
        assert_eq!(parse("run sum"), run(3, 5));
        assert_eq!(parse("run sum --iterations 1 --warm-up 0"), run(0, 1));
        assert_eq!(parse("list"), Ok(Command::List));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "",
            "run",
            "run sum --iterations",
            "run sum --warm-up x",
            "sum",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
