//! All that must be the same for what was measured earlier to stand beside what is measured now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was the case while something was measured: by name, as a person reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Conditions(BTreeMap<String, String>);

impl Conditions {
    /// Adds one.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// What was different at the time of `self` from what is the case `now`, or `None` where all is
    /// the same. What only one of them knows is different, too: nobody can tell that it is not.
    pub fn difference(&self, now: &Self) -> Option<String> {
        let names = self.0.keys().chain(now.0.keys());
        let mut differences: Vec<String> = names
            .filter(|name| self.0.get(*name) != now.0.get(*name))
            .map(|name| {
                let value = |of: &Self| {
                    let known = of.0.get(name).map(|value| format!("`{value}`"));
                    known.unwrap_or_else(|| "unknown".to_owned())
                };
                format!("{name} was {} and is {}", value(self), value(now))
            })
            .collect();
        differences.sort();
        differences.dedup();
        (!differences.is_empty()).then(|| differences.join("; "))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Conditions {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(conditions: T) -> Self {
        let pairs = conditions.into_iter();
        Self(
            pairs
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_only_one_knows_is_a_difference() {
        let then: Conditions = [("kernel", "6.1")].into_iter().collect();
        let now: Conditions = [("kernel", "6.1"), ("turbo", "off")].into_iter().collect();
        assert_eq!(
            then.difference(&now).unwrap(),
            "turbo was unknown and is `off`"
        );
        assert_eq!(
            now.difference(&then).unwrap(),
            "turbo was `off` and is unknown"
        );
    }

    proptest! {
        #[test]
        fn there_is_no_difference_exactly_where_all_is_the_same(
            then: BTreeMap<bool, u8>, now: BTreeMap<bool, u8>
        ) {
            let conditions = |of: &BTreeMap<bool, u8>| -> Conditions {
                of.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
            };
            let difference = conditions(&then).difference(&conditions(&now));
            prop_assert_eq!(difference.is_none(), then == now);
        }
    }
}
