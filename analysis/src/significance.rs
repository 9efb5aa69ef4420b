//! The interface that all significance methods share.

use shared_types::Metric;
use shared_types::comparison::{Answer, Magnitude};

use crate::AnalysisError;
use crate::rustc_perf::RustcPerfRule;
use crate::segment_level::SegmentLevel;
use crate::why::Step;

/// Tells changes from noise.
pub trait SignificanceMethod: Send + Sync {
    /// The name by which people choose it.
    fn name(&self) -> &'static str;

    /// Changes whenever the method may answer differently on the same evidence.
    fn version(&self) -> &'static str;

    /// Judges all test cases of one (configuration, metric, comparison) together, so that a method
    /// may control the false-discovery rate. Gives one judgement for each of `cases`, in order.
    fn judge(&self, metric: &Metric, cases: &[Evidence]) -> Vec<Judgement>;

    /// How it judges, for people: a rule in each sentence.
    fn principle(&self) -> &'static [&'static str] {
        &[]
    }

    /// Of what it calls significant, the share that may be none, where it controls that.
    fn false_discovery_rate(&self) -> Option<f64> {
        None
    }

    /// How its judgement of the test case at `place` comes about, step by step. Empty where there is
    /// none at this place, or the method keeps it to itself.
    fn working(&self, _metric: &Metric, _cases: &[Evidence], _place: usize) -> Vec<Step> {
        Vec::new()
    }
}

/// How many artifacts before base a method may look at.
pub const HISTORY_ARTIFACTS: usize = 100;

/// The method that is used when nobody asked for one.
pub const DEFAULT_METHOD: &str = SegmentLevel::NAME;

/// All that is known of one test case.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The iterations of base, pooled over its replicates.
    pub base: Sample,
    /// The iterations of head, pooled over its replicates.
    pub head: Sample,
    /// Base and head of the iterations that alternated on one host. Empty where none did.
    pub pairs: Vec<(f64, f64)>,
    /// What was measured of the artifacts before base.
    pub history: History,
    /// Whether some host measured both base and head.
    pub on_one_host: bool,
    /// Whether it is an incremental scenario, which varies more than a full one.
    pub incremental: bool,
}

impl Evidence {
    /// What is known where every artifact was measured by one iteration, all of them on one host.
    /// `before` are the artifacts before base, oldest first.
    pub fn of_single_values(before: &[f64], base: f64, head: f64) -> Self {
        let sample = |value: f64| Sample {
            iterations: vec![value],
            replicates: 1,
        };
        let point = |value: &f64| {
            Some(HistoryPoint {
                minimum: *value,
                median: *value,
                iterations: 1,
                on_hosts_of_head: true,
            })
        };
        Self {
            base: sample(base),
            head: sample(head),
            pairs: Vec::new(),
            history: History::of(before.iter().rev().map(point).collect()),
            on_one_host: true,
            incremental: false,
        }
    }
}

/// The iterations of one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The values. Not empty.
    pub iterations: Vec<f64>,
    /// In how many replicates they were measured; at least 1.
    pub replicates: u32,
}

/// What was measured of the artifacts before base: a place for each, nearest to base first, `None`
/// where the test case was not measured in this epoch. Base itself is not among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    places: Vec<Option<HistoryPoint>>,
}

impl History {
    /// A history of these places.
    pub fn of(places: Vec<Option<HistoryPoint>>) -> Self {
        Self { places }
    }

    /// All places, nearest to base first.
    pub fn places(&self) -> &[Option<HistoryPoint>] {
        &self.places
    }

    /// The nearest `wanted` artifacts, if every one of them was measured.
    pub fn complete(&self, wanted: usize) -> Option<Vec<HistoryPoint>> {
        self.places.get(..wanted)?.iter().copied().collect()
    }
}

/// What was measured of one artifact. A method chooses the centre that it works with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryPoint {
    /// The smallest iteration.
    pub minimum: f64,
    /// The median iteration.
    pub median: f64,
    /// How many iterations there were, over all replicates.
    pub iterations: u32,
    /// Whether a host measured it that measured head, too.
    pub on_hosts_of_head: bool,
}

/// What a method says of one test case. Changes are relative: 0.01 is 1 %.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The value of base that was compared.
    pub base: f64,
    /// The value of head that was compared.
    pub head: f64,
    /// `(head - base) / base`. `None` where base is zero and head is not, and where the quotient
    /// is too large for a number.
    pub change: Option<f64>,
    /// The lower end of the change's interval, where the method gives one.
    pub low: Option<f64>,
    /// The upper end of the change's interval, where the method gives one.
    pub high: Option<f64>,
    /// How probable a difference of at least this size is without any change, where the method
    /// says so.
    pub p: Option<f64>,
    /// The false-discovery rate at which this would be called a change, where the method gives one.
    pub q: Option<f64>,
    /// What is known, where the method tells same from not yet known.
    pub answer: Option<Answer>,
    /// Whether the method calls it a change.
    pub significant: bool,
    /// Whether it is significant and large enough for a person to look at.
    pub relevant: bool,
    /// How large it is.
    pub magnitude: Magnitude,
    /// The size of change that noise explains, where the method has one.
    pub threshold: Option<f64>,
    /// How many earlier artifacts the threshold rests on; 0 means that it is the method's default.
    pub history: u32,
}

/// The names of all methods.
pub fn method_names() -> &'static [&'static str] {
    &[SegmentLevel::NAME, RustcPerfRule::NAME]
}

/// The method of that name.
///
/// # Errors
/// When there is none; the error lists those that exist.
pub fn method(name: &str) -> Result<Box<dyn SignificanceMethod>, AnalysisError> {
    match name {
        SegmentLevel::NAME => Ok(Box::new(SegmentLevel)),
        RustcPerfRule::NAME => Ok(Box::new(RustcPerfRule)),
        _ => Err(AnalysisError::UnknownMethod {
            name: name.chars().take(80).collect(),
            known: method_names().join(", "),
        }),
    }
}

/// `(head - base) / base`: 0 where both are zero, `None` where only base is or where the quotient
/// is too large for a number.
pub fn relative_change(base: f64, head: f64) -> Option<f64> {
    if base == head {
        return Some(0.0);
    }
    let change = (head - base) / base;
    change.is_finite().then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_name() {
        for name in method_names() {
            assert_eq!(method(name).unwrap().name(), *name);
        }
        assert!(method_names().contains(&DEFAULT_METHOD));
    }

    #[test]
    fn an_unknown_method_is_refused_with_those_that_exist() {
        let error = method("magic").err().unwrap();
        assert_eq!(
            error.to_string(),
            "there is no significance method `magic`; known are: perfleet, rustc-perf"
        );
    }

    #[test]
    fn a_change_from_zero_has_no_size() {
        assert_eq!(relative_change(0.0, 0.0), Some(0.0));
        assert_eq!(relative_change(0.0, 1.0), None);
        assert_eq!(relative_change(2.0, 0.0), Some(-1.0));
        assert_eq!(relative_change(f64::MIN_POSITIVE, f64::MAX), None);
        assert_eq!(relative_change(f64::NAN, 1.0), None);
    }
}
