//! From what the kernel and the disk tell of one compilation to metrics.

use std::collections::BTreeMap;
use std::path::Path;

use analysis::repetition::Activity;
use shared_types::{InvalidInput, Metric, MetricName, Profile, Unit};

use super::counting::InstructionCounter;
use super::source_copy::files_under;
use crate::execution::ExecutionReport;
use crate::execution::perf_events::{self, CounterPlan, RefusalReason};
use crate::{CollectorError, linked_file};

/// Every metric that can be measured, with its unit.
const METRICS: [(&str, Unit); 25] = [
    ("branch-misses:u", Unit::Count),
    ("cache-misses:u", Unit::Count),
    ("context-switches", Unit::Count),
    ("cycles:u", Unit::Count),
    ("instructions:qemu", Unit::Count),
    ("instructions:u", Unit::Count),
    ("instructions:valgrind", Unit::Count),
    ("max-rss", Unit::Kilobytes),
    ("page-faults", Unit::Count),
    ("size:component", Unit::Bytes),
    ("size:documentation", Unit::Bytes),
    ("size:incremental-cache", Unit::Bytes),
    ("size:linked-artifact", Unit::Bytes),
    ("size:metadata", Unit::Bytes),
    ("size:section:.bss", Unit::Bytes),
    ("size:section:.data", Unit::Bytes),
    ("size:section:.data.rel.ro", Unit::Bytes),
    ("size:section:.eh_frame", Unit::Bytes),
    ("size:section:.gcc_except_table", Unit::Bytes),
    ("size:section:.rodata", Unit::Bytes),
    ("size:section:.text", Unit::Bytes),
    (SECTIONS_OF_DEBUG_INFO, Unit::Bytes),
    ("system-time", Unit::Seconds),
    ("user-time", Unit::Seconds),
    ("wall-time", Unit::Seconds),
];

/// What the system accounts for a program, where it accounts.
const ACCOUNTED: [&str; 5] = [
    "context-switches",
    "max-rss",
    "page-faults",
    "system-time",
    "user-time",
];

/// The one metric that is not in [`METRICS`], for its conversion.
const TASK_CLOCK: &str = "task-clock";

/// How a metric of one section begins; what follows is the section's name.
const SECTION: &str = "size:section:";

/// All sections of debugging information together.
const SECTIONS_OF_DEBUG_INFO: &str = "size:section:.debug";

/// The metric of a name.
///
/// # Errors
/// When the name is not one of those that are measured.
pub(super) fn metric(name: &str) -> Result<Metric, InvalidInput> {
    let unit = METRICS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(Unit::Milliseconds, |(_, unit)| *unit);
    Ok(Metric::cost(name.parse()?, unit))
}

/// The values of one compilation, by metric. What the host cannot tell is not among them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) values: BTreeMap<String, f64>,
    /// How long the compilation took, in seconds.
    pub(super) wall_time_s: f64,
    /// What was to be counted and was not, by metric.
    pub(super) not_counted: BTreeMap<String, RefusalReason>,
    /// What else went on.
    pub(super) activity: Activity,
}

impl Sample {
    /// `stolen_s` and `throttled` are what the host lost meanwhile.
    pub(super) fn new(
        report: &ExecutionReport,
        sizes: &OutputSizes,
        (stolen_s, throttled): (Option<f64>, Option<u64>),
    ) -> Self {
        let wall_time_s = report.wall_time_ns as f64 / 1e9;
        let mut values = BTreeMap::from([("wall-time".to_owned(), wall_time_s)]);
        if let Some(usage) = report.usage {
            let accounted = [
                ("context-switches", usage.context_switches as f64),
                ("max-rss", usage.max_rss_kb as f64),
                ("page-faults", usage.page_faults as f64),
                ("system-time", usage.system_time_us as f64 / 1e6),
                ("user-time", usage.user_time_us as f64 / 1e6),
            ];
            values.extend(accounted.map(|(name, value)| (name.to_owned(), value)));
        }
        // The events begin with the program, and what is accounted begins before it: where there
        // are events they are the better measure.
        for (name, count) in &report.counters {
            let value = match name.as_str() {
                TASK_CLOCK => *count as f64 / 1e6,
                _ => *count as f64,
            };
            values.insert(name.clone(), value);
        }
        for (name, bytes) in &sizes.0 {
            values.insert((*name).to_owned(), *bytes as f64);
        }
        // Where nothing is accounted nothing is known to have disturbed.
        let usage = report.usage.unwrap_or_default();
        Self {
            values,
            wall_time_s,
            not_counted: report.not_counted.clone(),
            activity: Activity {
                wall_time_s,
                processor_time_s: (usage.user_time_us + usage.system_time_us) as f64 / 1e6,
                stolen_s,
                throttled,
                involuntary_switches: usage.involuntary_switches,
            },
        }
    }
}

/// The counts that mean something of a program that is run: those of its own code.
const OF_A_PROGRAM: [&str; 4] = [
    "branch-misses:u",
    "cache-misses:u",
    "cycles:u",
    "instructions:u",
];

/// What means something of a whole build by cargo, of which the compiler is a part.
const OF_A_BUILD: [&str; 6] = [
    "cycles:u",
    "instructions:u",
    "max-rss",
    "system-time",
    "user-time",
    "wall-time",
];

impl Sample {
    /// What of the run of a program means anything: its memory, and what one of its iterations took:
    /// `wall_time_s` by its own clock, and the `counts` of one iteration.
    pub(super) fn of_program(mut self, wall_time_s: f64, counts: BTreeMap<String, f64>) -> Self {
        self.values.retain(|name, _| name == "max-rss");
        self.values.insert("wall-time".to_owned(), wall_time_s);
        self.values.extend(counts);
        self.not_counted
            .retain(|name, _| OF_A_PROGRAM.contains(&name.as_str()));
        self.wall_time_s = wall_time_s;
        self
    }

    /// What of a whole build means anything.
    pub(super) fn of_build(mut self) -> Self {
        self.values
            .retain(|name, _| OF_A_BUILD.contains(&name.as_str()));
        self.not_counted
            .retain(|name, _| OF_A_BUILD.contains(&name.as_str()));
        self
    }

    /// What of a compilation on an emulated host means anything: sizes, and what the emulator
    /// counted. Times, memory and page faults are the emulator's own.
    pub(super) fn counts_and_sizes(mut self, metric: &str, count: u64) -> Self {
        self.values.retain(|name, _| is_size(name));
        self.values.insert(metric.to_owned(), count as f64);
        self
    }
}

/// The counts of one iteration of a program, from a run with `iterations` more of them than another
/// had. A count that is not larger in the longer run says nothing, and is absent.
pub(super) fn counts_of_an_iteration(
    longer: &BTreeMap<String, u64>,
    shorter: &BTreeMap<String, u64>,
    iterations: u32,
) -> BTreeMap<String, f64> {
    let of_program = |(name, count): (&String, &u64)| {
        let more = count.checked_sub(*shorter.get(name)?)?;
        let is_wanted = OF_A_PROGRAM.contains(&name.as_str()) && more > 0;
        is_wanted.then(|| (name.clone(), more as f64 / f64::from(iterations)))
    };
    longer.iter().filter_map(of_program).collect()
}

fn is_size(name: &str) -> bool {
    name.starts_with("size:")
}

/// The sizes of what a compilation wrote, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OutputSizes(BTreeMap<&'static str, u64>);

impl OutputSizes {
    pub(super) fn of(
        profile: Profile,
        output: &Path,
        incremental: Option<&Path>,
    ) -> Result<Self, CollectorError> {
        let mut sizes = BTreeMap::new();
        for (path, bytes) in files_under(output)? {
            if let Some(name) = kind_of_output(profile, &path) {
                *sizes.entry(name).or_insert(0) += bytes;
            }
            if is_linked(profile, &path) {
                add_sections(&output.join(&path), &mut sizes)?;
            }
        }
        if let Some(cache) = incremental {
            let bytes = files_under(cache)?.iter().map(|(_, bytes)| bytes).sum();
            sizes.insert("size:incremental-cache", bytes);
        }
        Ok(Self(sizes))
    }
}

/// The metric that the size of a file belongs to.
fn kind_of_output(profile: Profile, path: &Path) -> Option<&'static str> {
    if matches!(profile, Profile::Doc | Profile::DocJson) {
        return Some("size:documentation");
    }
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rmeta") => Some("size:metadata"),
        None | Some("rlib" | "so" | "a" | "exe" | "dylib" | "wasm") => Some("size:linked-artifact"),
        _ => None,
    }
}

/// Whether a file is a program or a dynamic library, of which the sections are what is loaded. The
/// parts of an `rlib` are not linked yet.
fn is_linked(profile: Profile, path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    kind_of_output(profile, path) == Some("size:linked-artifact")
        && matches!(extension, None | Some("so"))
}

/// Adds the sizes of a file's sections, where it is a file that has some.
fn add_sections(
    path: &Path,
    sizes: &mut BTreeMap<&'static str, u64>,
) -> Result<(), CollectorError> {
    let bytes = std::fs::read(path).map_err(CollectorError::io("read", path))?;
    for (section, bytes) in linked_file::sections(&bytes).unwrap_or_default() {
        let mut known = METRICS.iter().map(|(name, _)| *name);
        let name = match section.starts_with(".debug") {
            true => Some(SECTIONS_OF_DEBUG_INFO),
            false => known.find(|name| name.strip_prefix(SECTION) == Some(section.as_str())),
        };
        if let Some(name) = name {
            *sizes.entry(name).or_insert(0) += bytes;
        }
    }
    Ok(())
}

/// The metrics that this host gives, with the counter of instructions that was found and the events
/// that are counted.
///
/// # Errors
/// When a name of ours is not the name of a metric, which a test would have found.
pub fn available_metrics(
    counter: &InstructionCounter,
    events: &CounterPlan,
) -> Result<Vec<MetricName>, InvalidInput> {
    let is_event = |name: &str| perf_events::EVENTS.iter().any(|event| event.name == name);
    METRICS
        .iter()
        .map(|(name, _)| *name)
        .chain([TASK_CLOCK])
        .filter(|name| {
            if counter.around().is_some() {
                return is_size(name) || counter.metric() == Some(name);
            }
            let is_counted_otherwise = name.starts_with("instructions:") && !is_event(name);
            match is_counted_otherwise {
                true => counter.metric() == Some(name),
                false if name.starts_with(SECTION) => cfg!(target_os = "linux"),
                false if ACCOUNTED.contains(name) => cfg!(unix) || events.counts(name),
                false => !is_event(name) || events.counts(name),
            }
        })
        .map(str::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use shared_types::result_document::FailureKind;

    use super::super::counting::PreparedCounter;
    use super::*;
    use crate::execution::{Ending, ResourceUsage};

    fn report(counters: &[(&str, u64)]) -> ExecutionReport {
        ExecutionReport {
            ending: Ending::Exited { code: 0 },
            wall_time_ns: 1_500_000_000,
            usage: Some(ResourceUsage {
                page_faults: 9,
                ..ResourceUsage::default()
            }),
            counters: counters
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect(),
            not_counted: BTreeMap::new(),
            fixed_addresses: true,
            left_behind: 0,
        }
    }

    #[test]
    fn what_the_host_cannot_count_is_absent_and_not_zero() {
        let sample = Sample::new(&report(&[]), &OutputSizes::default(), (None, None));
        assert!(!sample.values.contains_key("instructions:u"));
        assert!(!sample.values.contains_key("task-clock"));
        assert_eq!(sample.values["wall-time"], 1.5);
    }

    #[test]
    fn what_the_system_does_not_account_is_absent_and_not_zero() {
        let report = ExecutionReport {
            usage: None,
            ..report(&[])
        };
        let sample = Sample::new(&report, &OutputSizes::default(), (None, None));
        assert_eq!(sample.values.keys().collect::<Vec<_>>(), ["wall-time"]);
    }

    #[test]
    fn an_emulated_host_tells_counts_and_sizes_only_and_promises_no_more() {
        let sizes = OutputSizes(BTreeMap::from([("size:metadata", 7)]));
        let counters = [("page-faults", 7), ("task-clock", 2_000_000)];
        let sample = Sample::new(&report(&counters), &sizes, (None, None))
            .counts_and_sizes("instructions:qemu", 5);
        let told = [
            ("instructions:qemu".to_owned(), 5.0),
            ("size:metadata".to_owned(), 7.0),
        ];
        assert_eq!(sample.values, BTreeMap::from(told));

        let counter = InstructionCounter::OfEmulatedHost(PreparedCounter::QemuAround {
            plugin: "plugin.so".into(),
        });
        let promised = available_metrics(&counter, &CounterPlan::default()).unwrap();
        let [count, sizes @ ..] = promised.as_slice() else {
            panic!("nothing is promised");
        };
        assert_eq!(count.as_str(), "instructions:qemu");
        assert!(sizes.iter().all(MetricName::is_size), "{sizes:?}");
        let known = METRICS.iter().filter(|(name, _)| name.starts_with("size:"));
        assert_eq!(sizes.len(), known.count());
    }

    #[test]
    fn an_event_is_the_better_measure_of_what_is_also_accounted() {
        let counters = [("page-faults", 7), ("task-clock", 2_000_000)];
        let sample = Sample::new(&report(&counters), &OutputSizes::default(), (None, None));
        assert_eq!(sample.values["page-faults"], 7.0);
        assert_eq!(sample.values["task-clock"], 2.0);
    }

    #[test]
    fn a_program_tells_its_own_time_and_memory_and_the_counts_of_one_iteration() {
        let longer = report(&[
            ("instructions:u", 4_100),
            ("cycles:u", 90),
            ("task-clock", 9),
        ]);
        let shorter = report(&[
            ("instructions:u", 1_100),
            ("cycles:u", 95),
            ("task-clock", 3),
        ]);
        let counts = counts_of_an_iteration(&longer.counters, &shorter.counters, 3);
        // That the longer run took fewer cycles says nothing, and is not told as zero.
        assert_eq!(
            counts,
            BTreeMap::from([("instructions:u".to_owned(), 1_000.0)])
        );
        let sample = Sample::new(&longer, &OutputSizes::default(), (None, None));
        let sample = sample.of_program(0.25, counts);
        let names: Vec<_> = sample.values.keys().collect();
        assert_eq!(names, ["instructions:u", "max-rss", "wall-time"]);
        assert_eq!(
            (sample.values["wall-time"], sample.wall_time_s),
            (0.25, 0.25)
        );
        // Whether something disturbed it is judged over the whole process.
        assert_eq!(sample.activity.wall_time_s, 1.5);
    }

    #[test]
    fn a_build_tells_what_it_cost_and_nothing_that_only_cargo_knows() {
        let counters = [("instructions:u", 7), ("page-faults", 9)];
        let sample = Sample::new(&report(&counters), &OutputSizes::default(), (None, None));
        let sample = sample.of_build();
        let names: Vec<_> = sample.values.keys().collect();
        let expected = [
            "instructions:u",
            "max-rss",
            "system-time",
            "user-time",
            "wall-time",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_metric_has_a_name_that_is_one_and_its_unit() {
        for (name, unit) in METRICS {
            assert_eq!(metric(name).unwrap().unit, unit);
        }
        assert_eq!(metric(TASK_CLOCK).unwrap().unit, Unit::Milliseconds);
        for event in perf_events::EVENTS {
            metric(event.name).unwrap();
        }
    }

    #[test]
    fn a_host_without_a_counter_of_instructions_does_not_promise_one() {
        let counter = InstructionCounter::None {
            reason: FailureKind::Unavailable.to_string(),
        };
        let names = available_metrics(&counter, &CounterPlan::default()).unwrap();
        assert!(
            names
                .iter()
                .all(|name| name.as_str() != "instructions:qemu")
        );
        assert!(names.iter().any(|name| name.as_str() == "max-rss"));
    }
}
