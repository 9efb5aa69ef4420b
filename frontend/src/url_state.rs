//! What a page shows, as the query of its address: every view can be shared, reloaded and left with
//! the browser's back button.
//!
//! Reading is lenient, since people edit addresses: what cannot be understood is left out and
//! named in [`Parsed::ignored`], so that the page can say so.

mod compare;
mod graphs;
mod one_configuration;
mod queries;
mod sort;
mod status;
mod test_case;
mod triage;

pub(crate) use compare::{
    ChangeFilter, CompareState, Direction, SortColumn, SummaryBy, WhyOf, is_complete,
};
pub(crate) use graphs::{GraphsState, OVERLAY_MAX, Range, ValueKind};
pub(crate) use one_configuration::OneConfigurationState;
pub(crate) use queries::{QueriesState, QueryColumn};
pub(crate) use sort::Sort;
pub(crate) use status::{StatusOrder, StatusShown, StatusState};
pub(crate) use test_case::TestCaseState;
pub(crate) use triage::{
    InboxState, Shown, finding_address, read_finding, read_week, report_address,
};

use crate::sorted_set::SortedSet;
use std::str::FromStr;

use shared_types::Profile;
use shared_types::comparison::SummaryPart;
use shared_types::ids::Attempt;
use shared_types::test_case::ScenarioKind;

/// A state as it was read from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parsed<S> {
    /// The state.
    pub(crate) state: S,
    /// The parts of the address that were not understood, `name=value` each.
    pub(crate) ignored: Vec<String>,
}

/// Which test cases are wanted. An empty set leaves its dimension as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestCaseFilter {
    /// Words that must all be in the name.
    pub(crate) name: String,
    pub(crate) profiles: SortedSet<Profile>,
    pub(crate) scenarios: SortedSet<ScenarioKind>,
    pub(crate) categories: SortedSet<SummaryPart>,
}

impl TestCaseFilter {
    /// Takes a parameter if it is one of the filter's. `None` when it is another's.
    fn read(&mut self, name: &str, value: &str) -> Option<bool> {
        match name {
            "test" => {
                self.name = value.to_owned();
                Some(true)
            }
            "profile" => Some(read_set(&mut self.profiles, value)),
            "scenario" => Some(read_set(&mut self.scenarios, value)),
            "category" => Some(read_set(&mut self.categories, value)),
            _ => None,
        }
    }

    fn write(&self, query: &mut QueryWriter) {
        query.text("test", &self.name);
        query.set("profile", &self.profiles);
        query.set("scenario", &self.scenarios);
        query.set("category", &self.categories);
    }
}

/// Reads a list of words that are separated by commas. Returns whether all were understood.
fn read_set<T: FromStr + Ord>(set: &mut SortedSet<T>, value: &str) -> bool {
    let mut understood = true;
    for word in value.split(',').filter(|word| !word.is_empty()) {
        match word.parse() {
            Ok(word) => {
                set.insert(word);
            }
            Err(_) => understood = false,
        }
    }
    understood
}

/// Reads a word into `place`. Returns whether it was understood.
fn read_word<T: FromStr>(place: &mut T, value: &str) -> bool {
    match value.parse() {
        Ok(word) => {
            *place = word;
            true
        }
        Err(_) => false,
    }
}

fn read_optional<T: FromStr>(place: &mut Option<T>, value: &str) -> bool {
    match value.parse() {
        Ok(word) => {
            *place = Some(word);
            true
        }
        Err(_) => value.is_empty(),
    }
}

/// Reads a query with `read`, which returns whether it understood a parameter.
fn parse<S: Default>(query: &str, mut read: impl FnMut(&mut S, &str, &str) -> bool) -> Parsed<S> {
    let mut state = S::default();
    let mut ignored = Vec::new();
    for (name, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        if !read(&mut state, &name, &value) {
            ignored.push(format!("{name}={value}"));
        }
    }
    Parsed { state, ignored }
}

/// Writes a query. What is as it is without saying is left out, so that addresses stay short.
#[derive(Default)]
struct QueryWriter {
    pairs: Vec<(&'static str, String)>,
}

impl QueryWriter {
    fn text(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.pairs.push((name, value.to_owned()));
        }
    }

    fn optional<T: ToString>(&mut self, name: &'static str, value: Option<&T>) {
        if let Some(value) = value {
            self.text(name, &value.to_string());
        }
    }

    fn unless_default<T: ToString + Default + PartialEq>(&mut self, name: &'static str, value: &T) {
        if *value != T::default() {
            self.text(name, &value.to_string());
        }
    }

    fn set<T: ToString>(&mut self, name: &'static str, values: &SortedSet<T>) {
        let words: Vec<String> = values.iter().map(T::to_string).collect();
        self.text(name, &words.join(","));
    }

    fn finish(&self, path: &str) -> String {
        if self.pairs.is_empty() {
            return path.to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish();
        // These are allowed in a query, and an address is easier to read with them.
        let query = query
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%2F", "/");
        format!("{path}?{query}")
    }
}

/// Words of an address: an enum of unit variants with its words, the first being the default.
macro_rules! address_words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub(crate) enum $name { #[default] $($(#[$inner])* $variant),+ }

        impl $name {
            /// Every value, in the order in which the page offers them.
            #[allow(dead_code, reason = "not every list of words is offered as a list")]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(match self { $(Self::$variant => $word),+ })
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}
use address_words;

/// The address of a request's page.
pub(crate) fn request_address(id: shared_types::RequestId) -> String {
    format!("/requests/{id}")
}

/// The address of an artifact's page.
pub(crate) fn artifact_address(id: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("/artifacts/{}", encoded.replace('+', "%20"))
}

/// The address at which artifacts whose name begins with `prefix` are listed.
pub(crate) fn artifacts_address(prefix: &str) -> String {
    let mut query = QueryWriter::default();
    query.text("prefix", prefix);
    query.finish("/artifacts")
}

/// The address of a job's page.
pub(crate) fn job_address(id: shared_types::JobId) -> String {
    format!("/jobs/{id}")
}

/// The same, with the log of one attempt.
pub(crate) fn attempt_address(id: shared_types::JobId, attempt: Attempt) -> String {
    format!("/jobs/{id}?attempt={attempt}")
}

/// Which attempt's log a reader wants, where they chose one.
pub(crate) fn read_attempt(search: &str) -> Option<Attempt> {
    let query = search.trim_start_matches('?');
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(name, _)| name == "attempt")?;
    value.parse().ok().map(Attempt)
}

/// The address of a collector's page.
pub(crate) fn collector_address(name: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/collectors/{}", encoded.replace('+', "%20"))
}

#[cfg(test)]
pub(crate) mod strategies {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn filter() -> impl Strategy<Value = TestCaseFilter> {
        (
            ".{0,12}",
            proptest::sample::subsequence(Profile::ALL.to_vec(), 0..=Profile::ALL.len()),
            proptest::sample::subsequence(ScenarioKind::ALL.to_vec(), 0..=ScenarioKind::ALL.len()),
            proptest::sample::subsequence(SummaryPart::ALL.to_vec(), 0..=SummaryPart::ALL.len()),
        )
            .prop_map(|(name, profiles, scenarios, categories)| TestCaseFilter {
                name,
                profiles: profiles.into_iter().collect(),
                scenarios: scenarios.into_iter().collect(),
                categories: categories.into_iter().collect(),
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared_types::JobId;

    use super::*;

    #[test]
    fn an_address_without_an_attempt_names_none() {
        for search in [
            "",
            "?",
            "?attempt=",
            "?attempt=x",
            "?attempt=-1",
            "?other=2",
        ] {
            assert_eq!(read_attempt(search), None, "{search}");
        }
    }

    proptest! {
        #[test]
        fn the_attempt_of_an_address_is_read_again(attempt: u32) {
            let address = attempt_address(JobId::from_parts(1, &[7; 10]), Attempt(attempt));
            let (_, query) = address.split_once('?').unwrap();
            prop_assert_eq!(read_attempt(&format!("?{query}")), Some(Attempt(attempt)));
        }
    }
}
