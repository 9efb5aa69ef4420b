//! Regular expressions by the crate `regex`, over the log of a server: automata, vector instructions,
//! and, in one of them, groups that are captured.

use std::process::ExitCode;

use regex::Regex;
use runtime_benchmark::{Group, Numbers};

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("search", 346_108_204_672_435_471, || {
        let (log, pattern) = (
            log(1, 60_000),
            compiled(r"(?i)(time[- ]?out|refused|reset)\b.*[0-9]{4}"),
        );
        move || {
            let found = pattern.find_iter(&log);
            found.fold(0, |sum: u64, found| {
                sum.wrapping_mul(31)
                    .wrapping_add((found.start() ^ found.end()) as u64)
            })
        }
    });
    group.benchmark("captures", 10_385_464_839_365_394_994, || {
        let (log, pattern) = (
            log(2, 40_000),
            compiled(r"(?m)^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}) (\w+): ([a-z]+)"),
        );
        move || {
            let mut answer = 0_u64;
            for captures in pattern.captures_iter(&log) {
                let day: u64 = captures[3].parse().unwrap_or(0);
                let length = (captures[6].len() * captures[7].len()) as u64;
                answer = answer.wrapping_mul(31).wrapping_add(day * 100 + length);
            }
            answer
        }
    });
    group.benchmark("replace", 14_008_867_976_341_247_307, || {
        let (log, pattern) = (
            log(3, 12_000),
            compiled(r"\b(\d{1,3})\.\d{1,3}\.\d{1,3}\.(\d{1,3})\b"),
        );
        move || {
            let replaced = pattern.replace_all(&log, "$1.x.x.$2");
            runtime_benchmark::checksum(replaced.as_bytes())
        }
    });
    group.benchmark("compile", 257, || {
        let patterns: Vec<String> = (b'a'..=b'd')
            .map(|letter| {
                let letter = char::from(letter);
                format!(
                    r"^(?:{letter}+[\w.-]{{2,9}}|[^{letter}\s]{{3}})@(?P<host>[\w-]+\.)+\pL{{2,}}$"
                )
            })
            .collect();
        move || {
            let compiled = patterns
                .iter()
                .filter_map(|pattern| Regex::new(pattern).ok());
            compiled.fold(0, |sum: u64, pattern| {
                let matches = ["abc@example.org", "a-b@x.y.zz", "pp.p@host.de", "@"];
                let matched = matches.iter().filter(|text| pattern.is_match(text)).count();
                sum * 5 + matched as u64
            })
        }
    });
    group.main()
}

/// A pattern that does not compile matches nothing, which makes the checksum a wrong one.
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(2)
    })
}

fn log(seed: u64, lines: usize) -> String {
    let mut numbers = Numbers::seeded(seed);
    let mut text = String::new();
    for _ in 0..lines {
        let event = [
            "connected",
            "Timeout",
            "closed",
            "connection refused",
            "RESET",
            "time-out",
        ];
        let event = event[numbers.below(event.len())];
        let mut below = |end: usize| numbers.below(end);
        text.push_str(&format!(
            "20{:02}-{:02}-{:02}T{:02}:{:02} {}: ",
            below(30),
            below(12) + 1,
            below(28) + 1,
            below(24),
            below(60),
            ["WARN", "INFO", "ERROR"][below(3)],
        ));
        text.push_str(&format!(
            "{} from 10.{}.{}.{} {event} after {} ms\n",
            numbers.word(),
            numbers.below(256),
            numbers.below(256),
            numbers.below(256),
            numbers.below(20_000),
        ));
    }
    text
}
