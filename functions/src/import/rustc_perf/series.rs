//! The series of an export: what a value is of, under which configuration, in which metric.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use shared_types::job_units::ToolchainUnit;
use shared_types::object_key::ContentHash;
use shared_types::result_document::CRATE_OF_A_BUILD;
use shared_types::{
    Backend, BenchmarkName, Category, ConfigurationId, ConfigurationRecord, InvalidInput,
    MetricName, TestCase,
};

use super::artifacts::text;
use super::export_file::unreadable;
use super::left_out::LeftOuts;
use super::metrics::{self, KeptMetric, Kind};
use super::schema::{BACKEND_BEFORE, METRIC, SCENARIO, Schema, TARGET_BEFORE};
use crate::FunctionsError;

/// The group of every runtime benchmark: exports name none.
const RUNTIME_GROUP: &str = "rustc-perf";
/// What is known of the hardware.
const HARDWARE: &str = "imported";
/// The longest id of a configuration.
const ID_BYTES_MAX: usize = 48;

/// What the values of a series are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) test_case: TestCase,
    pub(super) category: Option<Category>,
    pub(super) measure: Measure,
}

/// Under which configuration and in which metric a series is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure {
    pub(super) configuration: ConfigurationId,
    pub(super) metric: MetricName,
    /// By how much a value is multiplied.
    pub(super) factor: f64,
}

/// Every series of an export. Those that cannot be kept are here as `None`.
#[derive(Default)]
pub(super) struct SeriesTable {
    pub(super) compile: HashMap<i64, Option<Series>>,
    pub(super) runtime: HashMap<i64, Option<Series>>,
    /// Of toolchains, as far as they were asked for, by table, name and target.
    toolchain: HashMap<(&'static str, String, String), Option<Series>>,
    pub(super) configurations: BTreeMap<ConfigurationId, ConfigurationRecord>,
    pub(super) metrics: BTreeMap<MetricName, KeptMetric>,
    categories: HashMap<String, Category>,
}

impl SeriesTable {
    pub(super) fn read(
        connection: &Connection,
        schema: &Schema,
        left_out: &mut LeftOuts,
    ) -> Result<Self, FunctionsError> {
        let mut table = Self::default();
        if schema.has("benchmark") {
            table.read_categories(connection)?;
        }
        table.read_compile(connection, schema, left_out)?;
        if schema.has("runtime_pstat_series") {
            table.read_runtime(connection, schema, left_out)?;
        }
        Ok(table)
    }

    fn read_categories(&mut self, connection: &Connection) -> Result<(), FunctionsError> {
        each_row(connection, "SELECT name, category FROM benchmark", |row| {
            let name = text(row.get_ref(0)?);
            let category = text(row.get_ref(1)?).and_then(|word| word.parse().ok());
            if let (Some(name), Some(category)) = (name, category) {
                self.categories.insert(name.to_owned(), category);
            }
            Ok(())
        })
    }

    fn read_compile(
        &mut self,
        connection: &Connection,
        schema: &Schema,
        left_out: &mut LeftOuts,
    ) -> Result<(), FunctionsError> {
        let or = |names: &[&'static str], otherwise| schema.or("pstat_series", names, otherwise);
        let sql = format!(
            "SELECT id, {}, {}, {}, crate, profile, {}, {} FROM pstat_series",
            or(METRIC, "NULL"),
            or(&["target"], "NULL"),
            or(&["backend"], "NULL"),
            or(SCENARIO, "NULL"),
            or(&["frontend_threads"], "1"),
        );
        each_row(connection, &sql, |row| {
            let threads = row.get_ref(7)?.as_i64().unwrap_or(1);
            let named: Vec<Option<&str>> = (1..7)
                .map(|column| row.get_ref(column).map(text))
                .collect::<Result<_, _>>()?;
            let ValueRef::Integer(id) = row.get_ref(0)? else {
                left_out.note("a row of `pstat_series`", "its id is no number");
                return Ok(());
            };
            let series = self.compile_series(&named, threads);
            let name = named[3..].iter().flatten().copied().collect::<Vec<_>>();
            let name = format!("the series {id} ({})", name.join("/"));
            let series = series.map_err(|reason| left_out.note(name, reason)).ok();
            self.compile.insert(id, series);
            Ok(())
        })
    }

    /// The series of a row: metric, target, backend, benchmark, profile and scenario.
    fn compile_series(
        &mut self,
        named: &[Option<&str>],
        frontend_threads: i64,
    ) -> Result<Series, String> {
        let [metric, target, backend, benchmark, profile, scenario] = named else {
            return Err("it is incomplete".to_owned());
        };
        let benchmark = benchmark.ok_or("it has no benchmark")?;
        let metric = metric.ok_or("it has no metric")?;
        let test_case = TestCase::Compile {
            benchmark: benchmark.parse().map_err(words)?,
            profile: profile.ok_or("it has no profile")?.parse().map_err(words)?,
            scenario: scenario_text(scenario.ok_or("it has no scenario")?)
                .parse()
                .map_err(words)?,
        };
        let threads = u32::try_from(frontend_threads)
            .ok()
            .filter(|threads| *threads >= 1)
            .ok_or_else(|| format!("{frontend_threads} front-end threads are none"))?;
        let target = target.unwrap_or(TARGET_BEFORE);
        let backend = backend.unwrap_or(BACKEND_BEFORE);
        Ok(Series {
            category: self.categories.get(benchmark).copied(),
            test_case,
            measure: self.measure(
                metrics::kept(metric, Kind::Compile),
                (target, backend, threads),
            )?,
        })
    }

    fn read_runtime(
        &mut self,
        connection: &Connection,
        schema: &Schema,
        left_out: &mut LeftOuts,
    ) -> Result<(), FunctionsError> {
        let metric = schema.or("runtime_pstat_series", METRIC, "NULL");
        let target = schema.or("runtime_pstat_series", &["target"], "NULL");
        let sql = format!("SELECT id, benchmark, {metric}, {target} FROM runtime_pstat_series");
        each_row(connection, &sql, |row| {
            let ValueRef::Integer(id) = row.get_ref(0)? else {
                left_out.note("a row of `runtime_pstat_series`", "its id is no number");
                return Ok(());
            };
            let benchmark = text(row.get_ref(1)?);
            let metric = text(row.get_ref(2)?);
            let target = text(row.get_ref(3)?).unwrap_or(TARGET_BEFORE);
            let series = self.runtime_series(benchmark, metric, target);
            let name = benchmark.unwrap_or("without a benchmark");
            let name = format!("the runtime series {id} ({name})");
            let series = series.map_err(|reason| left_out.note(name, reason)).ok();
            self.runtime.insert(id, series);
            Ok(())
        })
    }

    fn runtime_series(
        &mut self,
        benchmark: Option<&str>,
        metric: Option<&str>,
        target: &str,
    ) -> Result<Series, String> {
        let benchmark = benchmark.ok_or("it has no benchmark")?;
        let metric = metric.ok_or("it has no metric")?;
        let test_case = TestCase::Runtime {
            group: RUNTIME_GROUP.parse().map_err(words)?,
            benchmark: benchmark.parse().map_err(words)?,
        };
        Ok(Series {
            test_case,
            category: None,
            measure: self.measure(
                metrics::kept(metric, Kind::Runtime),
                (target, BACKEND_BEFORE, 1),
            )?,
        })
    }

    /// The series of the build time of a crate of the compiler, or of the size of a component.
    pub(super) fn toolchain(
        &mut self,
        table: &'static str,
        name: &str,
        target: &str,
        left_out: &mut LeftOuts,
    ) -> Option<Series> {
        let key = (table, name.to_owned(), target.to_owned());
        if let Some(known) = self.toolchain.get(&key) {
            return known.clone();
        }
        let (component, metric) = match table {
            "rustc_compilation" => (
                format!("{}{CRATE_OF_A_BUILD}{name}", ToolchainUnit::BOOTSTRAP),
                metrics::build_time(),
            ),
            _ => (name.to_owned(), metrics::component_size()),
        };
        let component: Result<BenchmarkName, String> = component.parse().map_err(words);
        let series = component.and_then(|component| {
            Ok(Series {
                test_case: TestCase::Toolchain { component },
                category: None,
                measure: self.measure(metric, (target, BACKEND_BEFORE, 1))?,
            })
        });
        let series = series
            .map_err(|reason| left_out.note(format!("`{name}` of `{table}`"), reason))
            .ok();
        self.toolchain.insert(key, series.clone());
        series
    }

    /// Makes a metric and a configuration known.
    fn measure(
        &mut self,
        kept: Result<KeptMetric, InvalidInput>,
        (target, backend, frontend_threads): (&str, &str, u32),
    ) -> Result<Measure, String> {
        let kept = kept.map_err(words)?;
        let (configuration, record) =
            self::configuration(target, backend, frontend_threads).map_err(words)?;
        self.configurations.insert(configuration.clone(), record);
        let (metric, factor) = (kept.metric.name.clone(), kept.factor);
        self.metrics.entry(metric.clone()).or_insert(kept);
        Ok(Measure {
            configuration,
            metric,
            factor,
        })
    }
}

/// The configuration of what was measured for a target, by a backend and so many threads of the
/// front end. The vendor `unknown` goes first where the name is too long; else its end becomes a
/// hash, so that two of them stay two.
pub(super) fn configuration(
    target: &str,
    backend: &str,
    frontend_threads: u32,
) -> Result<(ConfigurationId, ConfigurationRecord), InvalidInput> {
    let whole = format!("rustc-perf-{target}-{backend}-t{frontend_threads}");
    let id = match whole.parse::<ConfigurationId>() {
        Ok(id) => id,
        Err(_) => match whole.replacen("-unknown-", "-", 1).parse() {
            Ok(id) => id,
            Err(_) => shortened(&whole).parse()?,
        },
    };
    let record = ConfigurationRecord {
        target: target.to_owned(),
        hardware_model: HARDWARE.to_owned(),
        backend: backend.parse().unwrap_or(Backend::Unknown),
        frontend_threads,
        flags: vec![id.to_string()],
    };
    Ok((id, record))
}

fn shortened(whole: &str) -> String {
    let hash = &ContentHash::of(whole.as_bytes()).as_str()[..8].to_owned();
    let plain: String = whole
        .chars()
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => letter,
            _ => '_',
        })
        .take(ID_BYTES_MAX - 9)
        .collect();
    format!("{plain}-{hash}")
}

/// rustc-perf writes a blank before the name of a patch.
fn scenario_text(text: &str) -> String {
    match text.split_once(':') {
        Some((kind, patch)) => format!("{kind}:{}", patch.trim_start()),
        None => text.to_owned(),
    }
}

fn words(error: InvalidInput) -> String {
    error.to_string()
}

fn each_row(
    connection: &Connection,
    sql: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<(), FunctionsError> {
    let mut read = || {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    };
    read().map_err(|error: rusqlite::Error| unreadable(&error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_target_and_backend_have_a_name_of_their_own(
            one in ("[a-z0-9_.-]{0,60}", "[a-z0-9]{1,12}", 1u32..99),
            other in ("[a-z0-9_.-]{0,60}", "[a-z0-9]{1,12}", 1u32..99),
        ) {
            let id = |of: &(String, String, u32)| configuration(&of.0, &of.1, of.2).unwrap();
            prop_assert_eq!(id(&one), id(&one));
            if one != other {
                prop_assert_ne!(id(&one), id(&other));
            }
        }

        #[test]
        fn any_text_is_a_scenario_or_refused(text in ".{0,40}|incr-patched:[ a-z]{0,9}") {
            let _ = scenario_text(&text).parse::<shared_types::Scenario>();
        }
    }

    #[test]
    fn a_configuration_is_called_by_all_that_tells_it_from_others() {
        let id = |target, backend, threads| configuration(target, backend, threads).unwrap().0;
        let names = [
            id("x86_64-unknown-linux-gnu", "llvm", 1),
            id("x86_64-unknown-linux-gnu", "cranelift", 1),
            id("aarch64-unknown-linux-gnu", "cranelift", 4),
            id("thumbv8m.main-none-eabi", "llvm", 1),
        ]
        .map(|id| id.to_string());
        insta::assert_snapshot!(names.join("\n"));
    }

    #[test]
    fn a_patch_is_named_with_a_blank_or_without() {
        assert_eq!(
            scenario_text("incr-patched: println"),
            "incr-patched:println"
        );
        assert_eq!(
            scenario_text("incr-patched:println"),
            "incr-patched:println"
        );
        assert_eq!(scenario_text("full"), "full");
    }
}
