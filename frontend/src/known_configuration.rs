//! What a page has to know of a configuration to show its series.

use serde::Deserialize;
use shared_types::configuration::{ConfigurationId, Tier};

/// A configuration, as most pages read it from the list of all of them. There is far more in that list,
/// and reading it takes code in every page that does.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct KnownConfiguration {
    pub(crate) configuration: NameAndTier,
    /// How many runs it has.
    pub(crate) runs: u64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct NameAndTier {
    pub(crate) id: ConfigurationId,
    pub(crate) tier: Tier,
}

#[cfg(test)]
mod tests {
    use shared_types::api::{ConfigurationOverview, QueueStatus};
    use shared_types::configuration::{Backend, Configuration, ConfigurationRecord};

    use super::*;

    #[test]
    fn it_is_read_from_what_the_server_tells_of_a_configuration() {
        let told = ConfigurationOverview {
            configuration: Configuration {
                id: "x86_64-llvm".parse().unwrap(),
                record: ConfigurationRecord {
                    target: "x86_64-unknown-linux-gnu".into(),
                    hardware_model: "imported".into(),
                    backend: Backend::Llvm,
                    frontend_threads: 1,
                    flags: vec!["-Zthreads=1".into()],
                },
                tier: Tier::Gating,
            },
            last_run: None,
            last_comparison: None,
            runs: 7,
            queue: QueueStatus::default(),
            collectors_alive: 1,
            false_alarms: Vec::new(),
        };
        let text = serde_json::to_string(&told).unwrap();
        let known: KnownConfiguration = crate::json::from_str(&text).unwrap();
        assert_eq!(known.configuration.id, told.configuration.id);
        assert_eq!((known.configuration.tier, known.runs), (Tier::Gating, 7));
    }
}
