//! How long a benchmark's check takes, as the suite's README tells it: in classes that hold on most
//! machines.

use std::collections::BTreeMap;
use std::fmt;

/// How long `cargo check` takes for a leaf crate alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeClass {
    /// Less than a second.
    UnderOneSecond,
    /// Up to ten seconds.
    Seconds,
    /// More than ten seconds.
    OverTenSeconds,
}

impl TimeClass {
    /// The class of a time in seconds.
    pub fn of(seconds: f64) -> Self {
        match seconds {
            short if short < 1.0 => Self::UnderOneSecond,
            middling if middling <= 10.0 => Self::Seconds,
            _ => Self::OverTenSeconds,
        }
    }
}

impl fmt::Display for TimeClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::UnderOneSecond => "under 1 s",
            Self::Seconds => "1-10 s",
            Self::OverTenSeconds => "over 10 s",
        })
    }
}

/// The README's text with the classes of benchmarks whose times are known, in seconds, by name: the
/// third cell of the row that begins with the name. Everything else stays as it is.
pub fn with_time_classes(readme: &str, seconds: &BTreeMap<String, f64>) -> String {
    let lines = readme.split_inclusive('\n');
    let lines = lines.map(|line| with_class(line, seconds).unwrap_or_else(|| line.to_owned()));
    lines.collect()
}

/// A row with its class, or `None` where it is not the row of a benchmark whose time is known.
fn with_class(line: &str, seconds: &BTreeMap<String, f64>) -> Option<String> {
    let mut cells: Vec<&str> = line.split('|').collect();
    let [before, name, _kind, _class, _purpose, ..] = cells.as_slice() else {
        return None;
    };
    if !before.is_empty() {
        return None;
    }
    let class = TimeClass::of(*seconds.get(name.trim())?);
    let class = format!(" {class} ");
    cells[3] = &class;
    Some(cells.join("|"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const README: &str = "\
# Suite

| benchmark | kind | check | there for |
|---|---|---|---|
| syn-3.0.10 | primary library | under 1 s | macros; quick |
| tokio-1.54.1 | primary library | 1-10 s | futures |

syn-3.0.10 | is | no | row | here |
";

    #[test]
    fn the_class_of_each_benchmark_that_was_measured_is_written_and_nothing_else_changes() {
        let seconds = [
            ("syn-3.0.10".to_owned(), 2.5),
            ("gone-1.0.0".to_owned(), 0.1),
        ];
        let written = with_time_classes(README, &BTreeMap::from(seconds));
        let expected = README.replace(
            "| syn-3.0.10 | primary library | under 1 s |",
            "| syn-3.0.10 | primary library | 1-10 s |",
        );
        assert_eq!(written, expected);
    }

    #[test]
    fn the_classes_meet_at_one_second_and_at_ten() {
        let class = |seconds| TimeClass::of(seconds).to_string();
        assert_eq!(
            [0.999, 1.0, 10.0, 10.01].map(class),
            ["under 1 s", "1-10 s", "1-10 s", "over 10 s"]
        );
    }

    proptest! {
        #[test]
        fn what_has_no_time_stays_as_it_is(text in "[a-z|\\- \n]{0,80}") {
            prop_assert_eq!(with_time_classes(&text, &BTreeMap::new()), text);
        }
    }
}
