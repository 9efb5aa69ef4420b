//! The state of the graphs page.

use shared_types::{ConfigurationId, Line, MetricName};

use super::{Parsed, QueryWriter, TestCaseFilter, address_words, parse, read_optional, read_word};

address_words! {
    /// How much of history is drawn.
    Range {
        /// The newest block: up to 256 artifacts, one request.
        Newest => "newest",
        /// All blocks.
        All => "all",
    }
}

address_words! {
    /// What the height of a point means.
    ValueKind {
        /// The value in the unit of the metric.
        Raw => "raw",
        /// The change from the first point.
        FromFirst => "from-first",
        /// The value as a multiple of the median of its series.
        Normalised => "normalised",
    }
}

/// The state of the graphs page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GraphsState {
    /// The configuration; the first, else.
    pub(crate) configuration: Option<ConfigurationId>,
    /// The metric; the least noisy that is there, else.
    pub(crate) metric: Option<MetricName>,
    /// The line of history; the first that is there, else.
    pub(crate) line: Option<Line>,
    pub(crate) filter: TestCaseFilter,
    pub(crate) range: Range,
    pub(crate) kind: ValueKind,
    /// The ordinal of the first artifact in view; the first of the range, else.
    pub(crate) from: Option<i64>,
    /// The ordinal of the last artifact in view; the last of the range, else.
    pub(crate) to: Option<i64>,
    /// The ordinal of the artifact that is pinned.
    pub(crate) pin: Option<i64>,
    /// The names of the test cases that are drawn over each other.
    pub(crate) overlay: Vec<String>,
}

/// The most test cases that are drawn over each other: more lines cannot be told apart.
pub(crate) const OVERLAY_MAX: usize = 6;

/// Takes the name of a test case, once. Returns whether there was room for it.
fn read_name(names: &mut Vec<String>, name: &str) -> bool {
    if names.iter().any(|known| known == name) || name.is_empty() {
        return true;
    }
    let has_room = names.len() < OVERLAY_MAX;
    if has_room {
        names.push(name.to_owned());
    }
    has_room
}

impl GraphsState {
    /// Reads the query of an address.
    pub(crate) fn parse(query: &str) -> Parsed<Self> {
        parse(query, |state: &mut Self, name, value| match name {
            "configuration" => read_optional(&mut state.configuration, value),
            "metric" => read_optional(&mut state.metric, value),
            "line" => read_optional(&mut state.line, value),
            "range" => read_word(&mut state.range, value),
            "values" => read_word(&mut state.kind, value),
            "from" => read_optional(&mut state.from, value),
            "to" => read_optional(&mut state.to, value),
            "pin" => read_optional(&mut state.pin, value),
            "overlay" => read_name(&mut state.overlay, value),
            _ => state.filter.read(name, value).unwrap_or(false),
        })
    }

    /// The address that shows this.
    pub(crate) fn address(&self) -> String {
        let mut query = QueryWriter::default();
        query.optional("configuration", self.configuration.as_ref());
        query.optional("metric", self.metric.as_ref());
        query.optional("line", self.line.as_ref());
        self.filter.write(&mut query);
        query.unless_default("range", &self.range);
        query.unless_default("values", &self.kind);
        query.optional("from", self.from.as_ref());
        query.optional("to", self.to.as_ref());
        query.optional("pin", self.pin.as_ref());
        for name in &self.overlay {
            query.text("overlay", name);
        }
        query.finish("/graphs")
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::url_state::strategies;

    fn states() -> impl Strategy<Value = GraphsState> {
        (
            option::of("[a-z0-9][a-z0-9_-]{0,9}"),
            option::of("[a-z][a-z:-]{0,9}"),
            option::of(proptest::sample::select(Line::ALL)),
            strategies::filter(),
            (
                proptest::sample::select(Range::ALL),
                proptest::sample::select(ValueKind::ALL),
                option::of(any::<i64>()),
                option::of(any::<i64>()),
                option::of(any::<i64>()),
                proptest::collection::btree_set("[a-z, /&+]{1,12}", 0..=OVERLAY_MAX),
            ),
        )
            .prop_map(|(configuration, metric, line, filter, rest)| {
                let (range, kind, from, to, pin, overlay) = rest;
                GraphsState {
                    configuration: configuration.map(|id| id.parse().unwrap()),
                    metric: metric.map(|name| name.parse().unwrap()),
                    line,
                    filter,
                    range,
                    kind,
                    from,
                    to,
                    pin,
                    overlay: overlay.into_iter().collect(),
                }
            })
    }

    proptest! {
        #[test]
        fn an_address_gives_back_the_state_that_it_was_made_from(state in states()) {
            let address = state.address();
            let parsed = GraphsState::parse(address.strip_prefix("/graphs").unwrap());
            prop_assert_eq!(parsed.ignored, Vec::<String>::new());
            prop_assert_eq!(parsed.state, state);
        }
    }

    #[test]
    fn a_plain_page_has_a_plain_address() {
        assert_eq!(GraphsState::default().address(), "/graphs");
    }
}
