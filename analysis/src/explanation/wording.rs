//! Explanations in words.

use std::fmt::Write;

use shared_types::explanation::{Explanation, TestCaseKind};

use crate::words::{counted, percent, share, signed_share};

/// The terms of a description, joined: `incremental scenarios of opt builds of syn-2.0.119`.
pub(super) fn joined(terms: &[&str]) -> String {
    if terms.is_empty() {
        "all test cases".to_owned()
    } else {
        terms.join(" of ")
    }
}

/// What a kind of test case is called.
pub(super) fn kind(kind: TestCaseKind) -> &'static str {
    match kind {
        TestCaseKind::Compile => "compiled crates",
        TestCaseKind::Runtime => "runtime benchmarks",
        TestCaseKind::Toolchain => "parts of the toolchain",
        TestCaseKind::Imported => "imported test cases",
    }
}

/// The whole explanation in one sentence.
pub(super) fn sentence(explanation: &Explanation) -> String {
    let everywhere = explanation.terms.is_empty();
    let only = explanation.elsewhere == 0 && !everywhere;
    let description = &explanation.description;
    let mut text = if only && !description.starts_with("all ") {
        format!("Only {description}")
    } else {
        capitalised(description)
    };
    let total = explanation.test_cases as usize;
    let same_way = match explanation.same_way as usize {
        same if same == total => format!("all {} the same way", counted(total, "test case")),
        same => format!("{same} of {} the same way", counted(total, "test case")),
    };
    let _ = write!(
        text,
        ": {} ({} to {}), {same_way}",
        signed_share(explanation.change),
        percent(explanation.low),
        percent(explanation.high),
    );
    match explanation.elsewhere {
        _ if everywhere => text.push_str(
            ": that points to the host, or to something that all test cases have in common",
        ),
        0 => text.push_str("; nothing else changes"),
        1 => text.push_str("; 1 other changes, too"),
        other => {
            let _ = write!(text, "; {other} others change, too");
        }
    }
    text.push('.');
    text.push_str(&queries(explanation));
    text
}

fn queries(explanation: &Explanation) -> String {
    let carriers: Vec<String> = explanation
        .queries
        .iter()
        .map(|query| {
            let change = query.change.map_or_else(|| "new".to_owned(), percent);
            format!(
                "`{}` {change}, which is {} of it",
                query.query,
                share(query.share)
            )
        })
        .collect();
    if carriers.is_empty() {
        String::new()
    } else {
        format!(" Carried by {}.", carriers.join("; "))
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        // A crate keeps its name as it is.
        Some(first) if text.contains(' ') => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}
