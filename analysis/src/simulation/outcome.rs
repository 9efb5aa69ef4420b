//! What came of a simulation.

use std::collections::BTreeMap;

use serde::Serialize;
use shared_types::RequestId;
use shared_types::request::RequestState;

use super::Simulation;
use super::index::milliseconds;

/// What came of a load.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// What became of each request, in the order of the load.
    pub answers: Vec<Answer>,
    /// From the first request to the end of the last job, in seconds.
    pub makespan_s: f64,
    /// Jobs that were made.
    pub jobs: u64,
    /// Jobs that did not come to their end exactly once.
    pub jobs_not_ended_once: u64,
    /// Results that count.
    pub results_counted: u64,
    /// Results of jobs of which another counts.
    pub results_doubled: u64,
    /// Jobs that were found lost.
    pub jobs_recovered: u64,
    /// How long collectors were at work, in seconds.
    pub worked_s: f64,
    /// The longest that a job waited while the collector that took it had nothing to do, in seconds.
    pub idle_beside_work_s: f64,
    /// The longest that a collector went on with what was cancelled, in seconds.
    pub cancelled_work_s: f64,
    /// The share of heads that were measured on the host of their base, where both were measured for
    /// one request: 1 is all.
    pub same_host: f64,
    /// By how much the expected end of a request differs from the real one, as a part of the time
    /// that was still to pass.
    pub forecast_error: Quantiles,
    /// What must never be and was.
    pub violations: Vec<String>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Who asked.
    pub requester: String,
    /// How it ended; absent where it did not.
    pub state: Option<RequestState>,
    /// From when it was made to its end, in seconds.
    pub latency_s: f64,
}

/// Where a part of numbers lies below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Quantiles {
    /// How many there are.
    pub count: usize,
    /// 5 in 100.
    pub low: f64,
    /// Half.
    pub median: f64,
    /// 95 in 100.
    pub high: f64,
}

impl Quantiles {
    /// Of some numbers, 0 where there are none.
    pub fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (numbers.len() as f64 * share) as usize;
            let place = place.min(numbers.len().saturating_sub(1));
            numbers.get(place).copied().unwrap_or(0.0)
        };
        Self {
            count: numbers.len(),
            low: at(0.05),
            median: at(0.5),
            high: at(0.95),
        }
    }
}

impl Simulation<'_> {
    pub(super) fn outcome(self) -> Outcome {
        let first_ms = self.load.requests.iter().map(|one| one.at_s * 1000).min();
        let first_ms = first_ms.unwrap_or(0);
        let observed = &self.observed;
        let answers = self.index.requests.iter().map(|request| {
            let latency = request
                .finished_at
                .map(|finished| finished.duration_since(request.created_at));
            Answer {
                requester: request.requester.clone(),
                state: request.state.is_final().then_some(request.state),
                latency_s: latency.map_or(f64::NAN, |latency| latency.as_secs_f64()),
            }
        });
        let ended_once = observed.ends.values().filter(|ends| **ends == 1).count();
        Outcome {
            answers: answers.collect(),
            makespan_s: observed.last_end_ms.saturating_sub(first_ms) as f64 / 1e3,
            jobs: observed.ends.len() as u64,
            jobs_not_ended_once: (observed.ends.len() - ended_once) as u64,
            results_counted: observed.results_counted,
            results_doubled: observed.results_doubled,
            jobs_recovered: observed.jobs_recovered,
            worked_s: observed.worked_ms as f64 / 1e3,
            idle_beside_work_s: observed.idle_beside_work_ms as f64 / 1e3,
            cancelled_work_s: observed.cancelled_work_ms as f64 / 1e3,
            same_host: if observed.with_base == 0 {
                1.0
            } else {
                observed.same_host as f64 / observed.with_base as f64
            },
            forecast_error: self.forecast_error(),
            violations: observed.violations.clone(),
        }
    }

    fn forecast_error(&self) -> Quantiles {
        let ends: BTreeMap<RequestId, u64> = self
            .index
            .requests
            .iter()
            .filter(|request| request.state == RequestState::Done)
            .filter_map(|request| Some((request.id, milliseconds(request.finished_at?))))
            .collect();
        let errors = self
            .observed
            .forecasts
            .iter()
            .filter_map(|(id, at_ms, until_ms)| {
                let ended_ms = *ends.get(id)?;
                let left_s = ended_ms.checked_sub(*at_ms)? as f64 / 1e3;
                let expected_s = (until_ms - at_ms) as f64 / 1e3;
                // What ends within minutes is known to end soon.
                (left_s > 600.0).then(|| (expected_s - left_s) / left_s)
            });
        Quantiles::of(errors.collect())
    }
}

impl Outcome {
    /// How long requests that were not cancelled took, in seconds.
    pub fn latency_s(&self) -> Quantiles {
        let answered = self.answers.iter();
        let answered = answered.filter(|one| one.state == Some(RequestState::Done));
        Quantiles::of(answered.map(|one| one.latency_s).collect())
    }
}
