//! Compares runs, within one configuration: as soon as a run and what it is compared with are both
//! complete, and whenever somebody asks.

mod a_a_outcome;
mod cache;
mod of_request;
mod replicates;
mod reproduce;
mod request_verdict;
mod test_case_detail;

use analysis::false_alarms;
use analysis::why::{self, ComparisonExplanation, MadeOf};
use analysis::words::{self, Names};
use analysis::{RunValues, SeriesHistory, SignificanceMethod};
use jiff::Timestamp;
use serde::Serialize;
use shared_types::api::ComparisonReference;
use shared_types::comparison::Comparison;
use shared_types::format::Versioned;
use shared_types::metric::default_metric;
use shared_types::notices::ComparisonMade;
use shared_types::object_key::ContentHash;
use shared_types::result_document::ResultDocument;
use shared_types::run::{Side, SidePair};
use shared_types::upkeep::AAOutcome;
use shared_types::{
    Artifact, ArtifactId, ConfigurationId, FormatVersion, Metric, MetricName, ObjectKey, RequestId,
};
use store::{QueueName, RunResult};

pub use cache::ComparisonCache;
pub use of_request::{compare_request, compare_with_parent, handle};
pub(crate) use request_verdict::kept;
pub use request_verdict::{comparisons_to_tell, request_verdict};
pub use test_case_detail::test_case_detail;

use crate::series_blocks::{self, Manifest};
use crate::{Context, FunctionsError, disturbance, messages, run_values};

/// Which comparison is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ComparisonQuery {
    /// Under which configuration.
    pub configuration: ConfigurationId,
    /// Of what.
    pub sides: SidePair,
    /// In which metric, or the default one of the runs.
    pub metric: Option<MetricName>,
    /// By which method, or the default one.
    pub method: Option<String>,
}

/// Makes a comparison now, or takes it from memory if nothing that went into it has changed.
///
/// # Errors
/// When a side, the metric or the method is not there, or the store fails.
pub async fn on_demand(
    context: &Context,
    query: &ComparisonQuery,
) -> Result<Comparison, FunctionsError> {
    let method = analysis::method(query.method.as_deref().unwrap_or(analysis::DEFAULT_METHOD))?;
    let inputs = Inputs::gather(context, query).await?;
    let hash = inputs.hash(query, method.as_ref());
    if let Some(comparison) = context.comparisons.get(&hash) {
        return Ok(comparison);
    }
    let loaded = inputs.load(context, query).await?;
    let comparison = inputs.compare(&loaded, method.as_ref())?;
    context.comparisons.put(&hash, &comparison);
    Ok(comparison)
}

/// Says why a comparison says what it says; of one test case, where one is named, step by step.
///
/// # Errors
/// As [`on_demand`], and when no test case, or more than one, has that in its name.
pub async fn explain(
    context: &Context,
    query: &ComparisonQuery,
    test_case: Option<&str>,
) -> Result<ComparisonExplanation, FunctionsError> {
    let Some(test_case) = test_case else {
        return Ok(why::explain(&on_demand(context, query).await?));
    };
    let method = analysis::method(query.method.as_deref().unwrap_or(analysis::DEFAULT_METHOD))?;
    let inputs = Inputs::gather(context, query).await?;
    let loaded = inputs.load(context, query).await?;
    let comparison = inputs.compare(&loaded, method.as_ref())?;
    let made_of = MadeOf {
        base: &loaded.base,
        head: &loaded.head,
        history: &loaded.history,
        method: method.as_ref(),
    };
    Ok(why::explain_test_case(&comparison, made_of, test_case)?)
}

/// Makes a comparison and keeps it, with a reference to it in the index.
///
/// It is named by its content, which holds every iteration, the method with its version, and each
/// threshold that the history gave: whatever goes in and matters changes the name, and the same
/// comparison made again is the same object.
///
/// # Errors
/// When a side is not there, or the store fails.
pub(crate) async fn compute_and_keep(
    context: &Context,
    query: &ComparisonQuery,
    request: Option<RequestId>,
) -> Result<Comparison, FunctionsError> {
    let comparison = on_demand(context, query).await?;
    keep_made(context, query, &comparison, request).await?;
    Ok(comparison)
}

/// Keeps a comparison that was made, with a reference to it in the index, and tells of it. What is kept
/// a second time is the same object.
///
/// # Errors
/// When the store fails.
pub(crate) async fn keep_made(
    context: &Context,
    query: &ComparisonQuery,
    comparison: &Comparison,
    request: Option<RequestId>,
) -> Result<(), FunctionsError> {
    let json = serde_json::to_vec(comparison)
        .map_err(|error| FunctionsError::Defect(format!("a comparison has no JSON: {error}")))?;
    let input_hash = ContentHash::of(&json);
    let key = ObjectKey::Comparison {
        configuration: query.configuration.clone(),
        sides: query.sides.clone(),
        input_hash: input_hash.clone(),
    };
    context.store.objects.put_once(&key, &json).await?;
    let reference = ComparisonReference {
        configuration: comparison.configuration.clone(),
        base: comparison.base.clone(),
        head: comparison.head.clone(),
        metric: comparison.metric.clone(),
        method: comparison.method.clone(),
        input_hash,
        verdict: comparison.verdict,
        headline: comparison.headline.clone(),
        request,
        computed_at: context.now(),
    };
    context.store.index.put_comparison(&reference).await?;
    a_a_outcome::note(context, comparison).await?;
    if let Some(request) = request {
        // Also where it was there already: whoever made it may have ended right behind that.
        let made = ComparisonMade::new(request, reference.configuration, reference.input_hash);
        messages::send(context, &QueueName::Github, &made).await?;
    }
    Ok(())
}

/// All that goes into a comparison, as far as the index and the manifest know it.
struct Inputs {
    base: SideInputs,
    head: SideInputs,
    /// The artifacts before base, the nearest first.
    predecessors: Vec<Artifact>,
    manifest: Manifest,
    /// What of a side was retracted, and what is known of disturbed hosts that measured it.
    set_aside: Vec<String>,
    /// What comparisons of this configuration with itself showed.
    a_a_outcomes: Vec<AAOutcome>,
}

/// What a comparison is computed from, read from object storage.
struct Loaded {
    base: RunValues,
    head: RunValues,
    metric: MetricName,
    history: SeriesHistory,
}

struct SideInputs {
    side: Side,
    artifact: Artifact,
    results: Vec<RunResult>,
    /// How many results do not count because they were retracted.
    retracted: usize,
    /// Why they were.
    retracted_because: Vec<String>,
}

impl Inputs {
    async fn gather(context: &Context, query: &ComparisonQuery) -> Result<Self, FunctionsError> {
        let index = &context.store.index;
        let id = &query.configuration;
        if index.configuration(id).await?.is_none() {
            return Err(unknown_configuration(context, id).await?);
        }
        let base = SideInputs::gather(context, id, &query.sides.base).await?;
        let head = SideInputs::gather(context, id, &query.sides.head).await?;
        let wanted = u32::try_from(analysis::significance::HISTORY_ARTIFACTS).unwrap_or(u32::MAX);
        let mut predecessors = match &base.artifact.history {
            Some(position) => index.predecessors(position, wanted).await?,
            None => Vec::new(),
        };
        let disturbed = index.disturbed_runs(id).await?;
        let kept_out: Vec<&ArtifactId> = disturbance::set_aside(&disturbed).collect();
        predecessors.retain(|artifact| !kept_out.contains(&&artifact.id));
        let upkeep = index.upkeep(id).await?;
        let mut set_aside = base.retracted("Base");
        set_aside.extend(head.retracted("Head"));
        set_aside.extend(disturbance::warnings(&disturbed, &query.sides));
        Ok(Self {
            base,
            head,
            predecessors,
            manifest: series_blocks::manifest(context, id).await?,
            set_aside,
            a_a_outcomes: upkeep.map_or_else(Vec::new, |upkeep| upkeep.a_a_outcomes),
        })
    }

    /// Names everything that the answer depends on. A result object never changes under its key,
    /// and the manifest's tag stands for every block of the series.
    fn hash(&self, query: &ComparisonQuery, method: &dyn SignificanceMethod) -> ContentHash {
        #[derive(Serialize)]
        struct Named<'a> {
            format: FormatVersion,
            query: &'a ComparisonQuery,
            method: (&'a str, &'a str),
            results: Vec<String>,
            titles: [Option<&'a str>; 2],
            measured_at: Vec<Timestamp>,
            predecessors: Vec<&'a ArtifactId>,
            manifest: Option<&'a str>,
            set_aside: &'a [String],
            a_a_outcomes: &'a [AAOutcome],
        }
        let results = || self.base.results.iter().chain(&self.head.results);
        let named = Named {
            format: Comparison::VERSION,
            query,
            method: (method.name(), method.version()),
            results: results().map(|result| result.key.to_string()).collect(),
            titles: [
                self.base.artifact.title.as_deref(),
                self.head.artifact.title.as_deref(),
            ],
            measured_at: results().map(|result| result.measured_at).collect(),
            predecessors: self.predecessors.iter().map(|one| &one.id).collect(),
            // Without predecessors the series have no part in the answer.
            manifest: self
                .manifest
                .tag()
                .filter(|_| !self.predecessors.is_empty()),
            set_aside: &self.set_aside,
            a_a_outcomes: &self.a_a_outcomes,
        };
        // A struct of texts always has JSON.
        ContentHash::of(&serde_json::to_vec(&named).unwrap_or_default())
    }

    async fn load(
        &self,
        context: &Context,
        query: &ComparisonQuery,
    ) -> Result<Loaded, FunctionsError> {
        let base = self.base.pool(context).await?;
        let head = self.head.pool(context).await?;
        let metric = match &query.metric {
            Some(metric) => metric.clone(),
            None => common_default_metric(&base, &head)?.name.clone(),
        };
        Ok(Loaded {
            history: self.history(context, &metric).await?,
            base,
            head,
            metric,
        })
    }

    fn compare(
        &self,
        loaded: &Loaded,
        method: &dyn SignificanceMethod,
    ) -> Result<Comparison, FunctionsError> {
        let Loaded {
            base,
            head,
            metric,
            history,
        } = loaded;
        let mut comparison = analysis::compare(base, head, metric, history, method)?;
        let names = Names {
            base: self.base.name(),
            head: self.head.name(),
        };
        comparison.headline = words::headline(&comparison, &names);
        comparison.warnings.splice(0..0, self.warnings(&comparison));
        Ok(comparison)
    }

    /// What else a reader should know: the gravest, so it is told first.
    fn warnings(&self, comparison: &Comparison) -> Vec<String> {
        let mut warnings = self.set_aside.clone();
        if !comparison.a_a {
            let (metric, method) = (&comparison.metric, &comparison.method);
            let limit = false_alarms::limit_of_claims(&self.a_a_outcomes, metric, method);
            warnings.extend(limit);
        }
        warnings
    }

    async fn history(
        &self,
        context: &Context,
        metric: &MetricName,
    ) -> Result<SeriesHistory, FunctionsError> {
        if self.predecessors.is_empty() {
            return Ok(SeriesHistory::none());
        }
        let blocks =
            series_blocks::blocks_of(context, &self.manifest, metric, &self.predecessors).await?;
        let ids: Vec<ArtifactId> = self.predecessors.iter().map(|one| one.id.clone()).collect();
        Ok(SeriesHistory::assemble(&blocks, &ids))
    }
}

impl SideInputs {
    async fn gather(
        context: &Context,
        configuration: &ConfigurationId,
        side: &Side,
    ) -> Result<Self, FunctionsError> {
        let index = &context.store.index;
        let Some(artifact) = index.artifact(&side.artifact).await? else {
            return Err(FunctionsError::NotMeasured(format!(
                "there is no artifact `{}`: `perfleet artifact list` lists those there are",
                side.artifact
            )));
        };
        let measured = run_values::side_results(context, configuration, side).await?;
        if measured.counting.is_empty() {
            if let Some(because) = measured.because.first() {
                return Err(all_retracted(configuration, side, because));
            }
            return Err(not_measured(context, configuration, side).await?);
        }
        Ok(Self {
            side: side.clone(),
            artifact,
            results: measured.counting,
            retracted: measured.retracted,
            retracted_because: measured.because,
        })
    }

    /// What a reader is told of what was retracted of this side.
    fn retracted(&self, name: &str) -> Vec<String> {
        let all = self.retracted + self.results.len();
        let told = self.retracted_because.iter().map(|because| {
            format!(
                "{name}: {} of {all} results have no part in this. {because}",
                self.retracted
            )
        });
        told.collect()
    }

    async fn pool(&self, context: &Context) -> Result<RunValues, FunctionsError> {
        self.pooled(&self.documents(context).await?)
    }

    async fn documents(&self, context: &Context) -> Result<Vec<ResultDocument>, FunctionsError> {
        run_values::documents(context, &self.results).await
    }

    fn pooled(&self, documents: &[ResultDocument]) -> Result<RunValues, FunctionsError> {
        let history = self.artifact.history.clone();
        Ok(analysis::pool(&self.side, documents, history)?)
    }

    /// What people call it, with the number of the replicate where one was named.
    fn name(&self) -> String {
        let title = self.artifact.title.as_deref();
        let name = title.map_or_else(|| self.artifact.id.short(), str::to_owned);
        match self.side.replicate {
            None => name,
            Some(replicate) => format!("{name} #{}", replicate.number()),
        }
    }
}

/// The metric that both sides have and that is the least noisy.
fn common_default_metric<'a>(
    base: &'a RunValues,
    head: &RunValues,
) -> Result<&'a Metric, FunctionsError> {
    let shared = base
        .metrics
        .iter()
        .filter(|metric| head.metric(&metric.name).is_some());
    default_metric(shared).ok_or_else(|| {
        FunctionsError::NotMeasured(format!(
            "{} and {} have no metric in common: measure both on hosts of one kind",
            base.side, head.side
        ))
    })
}

async fn unknown_configuration(
    context: &Context,
    id: &ConfigurationId,
) -> Result<FunctionsError, FunctionsError> {
    let known = context.store.index.configurations().await?;
    let known: Vec<String> = known.iter().map(|one| format!("`{}`", one.id)).collect();
    let known = if known.is_empty() {
        "none is registered yet".to_owned()
    } else {
        format!("registered are {}", known.join(", "))
    };
    Ok(FunctionsError::NotMeasured(format!(
        "there is no configuration `{id}`: {known}"
    )))
}

fn all_retracted(configuration: &ConfigurationId, side: &Side, because: &str) -> FunctionsError {
    FunctionsError::NotMeasured(format!(
        "`{side}` has no results under `{configuration}` any more: they were retracted. {because} \
         Ask for it once more with `perfleet rerun REQUEST`"
    ))
}

/// Says under which configurations an artifact was measured, when it was not under the wanted one.
async fn not_measured(
    context: &Context,
    configuration: &ConfigurationId,
    side: &Side,
) -> Result<FunctionsError, FunctionsError> {
    let runs = context.store.index.runs_of_artifact(&side.artifact).await?;
    let mut under: Vec<String> = runs
        .iter()
        .filter(|run| run.measured_at.is_some())
        .map(|run| format!("`{}`", run.configuration))
        .collect();
    under.dedup();
    let pending = runs
        .iter()
        .any(|run| run.configuration == *configuration && run.jobs_left > 0);
    let advice = if pending {
        "its jobs are not done yet".to_owned()
    } else if under.is_empty() {
        "ask for it with `perfleet request`".to_owned()
    } else {
        format!("it was under {}", under.join(", "))
    };
    Ok(FunctionsError::NotMeasured(format!(
        "`{side}` was not measured under `{configuration}`: {advice}"
    )))
}
