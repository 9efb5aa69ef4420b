//! Metrics: what is measured of a test case, in which unit, and whether lower is better.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::InvalidInput;
use crate::text::{is_slug, text_conversions, word_enum};

/// A metric: name, unit, and whether lower is better.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: MetricName,
    /// The unit of its values.
    pub unit: Unit,
    /// Whether a smaller value is an improvement.
    pub lower_is_better: bool,
}

impl Metric {
    /// A metric of which less is better, as it is with all that a compiler costs.
    pub fn cost(name: MetricName, unit: Unit) -> Self {
        Self {
            name,
            unit,
            lower_is_better: true,
        }
    }
}

word_enum! {
    /// The unit of a metric.
    Unit, "a unit: count, s, ms, ns, B, kB or MB" {
        /// A number of events or things.
        Count => "count",
        /// Seconds.
        Seconds => "s",
        /// Milliseconds.
        Milliseconds => "ms",
        /// Nanoseconds.
        Nanoseconds => "ns",
        /// Bytes.
        Bytes => "B",
        /// Kilobytes of 1,024 bytes, as the kernel counts them.
        Kilobytes => "kB",
        /// Megabytes.
        Megabytes => "MB",
    }
}

/// The name of a metric: `instructions:u`, `wall-time`, `size:linked-artifact`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricName(String);

impl MetricName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this counts instructions, by whichever counter.
    pub fn counts_instructions(&self) -> bool {
        self.0.starts_with("instructions:")
    }

    /// Whether this is the size of something that the compiler wrote.
    pub fn is_size(&self) -> bool {
        self.0.starts_with("size:") || self.0.starts_with("size-")
    }

    /// The place in the order in which metrics are offered: the least noisy first.
    pub fn preference(&self) -> usize {
        PREFERENCE
            .iter()
            .position(|name| *name == self.0)
            .unwrap_or(PREFERENCE.len())
    }
}

/// The order in which metrics are offered and in which a default is looked for.
const PREFERENCE: [&str; 12] = [
    "instructions:u",
    "instructions:qemu",
    "instructions:valgrind",
    "cycles:u",
    "cycles",
    "wall-time",
    "pass-time",
    "task-clock",
    "user-time",
    "system-time",
    "max-rss",
    "page-faults",
];

impl fmt::Display for MetricName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for MetricName {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_slug(text, 64, b":._-") {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidInput::word(
                text,
                "a metric: 1 to 64 letters, digits, `:`, `.`, `_` and `-`, first a letter or digit",
            ))
        }
    }
}

text_conversions!(MetricName);

/// The metric that a comparison shows when nobody asked for one: the least noisy that is there.
pub fn default_metric<'a>(metrics: impl IntoIterator<Item = &'a Metric>) -> Option<&'a Metric> {
    metrics
        .into_iter()
        .min_by_key(|metric| (metric.name.preference(), &metric.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instruction_counts_are_the_first_choice() {
        let metrics = ["max-rss", "wall-time", "instructions:qemu", "size:metadata"]
            .map(|name| Metric::cost(name.parse().unwrap(), Unit::Count));
        assert_eq!(
            default_metric(&metrics).unwrap().name.as_str(),
            "instructions:qemu"
        );
    }
}
