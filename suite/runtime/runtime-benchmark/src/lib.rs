//! For writing runtime benchmarks: programs whose speed says how good the code is that a compiler
//! makes.
//!
//! A crate of benchmarks, a group, is a program whose `main` registers them:
//!
//! ```
//! use runtime_benchmark::{Group, Numbers};
//!
//! let mut group = Group::new();
//! group.benchmark("sum", 49_995_000, || {
//!     let numbers: Vec<u64> = (0..10_000).collect();
//!     move || numbers.iter().sum::<u64>()
//! });
//! # assert_eq!(group.names(), ["sum"]);
//! ```
//!
//! The outer closure prepares the input and is not measured; the inner one is an iteration. It
//! returns a checksum of its answer, which is compared with the right one after every iteration: a
//! compiler that makes wrong code is found out, and is not praised for its speed.
//!
//! The library measures wall-clock time alone. Instructions are counted from outside, by whoever
//! starts the program, as the difference between a long run and a short one: so the program needs
//! neither `unsafe` nor a counter, and the preparation cancels itself out.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod command_line;
mod numbers;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use command_line::Command;
pub use numbers::Numbers;

/// The benchmarks of one crate.
#[derive(Default)]
pub struct Group {
    benchmarks: Vec<Benchmark>,
}

struct Benchmark {
    name: &'static str,
    checksum: u64,
    prepare: Box<dyn Fn() -> Box<dyn FnMut() -> u64>>,
}

/// How one benchmark is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repetition {
    /// Iterations before those that are told.
    pub(crate) warm_up: u32,
    /// Iterations that are told.
    pub(crate) iterations: u32,
}

impl Group {
    /// A group without benchmarks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a benchmark. `name` is made of lower-case letters, digits and `-`. `checksum` is what each
    /// iteration has to return. `prepare` makes the input and returns what is measured.
    pub fn benchmark<Iteration>(
        &mut self,
        name: &'static str,
        checksum: u64,
        prepare: impl Fn() -> Iteration + 'static,
    ) where
        Iteration: FnMut() -> u64 + 'static,
    {
        self.benchmarks.push(Benchmark {
            name,
            checksum,
            prepare: Box::new(move || Box::new(prepare())),
        });
    }

    /// The names of the benchmarks, in the order in which they were added.
    pub fn names(&self) -> Vec<&'static str> {
        let benchmarks = self.benchmarks.iter();
        benchmarks.map(|benchmark| benchmark.name).collect()
    }

    /// Does what the command line asks for: the `main` of a group.
    ///
    /// `list` prints the names, as one line of JSON. `run NAME [--warm-up N] [--iterations N]` runs a
    /// benchmark and prints a line of JSON for each iteration that is told, and one at the end. The
    /// exit code is 0, 1 where an answer was wrong, or 2 where the command line was.
    pub fn main(&self) -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        match Command::parse(&arguments) {
            Ok(Command::List) => {
                println!("{}", self.list());
                ExitCode::SUCCESS
            }
            Ok(Command::Run { name, repetition }) => match self.find(&name) {
                Some(benchmark) => benchmark.run(repetition, &mut |line| println!("{line}")),
                None => usage(&format!(
                    "there is no benchmark `{name}`; there are: {}",
                    self.names().join(", ")
                )),
            },
            Err(reason) => usage(&reason),
        }
    }

    fn find(&self, name: &str) -> Option<&Benchmark> {
        let mut benchmarks = self.benchmarks.iter();
        benchmarks.find(|benchmark| benchmark.name == name)
    }

    fn list(&self) -> String {
        let names = self.names();
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        format!(
            "{{\"kind\":\"list\",\"schema\":1,\"benchmarks\":[{}]}}",
            quoted.join(",")
        )
    }
}

fn usage(reason: &str) -> ExitCode {
    eprintln!("error: {reason}");
    ExitCode::from(2)
}

impl Benchmark {
    /// Prepares once, and runs. Each line of the answer goes to `tell`.
    fn run(&self, repetition: Repetition, tell: &mut dyn FnMut(&str)) -> ExitCode {
        let mut iteration = (self.prepare)();
        let mut times_ns = Vec::with_capacity(repetition.iterations as usize);
        let all = u64::from(repetition.warm_up) + u64::from(repetition.iterations);
        for number in 0..all {
            let started = Instant::now();
            let checksum = black_box(iteration());
            let time_ns = started.elapsed().as_nanos();
            if checksum != self.checksum {
                eprintln!(
                    "error: {} gave a wrong answer in iteration {number}: the checksum is {checksum}, \
                     and {} is right; the program was compiled wrongly, or the benchmark is wrong",
                    self.name, self.checksum
                );
                return ExitCode::FAILURE;
            }
            if number >= u64::from(repetition.warm_up) {
                times_ns.push(time_ns);
            }
        }
        // Printing between iterations would be work of the kernel's between them.
        for time_ns in &times_ns {
            tell(&format!(
                "{{\"kind\":\"iteration\",\"wall_time_ns\":{time_ns}}}"
            ));
        }
        tell(&format!(
            "{{\"kind\":\"end\",\"iterations\":{},\"checksum\":\"{}\"}}",
            times_ns.len(),
            self.checksum
        ));
        ExitCode::SUCCESS
    }
}

/// A checksum of bytes (FNV-1a of 64 bits). The same on every host and for every compiler, which the
/// standard library does not promise of its own.
pub fn checksum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(checksum: u64) -> Group {
        let mut group = Group::new();
        group.benchmark("count", checksum, || {
            let mut count = 0;
            move || {
                count += 1;
                count / 100
            }
        });
        group
    }

    fn told(checksum: u64, repetition: Repetition) -> Vec<String> {
        let mut lines = Vec::new();
        let group = group(checksum);
        let _ = group
            .find("count")
            .unwrap()
            .run(repetition, &mut |line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn warm_up_is_not_told_and_the_end_is() {
        let repetition = Repetition {
            warm_up: 3,
            iterations: 2,
        };
        let lines = told(0, repetition);
        assert_eq!(lines.len(), 3);
        assert_eq!(
            lines[2],
            "{\"kind\":\"end\",\"iterations\":2,\"checksum\":\"0\"}"
        );
    }

    #[test]
    fn a_wrong_answer_in_any_iteration_tells_no_time_at_all() {
        let repetition = Repetition {
            warm_up: 50,
            iterations: 100,
        };
        assert_eq!(told(0, repetition), Vec::<String>::new());
    }

    #[test]
    fn the_checksum_is_that_of_the_published_algorithm() {
        assert_eq!(checksum(b""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(checksum(b"a"), 0xAF63_DC4C_8601_EC8C);
    }

    #[test]
    fn a_group_lists_its_benchmarks_as_json() {
        assert_eq!(
            group(0).list(),
            "{\"kind\":\"list\",\"schema\":1,\"benchmarks\":[\"count\"]}"
        );
    }
}
