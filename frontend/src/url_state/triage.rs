//! The states of the triage pages: the inbox, one finding, the report of a week.

use shared_types::ConfigurationId;
use shared_types::run::SidePair;
use shared_types::triage::{IsoWeek, TriageState};

use super::{Parsed, QueryWriter, address_words, parse, read_optional, read_word};

address_words! {
    /// Which findings are listed.
    Shown {
        /// Those that wait for somebody.
        Open => "open",
        /// Those on which gating configurations contradict each other.
        Conflicts => "conflicts",
        /// Those of which nobody has said anything.
        Untriaged => "untriaged",
        /// Those that are past their day.
        Overdue => "overdue",
        /// Those that are acknowledged.
        Acknowledged => "acknowledged",
        /// Those that are fixed.
        Fixed => "fixed",
        /// All of them.
        All => "all",
    }
}

impl Shown {
    /// The states that the API is asked for; none means all.
    pub(crate) fn states(self) -> &'static [TriageState] {
        match self {
            Self::Open | Self::Conflicts => &[TriageState::Untriaged, TriageState::Overdue],
            Self::Untriaged => &[TriageState::Untriaged],
            Self::Overdue => &[TriageState::Overdue],
            Self::Acknowledged => &[TriageState::Acknowledged],
            Self::Fixed => &[TriageState::Fixed],
            Self::All => &[],
        }
    }
}

/// The state of the inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InboxState {
    /// The configuration; all, else.
    pub(crate) configuration: Option<ConfigurationId>,
    pub(crate) shown: Shown,
    /// Part of a name of an artifact, a configuration or an owner.
    pub(crate) text: String,
}

impl InboxState {
    /// Reads the query of an address.
    pub(crate) fn parse(query: &str) -> Parsed<Self> {
        parse(query, |state: &mut Self, name, value| match name {
            "configuration" => read_optional(&mut state.configuration, value),
            "show" => read_word(&mut state.shown, value),
            "text" => {
                state.text = value.to_owned();
                true
            }
            _ => false,
        })
    }

    /// The address that shows this. What is listed is always in it, so that it is told from an address
    /// that leaves the choice to the page.
    pub(crate) fn address(&self) -> String {
        let mut query = QueryWriter::default();
        query.optional("configuration", self.configuration.as_ref());
        query.text("show", &self.shown.to_string());
        query.text("text", &self.text);
        query.finish("/triage")
    }

    /// What the API is asked for.
    pub(crate) fn question(&self) -> String {
        let mut query = QueryWriter::default();
        query.optional("configuration", self.configuration.as_ref());
        let states: Vec<String> = self
            .shown
            .states()
            .iter()
            .map(ToString::to_string)
            .collect();
        query.text("state", &states.join(","));
        query.text("limit", "500");
        query.finish("/api/v1/triage")
    }
}

/// The address of a finding.
pub(crate) fn finding_address(sides: &SidePair) -> String {
    let mut query = QueryWriter::default();
    query.text("base", &sides.base.to_string());
    query.text("head", &sides.head.to_string());
    query.finish("/triage/finding")
}

/// The two sides that an address names.
pub(crate) fn read_finding(query: &str) -> Option<SidePair> {
    let parsed = parse(query, |state: &mut (String, String), name, value| {
        match name {
            "base" => value.clone_into(&mut state.0),
            "head" => value.clone_into(&mut state.1),
            _ => return false,
        }
        true
    });
    let (base, head) = parsed.state;
    Some(SidePair {
        base: base.parse().ok()?,
        head: head.parse().ok()?,
    })
}

/// The address of the report of a week.
pub(crate) fn report_address(week: IsoWeek) -> String {
    format!("/triage/report?week={week}")
}

/// The week that an address names; none means this one.
pub(crate) fn read_week(query: &str) -> Parsed<Option<IsoWeek>> {
    parse(query, |week: &mut Option<IsoWeek>, name, value| {
        name == "week" && read_optional(week, value)
    })
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
            shown in proptest::sample::select(Shown::ALL),
            text in ".{0,12}",
        ) {
            let state = InboxState {
                configuration: configuration.map(|id| id.parse().unwrap()),
                shown,
                text,
            };
            let address = state.address();
            let query = address.split_once('?').unwrap().1;
            let parsed = InboxState::parse(query);
            prop_assert_eq!(parsed.state, state);
            prop_assert!(parsed.ignored.is_empty());
        }

        #[test]
        fn any_query_is_read(query in ".{0,40}") {
            let _ = (InboxState::parse(&query), read_finding(&query), read_week(&query));
        }
    }

    #[test]
    fn a_finding_and_a_week_lead_back_to_themselves() {
        let sides: SidePair = "release-1.94.0#1..release-1.95.0".parse().unwrap();
        let address = finding_address(&sides);
        assert_eq!(
            read_finding(address.split_once('?').unwrap().1),
            Some(sides)
        );
        let week: IsoWeek = "2026-W48".parse().unwrap();
        assert_eq!(
            read_week(report_address(week).split_once('?').unwrap().1).state,
            Some(week)
        );
        assert_eq!(read_week("week=never").ignored, ["week=never"]);
    }
}
