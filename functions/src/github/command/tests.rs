use proptest::prelude::*;

use super::*;

const SHA: &str = "5b1e4d2a0f9c8e7d6b5a4938271605f4e3d2c1b0";

fn read(comment: &str) -> Vec<Result<Command, Misunderstood>> {
    commands(comment, &["rust-timer".to_owned(), "perfleet".to_owned()])
}

proptest! {
    #[test]
    fn any_comment_is_read(text in "(@rust-timer|@perfleet|queue|build|triage|pause|resume|drain|configuration|same|end|cancel|runs=|kinds=|[a-z=,@`>\né ]){0,30}") {
        for command in read(&text) {
            if let Err(error) = command {
                prop_assert!(!error.mistakes.is_empty());
                prop_assert!(error.mistakes.iter().all(|mistake| !mistake.is_empty()));
            }
        }
    }

    #[test]
    fn the_lines_with_commands_hold_all_of_a_comments_commands(
        text in "(@rust-timer queue|> |```|\n|words | runs=2 |@x ){0,20}"
    ) {
        let names = ["rust-timer".to_owned()];
        let lines = command_lines(&text, &names).join("\n");
        prop_assert_eq!(commands(&lines, &names), commands(&text, &names));
    }

    #[test]
    fn a_build_of_any_commit_is_understood(sha in "[0-9a-f]{40}", runs in 1u32..=50) {
        let found = read(&format!("@rust-timer build {sha} runs={runs}"));
        prop_assert_eq!(found.len(), 1);
        let command = found.into_iter().next().unwrap().unwrap();
        prop_assert_eq!(command.action, Action::Build(sha.parse().unwrap()));
        prop_assert_eq!(command.options.runs, Some(runs));
    }
}

#[test]
fn commands_are_understood_as_triagers_write_them() {
    let readings: Vec<String> = [
        "@bors try @rust-timer queue".to_owned(),
        "@Rust-Timer queue include=syn-2.0.119,serde-1.0.228 profiles=check,opt".to_owned(),
        "@rust-timer queue backends=Llvm,Cranelift targets=x86_64-unknown-linux-gnu".to_owned(),
        format!("@rust-timer build {SHA}"),
        format!("@perfleet build https://github.com/rust-lang/rust/commit/{SHA}#r1 runs=5"),
        "@perfleet queue configurations=stage1-O3 scenarios=incr-patched profiles=Opt".to_owned(),
        "@perfleet queue categories=secondary,stable".to_owned(),
        format!("@rust-timer build {SHA} same runs=5"),
        format!("@rust-timer triage {SHA} https://github.com/x/commit/{SHA} profiles=check"),
        "@perfleet pause\n@perfleet resume 00000000-03e8-7707-8707-070707070707".to_owned(),
        "@perfleet pause configuration x86_64-llvm-t1\n@perfleet resume configuration a-b"
            .to_owned(),
        "@perfleet drain host-1\n@perfleet drain host-1 end".to_owned(),
        "@perfleet try kinds=compile".to_owned(),
        "@perfleet cancel\n@perfleet rerun 00000000-03e8-7707-8707-070707070707\n@perfleet help"
            .to_owned(),
    ]
    .iter()
    .map(|comment| format!("{comment}\n  {:?}", read(comment)))
    .collect();
    insta::assert_snapshot!(readings.join("\n"));
}

#[test]
fn a_command_that_is_not_understood_is_refused_with_what_to_write() {
    let refusals: Vec<String> = [
        "@rust-timer",
        "@rust-timer queu",
        "@rust-timer merge",
        "@rust-timer build",
        "@rust-timer build 5b1e4d2",
        "@rust-timer queue please",
        "@rust-timer queue benchmarks=syn",
        "@rust-timer queue profile=check",
        "@rust-timer queue runs=0",
        "@rust-timer queue runs=2 runs=3",
        "@rust-timer queue profiles=fast,chekc",
        "@rust-timer queue include=",
        "@rust-timer queue kinds=speed targets=,",
        "@rust-timer cancel now",
        "@rust-timer help runs=3",
        "@rust-timer triage",
        "@rust-timer triage 5b1e4d2 profiles=check",
        "@rust-timer pause now",
        "@rust-timer pause configuration",
        "@rust-timer resume configuration a.b",
        "@rust-timer drain",
        "@rust-timer drain host-1 forever",
        "@rust-timer puase",
        "@rust-timer biuld 5b1e4d2 runs=0 scenarios=incr-ful",
    ]
    .iter()
    .map(|comment| {
        let mistakes = read(comment).remove(0).unwrap_err().mistakes;
        format!("{comment}\n  {}", mistakes.join("\n  "))
    })
    .collect();
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn what_is_quoted_or_shown_as_code_is_no_command() {
    let comment = "> @rust-timer queue\n```\n@perfleet queue\n```\nI like @rust-timer-fans";
    assert!(read(comment).is_empty());
}

#[test]
fn a_command_ends_where_somebody_else_is_spoken_to() {
    let found = read("@rust-timer queue @bors delegate+");
    assert_eq!(found.len(), 1);
    assert!(found[0].is_ok());
}

#[test]
fn only_the_configured_names_are_spoken_to() {
    assert!(commands("@rust-timer queue", &["perfleet".to_owned()]).is_empty());
}
