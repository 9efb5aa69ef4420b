//! Sets of logical processors, as the kernel writes them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// More logical processors than any kernel is built for. A larger number is no processor.
const CPUS_MAX: u32 = 1 << 16;

/// Logical processors: `0-3,6`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuList(BTreeSet<u32>);

impl CpuList {
    /// Reads a list such as `0-3,6`. An empty text is an empty list; `None` is what is no list.
    pub fn parse(text: &str) -> Option<Self> {
        let mut cpus = BTreeSet::new();
        let ranges = text.trim().split(',').filter(|range| !range.is_empty());
        for range in ranges {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            if first > last || last >= CPUS_MAX {
                return None;
            }
            cpus.extend(first..=last);
        }
        Some(Self(cpus))
    }

    /// The numbers of the processors, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// Whether it names no processor.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many processors it names.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The processors that both name.
    pub fn common(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }
}

impl FromIterator<u32> for CpuList {
    fn from_iter<T: IntoIterator<Item = u32>>(cpus: T) -> Self {
        Self(cpus.into_iter().collect())
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for cpu in self.iter() {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == cpu => *last = cpu,
                _ => ranges.push((cpu, cpu)),
            }
        }
        for (place, (first, last)) in ranges.into_iter().enumerate() {
            let separator = if place > 0 { "," } else { "" };
            match first == last {
                true => write!(formatter, "{separator}{first}")?,
                false => write!(formatter, "{separator}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(cpus in proptest::collection::btree_set(0u32..300, 0..20)) {
            let list: CpuList = cpus.iter().copied().collect();
            prop_assert_eq!(CpuList::parse(&list.to_string()), Some(list));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "[0-9,x-]{0,14}\n?") {
            if let Some(list) = CpuList::parse(&text) {
                prop_assert!(list.iter().all(|cpu| cpu < CPUS_MAX));
            }
        }
    }

    #[test]
    fn neighbours_are_written_as_a_range() {
        let list: CpuList = [0, 1, 2, 3, 6, 8, 9].into_iter().collect();
        assert_eq!(list.to_string(), "0-3,6,8-9");
        assert_eq!(CpuList::parse("3-0"), None);
        assert_eq!(CpuList::parse("0-4294967295"), None);
    }
}
