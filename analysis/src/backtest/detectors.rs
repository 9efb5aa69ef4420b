//! The ways to find change points that are held side by side.
//!
//! All but [`Ours`] are here for comparison alone, with the settings that they are published with.

mod e_divisive;
mod pelt;
mod reference_rule;

pub use e_divisive::EDivisive;
pub use pelt::Pelt;
pub use reference_rule::ReferenceRule;

use crate::change_points::{ChangeKind, change_points, changes};

/// Finds change points.
pub trait Detector {
    /// The name, with the setting.
    fn name(&self) -> String;

    /// The places at which a new level begins. All values are finite.
    fn change_points(&self, values: &[f64]) -> Vec<usize>;

    /// How many alerts a person would get.
    fn alerts(&self, values: &[f64]) -> usize {
        self.change_points(values).len()
    }

    /// The same with the next stricter setting, which gives fewer false alarms; `None` where there
    /// is none left to try.
    fn stricter(&self) -> Option<Box<dyn Detector>>;
}

/// The method of this project.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ours;

impl Detector for Ours {
    fn name(&self) -> String {
        "ours".to_owned()
    }

    fn change_points(&self, values: &[f64]) -> Vec<usize> {
        change_points(values)
    }

    fn alerts(&self, values: &[f64]) -> usize {
        let changes = changes(values);
        let lasting = changes
            .iter()
            .filter(|change| !matches!(change.kind, ChangeKind::BadRun { .. }));
        lasting.count()
    }

    fn stricter(&self) -> Option<Box<dyn Detector>> {
        None
    }
}

/// All methods as they are shipped or published, ours first.
pub fn detectors() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(Ours),
        Box::new(EDivisive::OTAVA),
        Box::new(Pelt::PUBLISHED),
        Box::new(ReferenceRule::PUBLISHED),
    ]
}

#[cfg(test)]
mod tests;
