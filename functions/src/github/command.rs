//! The grammar of commands in comments. `@rust-timer` is understood as triagers of rustc know it,
//! and `@perfleet` takes the same.
//!
//! ```text
//! comment = lines; a command begins at a mention and ends with its line
//! command = ("@rust-timer" | "@perfleet") action option*
//! action  = "queue" | "build" SHA
//! option  = NAME "=" VALUE ("," VALUE)*
//! NAME    = "include" | "exclude" | "categories" | "profiles" | "scenarios" | "configurations" | "runs"
//! ```

use shared_types::request::{NewRequest, Selection};
use shared_types::test_case::{ScenarioKind, WantedCategory};
use shared_types::{ArtifactId, BenchmarkName, ConfigurationId, Profile};

use crate::FunctionsError;

const NAMES: [&str; 2] = ["@rust-timer", "@perfleet"];
const SHA_DIGITS: usize = 40;
const RUNS_MAX: u32 = 50;
const OPTIONS: &str = "include, exclude, categories, profiles, scenarios, configurations and runs";

/// What somebody asks for in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is to be measured.
    pub action: Action,
    /// How.
    pub options: CommandOptions,
}

/// What is to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The try build of this pull request, as soon as it is there.
    Queue,
    /// A build that is there already, by its commit.
    Build(ArtifactId),
}

/// How it is to be measured. An empty list leaves its dimension as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandOptions {
    /// Which part of the suite.
    pub selection: Selection,
    /// Under which configurations.
    pub configurations: Vec<ConfigurationId>,
    /// Iterations of each test case.
    pub runs: Option<u32>,
}

impl Command {
    /// The request that this command makes, once base and head are known. `gating` are the
    /// configurations that are used where the command names none.
    pub fn into_request(
        self,
        base: Option<ArtifactId>,
        head: ArtifactId,
        gating: Vec<ConfigurationId>,
    ) -> NewRequest {
        let CommandOptions {
            selection,
            configurations,
            runs,
        } = self.options;
        NewRequest {
            base,
            head,
            configurations: if configurations.is_empty() {
                gating
            } else {
                configurations
            },
            selection,
            paired: false,
            against_parent: false,
            backfill: false,
            iterations: runs,
            precision: None,
            self_profile: false,
            time_limit_s: None,
            priority: 0,
            reason: None,
        }
    }
}

/// The commands of a comment, in order, each as it was understood or with the reason why it was not.
/// What is quoted or stands in a block of code is talk about commands, and none.
pub fn commands(comment: &str) -> Vec<Result<Command, FunctionsError>> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in comment.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_code = !in_code;
        } else if !in_code && !trimmed.starts_with('>') {
            found.extend(command_texts(line).into_iter().map(parse));
        }
    }
    found
}

/// What follows each mention in a line, up to the next mention of anybody.
fn command_texts(line: &str) -> Vec<Vec<&str>> {
    let mut texts: Vec<Vec<&str>> = Vec::new();
    let mut ours = false;
    for word in line.split_whitespace() {
        if word.starts_with('@') {
            ours = NAMES.contains(&word.to_ascii_lowercase().as_str());
            if ours {
                texts.push(Vec::new());
            }
        } else if ours && let Some(text) = texts.last_mut() {
            text.push(word);
        }
    }
    texts
}

fn parse(words: Vec<&str>) -> Result<Command, FunctionsError> {
    let mut words = words.into_iter();
    let action = match words.next() {
        Some("queue") => Action::Queue,
        Some("build") => Action::Build(commit(words.next())?),
        Some(other) => {
            return Err(refused(format!(
                "there is no command `{}`: write `queue`, or `build SHA`",
                shortened(other)
            )));
        }
        None => return Err(refused("write `queue`, or `build SHA`, behind the name")),
    };
    let mut options = CommandOptions::default();
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(refused(format!(
                "`{}` is not an option: write NAME=VALUE, where NAME is one of {OPTIONS}",
                shortened(word)
            )));
        };
        if seen.contains(&name) {
            return Err(refused(format!(
                "the option `{}` is there twice",
                shortened(name)
            )));
        }
        seen.push(name);
        set_option(&mut options, name, value)?;
    }
    Ok(Command { action, options })
}

fn commit(word: Option<&str>) -> Result<ArtifactId, FunctionsError> {
    let word = word.ok_or_else(|| refused("`build` needs the commit of the build: `build SHA`"))?;
    // People paste the address of the commit as often as its name.
    let name = word.rsplit_once("/commit/").map_or(word, |(_, name)| name);
    let name = name.to_ascii_lowercase();
    let is_hexadecimal = name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hexadecimal || name.len() != SHA_DIGITS {
        return Err(refused(format!(
            "`{}` is not a full commit sha of {SHA_DIGITS} hexadecimal digits",
            shortened(word)
        )));
    }
    Ok(name.parse()?)
}

fn set_option(options: &mut CommandOptions, name: &str, value: &str) -> Result<(), FunctionsError> {
    match name {
        "include" => options.selection.include = list::<BenchmarkName>(name, value)?,
        "exclude" => options.selection.exclude = list::<BenchmarkName>(name, value)?,
        "categories" => {
            options.selection.categories = list::<WantedCategory>(name, value)?;
        }
        "profiles" => options.selection.profiles = list::<Profile>(name, value)?,
        "scenarios" => options.selection.scenarios = list::<ScenarioKind>(name, value)?,
        "configurations" => options.configurations = list::<ConfigurationId>(name, value)?,
        "runs" => options.runs = Some(runs(value)?),
        _ => {
            return Err(refused(format!(
                "there is no option `{}`: there are {OPTIONS}",
                shortened(name)
            )));
        }
    }
    Ok(())
}

fn list<T>(name: &str, value: &str) -> Result<Vec<T>, FunctionsError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    value
        .split(',')
        .map(|part| {
            part.parse()
                // People write `Opt`; names of which case is a part are taken as they are above.
                .or_else(|error| part.to_ascii_lowercase().parse().map_err(|_| error))
                .map_err(|error| refused(format!("the option `{name}`: {error}")))
        })
        .collect()
}

fn runs(value: &str) -> Result<u32, FunctionsError> {
    value
        .parse()
        .ok()
        .filter(|runs| (1..=RUNS_MAX).contains(runs))
        .ok_or_else(|| {
            refused(format!(
                "the option `runs`: `{}` is not a number from 1 to {RUNS_MAX}",
                shortened(value)
            ))
        })
}

fn refused(reason: impl Into<String>) -> FunctionsError {
    FunctionsError::Usage(reason.into())
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHA: &str = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0";

    proptest! {
        #[test]
        fn any_comment_is_read(text in "(@rust-timer|@perfleet|queue|build|runs=|[a-z=,@`>\n ]){0,30}") {
            for command in commands(&text) {
                if let Err(error) = command {
                    prop_assert!(!error.to_string().is_empty());
                }
            }
        }

        #[test]
        fn a_build_of_any_commit_is_understood(sha in "[0-9a-f]{40}", runs in 1u32..=RUNS_MAX) {
            let found = commands(&format!("@rust-timer build {sha} runs={runs}"));
            prop_assert_eq!(found.len(), 1);
            let command = found.into_iter().next().unwrap().unwrap();
            prop_assert_eq!(command.action, Action::Build(ArtifactId::Commit(sha)));
            prop_assert_eq!(command.options.runs, Some(runs));
        }
    }

    #[test]
    fn commands_are_understood_as_triagers_write_them() {
        let readings: Vec<String> = [
            "@bors try @rust-timer queue".to_owned(),
            "@Rust-Timer queue include=syn-2.0.119,serde-1.0.228 profiles=check,opt".to_owned(),
            format!("@rust-timer build {SHA}"),
            format!("@perfleet build https://github.com/rust-lang/rust/commit/{SHA} runs=5"),
            "@perfleet queue configurations=stage1-O3 scenarios=incr-patched profiles=Opt"
                .to_owned(),
            "@perfleet queue categories=secondary,stable".to_owned(),
        ]
        .iter()
        .map(|comment| format!("{comment}\n  {:?}", commands(comment)))
        .collect();
        insta::assert_snapshot!(readings.join("\n"));
    }

    #[test]
    fn a_command_that_is_not_understood_is_refused_with_what_to_write() {
        let refusals: Vec<String> = [
            "@rust-timer",
            "@rust-timer queu",
            "@rust-timer build",
            "@rust-timer build 5b1e4d2",
            "@rust-timer queue please",
            "@rust-timer queue benchmarks=syn",
            "@rust-timer queue runs=0",
            "@rust-timer queue runs=2 runs=3",
            "@rust-timer queue profiles=fast",
            "@rust-timer queue include=",
        ]
        .iter()
        .map(|comment| {
            let reason = commands(comment).remove(0).unwrap_err();
            format!("{comment}\n  {reason}")
        })
        .collect();
        insta::assert_snapshot!(refusals.join("\n"));
    }

    #[test]
    fn what_is_quoted_or_shown_as_code_is_no_command() {
        let comment = "> @rust-timer queue\n```\n@perfleet queue\n```\nI like @rust-timer-fans";
        assert!(commands(comment).is_empty());
    }

    #[test]
    fn a_command_ends_where_somebody_else_is_spoken_to() {
        let found = commands("@rust-timer queue @bors delegate+");
        assert_eq!(found.len(), 1);
        assert!(found[0].is_ok());
    }

    #[test]
    fn a_command_without_configurations_means_the_gating_ones() {
        let gating = vec!["zen4".parse().unwrap()];
        let command = commands("@rust-timer queue runs=2").remove(0).unwrap();
        let head = ArtifactId::Commit(SHA.to_owned());
        let request = command.into_request(None, head, gating.clone());
        assert_eq!(request.configurations, gating);
        assert_eq!(request.iterations, Some(2));
    }
}
