//! The interface that all significance methods share.

use shared_types::Metric;
use shared_types::comparison::{Answer, Magnitude};

use crate::AnalysisError;
use crate::rustc_perf::RustcPerfRule;

/// Tells changes from noise.
pub trait SignificanceMethod: Send + Sync {
    /// The name by which people choose it.
    fn name(&self) -> &'static str;

    /// Changes whenever the method may answer differently on the same evidence.
    fn version(&self) -> &'static str;

    /// Judges all test cases of one (configuration, metric, comparison) together, so that a method
    /// may control the false-discovery rate. Gives one judgement for each of `cases`, in order.
    fn judge(&self, metric: &Metric, cases: &[Evidence]) -> Vec<Judgement>;
}

/// How many artifacts before base make up a history.
pub const HISTORY_ARTIFACTS: usize = 30;

/// The method that is used when nobody asked for one.
pub const DEFAULT_METHOD: &str = RustcPerfRule::NAME;

/// All that is known of one test case.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The iterations of base, pooled over its replicates. Not empty.
    pub base: Vec<f64>,
    /// The iterations of head, pooled over its replicates. Not empty.
    pub head: Vec<f64>,
    /// Base and head of the iterations that alternated on one host. Empty where none did.
    pub pairs: Vec<(f64, f64)>,
    /// What was measured of the artifacts before base.
    pub history: History,
}

/// What was measured of the artifacts before base.
#[derive(Debug, Clone, PartialEq)]
pub enum History {
    /// Every artifact that was wanted, nearest to base first. Base itself is not among them.
    Complete(Vec<HistoryPoint>),
    /// Some are missing.
    Incomplete {
        /// How many there are.
        present: usize,
        /// How many were wanted.
        wanted: usize,
    },
}

/// What was measured of one artifact. A method chooses the centre that it works with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryPoint {
    /// The smallest iteration.
    pub minimum: f64,
    /// The median iteration.
    pub median: f64,
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
    &[RustcPerfRule::NAME]
}

/// The method of that name.
///
/// # Errors
/// When there is none; the error lists those that exist.
pub fn method(name: &str) -> Result<Box<dyn SignificanceMethod>, AnalysisError> {
    match name {
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
            "there is no significance method `magic`; known are: rustc-perf"
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
