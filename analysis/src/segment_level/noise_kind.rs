//! How noisy a metric is by its nature, and from which size on a change of it matters.

use shared_types::MetricName;

/// What kind of quantity a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseKind {
    /// What is the same whenever the same is compiled: sizes.
    Exact,
    /// What counts the work that was done: instructions, branches.
    Counter,
    /// How much memory was used, and how often it was asked for.
    Memory,
    /// What depends on all that the machine does besides: times, cycles, misses.
    Time,
}

/// Relative: 0.01 is 1 %.
struct Sizes {
    smallest_noise: f64,
    usual_noise: f64,
    between_hosts: f64,
    negligible: f64,
    matters_from: f64,
}

/// How much more an incremental scenario varies than a full one, and how much larger a change of it
/// has to be.
const INCREMENTAL: f64 = 2.0;

impl NoiseKind {
    /// What kind of quantity a metric is, by its name.
    pub fn of(metric: &MetricName) -> Self {
        let name = metric.as_str();
        if metric.is_size() {
            return Self::Exact;
        }
        if metric.counts_instructions() || name == "branches" || name.starts_with("branches:") {
            return Self::Counter;
        }
        if name.contains("rss") || name.contains("page-faults") || name.contains("memory") {
            return Self::Memory;
        }
        Self::Time
    }

    fn sizes(self) -> Sizes {
        match self {
            Self::Exact => Sizes {
                smallest_noise: 1e-6,
                usual_noise: 1e-5,
                between_hosts: 0.0,
                negligible: 0.0,
                matters_from: 0.001,
            },
            Self::Counter => Sizes {
                smallest_noise: 2e-5,
                usual_noise: 5e-4,
                between_hosts: 2e-4,
                negligible: 1e-4,
                matters_from: 0.001,
            },
            Self::Memory => Sizes {
                smallest_noise: 2e-4,
                usual_noise: 5e-3,
                between_hosts: 5e-3,
                negligible: 5e-4,
                matters_from: 0.005,
            },
            Self::Time => Sizes {
                smallest_noise: 5e-4,
                usual_noise: 1e-2,
                between_hosts: 2e-2,
                negligible: 1e-3,
                matters_from: 0.005,
            },
        }
    }

    /// The least standard deviation between runs that is ever assumed. Relative: 0.01 is 1 %.
    pub fn smallest_noise(self) -> f64 {
        self.sizes().smallest_noise
    }

    /// The standard deviation between runs that is assumed where nothing was measured. Relative.
    pub fn usual_noise(self, incremental: bool) -> f64 {
        self.sizes().usual_noise * factor(incremental)
    }

    /// The standard deviation between hosts that is assumed where no host measured both sides.
    /// Relative.
    pub fn between_hosts(self) -> f64 {
        self.sizes().between_hosts
    }

    /// Below this size no difference is called a change, however sure it is. Relative.
    pub fn negligible(self) -> f64 {
        self.sizes().negligible
    }

    /// From this size on a change is worth a person's time. Relative.
    pub fn matters_from(self, incremental: bool) -> f64 {
        self.sizes().matters_from * factor(incremental)
    }

    /// Whether values of two hosts cannot be held against each other.
    pub fn depends_on_host(self) -> bool {
        matches!(self, Self::Time | Self::Memory)
    }
}

fn factor(incremental: bool) -> f64 {
    if incremental { INCREMENTAL } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_apart_by_their_names() {
        let kinds = [
            ("size-text", NoiseKind::Exact),
            ("size:linked-artifact", NoiseKind::Exact),
            ("instructions:qemu", NoiseKind::Counter),
            ("branches", NoiseKind::Counter),
            ("branch-misses", NoiseKind::Time),
            ("max-rss", NoiseKind::Memory),
            ("wall-time", NoiseKind::Time),
            ("never-heard-of", NoiseKind::Time),
        ];
        for (name, kind) in kinds {
            assert_eq!(NoiseKind::of(&name.parse().unwrap()), kind, "{name}");
        }
    }
}
