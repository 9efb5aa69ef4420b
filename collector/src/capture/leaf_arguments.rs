//! From the arguments that cargo gave to those of a measured compilation.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What a measured compilation has that cargo's has not.
#[derive(Debug, Clone, Copy)]
pub struct LeafFlags<'a> {
    /// The folder for all that is written.
    pub output: &'a Path,
    /// The folder of the incremental cache; none without incremental compilation.
    pub incremental: Option<&'a Path>,
    /// The flags of the configuration.
    pub configuration: &'a [String],
}

/// The arguments of a measured compilation, of rustc or rustdoc: messages are for people and not in
/// cargo's format, and what is written goes into a folder of its own.
pub fn leaf_arguments(captured: &[OsString], flags: LeafFlags<'_>) -> Vec<OsString> {
    let mut arguments = Vec::with_capacity(captured.len() + 4);
    let mut rest = captured.iter();
    while let Some(argument) = rest.next() {
        if is_one_of(argument, &FORMAT_OPTIONS) {
            rest.next();
        } else if is_one_of(argument, &OUTPUT_OPTIONS) {
            rest.next();
            arguments.push(argument.clone());
            arguments.push(flags.output.into());
        } else if is_joined(argument, &OUTPUT_OPTIONS) {
            arguments.push("--out-dir".into());
            arguments.push(flags.output.into());
        } else if !is_joined(argument, &FORMAT_OPTIONS) {
            arguments.push(argument.clone());
        }
    }
    if let Some(incremental) = flags.incremental {
        let mut option = OsString::from("-Cincremental=");
        option.push(incremental);
        arguments.push(option);
    }
    arguments.extend(flags.configuration.iter().map(OsString::from));
    arguments
}

const FORMAT_OPTIONS: [&str; 3] = ["--error-format", "--json", "--diagnostic-width"];
const OUTPUT_OPTIONS: [&str; 2] = ["--out-dir", "-o"];

fn is_one_of(argument: &OsStr, options: &[&str]) -> bool {
    options.iter().any(|option| argument == *option)
}

/// Whether this is `OPTION=VALUE`.
fn is_joined(argument: &OsStr, options: &[&str]) -> bool {
    let bytes = argument.as_encoded_bytes();
    options.iter().any(|option| {
        bytes
            .strip_prefix(option.as_bytes())
            .is_some_and(|rest| rest.starts_with(b"="))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(captured: &[&str], incremental: Option<&str>) -> Vec<String> {
        let captured: Vec<OsString> = captured.iter().map(OsString::from).collect();
        let flags = LeafFlags {
            output: Path::new("fresh"),
            incremental: incremental.map(Path::new),
            configuration: &["-Zthreads=2".to_owned()],
        };
        leaf_arguments(&captured, flags)
            .into_iter()
            .map(|argument| argument.into_string().unwrap())
            .collect()
    }

    #[test]
    fn messages_are_for_people_and_outputs_go_into_a_fresh_folder() {
        let captured = [
            "--crate-name",
            "tiny",
            "src/lib.rs",
            "--error-format=json",
            "--json=diagnostic-rendered-ansi,artifacts",
            "--diagnostic-width",
            "100",
            "--emit=dep-info,metadata",
            "--out-dir",
            "target/debug/deps",
            "-L",
            "dependency=target/debug/deps",
        ];
        assert_eq!(
            rewritten(&captured, Some("cache")),
            [
                "--crate-name",
                "tiny",
                "src/lib.rs",
                "--emit=dep-info,metadata",
                "--out-dir",
                "fresh",
                "-L",
                "dependency=target/debug/deps",
                "-Cincremental=cache",
                "-Zthreads=2",
            ]
        );
    }

    #[test]
    fn each_spelling_of_the_output_folder_is_understood() {
        assert_eq!(
            rewritten(&["-o", "doc"], None),
            ["-o", "fresh", "-Zthreads=2"]
        );
        assert_eq!(
            rewritten(&["--out-dir=doc"], None),
            ["--out-dir", "fresh", "-Zthreads=2"]
        );
    }
}
