//! Small sets, such as the words of a filter: a list in order. The standard library's tree is compiled
//! for each type again, with all that keeps a million members in balance.

/// Members in order, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortedSet<T>(Vec<T>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> SortedSet<T> {
    /// The members in order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Ord> SortedSet<T> {
    /// Adds a member, unless it is there.
    pub(crate) fn insert(&mut self, member: T) {
        if let Err(place) = self.place(&member) {
            self.0.insert(place, member);
        }
    }

    /// Takes a member away. Returns whether it was there.
    pub(crate) fn remove(&mut self, member: &T) -> bool {
        let place = self.place(member);
        if let Ok(place) = place {
            self.0.remove(place);
        }
        place.is_ok()
    }

    /// Whether it is a member.
    pub(crate) fn contains(&self, member: &T) -> bool {
        self.place(member).is_ok()
    }

    fn place(&self, member: &T) -> Result<usize, usize> {
        self.0.binary_search(member)
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        let mut set = Self::default();
        for member in members {
            set.insert(member);
        }
        set
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_set_that_the_standard_library_has(
            steps in proptest::collection::vec((any::<bool>(), 0_u8..12), 0..40),
        ) {
            let (mut set, mut usual) = (SortedSet::default(), BTreeSet::new());
            for (is_added, member) in steps {
                if is_added {
                    set.insert(member);
                    usual.insert(member);
                } else {
                    prop_assert_eq!(set.remove(&member), usual.remove(&member));
                }
                prop_assert_eq!(set.contains(&member), usual.contains(&member));
                prop_assert_eq!((set.len(), set.is_empty()), (usual.len(), usual.is_empty()));
            }
            prop_assert!(set.iter().eq(&usual));
            prop_assert_eq!(&set, &usual.iter().copied().collect());
            prop_assert!(set.into_iter().eq(usual));
        }
    }
}
