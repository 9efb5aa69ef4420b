//! Stores imported documents, many at a time.

use std::collections::{BTreeMap, BTreeSet};

use shared_types::result_document::ResultDocument;
use shared_types::{
    Artifact, ArtifactId, Configuration, ConfigurationId, ConfigurationRecord, Tier,
};

use crate::ingest::collected_result;
use crate::{Context, FunctionsError, result_objects, series_blocks, series_changes};

/// How many objects are stored at once.
const BATCH: usize = 500;

/// Stores documents and remembers what they were of.
#[derive(Default)]
pub(super) struct Storing {
    stored: Stored,
    /// The artifacts of each configuration.
    artifacts: BTreeMap<ConfigurationId, BTreeSet<ArtifactId>>,
}

/// What was stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) runs: u64,
    pub(super) runs_new: u64,
    pub(super) artifacts_with_history: u64,
    pub(super) configurations: Vec<ConfigurationId>,
}

impl Storing {
    /// Stores and indexes documents. Objects first: what is stored and not indexed is found again,
    /// what is indexed and not stored is lost.
    pub(super) async fn store(
        &mut self,
        context: &Context,
        documents: Vec<ResultDocument>,
    ) -> Result<(), FunctionsError> {
        for batch in documents.chunks(BATCH) {
            self.make_known(context, batch).await?;
            let mut objects = Vec::with_capacity(batch.len());
            let mut results = Vec::with_capacity(batch.len());
            for document in batch {
                let key = result_objects::key_of(document);
                objects.push((key.clone(), result_objects::encode(document)?));
                results.push(collected_result(&key, document));
            }
            context.store.objects.put_many_once(objects).await?;
            self.stored.runs_new += context.store.index.add_imported(&results).await?;
            self.stored.runs += batch.len() as u64;
        }
        Ok(())
    }

    /// Makes configurations and artifacts known to the index, which a result refers to.
    async fn make_known(
        &mut self,
        context: &Context,
        documents: &[ResultDocument],
    ) -> Result<(), FunctionsError> {
        let mut artifacts: BTreeSet<&ArtifactId> = BTreeSet::new();
        for document in documents {
            if !self.artifacts.contains_key(&document.configuration) {
                register(context, &document.configuration, &document.record).await?;
            }
            let of_configuration = self
                .artifacts
                .entry(document.configuration.clone())
                .or_default();
            for run in &document.runs {
                of_configuration.insert(run.artifact.clone());
                artifacts.insert(&run.artifact);
            }
        }
        let artifacts: Vec<Artifact> = artifacts
            .into_iter()
            .cloned()
            .map(Artifact::named)
            .collect();
        Ok(context.store.index.put_artifacts(&artifacts).await?)
    }

    /// What was stored so far, and the artifacts of each configuration of which something was.
    pub(super) fn into_parts(self) -> (Stored, BTreeMap<ConfigurationId, BTreeSet<ArtifactId>>) {
        (self.stored, self.artifacts)
    }

    /// Writes down what is known of artifacts, places in history above all, and builds the series of
    /// what was stored.
    pub(super) async fn finish(
        mut self,
        context: &Context,
        artifacts: &[Artifact],
    ) -> Result<Stored, FunctionsError> {
        let with_place = artifacts.iter().filter(|one| one.history.is_some());
        let placed: BTreeSet<&ArtifactId> = with_place.map(|one| &one.id).collect();
        context.store.index.put_artifacts(artifacts).await?;
        for (configuration, artifacts) in &self.artifacts {
            let in_history: Vec<ArtifactId> = artifacts
                .iter()
                .filter(|artifact| placed.contains(artifact))
                .cloned()
                .collect();
            series_blocks::rebuild(context, configuration, &in_history).await?;
            series_changes::bring_up_to_date(context, configuration).await?;
        }
        self.stored.artifacts_with_history = placed.len() as u64;
        self.stored.configurations = self.artifacts.into_keys().collect();
        Ok(self.stored)
    }
}

/// Registers an imported configuration, unless it is registered; its tier may have been changed
/// since, and stays.
async fn register(
    context: &Context,
    id: &ConfigurationId,
    record: &ConfigurationRecord,
) -> Result<(), FunctionsError> {
    let configuration = Configuration {
        id: id.clone(),
        record: record.clone(),
        tier: Tier::Advisory,
    };
    let index = &context.store.index;
    match index.configuration(id).await? {
        None => Ok(index.register_configuration(&configuration).await?),
        Some(known) if known.record == configuration.record => Ok(()),
        Some(_) => Err(FunctionsError::Usage(format!(
            "the file has the configuration `{id}`, and another one is registered under that \
             name, which is not imported: rename it in the file"
        ))),
    }
}
