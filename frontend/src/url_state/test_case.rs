//! The state of the page of one test case.

use shared_types::{ArtifactId, ConfigurationId, MetricName};

use super::{Parsed, QueryWriter, Range, ValueKind, parse, read_optional, read_word};

/// The state of the page of one test case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestCaseState {
    /// The name of the test case; none is chosen, else.
    pub(crate) test: String,
    /// The metric; the least noisy of each configuration, else.
    pub(crate) metric: Option<MetricName>,
    pub(crate) range: Range,
    pub(crate) kind: ValueKind,
    /// The configuration whose values are divided by the other's.
    pub(crate) shown: Option<ConfigurationId>,
    /// The configuration that they are divided by.
    pub(crate) beside: Option<ConfigurationId>,
    /// The artifact whose two runs are shown as ratios; the newest that both have, else.
    pub(crate) artifact: Option<ArtifactId>,
}

impl TestCaseState {
    /// The page of a test case.
    pub(crate) fn of(test: impl ToString, metric: Option<MetricName>) -> Self {
        Self {
            test: test.to_string(),
            metric,
            ..Self::default()
        }
    }

    /// Reads the query of an address.
    pub(crate) fn parse(query: &str) -> Parsed<Self> {
        parse(query, |state: &mut Self, name, value| match name {
            "test" => {
                state.test = value.trim().to_owned();
                true
            }
            "metric" => read_optional(&mut state.metric, value),
            "range" => read_word(&mut state.range, value),
            "values" => read_word(&mut state.kind, value),
            "shown" => read_optional(&mut state.shown, value),
            "beside" => read_optional(&mut state.beside, value),
            "artifact" => read_optional(&mut state.artifact, value),
            _ => false,
        })
    }

    /// The address that shows this.
    pub(crate) fn address(&self) -> String {
        let mut query = QueryWriter::default();
        query.text("test", &self.test);
        query.optional("metric", self.metric.as_ref());
        query.unless_default("range", &self.range);
        query.unless_default("values", &self.kind);
        query.optional("shown", self.shown.as_ref());
        query.optional("beside", self.beside.as_ref());
        query.optional("artifact", self.artifact.as_ref());
        query.finish("/test-case")
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
            test in "[a-z+&#/ ,.-]{0,20}",
            metric in option::of("[a-z][a-z:-]{0,9}"),
            range in proptest::sample::select(Range::ALL),
            kind in proptest::sample::select(ValueKind::ALL),
            shown in option::of("[a-z0-9][a-z0-9_-]{0,9}"),
            beside in option::of("[a-z0-9][a-z0-9_-]{0,9}"),
            artifact in option::of("[0-9a-f]{40}"),
        ) {
            let state = TestCaseState {
                test: test.trim().to_owned(),
                metric: metric.map(|it| it.parse().unwrap()),
                range,
                kind,
                shown: shown.map(|it| it.parse().unwrap()),
                beside: beside.map(|it| it.parse().unwrap()),
                artifact: artifact.map(|it| it.parse().unwrap()),
            };
            let address = state.address();
            let parsed = TestCaseState::parse(address.strip_prefix("/test-case").unwrap());
            prop_assert_eq!(parsed.ignored, Vec::<String>::new());
            prop_assert_eq!(parsed.state, state);
        }
    }
}
