//! Every measuring of a test case, iteration by iteration: those that count, and those that do not, with
//! the reason.

use analysis::CaseValues;
use shared_types::api::{ComparedSide, ReplicateFigures, ReplicateStanding};
use shared_types::disturbance::DisturbedRun;
use shared_types::result_document::{Measurement, ResultDocument};
use shared_types::run::Side;
use shared_types::{ConfigurationId, ObjectKey};
use store::RunResult;

use crate::run_values::LeftOut;
use crate::{Context, FunctionsError, result_objects, run_values};

/// What is looked for.
pub(super) struct Replicates<'a> {
    pub(super) context: &'a Context,
    pub(super) configuration: &'a ConfigurationId,
    /// The test case in the epoch that is compared.
    pub(super) case: &'a CaseValues,
}

/// A side of the comparison.
pub(super) struct SideResults<'a> {
    pub(super) name: ComparedSide,
    pub(super) side: &'a Side,
    /// The documents that count, which were read already.
    pub(super) counting: &'a [ResultDocument],
}

impl Replicates<'_> {
    /// Every measuring of the sides, in their order, oldest first.
    pub(super) async fn of(
        &self,
        sides: &[SideResults<'_>],
    ) -> Result<Vec<ReplicateFigures>, FunctionsError> {
        let index = &self.context.store.index;
        let disturbed = index.disturbed_runs(self.configuration).await?;
        let mut found = Vec::new();
        for side in sides {
            let (configuration, of) = (self.configuration, side.side);
            let results =
                run_values::every_result(self.context, configuration, of, &disturbed).await?;
            for (result, left_out) in results {
                let document = self.document(side, &result).await?;
                let Some((document, measurement)) = document
                    .as_ref()
                    .and_then(|document| Some((document, self.measurement(document, &result)?)))
                else {
                    continue;
                };
                let mut figures = self.figures(side, document, measurement);
                self.judge(&mut figures, measurement, left_out, &disturbed);
                figures.raw_profile = self.raw_profile(measurement).await?;
                found.push(figures);
            }
        }
        Ok(found)
    }

    /// The document of a result. `None` where it does not count and is not there any more.
    async fn document(
        &self,
        side: &SideResults<'_>,
        result: &RunResult,
    ) -> Result<Option<ResultDocument>, FunctionsError> {
        let mut counting = side.counting.iter();
        let known = counting.find(|document| result_objects::key_of(document) == result.key);
        if let Some(known) = known {
            return Ok(Some(known.clone()));
        }
        let stored = self.context.store.objects.get(&result.key).await?;
        match stored {
            Some((bytes, _)) => Ok(Some(result_objects::decode(&result.key, &bytes)?)),
            None => Ok(None),
        }
    }

    fn measurement<'a>(
        &self,
        document: &'a ResultDocument,
        result: &RunResult,
    ) -> Option<&'a Measurement> {
        document.measurements.iter().find(|measurement| {
            measurement.test_case == self.case.test_case && measurement.run() == result.run
        })
    }

    fn figures(
        &self,
        side: &SideResults<'_>,
        document: &ResultDocument,
        measurement: &Measurement,
    ) -> ReplicateFigures {
        ReplicateFigures {
            side: side.name,
            artifact: measurement.artifact.clone(),
            replicate: measurement.replicate,
            job: document.job,
            attempt: document.attempt,
            host: document.host.name.clone(),
            measured_at: document.finished_at,
            standing: ReplicateStanding::Counts,
            is_host_disturbed: false,
            note: None,
            values: measurement.values.clone(),
            disturbed: measurement.disturbed.clone(),
            has_self_profile: measurement.self_profile.is_some(),
            raw_profile: None,
        }
    }

    /// Says whether a measuring counts, and what was found of its host.
    fn judge(
        &self,
        figures: &mut ReplicateFigures,
        measurement: &Measurement,
        left_out: Option<LeftOut>,
        disturbed: &[DisturbedRun],
    ) {
        let run = measurement.run();
        let mut found = disturbed.iter();
        let found = found.find(|one| one.run == run && one.hosts.contains(&figures.host));
        figures.is_host_disturbed = found.is_some_and(|one| one.state.is_set_aside());
        figures.note =
            found.map(|one| format!("{} It is {}.", one.finding.sentence, one.state.in_words()));
        let (standing, note) = match left_out {
            Some(LeftOut::Superseded(why)) => (ReplicateStanding::Superseded, Some(why)),
            Some(LeftOut::Retracted(why)) => (ReplicateStanding::Retracted, Some(why)),
            None if measurement.epoch != self.case.epoch => {
                let why = "What was measured, or how, changed in between: its values are of another \
                           series.";
                (ReplicateStanding::OtherEpoch, Some(why.to_owned()))
            }
            None => (ReplicateStanding::Counts, None),
        };
        figures.standing = standing;
        figures.note = note.or(figures.note.take());
    }

    /// The raw self-profile, if it is still there.
    async fn raw_profile(
        &self,
        measurement: &Measurement,
    ) -> Result<Option<ObjectKey>, FunctionsError> {
        let profile = measurement.self_profile.as_ref();
        let Some(key) = profile.and_then(|profile| profile.raw.clone()) else {
            return Ok(None);
        };
        let name = key.to_string();
        let listed = self.context.store.objects.list(&name, None, 1).await?;
        Ok(listed.keys.contains(&name).then_some(key))
    }
}
