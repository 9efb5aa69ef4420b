//! The state of a page that shows one configuration in one metric, and nothing more to choose.

use shared_types::{ConfigurationId, MetricName};

use super::{Parsed, QueryWriter, parse, read_optional};

/// A configuration and a metric, where they are chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OneConfigurationState {
    /// The configuration; the first that was measured, else.
    pub(crate) configuration: Option<ConfigurationId>,
    /// The metric; the least noisy that is there, else.
    pub(crate) metric: Option<MetricName>,
}

impl OneConfigurationState {
    /// Reads the query of an address.
    pub(crate) fn parse(query: &str) -> Parsed<Self> {
        parse(query, |state: &mut Self, name, value| match name {
            "configuration" => read_optional(&mut state.configuration, value),
            "metric" => read_optional(&mut state.metric, value),
            _ => false,
        })
    }

    /// The address that shows this on the page at `path`.
    pub(crate) fn address(&self, path: &str) -> String {
        let mut query = QueryWriter::default();
        query.optional("configuration", self.configuration.as_ref());
        query.optional("metric", self.metric.as_ref());
        query.finish(path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_address_gives_back_the_state_that_it_was_made_from(
            configuration in option::of("[a-z0-9][a-z0-9_-]{0,9}"),
            metric in option::of("[a-z][a-z:-]{0,9}"),
        ) {
            let state = OneConfigurationState {
                configuration: configuration.map(|id| id.parse().unwrap()),
                metric: metric.map(|name| name.parse().unwrap()),
            };
            let address = state.address("/releases");
            let parsed = OneConfigurationState::parse(address.strip_prefix("/releases").unwrap());
            prop_assert_eq!(parsed.ignored, Vec::<String>::new());
            prop_assert_eq!(parsed.state, state);
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let parsed = OneConfigurationState::parse("?configuration=a.b&test=x");
        assert_eq!(parsed.ignored, ["configuration=a.b", "test=x"]);
        assert_eq!(parsed.state, OneConfigurationState::default());
    }
}
