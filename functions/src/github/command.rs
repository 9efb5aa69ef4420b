//! The grammar of commands in comments. `@rust-timer` is understood as triagers of rustc know it,
//! and further names, which are configured, take the same.
//!
//! ```text
//! comment = lines; a command begins at a mention and ends with its line, or at the next mention
//! command = "@" NAME action option*
//! action  = "queue" | "build" COMMIT ["same"] | "triage" COMMIT+ | "try" | "cancel" [REQUEST]
//!         | "re-run" [REQUEST] | ("pause" | "resume") [REQUEST | "configuration" CONFIGURATION]
//!         | "drain" COLLECTOR ["end"] | "help"
//! option  = OPTION "=" VALUE ("," VALUE)*
//! OPTION  = "include" | "exclude" | "categories" | "profiles" | "scenarios" | "configurations"
//!         | "backends" | "targets" | "kinds" | "runs"
//! ```

mod did_you_mean;
mod options;
#[cfg(test)]
mod tests;

pub(super) use did_you_mean::closest;
pub use options::CommandOptions;

use std::fmt;

use shared_types::{CommitSha, ConfigurationId, RequestId};

/// Every action as it is written, in the order in which people are told of them.
const ACTIONS: [&str; 10] = [
    "queue", "build", "triage", "try", "cancel", "re-run", "pause", "resume", "drain", "help",
];
/// The most members of a rollup that one command can name.
const MEMBERS_MAX: usize = 50;

/// What somebody asks for in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is to be done.
    pub action: Action,
    /// How.
    pub options: CommandOptions,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Measure the next try build of this pull request, as soon as it is there.
    Queue,
    /// Measure a build that is there already, by its commit.
    Build(CommitSha),
    /// Measure a build once more, base and head, as it was measured last.
    BuildSame(CommitSha),
    /// Measure members of a rollup, each by the commit of a build of it alone.
    Triage(Vec<CommitSha>),
    /// Have a try build made, and measure it.
    Try,
    /// Cancel a request, or all of this pull request.
    Cancel(Option<RequestId>),
    /// Measure once more what a request measured, or the last one of this pull request.
    ReRun(Option<RequestId>),
    /// Hand out nothing more of something.
    Pause(Held),
    /// Let something that was paused go on.
    Resume(Held),
    /// Have a collector finish what it has and take nothing more.
    Drain {
        /// Its name.
        collector: String,
        /// Whether it is to take jobs again instead.
        ends: bool,
    },
    /// Say what can be asked for.
    Help,
}

/// What is paused or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A request, or all of this pull request.
    Requests(Option<RequestId>),
    /// A configuration.
    Configuration(ConfigurationId),
}

impl Action {
    /// Whether it concerns what others wait for, too, which administrators alone may do.
    pub(super) fn is_for_administrators(&self) -> bool {
        matches!(
            self,
            Self::Pause(Held::Configuration(_))
                | Self::Resume(Held::Configuration(_))
                | Self::Drain { .. }
        )
    }
}

/// A command that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misunderstood {
    /// The command as it was written, shortened.
    pub written: String,
    /// Each mistake, with what to write instead. Never empty.
    pub mistakes: Vec<String>,
}

impl fmt::Display for Misunderstood {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.mistakes.join("; "))
    }
}

impl std::error::Error for Misunderstood {}

/// The commands of a comment to one of `names` (without `@`), in order, each as it was understood
/// or with all that is wrong with it. What is quoted or stands in a block of code is talk about
/// commands, and none.
pub fn commands(comment: &str, names: &[String]) -> Vec<Result<Command, Misunderstood>> {
    command_lines(comment, names)
        .into_iter()
        .flat_map(|line| command_texts(line, names))
        .map(|words| parse(&words))
        .collect()
}

/// The lines of a comment in which commands begin.
pub(super) fn command_lines<'a>(comment: &'a str, names: &[String]) -> Vec<&'a str> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in comment.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_code = !in_code;
        } else if !in_code && !trimmed.starts_with('>') && !command_texts(line, names).is_empty() {
            found.push(line);
        }
    }
    found
}

/// What follows each mention in a line, up to the next mention of anybody.
fn command_texts<'a>(line: &'a str, names: &[String]) -> Vec<Vec<&'a str>> {
    let mut texts: Vec<Vec<&str>> = Vec::new();
    let mut ours = false;
    for word in line.split_whitespace() {
        if let Some(mentioned) = word.strip_prefix('@') {
            ours = names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(mentioned));
            if ours {
                texts.push(Vec::new());
            }
        } else if ours && let Some(text) = texts.last_mut() {
            text.push(word);
        }
    }
    texts
}

fn parse(words: &[&str]) -> Result<Command, Misunderstood> {
    let mut mistakes = Vec::new();
    let (action, rest) = action(words, &mut mistakes);
    // Options of an action that is not known are looked at all the same, so that one reply is enough.
    let options = options::parse(rest, &mut mistakes);
    match action {
        Some(action) if mistakes.is_empty() => {
            let takes_options = matches!(
                action,
                Action::Queue
                    | Action::Build(_)
                    | Action::BuildSame(_)
                    | Action::Triage(_)
                    | Action::Try
                    | Action::ReRun(_)
            );
            if takes_options || options == CommandOptions::default() {
                return Ok(Command { action, options });
            }
            mistakes.push("this command takes no options".to_owned());
        }
        _ => {}
    }
    Err(Misunderstood {
        written: shortened(&words.join(" "), 200),
        mistakes,
    })
}

/// The action, where it is one, and what stands behind it.
fn action<'a, 'b>(
    words: &'b [&'a str],
    mistakes: &mut Vec<String>,
) -> (Option<Action>, &'b [&'a str]) {
    let Some((first, rest)) = words.split_first() else {
        mistakes.push(format!(
            "write what to do behind the name: {}",
            listed(&ACTIONS)
        ));
        return (None, &[]);
    };
    match first.to_ascii_lowercase().as_str() {
        "queue" => (Some(Action::Queue), rest),
        "try" => (Some(Action::Try), rest),
        "help" => (Some(Action::Help), rest),
        "build" => build(rest, mistakes),
        "cancel" => of_request(rest, mistakes, Action::Cancel),
        "triage" => triage(rest, mistakes),
        "pause" => held(rest, mistakes, Action::Pause),
        "resume" => held(rest, mistakes, Action::Resume),
        "drain" => drain(rest, mistakes),
        "re-run" | "rerun" => of_request(rest, mistakes, Action::ReRun),
        other => {
            let instead = match closest(other, ACTIONS) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("there are {}", listed(&ACTIONS)),
            };
            mistakes.push(format!(
                "there is no command `{}`: {instead}",
                shortened(first, 60)
            ));
            // A word that is no option belongs to whatever was meant.
            let options = rest.iter().position(|word| word.contains('='));
            (None, options.map_or(&[], |start| &rest[start..]))
        }
    }
}

fn build<'a, 'b>(
    words: &'b [&'a str],
    mistakes: &mut Vec<String>,
) -> (Option<Action>, &'b [&'a str]) {
    let Some((word, rest)) = words.split_first().filter(|(word, _)| !word.contains('=')) else {
        mistakes.push("`build` needs the commit of the build: `build COMMIT`".to_owned());
        return (None, words);
    };
    let commit = commit(word, mistakes);
    match rest.split_first() {
        Some((same, rest)) if same.eq_ignore_ascii_case("same") => {
            (commit.map(Action::BuildSame), rest)
        }
        _ => (commit.map(Action::Build), rest),
    }
}

fn triage<'a, 'b>(
    words: &'b [&'a str],
    mistakes: &mut Vec<String>,
) -> (Option<Action>, &'b [&'a str]) {
    let options = words.iter().position(|word| word.contains('='));
    let (named, rest) = words.split_at(options.unwrap_or(words.len()));
    if named.is_empty() || named.len() > MEMBERS_MAX {
        mistakes.push(format!(
            "`triage` needs the commits of 1 to {MEMBERS_MAX} builds of a rollup's members: `triage \
             COMMIT COMMIT`"
        ));
        return (None, rest);
    }
    let mut commits: Vec<CommitSha> = Vec::new();
    for commit in named.iter().filter_map(|word| commit(word, mistakes)) {
        if !commits.contains(&commit) {
            commits.push(commit);
        }
    }
    (Some(Action::Triage(commits)), rest)
}

/// A commit by its name or its address, which people paste as often.
fn commit(word: &str, mistakes: &mut Vec<String>) -> Option<CommitSha> {
    let name = word.rsplit_once("/commit/").map_or(word, |(_, name)| name);
    let name = name.split(['#', '?', '/']).next().unwrap_or_default();
    let commit = name.parse().ok();
    if commit.is_none() {
        mistakes.push(format!(
            "`{}` is not a full commit sha of 40 hexadecimal digits, and not the address of a \
             commit",
            shortened(word, 60)
        ));
    }
    commit
}

fn held<'a, 'b>(
    words: &'b [&'a str],
    mistakes: &mut Vec<String>,
    action: fn(Held) -> Action,
) -> (Option<Action>, &'b [&'a str]) {
    let Some((word, rest)) = words.split_first() else {
        return (Some(action(Held::Requests(None))), words);
    };
    if !word.eq_ignore_ascii_case("configuration") {
        let request: Option<RequestId> = word.parse().ok();
        if request.is_none() {
            mistakes.push(format!(
                "`{}` is no request: leave it out for those of this pull request, or write \
                 `configuration NAME`",
                shortened(word, 60)
            ));
        }
        return (request.map(|id| action(Held::Requests(Some(id)))), rest);
    }
    let Some((name, rest)) = rest.split_first() else {
        mistakes.push("the name of the configuration is missing".to_owned());
        return (None, rest);
    };
    match name.parse() {
        Ok(id) => (Some(action(Held::Configuration(id))), rest),
        Err(error) => {
            let error: shared_types::InvalidInput = error;
            mistakes.push(error.to_string());
            (None, rest)
        }
    }
}

fn drain<'a, 'b>(
    words: &'b [&'a str],
    mistakes: &mut Vec<String>,
) -> (Option<Action>, &'b [&'a str]) {
    let Some((name, rest)) = words.split_first().filter(|(word, _)| !word.contains('=')) else {
        mistakes.push("`drain` needs the name of a collector: `drain COLLECTOR`".to_owned());
        return (None, words);
    };
    let collector = (*name).to_owned();
    match rest.split_first() {
        Some((end, rest)) if end.eq_ignore_ascii_case("end") => (
            Some(Action::Drain {
                collector,
                ends: true,
            }),
            rest,
        ),
        _ => (
            Some(Action::Drain {
                collector,
                ends: false,
            }),
            rest,
        ),
    }
}

fn of_request<'a, 'b>(
    words: &'b [&'a str],
    mistakes: &mut Vec<String>,
    action: fn(Option<RequestId>) -> Action,
) -> (Option<Action>, &'b [&'a str]) {
    let Some((word, rest)) = words.split_first().filter(|(word, _)| !word.contains('=')) else {
        return (Some(action(None)), words);
    };
    match word.parse() {
        Ok(id) => (Some(action(Some(id))), rest),
        Err(error) => {
            mistakes.push(format!(
                "{error}; leave it out for those of this pull request"
            ));
            (None, rest)
        }
    }
}

/// What can be asked for: what to write behind the name, and what comes of it.
pub(crate) const COMMANDS: [(&str, &str); 12] = [
    (
        "queue",
        "measure the next try build of this pull request against its parent",
    ),
    (
        "build COMMIT",
        "measure a build that is there, by its full commit sha or its address",
    ),
    (
        "build COMMIT same",
        "measure a build once more, base and head, as it was measured last",
    ),
    (
        "triage COMMIT COMMIT",
        "measure members of a rollup, by the commits of their own builds",
    ),
    ("try", "have a try build made, and measure it"),
    (
        "cancel",
        "cancel what this pull request waits for; `cancel REQUEST` for one request",
    ),
    (
        "re-run",
        "measure once more what was measured last; `re-run REQUEST` for one request",
    ),
    (
        "pause",
        "hand out nothing more of this pull request; `pause REQUEST` for one request",
    ),
    ("resume", "let that go on"),
    (
        "pause configuration NAME",
        "hand out nothing more under a configuration; `resume configuration NAME` ends it (administrators)",
    ),
    (
        "drain COLLECTOR",
        "have a collector take nothing more; `drain COLLECTOR end` ends it (administrators)",
    ),
    ("help", "see this"),
];

/// What can be asked for, as Markdown.
pub(super) fn help(mention: &str) -> String {
    let rows: String = COMMANDS
        .iter()
        .map(|(usage, effect)| format!("| `{mention} {usage}` | {effect} |\n"))
        .collect();
    format!(
        "| write | to |\n\
         |---|---|\n\
         {rows}\n\
         `queue`, `build`, `triage`, `try` and `re-run` take options, `NAME=VALUE,VALUE`: `include` and `exclude` \
         (benchmarks), `categories`, `profiles`, `scenarios`, `configurations`, `backends`, `targets`, `kinds` and \
         `runs` (iterations of each test case). Without `configurations`, `backends` and `targets` the \
         gating configurations measure."
    )
}

fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

fn shortened(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}
