//! What a simulated fleet has to do: its hosts, its suite, and who asks for what and when. A document,
//! so that a recorded load can be kept and given to others.

use serde::{Deserialize, Serialize};
use shared_types::collector::{CatalogueEntry, SuiteCatalogue};
use shared_types::format::Versioned;
use shared_types::job::JobUnit;
use shared_types::request::Selection;
use shared_types::result_document::MeasuredRun;
use shared_types::{ArtifactId, ConfigurationId, FormatVersion, InvalidInput, Profile};

use crate::backtest::random::SeededNumbers;

/// What a fleet has to do. Times are seconds from the beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The version of this format.
    pub format: FormatVersion,
    /// What decides how much each compilation differs from what is usual.
    pub seed: u64,
    /// What a job takes beside its compilations, in seconds.
    pub seconds_per_job: f64,
    /// The suite.
    pub benchmarks: Vec<LoadBenchmark>,
    /// The configurations.
    pub configurations: Vec<LoadConfiguration>,
    /// The collectors.
    pub collectors: Vec<LoadCollector>,
    /// What is asked for, the first first.
    pub requests: Vec<LoadRequest>,
}

/// A benchmark, and how long it takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadBenchmark {
    /// The benchmark.
    pub entry: CatalogueEntry,
    /// How long one compilation takes on a usual host.
    pub durations: Vec<LoadDuration>,
}

/// How long one compilation takes under a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadDuration {
    /// The profile.
    pub profile: Profile,
    /// How long, in seconds.
    pub seconds: f64,
}

/// A configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadConfiguration {
    /// Its name.
    pub id: ConfigurationId,
    /// How many times as long everything takes under it.
    pub slowness: f64,
}

/// A collector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadCollector {
    /// Its name, which is that of its host, too.
    pub name: String,
    /// The configurations that it serves.
    pub configurations: Vec<ConfigurationId>,
    /// How many times as long everything takes on it.
    pub slowness: f64,
    /// When it is not there. What it was at work on is lost.
    #[serde(default)]
    pub absences: Vec<Span>,
    /// When it is told to take no more jobs. What it is at work on is finished.
    #[serde(default)]
    pub drains: Vec<Span>,
}

/// A time, from when until when, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// From when.
    pub from_s: u64,
    /// Until when.
    pub until_s: u64,
}

impl Span {
    /// Whether a time, in milliseconds, is within.
    pub fn holds_ms(&self, at_ms: u64) -> bool {
        (self.from_s * 1000..self.until_s * 1000).contains(&at_ms)
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadRequest {
    /// When.
    pub at_s: u64,
    /// Who.
    pub requester: String,
    /// Larger goes first.
    #[serde(default)]
    pub priority: i32,
    /// What is compared with.
    #[serde(default)]
    pub base: Option<ArtifactId>,
    /// What is measured.
    pub head: ArtifactId,
    /// The parent of head in history.
    #[serde(default)]
    pub parent: Option<ArtifactId>,
    /// Under which configurations.
    pub configurations: Vec<ConfigurationId>,
    /// Which part of the suite.
    #[serde(default)]
    pub selection: Selection,
    /// Whether base and head share their jobs.
    #[serde(default)]
    pub paired: bool,
    /// Whether of base only that is measured which it lacks.
    #[serde(default)]
    pub backfill: bool,
    /// Iterations of each test case.
    pub iterations: u32,
    /// When nobody wants it any more.
    #[serde(default)]
    pub cancelled_at_s: Option<u64>,
    /// When somebody holds it.
    #[serde(default)]
    pub paused: Option<Span>,
}

impl Versioned for Load {
    const WHAT: &'static str = "the load of a fleet";
    const VERSION: FormatVersion = FormatVersion::V1_0;

    fn check(&self) -> Result<(), InvalidInput> {
        let refused = |reason: String| Err(InvalidInput::inconsistent(Self::WHAT, reason));
        let is_factor = |number: f64| number.is_finite() && number > 0.0;
        for benchmark in &self.benchmarks {
            if benchmark
                .durations
                .iter()
                .any(|one| !is_factor(one.seconds))
            {
                let name = &benchmark.entry.name;
                return refused(format!("{name} takes a time that is none"));
            }
        }
        let factors = self.configurations.iter().map(|one| one.slowness);
        let factors = factors.chain(self.collectors.iter().map(|one| one.slowness));
        if factors
            .chain([1.0 + self.seconds_per_job])
            .any(|factor| !is_factor(factor))
        {
            return refused("a slowness is not a positive number".to_owned());
        }
        let known = |id: &ConfigurationId| self.configurations.iter().any(|one| one.id == *id);
        let named = self.collectors.iter().flat_map(|one| &one.configurations);
        let named = named.chain(self.requests.iter().flat_map(|one| &one.configurations));
        if let Some(unknown) = named.into_iter().find(|id| !known(id)) {
            return refused(format!(
                "it names the configuration {unknown}, which it lacks"
            ));
        }
        if self.requests.iter().any(|one| one.iterations == 0) {
            return refused("a request wants no iteration".to_owned());
        }
        Ok(())
    }
}

/// How much the time of a compilation differs from what is usual, as a standard deviation: 0.03 is
/// 3 %.
const DEVIATION: f64 = 0.03;
/// What a compilation takes beside what is measured of it, in seconds.
const SECONDS_BESIDE: f64 = 1.0;

impl Load {
    /// The suite as collectors announce it.
    pub fn catalogue(&self) -> SuiteCatalogue {
        SuiteCatalogue {
            format: FormatVersion::V1_0,
            benchmarks: self
                .benchmarks
                .iter()
                .map(|one| one.entry.clone())
                .collect(),
            runtime_groups: Vec::new(),
            toolchain_units: Vec::new(),
        }
    }

    /// How long one compilation of a unit takes under a configuration on a usual host, as it is
    /// measured, in seconds.
    pub fn compilation_seconds(&self, configuration: &ConfigurationId, unit: &JobUnit) -> f64 {
        let benchmark = self
            .benchmarks
            .iter()
            .find(|one| one.entry.name == unit.benchmark);
        let duration = benchmark
            .and_then(|one| one.durations.iter().find(|one| one.profile == unit.profile))
            .map_or(SECONDS_BESIDE, |one| one.seconds);
        let of_configuration = self
            .configurations
            .iter()
            .find(|one| one.id == *configuration);
        duration * of_configuration.map_or(1.0, |one| one.slowness)
    }

    /// How long a unit of a run takes on a usual host with all that goes on around it, in seconds.
    pub fn unit_seconds(
        &self,
        configuration: &ConfigurationId,
        run: &MeasuredRun,
        unit: &JobUnit,
        iterations: u32,
    ) -> f64 {
        let each = self.compilation_seconds(configuration, unit) + SECONDS_BESIDE;
        let compilations = unit.scenarios.len() as f64 * f64::from(iterations);
        let name = format!(
            "{configuration} {} {} {}",
            run.artifact, unit.benchmark, unit.profile
        );
        let mut numbers = SeededNumbers::part(self.seed, hash(&name));
        each * compilations * (DEVIATION * numbers.normal()).exp()
    }
}

/// A number for a text (FNV-1a), so that a compilation takes as long wherever and whenever it is.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
