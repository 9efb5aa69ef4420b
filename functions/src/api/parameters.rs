//! The parameters of a query. One that a route does not have is refused by name: a misspelt filter
//! that is silently left out gives an answer to another question.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use shared_types::ConfigurationId;
use shared_types::api::{PAGE_LIMIT_MAX, Problem};
use store::PageRequest;

use super::problem;

const PAGE_LIMIT_DEFAULT: u32 = 100;

/// The parameters of a query, each at most once.
#[derive(Debug)]
pub(super) struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    /// Reads a query whose parameters may have the names `known`.
    pub(super) fn parse(query: &str, known: &[&str]) -> Result<Self, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let name: String = name.chars().take(80).collect();
                let has = if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                };
                return Err(problem::bad_request(format!(
                    "there is no parameter `{name}` here; there is {has}"
                )));
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(problem::bad_request(format!(
                    "the parameter `{name}` is there twice"
                )));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { pairs })
    }

    /// The text of a parameter, unless it is missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A parameter that may be missing.
    pub(super) fn optional<T>(&self, name: &str) -> Result<Option<T>, Problem>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.text(name)
            .map(|text| parse_named(&format!("the parameter `{name}`"), text))
            .transpose()
    }

    /// A parameter whose values are separated by commas; empty where it is missing.
    pub(super) fn list<T>(&self, name: &str) -> Result<Vec<T>, Problem>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.text(name)
            .into_iter()
            .flat_map(|text| text.split(','))
            .map(|text| parse_named(&format!("the parameter `{name}`"), text))
            .collect()
    }

    /// The parameter `configuration`, which must be there.
    pub(super) fn configuration(&self) -> Result<ConfigurationId, Problem> {
        self.optional("configuration")?.ok_or_else(|| {
            problem::bad_request(
                "the parameter `configuration` is missing: name one of /api/v1/configurations"
                    .to_owned(),
            )
        })
    }

    /// Which page of a list is wanted.
    pub(super) fn page(&self) -> Result<PageRequest, Problem> {
        let limit: u32 = self.optional("limit")?.unwrap_or(PAGE_LIMIT_DEFAULT);
        if !(1..=PAGE_LIMIT_MAX).contains(&limit) {
            return Err(problem::bad_request(format!(
                "the parameter `limit` is {limit}, and a page holds 1 to {PAGE_LIMIT_MAX} \
                 entries: follow `next_cursor` for more"
            )));
        }
        Ok(PageRequest {
            cursor: self.text("cursor").map(str::to_owned),
            limit,
        })
    }
}

/// Reads a text that came in at `place`.
pub(super) fn parse_named<T>(place: &str, text: &str) -> Result<T, Problem>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse()
        .map_err(|error| problem::bad_request(format!("{place}: {error}")))
}

/// Reads the body of a write.
pub(super) fn parse_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| problem::bad_request(format!("the body cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_parameter_is_refused_by_name() {
        let problem = Parameters::parse("configurations=a", &["configuration"]).unwrap_err();
        assert_eq!(problem.status, 400);
        assert_eq!(
            problem.detail,
            "there is no parameter `configurations` here; there is configuration"
        );
    }

    #[test]
    fn a_parameter_that_is_there_twice_is_refused() {
        let problem = Parameters::parse("limit=1&limit=2", &["limit"]).unwrap_err();
        assert_eq!(problem.detail, "the parameter `limit` is there twice");
    }

    #[test]
    fn a_page_holds_five_hundred_entries_at_most() {
        let page = |query| {
            Parameters::parse(query, &["limit", "cursor"]).and_then(|parameters| parameters.page())
        };
        assert_eq!(
            page("limit=500&cursor=a%26b").unwrap().cursor.as_deref(),
            Some("a&b")
        );
        assert_eq!(page("").unwrap().limit, PAGE_LIMIT_DEFAULT);
        for refused in ["limit=501", "limit=0", "limit=-1", "limit=x"] {
            let problem = page(refused).unwrap_err();
            assert!(
                problem.detail.starts_with("the parameter `limit`"),
                "{problem:?}"
            );
        }
    }
}
