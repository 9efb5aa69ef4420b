//! What is measured together and becomes one table: what is compiled, programs that are run, the sizes of
//! a toolchain, and builds of much code. Their values have nothing in common.

use shared_types::job::JobUnit;
use shared_types::job_units::{BenchmarkKind, RuntimeUnit, ToolchainUnit};
use shared_types::test_case::ScenarioKind;
use shared_types::{BenchmarkName, MetricName, Profile, Scenario};

use super::BenchArguments;
use crate::CollectorError;
use crate::measure::Workbench;
use crate::suite::{Selection, Subset, Suite};

/// Units that become one table.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) units: Vec<JobUnit>,
    pub(super) runtime_units: Vec<RuntimeUnit>,
    pub(super) toolchain_units: Vec<ToolchainUnit>,
    /// The metric of the table where nobody chose one, if it is not the least noisy.
    pub(super) metric: Option<MetricName>,
}

impl Part {
    fn is_empty(&self) -> bool {
        self.units.is_empty() && self.runtime_units.is_empty() && self.toolchain_units.is_empty()
    }
}

/// The parts that a command line asks for.
pub(super) fn parts(
    arguments: &BenchArguments,
    bench: &Workbench,
) -> Result<Vec<Part>, CollectorError> {
    let wanted = Wanted { arguments, bench };
    wanted.check_names()?;
    let mut parts = Vec::new();
    for kind in BenchmarkKind::ALL {
        if arguments.kinds.contains(kind) {
            parts.extend(wanted.of_kind(*kind)?);
        }
    }
    parts.retain(|part| !part.is_empty());
    match parts.is_empty() {
        true => Err(CollectorError::NothingSelected),
        false => Ok(parts),
    }
}

struct Wanted<'a> {
    arguments: &'a BenchArguments,
    bench: &'a Workbench,
}

impl Wanted<'_> {
    fn of_kind(&self, kind: BenchmarkKind) -> Result<Vec<Part>, CollectorError> {
        let part = match kind {
            BenchmarkKind::Compile => Part {
                units: self.compile_units()?,
                ..Part::default()
            },
            BenchmarkKind::Runtime => Part {
                runtime_units: self.runtime_units(),
                ..Part::default()
            },
            BenchmarkKind::Toolchain => return self.toolchain_parts(),
        };
        Ok(vec![part])
    }

    /// A name has to be one of something that is wanted.
    fn check_names(&self) -> Result<(), CollectorError> {
        let BenchArguments {
            include, exclude, ..
        } = self.arguments;
        let kinds = &self.arguments.kinds;
        for name in include.iter().chain(exclude) {
            if !kinds.iter().any(|kind| self.knows(*kind, name)) {
                let names = kinds.iter().flat_map(|kind| self.names(*kind));
                return Err(CollectorError::UnknownBenchmark {
                    name: name.clone(),
                    known: names.collect::<Vec<_>>().join(", "),
                });
            }
        }
        Ok(())
    }

    fn knows(&self, kind: BenchmarkKind, name: &str) -> bool {
        match kind {
            BenchmarkKind::Compile => {
                let selection = Selection {
                    include: vec![name.to_owned()],
                    ..Selection::default()
                };
                self.bench.suite.select(&selection).is_ok()
            }
            BenchmarkKind::Runtime | BenchmarkKind::Toolchain => {
                self.names(kind).iter().any(|known| known == name)
            }
        }
    }

    /// The names by which something of a kind is chosen.
    fn names(&self, kind: BenchmarkKind) -> Vec<String> {
        let suite = &self.bench.suite;
        match kind {
            BenchmarkKind::Compile => {
                let benchmarks = suite.benchmarks.iter();
                benchmarks.map(|known| known.name.to_string()).collect()
            }
            BenchmarkKind::Runtime => {
                let groups = suite.runtime_groups.iter();
                let names =
                    groups.flat_map(|group| [&group.name].into_iter().chain(&group.benchmarks));
                names.map(ToString::to_string).collect()
            }
            BenchmarkKind::Toolchain => {
                let units = self.bench.toolchain_units();
                units.iter().map(ToolchainUnit::name).collect()
            }
        }
    }

    /// Whether what goes by some names is chosen.
    fn passes(&self, names: &[&str]) -> bool {
        let listed = |list: &[String]| list.iter().any(|one| names.contains(&one.as_str()));
        let BenchArguments {
            include, exclude, ..
        } = self.arguments;
        (include.is_empty() || listed(include)) && !listed(exclude)
    }

    fn compile_units(&self) -> Result<Vec<JobUnit>, CollectorError> {
        let known = |names: &[String]| -> Vec<String> {
            let known = |name: &&String| self.knows(BenchmarkKind::Compile, name);
            names.iter().filter(known).cloned().collect()
        };
        let include = known(&self.arguments.include);
        if include.is_empty() && !self.arguments.include.is_empty() {
            return Ok(Vec::new());
        }
        let selection = Selection {
            subset: (self.arguments.quick && include.is_empty()).then_some(Subset::Quick),
            include,
            exclude: known(&self.arguments.exclude),
            categories: self.arguments.categories.wanted(),
        };
        units_of_crates(&self.bench.suite, &selection, self.arguments)
    }

    /// With `--quick` one benchmark of each group.
    fn runtime_units(&self) -> Vec<RuntimeUnit> {
        let BenchArguments {
            categories, quick, ..
        } = self.arguments;
        let categories = categories.wanted();
        let groups = self.bench.suite.runtime_groups.iter();
        let of_category = groups.filter(|group| {
            let mut wanted = categories.iter();
            // Programs do not stay at a version for comparing releases.
            categories.is_empty() || wanted.any(|wanted| wanted.admits(group.category, false))
        });
        let units = of_category.map(|group| {
            let wanted = |benchmark: &&BenchmarkName| {
                self.passes(&[group.name.as_str(), benchmark.as_str()])
            };
            let most = if *quick { 1 } else { usize::MAX };
            let benchmarks = group.benchmarks.iter().filter(wanted).take(most);
            RuntimeUnit {
                group: group.name.clone(),
                benchmarks: benchmarks.cloned().collect(),
            }
        });
        units.filter(|unit| !unit.benchmarks.is_empty()).collect()
    }

    /// With `--quick` the sizes alone.
    fn toolchain_parts(&self) -> Result<Vec<Part>, CollectorError> {
        let units = self.bench.toolchain_units().into_iter();
        let wanted = units.filter(|unit| self.passes(&[unit.name().as_str()]));
        let is_sizes = |unit: &ToolchainUnit| *unit == ToolchainUnit::ComponentSizes;
        let (sizes, mut builds): (Vec<_>, Vec<_>) = wanted.partition(is_sizes);
        if self.arguments.quick && self.arguments.include.is_empty() {
            builds.clear();
        }
        Ok(vec![
            Part {
                toolchain_units: sizes,
                ..Part::default()
            },
            Part {
                toolchain_units: builds,
                // The one metric that both the whole and its crates have.
                metric: Some("wall-time".parse()?),
                ..Part::default()
            },
        ])
    }
}

/// What is compiled: each crate under each profile.
fn units_of_crates(
    suite: &Suite,
    selection: &Selection,
    arguments: &BenchArguments,
) -> Result<Vec<JobUnit>, CollectorError> {
    let profiles = match (arguments.profiles.as_slice(), arguments.quick) {
        ([], true) => &[Profile::Check][..],
        ([], false) => &[Profile::Check, Profile::Debug, Profile::Opt],
        (profiles, _) => profiles,
    };
    let wanted = match (arguments.scenarios.as_slice(), arguments.quick) {
        ([], true) => &[ScenarioKind::Full, ScenarioKind::IncrUnchanged],
        ([], false) => ScenarioKind::ALL,
        (scenarios, _) => scenarios,
    };
    let mut units = Vec::new();
    for benchmark in suite.select(selection)? {
        for profile in profiles {
            let mut scenarios = benchmark.scenarios(*profile, wanted);
            // rustdoc has no incremental compilation.
            let is_doc = matches!(profile, Profile::Doc | Profile::DocJson);
            scenarios.retain(|scenario| !is_doc || *scenario == Scenario::Full);
            if !scenarios.is_empty() {
                units.push(JobUnit {
                    benchmark: benchmark.name.clone(),
                    profile: *profile,
                    scenarios,
                });
            }
        }
    }
    Ok(units)
}
