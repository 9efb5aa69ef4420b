//! The state of the compare page.

use crate::sorted_set::SortedSet;
use std::fmt;
use std::str::FromStr;

use shared_types::{ConfigurationId, MetricName};

use crate::last_choice::query_of;

use super::queries::QueriesState;
use super::sort::Sort;
use super::{
    Parsed, QueryWriter, TestCaseFilter, address_words, parse, read_optional, read_set, read_word,
};

address_words! {
    /// Which changes are listed.
    ChangeFilter {
        /// All test cases.
        All => "all",
        /// What the method calls a change.
        Significant => "significant",
        /// What a person should look at.
        Relevant => "relevant",
    }
}

address_words! {
    /// Which directions of change are listed.
    Direction {
        /// Both.
        Both => "both",
        /// Head is worse than base.
        Worse => "worse",
        /// Head is better than base.
        Better => "better",
    }
}

address_words! {
    /// What rows are sorted by.
    SortColumn {
        /// Relevant before significant before the rest, then by the size of the change.
        Relevance => "relevance",
        /// The name of the test case.
        Name => "name",
        /// The relative change, with its sign.
        Change => "change",
        /// What noise explains.
        Threshold => "threshold",
        /// The value of base.
        Base => "base",
        /// The value of head.
        Head => "head",
    }
}

address_words! {
    /// What test cases are grouped by in the summary.
    SummaryBy {
        /// Primary and secondary.
        Category => "category",
        /// The profile of the compilation.
        Profile => "profile",
        /// The scenario of the compilation.
        Scenario => "scenario",
        /// Compiling, running, the toolchain itself.
        Kind => "kind",
    }
}

/// What a reader asks the reasons of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyOf {
    /// The verdict.
    Verdict,
    /// One test case, by its name.
    TestCase(String),
}

impl fmt::Display for WhyOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict => formatter.write_str("verdict"),
            Self::TestCase(name) => write!(formatter, "case:{name}"),
        }
    }
}

impl FromStr for WhyOf {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "verdict" => Ok(Self::Verdict),
            Some(("case", name)) if !name.is_empty() => Ok(Self::TestCase(name.to_owned())),
            _ => Err(()),
        }
    }
}

/// The state of the compare page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CompareState {
    /// The side that is compared with, as it was typed: the server says what is wrong with it.
    pub(crate) base: String,
    /// The side that is judged, as it was typed.
    pub(crate) head: String,
    /// The configuration whose test cases are listed; the first that has both runs, else.
    pub(crate) configuration: Option<ConfigurationId>,
    /// The metric; the least noisy that is there, else.
    pub(crate) metric: Option<MetricName>,
    pub(crate) filter: TestCaseFilter,
    pub(crate) changes: ChangeFilter,
    pub(crate) direction: Direction,
    pub(crate) sort: Sort<SortColumn>,
    /// Whether the values themselves are shown.
    pub(crate) raw: bool,
    /// What the reasons are shown of.
    pub(crate) why: Option<WhyOf>,
    /// What the summary is by.
    pub(crate) summary: SummaryBy,
    /// Further configurations whose changes stand beside those of the chosen one.
    pub(crate) beside: SortedSet<ConfigurationId>,
    /// The name of the test case that is shown in every respect.
    pub(crate) case: Option<String>,
    /// How the queries of that test case are listed.
    pub(crate) queries: QueriesState,
}

/// An address that names this says everything.
const COMPLETE: &str = "changes";

/// Whether an address leaves nothing to a reader's last choice.
pub(crate) fn is_complete(query: &str) -> bool {
    pairs(query).any(|(name, _)| name == COMPLETE)
}

fn pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
}

/// What a reader chooses whatever is compared, by the names of an address: how it is shown. Which rows are
/// listed is no such choice, since who opens another comparison must not miss rows without having asked
/// for it.
const CHOICES: [&str; 6] = [
    "configuration",
    "metric",
    "sort",
    "raw",
    "summary",
    "beside",
];

impl CompareState {
    /// The page of two sides.
    pub(crate) fn of(base: impl ToString, head: impl ToString) -> Self {
        Self {
            base: base.to_string(),
            head: head.to_string(),
            ..Self::default()
        }
    }

    /// Reads the query of an address.
    pub(crate) fn parse(query: &str) -> Parsed<Self> {
        parse(query, |state: &mut Self, name, value| match name {
            "base" => {
                state.base = value.trim().to_owned();
                true
            }
            "head" => {
                state.head = value.trim().to_owned();
                true
            }
            "configuration" => read_optional(&mut state.configuration, value),
            "metric" => read_optional(&mut state.metric, value),
            COMPLETE => read_word(&mut state.changes, value),
            "direction" => read_word(&mut state.direction, value),
            "sort" => read_word(&mut state.sort, value),
            "why" => read_optional(&mut state.why, value),
            "summary" => read_word(&mut state.summary, value),
            "beside" => read_set(&mut state.beside, value),
            "case" => read_optional(&mut state.case, value),
            "raw" => {
                state.raw = value == "1";
                matches!(value, "0" | "1")
            }
            _ => (state.filter.read(name, value))
                .or_else(|| state.queries.read(name, value))
                .unwrap_or(false),
        })
    }

    /// Reads the query of an address. What one of a link does not name is as the reader chose last, as
    /// the query `kept` has it; a [complete](Self::complete_address) one says everything.
    pub(crate) fn parse_with_choice(query: &str, kept: Option<&str>) -> Parsed<Self> {
        let Some(kept) = kept.filter(|_| !is_complete(query)) else {
            return Self::parse(query);
        };
        let named: Vec<String> = pairs(query).map(|(name, _)| name.into_owned()).collect();
        // Read and written once more, so that nothing is named that the page never wrote.
        let kept = Self::parse(kept).state.choice().address();
        let chosen = pairs(query_of(&kept))
            .filter(|(name, _)| CHOICES.contains(&&**name) && named.iter().all(|it| it != name));
        let whole = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs(query))
            .extend_pairs(chosen)
            .finish();
        let mut parsed = Self::parse(&whole);
        let state = &mut parsed.state;
        if let Some(configuration) = &state.configuration {
            state.beside.remove(configuration);
        }
        parsed
    }

    /// What a reader chose, whatever is compared.
    pub(crate) fn choice(&self) -> Self {
        Self {
            base: String::new(),
            head: String::new(),
            why: None,
            case: None,
            queries: QueriesState::default(),
            ..self.clone()
        }
    }

    /// The same sides, as a reader sees them who never chose anything.
    pub(crate) fn without_choice(&self) -> Self {
        Self {
            why: self.why.clone(),
            case: self.case.clone(),
            queries: self.queries.clone(),
            ..Self::of(&self.base, &self.head)
        }
    }

    /// What differs from what is shown without a choice: name and value of each, as the address has them.
    pub(crate) fn chosen(&self) -> Vec<(String, String)> {
        let address = self.choice().address();
        pairs(query_of(&address))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// The address that shows this; what it does not say is left to the reader's last choice.
    pub(crate) fn address(&self) -> String {
        self.written(false)
    }

    /// The address that shows this and nothing else, whatever a reader chose last. It names which changes
    /// are listed even where that is all of them: by this it is known.
    pub(crate) fn complete_address(&self) -> String {
        self.written(true)
    }

    fn written(&self, is_complete: bool) -> String {
        let mut query = QueryWriter::default();
        query.text("base", &self.base);
        query.text("head", &self.head);
        query.optional("configuration", self.configuration.as_ref());
        query.optional("metric", self.metric.as_ref());
        self.filter.write(&mut query);
        if is_complete {
            query.text(COMPLETE, &self.changes.to_string());
        } else {
            query.unless_default(COMPLETE, &self.changes);
        }
        query.unless_default("direction", &self.direction);
        query.unless_default("sort", &self.sort);
        if self.raw {
            query.text("raw", "1");
        }
        query.optional("why", self.why.as_ref());
        query.unless_default("summary", &self.summary);
        query.set("beside", &self.beside);
        query.optional("case", self.case.as_ref());
        self.queries.write(&mut query);
        query.finish("/compare")
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::url_state::{QueryColumn, strategies};

    fn sorts() -> impl Strategy<Value = Sort<SortColumn>> {
        (proptest::sample::select(SortColumn::ALL), any::<bool>())
            .prop_map(|(column, reversed)| Sort { column, reversed })
    }

    fn queries() -> impl Strategy<Value = QueriesState> {
        (
            proptest::sample::select(QueryColumn::ALL),
            any::<bool>(),
            "[!-~é]{0,9}",
        )
            .prop_map(|(column, reversed, name)| QueriesState {
                sort: Sort { column, reversed },
                name,
            })
    }

    fn whys() -> impl Strategy<Value = WhyOf> {
        prop_oneof![
            Just(WhyOf::Verdict),
            "[!-~é]{1,20}".prop_map(WhyOf::TestCase)
        ]
    }

    fn states() -> impl Strategy<Value = CompareState> {
        (
            ("[!-~é#%&+]{0,20}", "[!-~é#%&+]{0,20}"),
            option::of("[a-z0-9][a-z0-9_-]{0,9}"),
            option::of("[a-z][a-z:-]{0,9}"),
            strategies::filter(),
            (
                proptest::sample::select(ChangeFilter::ALL),
                proptest::sample::select(Direction::ALL),
                sorts(),
                any::<bool>(),
                option::of(whys()),
            ),
            (
                proptest::sample::select(SummaryBy::ALL),
                proptest::collection::btree_set("[a-z0-9][a-z0-9_-]{0,9}", 0..4),
                option::of("[!-~é]{1,20}"),
                queries(),
            ),
        )
            .prop_map(
                |((base, head), configuration, metric, filter, rest, more)| {
                    let (changes, direction, sort, raw, why) = rest;
                    let (summary, beside, case, queries) = more;
                    CompareState {
                        base,
                        head,
                        configuration: configuration.map(|id| id.parse().unwrap()),
                        metric: metric.map(|name| name.parse().unwrap()),
                        filter,
                        changes,
                        direction,
                        sort,
                        raw,
                        why,
                        summary,
                        beside: beside.iter().map(|id| id.parse().unwrap()).collect(),
                        case,
                        queries,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn an_address_gives_back_the_state_that_it_was_made_from(state in states()) {
            let address = state.address();
            let query = address.strip_prefix("/compare").unwrap();
            let parsed = CompareState::parse(query);
            prop_assert_eq!(parsed.ignored, Vec::<String>::new());
            prop_assert_eq!(parsed.state, state);
        }

        #[test]
        fn a_complete_address_is_the_state_whatever_was_chosen_last(state in states(), kept in states()) {
            let (address, kept) = (state.complete_address(), kept.complete_address());
            let parsed = CompareState::parse_with_choice(query_of(&address), Some(query_of(&kept)));
            prop_assert_eq!(parsed.state, state);
        }

        #[test]
        fn what_an_address_names_wins_and_the_rest_is_as_chosen_last(kept in states()) {
            let address = "base=release-1.94.0&head=release-1.95.0&sort=name&configuration=c1";
            let query = kept.complete_address();
            let opened = CompareState::parse_with_choice(address, Some(query_of(&query))).state;
            let mut beside = kept.beside.clone();
            let configuration = "c1".parse().unwrap();
            beside.remove(&configuration);
            let wanted = CompareState {
                base: "release-1.94.0".to_owned(),
                head: "release-1.95.0".to_owned(),
                sort: "name".parse().unwrap(),
                configuration: Some(configuration),
                metric: kept.metric,
                raw: kept.raw,
                summary: kept.summary,
                beside,
                ..CompareState::default()
            };
            prop_assert_eq!(opened, wanted);
        }

        #[test]
        fn any_query_is_read_without_a_panic(query in ".{0,80}", kept in ".{0,80}") {
            CompareState::parse(&query);
            CompareState::parse_with_choice(&query, Some(&kept));
        }

        #[test]
        fn without_a_choice_nothing_is_left_to_name(state in states()) {
            let plain = state.without_choice();
            prop_assert_eq!(plain.chosen(), []);
            prop_assert_eq!((plain.base, plain.head), (state.base, state.head));
        }
    }

    #[test]
    fn what_is_not_understood_is_named_and_the_rest_is_kept() {
        let parsed = CompareState::parse("?base=release-1.95.0&sort=colour&profile=check,fast");
        assert_eq!(parsed.state.base, "release-1.95.0");
        assert!(
            parsed
                .state
                .filter
                .profiles
                .contains(&shared_types::Profile::Check)
        );
        assert_eq!(parsed.ignored, ["sort=colour", "profile=check,fast"]);
    }

    #[test]
    fn a_replicate_survives_the_address() {
        let address = CompareState::of("release-1.95.0#1", "release-1.95.0#2").address();
        assert_eq!(
            address,
            "/compare?base=release-1.95.0%231&head=release-1.95.0%232"
        );
    }

    #[test]
    fn a_second_click_on_a_column_turns_its_order_round() {
        let once = Sort::default().clicked(SortColumn::Change);
        assert_eq!(once.to_string(), "change");
        assert_eq!(
            once.clicked(SortColumn::Change).to_string(),
            "change-reversed"
        );
        assert_eq!(once.clicked(SortColumn::Name).to_string(), "name");
    }
}
