//! The state of the status page.

use shared_types::ConfigurationId;

use super::{Parsed, QueryWriter, address_words, parse, read_optional, read_word};

address_words! {
    /// In which state that is which is listed.
    StatusShown {
        /// In any.
        All => "all",
        /// What waits for its turn, and who waits for work.
        Waiting => "waiting",
        /// What is worked on, and who works.
        Running => "running",
        /// What somebody holds.
        Held => "held",
        /// What came to its end.
        Ended => "ended",
        /// What went wrong, and who is silent.
        Failed => "failed",
    }
}

address_words! {
    /// In which order rows are listed.
    StatusOrder {
        /// As they are served.
        Served => "served",
        /// The newest first.
        Newest => "newest",
        /// By configuration, or by name where something has several or none.
        Name => "name",
        /// By state.
        State => "state",
    }
}

/// The state of the status page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StatusState {
    /// The configuration; all, else.
    pub(crate) configuration: Option<ConfigurationId>,
    pub(crate) shown: StatusShown,
    /// A host or a collector by its name; all, where it is empty.
    pub(crate) host: String,
    /// Words that must all be in what a row says.
    pub(crate) text: String,
    pub(crate) order: StatusOrder,
}

impl StatusState {
    /// Reads the query of an address.
    pub(crate) fn parse(query: &str) -> Parsed<Self> {
        parse(query, |state: &mut Self, name, value| match name {
            "configuration" => read_optional(&mut state.configuration, value),
            "show" => read_word(&mut state.shown, value),
            "order" => read_word(&mut state.order, value),
            "host" => {
                value.clone_into(&mut state.host);
                true
            }
            "text" => {
                value.clone_into(&mut state.text);
                true
            }
            _ => false,
        })
    }

    /// The address that shows this.
    pub(crate) fn address(&self) -> String {
        let mut query = QueryWriter::default();
        query.optional("configuration", self.configuration.as_ref());
        query.unless_default("show", &self.shown);
        query.text("host", &self.host);
        query.text("text", &self.text);
        query.unless_default("order", &self.order);
        query.finish("/status")
    }

    /// Whether some rows may be left out.
    pub(crate) fn is_filter(&self) -> bool {
        let everything = Self {
            order: self.order,
            ..Self::default()
        };
        *self != everything
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_address_of_a_state_leads_back_to_it(
            configuration in option::of("[a-z][a-z0-9-]{0,9}"),
            shown in proptest::sample::select(StatusShown::ALL),
            order in proptest::sample::select(StatusOrder::ALL),
            host in ".{0,9}",
            text in ".{0,12}",
        ) {
            let state = StatusState {
                configuration: configuration.map(|id| id.parse().unwrap()),
                shown,
                host,
                text,
                order,
            };
            let address = state.address();
            let parsed = StatusState::parse(address.strip_prefix("/status").unwrap());
            prop_assert_eq!(parsed.ignored, Vec::<String>::new());
            prop_assert_eq!(parsed.state, state);
        }

        #[test]
        fn any_query_is_read(query in ".{0,40}") {
            StatusState::parse(&query);
        }
    }

    #[test]
    fn an_order_alone_hides_nothing() {
        let ordered = StatusState::parse("order=newest").state;
        assert!(!ordered.is_filter());
        assert!(StatusState::parse("show=failed").state.is_filter());
        assert_eq!(StatusState::default().address(), "/status");
    }
}
