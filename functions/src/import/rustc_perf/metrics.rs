//! The metrics of rustc-perf: which unit their values have, and in which they are kept.

use shared_types::{InvalidInput, Metric, Unit};

/// A metric as it is kept, and by how much its values in the export are multiplied.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeptMetric {
    pub(super) metric: Metric,
    pub(super) factor: f64,
}

/// Which table a value stands in: the unit of times depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `pstat`: times in seconds.
    Compile,
    /// `runtime_pstat`: times in nanoseconds.
    Runtime,
}

/// The metric that `name` stands for. All of them are costs: less is better. Times are kept in
/// seconds, whatever they were measured of, since a metric has one unit within a configuration.
///
/// # Errors
/// When the name is none of a metric.
pub(super) fn kept(name: &str, kind: Kind) -> Result<KeptMetric, InvalidInput> {
    let (unit, factor) = match (name, kind) {
        ("wall-time", Kind::Runtime) => (Unit::Seconds, 1e-9),
        ("wall-time" | "user-time" | "system-time", _) => (Unit::Seconds, 1.0),
        // As `perf stat` prints them.
        (name, _) if name.starts_with("task-clock") || name.starts_with("cpu-clock") => {
            (Unit::Milliseconds, 1.0)
        }
        ("max-rss", _) => (Unit::Kilobytes, 1.0),
        (name, _) if is_size_in_bytes(name) => (Unit::Bytes, 1.0),
        _ => (Unit::Count, 1.0),
    };
    Ok(KeptMetric {
        metric: Metric::cost(name.parse()?, unit),
        factor,
    })
}

/// The time that the build of a crate of the compiler took, from nanoseconds.
pub(super) fn build_time() -> Result<KeptMetric, InvalidInput> {
    kept("wall-time", Kind::Runtime)
}

/// The size of a component, from bytes, by the name that collectors of this system give it.
pub(super) fn component_size() -> Result<KeptMetric, InvalidInput> {
    kept("size:component", Kind::Compile)
}

/// Some of what rustc-perf calls a size is a number of things.
fn is_size_in_bytes(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("size:") else {
        return false;
    };
    let counts = ["count", "estimate", "instructions"];
    !counts.iter().any(|word| rest.contains(word))
}

/// Whether the unit of a metric is known here, and not taken as a count because nobody says
/// otherwise.
pub(super) fn is_known(name: &str) -> bool {
    const COUNTS: [&str; 8] = [
        "instructions",
        "cycles",
        "branch-misses",
        "branches",
        "cache-misses",
        "faults",
        "page-faults",
        "context-switches",
    ];
    let event = name.split(':').next().unwrap_or(name);
    let kept = kept(name, Kind::Compile);
    kept.is_ok_and(|kept| kept.metric.unit != Unit::Count)
        || name.starts_with("size:")
        || COUNTS.contains(&event)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_name_is_kept_as_it_is_or_refused(name in ".{0,70}|[a-z:-]{1,20}") {
            if let Ok(kept) = kept(&name, Kind::Compile) {
                prop_assert_eq!(kept.metric.name.as_str(), name);
                prop_assert!(kept.metric.lower_is_better);
            }
        }
    }

    #[test]
    fn a_time_is_in_seconds_whatever_it_was_measured_of() {
        let compile = kept("wall-time", Kind::Compile).unwrap();
        let runtime = kept("wall-time", Kind::Runtime).unwrap();
        assert_eq!(compile.metric, runtime.metric);
        assert_eq!((compile.factor, runtime.factor), (1.0, 1e-9));
    }

    #[test]
    fn what_is_called_a_size_and_counts_things_is_a_count() {
        let unit = |name: &str| kept(name, Kind::Compile).unwrap().metric.unit;
        assert_eq!(unit("size:linked_artifact"), Unit::Bytes);
        assert_eq!(unit("size:doc_files_count"), Unit::Count);
        assert_eq!(unit("size:cgu_instructions"), Unit::Count);
        assert_eq!(unit("instructions:u"), Unit::Count);
        assert_eq!(unit("max-rss"), Unit::Kilobytes);
    }

    #[test]
    fn a_metric_that_nobody_heard_of_is_kept_and_said_to_be_unknown() {
        assert!(!is_known("energy-cores"));
        assert!(is_known("cycles:u") && is_known("size:dep_graph") && is_known("task-clock"));
    }
}
