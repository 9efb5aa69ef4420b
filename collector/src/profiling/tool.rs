//! The tools that look into a compilation.

use clap::ValueEnum;

/// A tool that looks into a compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// Which queries of the compiler take its time, as the compiler itself tells
    SelfProfile,
    /// Instructions by function of the compiler, counted by valgrind: exact, and slow
    Callgrind,
    /// The same, with the misses of a simulated cache
    Cachegrind,
    /// Lines of LLVM IR by function of the benchmark: what generic code costs
    LlvmLines,
    /// The size of what was built, by section and by symbol
    BinarySize,
    /// Samples of the compiler's stacks, by Linux's perf
    PerfRecord,
    /// Samples of the compiler's stacks, by samply, for the Firefox Profiler
    Samply,
}

impl Tool {
    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SelfProfile => "self-profile",
            Self::Callgrind => "callgrind",
            Self::Cachegrind => "cachegrind",
            Self::LlvmLines => "llvm-lines",
            Self::BinarySize => "binary-size",
            Self::PerfRecord => "perf-record",
            Self::Samply => "samply",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_printed_as_the_command_line_takes_it() {
        for tool in Tool::value_variants() {
            assert_eq!(Tool::from_str(tool.as_str(), false).as_ref(), Ok(tool));
        }
    }
}
