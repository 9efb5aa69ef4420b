//! Which test cases a filter admits, and which choices it can offer.

use shared_types::comparison::SummaryPart;
use shared_types::test_case::ScenarioKind;
use shared_types::{Category, Profile, TestCase};

use crate::sorted_set::SortedSet;
use crate::url_state::TestCaseFilter;

impl TestCaseFilter {
    /// Whether a test case is wanted. Test cases of a kind that has no profile or scenario are not
    /// wanted when one is asked for.
    pub(crate) fn admits(&self, test_case: &TestCase, category: Option<Category>) -> bool {
        let (profile, scenario) = match test_case {
            TestCase::Compile {
                profile, scenario, ..
            } => (Some(*profile), Some(scenario.kind())),
            _ => (None, None),
        };
        admits(&self.profiles, profile)
            && admits(&self.scenarios, scenario)
            && admits(&self.categories, Some(SummaryPart::of(test_case, category)))
            && self.admits_name(&test_case.name())
    }

    /// Whether every word of the filter is in the name, upper and lower case of A to Z alike.
    fn admits_name(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.name
            .to_ascii_lowercase()
            .split_whitespace()
            .all(|word| name.contains(word))
    }
}

fn admits<T: Ord>(wanted: &SortedSet<T>, value: Option<T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(&value))
}

/// The values that some test cases have. A dimension with one value is not worth a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choices {
    pub(crate) profiles: SortedSet<Profile>,
    pub(crate) scenarios: SortedSet<ScenarioKind>,
    pub(crate) categories: SortedSet<SummaryPart>,
}

impl Choices {
    /// The values of these test cases.
    pub(crate) fn of<'a>(
        test_cases: impl IntoIterator<Item = (&'a TestCase, Option<Category>)>,
    ) -> Self {
        let mut choices = Self::default();
        for (test_case, category) in test_cases {
            if let TestCase::Compile {
                profile, scenario, ..
            } = test_case
            {
                choices.profiles.insert(*profile);
                choices.scenarios.insert(scenario.kind());
            }
            choices
                .categories
                .insert(SummaryPart::of(test_case, category));
        }
        choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(profile: Profile, scenario: &str) -> TestCase {
        TestCase::Compile {
            benchmark: "syn-2.0.119".parse().unwrap(),
            profile,
            scenario: scenario.parse().unwrap(),
        }
    }

    fn imported(name: &str) -> TestCase {
        TestCase::Imported {
            name: name.parse().unwrap(),
        }
    }

    #[test]
    fn an_empty_filter_admits_everything() {
        let filter = TestCaseFilter::default();
        assert!(filter.admits(&imported("7zip"), None));
        assert!(filter.admits(&compile(Profile::Doc, "full"), Some(Category::Secondary)));
    }

    #[test]
    fn every_dimension_and_every_word_of_the_name_must_fit() {
        let mut filter = TestCaseFilter {
            name: "SYN full".to_owned(),
            ..TestCaseFilter::default()
        };
        filter.profiles.insert(Profile::Check);
        assert!(filter.admits(&compile(Profile::Check, "incr-full"), None));
        assert!(!filter.admits(&compile(Profile::Check, "incr-unchanged"), None));
        assert!(!filter.admits(&compile(Profile::Opt, "full"), None));
    }

    #[test]
    fn a_test_case_without_profile_is_not_wanted_when_a_profile_is() {
        let mut filter = TestCaseFilter::default();
        filter.profiles.insert(Profile::Check);
        assert!(!filter.admits(&imported("7zip"), None));
    }

    #[test]
    fn a_test_case_without_category_counts_as_primary() {
        let mut filter = TestCaseFilter::default();
        filter.categories.insert(SummaryPart::Primary);
        assert!(filter.admits(&imported("7zip"), None));
        assert!(!filter.admits(&imported("7zip"), Some(Category::Secondary)));
    }

    #[test]
    fn what_is_measured_of_a_toolchain_is_a_choice_of_its_own() {
        let component = TestCase::Toolchain {
            component: "librustc_driver".parse().unwrap(),
        };
        let mut filter = TestCaseFilter::default();
        filter.categories.insert(SummaryPart::Primary);
        assert!(!filter.admits(&component, None));
        filter.categories.insert(SummaryPart::Toolchain);
        assert!(filter.admits(&component, None));
        let choices = Choices::of([(&component, None)]);
        assert!(choices.categories.iter().eq([&SummaryPart::Toolchain]));
    }

    #[test]
    fn the_choices_are_what_the_test_cases_have() {
        let cases = [
            compile(Profile::Check, "full"),
            compile(Profile::Check, "incr-patched:println"),
        ];
        let choices = Choices::of(cases.iter().map(|case| (case, None)));
        assert_eq!(choices.profiles.len(), 1);
        assert_eq!(choices.scenarios.len(), 2);
    }
}
