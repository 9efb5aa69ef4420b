//! Bisects a range: finds the artifact from which on a test case is slower or faster.
//!
//! Nothing is kept of a search but the requests that it makes and what was measured: every step looks
//! at what there is, so that a search goes on wherever and whenever somebody asks for its next step,
//! and two at once ask for the same.

use std::collections::BTreeSet;

use analysis::bisection::{Candidate, Known, Step, next_step};
use serde::{Deserialize, Serialize};
use shared_types::metric::default_metric;
use shared_types::request::{NewRequest, Request, RequestState, Selection};
use shared_types::result_document::ResultDocument;
use shared_types::run::Side;
use shared_types::{
    ArtifactId, ConfigurationId, HistoryPosition, Metric, MetricName, RunId, TestCase,
};
use store::{PageRequest, RequestFilter};

use crate::{Context, FunctionsError, coordinator, run_values};

/// The longest range: so many artifacts an answer may list.
const LINE_MAX: usize = 2000;
/// How many of the last requests are looked through for those that failed.
const REQUESTS_MAX: u32 = 500;
/// The scatter of a measuring where that of the two ends does not tell it, as a relative deviation.
const NOISE_MIN: f64 = 0.001;

/// What is searched for where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BisectionQuery {
    /// The last artifact that is known to be of the old level.
    pub base: ArtifactId,
    /// The first that is known to be of the new level.
    pub head: ArtifactId,
    /// The configuration.
    pub configuration: ConfigurationId,
    /// The name of the test case: `syn-2.0.119/check/full`.
    pub test_case: String,
    /// The metric, or the least noisy one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<MetricName>,
    /// Whether to ask for what is to be measured next, and not only to say what that is.
    #[serde(default)]
    pub ask: bool,
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bisection {
    /// What comes next, or what was found.
    pub next: Step,
    /// Artifacts in the range, its ends included.
    pub artifacts: usize,
    /// How many of them have a value.
    pub measured: usize,
    /// The metric.
    pub metric: String,
    /// The scatter of a measuring that is reckoned with, as a relative deviation: 0.01 is 1 %.
    pub noise: f64,
    /// The request that was made for the next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Request>,
}

/// The next step of a search, for which a request is made if that is wanted.
///
/// # Errors
/// [`FunctionsError::Usage`] when the range is none or the test case is not one of a compilation;
/// [`FunctionsError::NotMeasured`] when an end is not known; else when the store fails.
pub async fn bisect(
    context: &Context,
    query: &BisectionQuery,
    person: &str,
) -> Result<Bisection, FunctionsError> {
    let test_case = test_case(&query.test_case)?;
    let line = line(context, query).await?;
    let asked = Asked::of(context, &query.configuration).await?;
    let mut values = Values::new(context, query, test_case);
    let metric = values.metric(&line).await?;
    let mut candidates = Vec::with_capacity(line.len());
    for artifact in line {
        let known = values.known(&artifact, &metric, &asked).await?;
        candidates.push(Candidate { artifact, known });
    }
    let noise = noise(&values.scatter);
    let next = next_step(&candidates, noise);
    let measured = candidates
        .iter()
        .filter(|one| matches!(one.known, Known::Measured(_)))
        .count();
    let request = match &next {
        Step::Measure { artifact } if query.ask => {
            let wanted = wanted(query, &values.test_case, artifact)?;
            Some(coordinator::create_request(context, &wanted, person).await?)
        }
        _ => None,
    };
    Ok(Bisection {
        next,
        artifacts: candidates.len(),
        measured,
        metric: metric.to_string(),
        noise,
        request,
    })
}

/// The test case of a name: of a compilation where it has three parts, else one of an import.
fn test_case(name: &str) -> Result<TestCase, FunctionsError> {
    Ok(match name.split('/').collect::<Vec<_>>()[..] {
        [benchmark, profile, scenario] => TestCase::Compile {
            benchmark: benchmark.parse()?,
            profile: profile.parse()?,
            scenario: scenario.parse()?,
        },
        _ => TestCase::Imported {
            name: name.parse()?,
        },
    })
}

/// The artifacts from base to head, in the order of their line.
async fn line(
    context: &Context,
    query: &BisectionQuery,
) -> Result<Vec<ArtifactId>, FunctionsError> {
    let (base, head) = (
        position(context, &query.base).await?,
        position(context, &query.head).await?,
    );
    if base.line != head.line || base.ordinal >= head.ordinal {
        return Err(FunctionsError::Usage(format!(
            "{} does not come before {} on one line of history: a bisection goes from an older \
             artifact to a newer one of the same line",
            query.base, query.head
        )));
    }
    let index = &context.store.index;
    let line = index.line(base.line, base.ordinal, head.ordinal).await?;
    let mut line: Vec<ArtifactId> = line.into_iter().map(|artifact| artifact.id).collect();
    // Others may have the ordinals of the two ends.
    line.retain(|id| *id != query.base && *id != query.head);
    if line.len() > LINE_MAX {
        return Err(FunctionsError::Usage(format!(
            "there are {} artifacts between {} and {}, and {LINE_MAX} are the most: name a shorter \
             range",
            line.len(),
            query.base,
            query.head
        )));
    }
    line.insert(0, query.base.clone());
    line.push(query.head.clone());
    Ok(line)
}

async fn position(context: &Context, id: &ArtifactId) -> Result<HistoryPosition, FunctionsError> {
    let artifact = context.store.index.artifact(id).await?;
    let artifact = artifact.ok_or_else(|| {
        FunctionsError::NotMeasured(format!(
            "there is no artifact `{id}`: `perfleet artifact list` lists those there are"
        ))
    })?;
    artifact.history.ok_or_else(|| {
        FunctionsError::Usage(format!(
            "the place of {id} in history is not known: add it by `perfleet artifact add FILE`"
        ))
    })
}

/// What was asked for under a configuration.
struct Asked {
    open: BTreeSet<ArtifactId>,
    failed: BTreeSet<ArtifactId>,
}

impl Asked {
    async fn of(context: &Context, id: &ConfigurationId) -> Result<Self, FunctionsError> {
        let index = &context.store.index;
        let page = PageRequest::first(REQUESTS_MAX);
        let requests = index
            .requests(&RequestFilter::default(), &page)
            .await?
            .items;
        let mut asked = Self {
            open: BTreeSet::new(),
            failed: BTreeSet::new(),
        };
        for request in requests {
            if !request.configurations.contains(id) {
                continue;
            }
            let artifacts = request.runs().map(|run| run.artifact.clone());
            if !request.state.is_final() {
                asked.open.extend(artifacts);
            } else if request.state == RequestState::Failed {
                asked.failed.extend(artifacts);
            }
        }
        Ok(asked)
    }
}

/// What was measured of a test case.
struct Values<'a> {
    context: &'a Context,
    query: &'a BisectionQuery,
    test_case: TestCase,
    /// The relative deviations of iterations from the middle of their replicate.
    scatter: Vec<f64>,
}

impl<'a> Values<'a> {
    fn new(context: &'a Context, query: &'a BisectionQuery, test_case: TestCase) -> Self {
        Self {
            context,
            query,
            test_case,
            scatter: Vec::new(),
        }
    }

    /// The metric that is asked for, else the least noisy that an end was measured in.
    async fn metric(&self, line: &[ArtifactId]) -> Result<MetricName, FunctionsError> {
        if let Some(metric) = &self.query.metric {
            return Ok(metric.clone());
        }
        let mut metrics: Vec<Metric> = Vec::new();
        for end in line.first().into_iter().chain(line.last()) {
            for document in self.documents(end).await? {
                metrics.extend(document.metrics);
            }
        }
        let default = default_metric(metrics.iter()).map(|metric| metric.name.clone());
        match default {
            Some(metric) => Ok(metric),
            // Neither end is measured: that comes first, whatever the metric.
            None => Ok("wall-time".parse()?),
        }
    }

    async fn known(
        &mut self,
        artifact: &ArtifactId,
        metric: &MetricName,
        asked: &Asked,
    ) -> Result<Known, FunctionsError> {
        let mut values = Vec::new();
        let documents = self.documents(artifact).await?;
        for document in &documents {
            let of_case = document.measurements.iter().filter(|measurement| {
                measurement.artifact == *artifact && measurement.test_case == self.test_case
            });
            for measurement in of_case {
                let of_metric = measurement
                    .values
                    .iter()
                    .filter(|one| one.metric == *metric);
                let iterations: Vec<f64> = of_metric.flat_map(|one| one.measured()).collect();
                let Some(middle) = median(&iterations).filter(|middle| *middle > 0.0) else {
                    continue;
                };
                let scatter = iterations.iter().map(|value| (value / middle - 1.0).abs());
                self.scatter.extend(scatter);
                values.push(middle);
            }
        }
        let is_asked = asked.open.contains(artifact);
        Ok(if is_asked && values.is_empty() {
            Known::Asked
        } else if !values.is_empty() {
            Known::Measured(values)
        } else if asked.failed.contains(artifact) || self.was_tried(artifact, &documents).await? {
            Known::Unmeasurable
        } else {
            Known::Nothing
        })
    }

    /// Whether the test case was to be measured, and could not be.
    async fn was_tried(
        &self,
        artifact: &ArtifactId,
        documents: &[ResultDocument],
    ) -> Result<bool, FunctionsError> {
        if documents.is_empty() {
            return Ok(false);
        }
        let run = RunId {
            artifact: artifact.clone(),
            configuration: self.query.configuration.clone(),
        };
        let failures = self.context.store.index.failures_of_run(&run).await?;
        Ok(failures.iter().any(|record| {
            let failure = &record.failure;
            match &self.test_case {
                TestCase::Compile {
                    benchmark,
                    profile,
                    scenario,
                } => {
                    let of_scenario = failure.scenario.as_ref();
                    failure.benchmark == *benchmark
                        && failure.profile == *profile
                        && of_scenario.is_none_or(|failed| failed == scenario)
                }
                _ => false,
            }
        }))
    }

    async fn documents(
        &self,
        artifact: &ArtifactId,
    ) -> Result<Vec<ResultDocument>, FunctionsError> {
        let side = Side::pooled(artifact.clone());
        let configuration = &self.query.configuration;
        let results = run_values::results_of_side(self.context, configuration, &side).await?;
        run_values::documents(self.context, &results).await
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// A deviation from absolute ones of a normal distribution, by their median.
fn noise(scatter: &[f64]) -> f64 {
    let to_deviation = 1.4826;
    median(scatter).map_or(NOISE_MIN, |middle| (middle * to_deviation).max(NOISE_MIN))
}

/// The request that measures the test case of one artifact.
fn wanted(
    query: &BisectionQuery,
    test_case: &TestCase,
    artifact: &ArtifactId,
) -> Result<NewRequest, FunctionsError> {
    let TestCase::Compile {
        benchmark,
        profile,
        scenario,
    } = test_case
    else {
        return Err(FunctionsError::Usage(format!(
            "{} was measured elsewhere, and no collector can measure it: only a test case of the \
             suite can be bisected further",
            query.test_case
        )));
    };
    Ok(NewRequest {
        base: None,
        head: artifact.clone(),
        configurations: vec![query.configuration.clone()],
        selection: Selection {
            include: vec![benchmark.clone()],
            profiles: vec![*profile],
            scenarios: vec![scenario.kind()],
            ..Selection::default()
        },
        paired: false,
        against_parent: false,
        backfill: false,
        iterations: None,
        precision: None,
        self_profile: false,
        time_limit_s: None,
        priority: 0,
        reason: Some(format!(
            "bisection of {}..{} by {}",
            query.base, query.head, query.test_case
        )),
    })
}
