//! The rule of rustc-perf, asked of every value against the one before it.

use super::Detector;

/// How many values before base the rule looks at.
const HISTORY_VALUES: usize = 30;

/// The rule by which rustc-perf calls a change significant, used to find change points.
///
/// Here it works on series of single values. On comparisons it is [`crate::rustc_perf`], and a test
/// holds the two together.
#[derive(Debug, Clone, Copy)]
pub struct ReferenceRule {
    /// How many interquartile ranges above the third quartile the threshold is.
    fence: f64,
}

impl ReferenceRule {
    /// As it is in use.
    pub const PUBLISHED: Self = Self { fence: 3.0 };

    /// Whether the last of `values` differs significantly from the one before it. Needs
    /// 32 values.
    fn is_significant(self, values: &[f64]) -> bool {
        let Some(first) = values.len().checked_sub(HISTORY_VALUES + 2) else {
            return false;
        };
        let window = &values[first..];
        let (base, head) = (window[HISTORY_VALUES], window[HISTORY_VALUES + 1]);
        let history = window[..HISTORY_VALUES].windows(2);
        let mut differences: Vec<f64> = history
            .map(|pair| (pair[1] - pair[0]).abs() / pair[1].abs())
            .collect();
        differences.sort_by(f64::total_cmp);
        let half = differences.len() / 2;
        let (lower, upper) = (&differences[..half], &differences[half + 1..]);
        let quartile = |half: &[f64]| f64::midpoint(half[half.len() / 2 - 1], half[half.len() / 2]);
        let threshold = quartile(upper) + self.fence * (quartile(upper) - quartile(lower));
        base != head && (head - base).abs() / base.abs() >= threshold
    }
}

impl Detector for ReferenceRule {
    fn name(&self) -> String {
        format!("rustc-perf rule, fence {:.1}", self.fence)
    }

    fn change_points(&self, values: &[f64]) -> Vec<usize> {
        (1..values.len())
            .filter(|head| self.is_significant(&values[..=*head]))
            .collect()
    }

    fn stricter(&self) -> Option<Box<dyn Detector>> {
        let fence = self.fence * 1.2;
        (fence < 100.0).then(|| Box::new(Self { fence }) as Box<dyn Detector>)
    }
}

#[cfg(test)]
mod tests;
