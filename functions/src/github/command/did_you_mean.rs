//! Finds what somebody may have meant.

/// The candidate that is nearest to a word, if it is near enough to be meant: at most a third of its
/// letters differ. Case does not count.
pub(in crate::github) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters are to be changed, added, left out or swapped with their neighbour to make one
/// text of the other (the restricted Damerau-Levenshtein distance).
fn distance(one: &str, other: &str) -> usize {
    const LONGEST: usize = 100;
    let one: Vec<char> = one.chars().take(LONGEST).collect();
    let other: Vec<char> = other.chars().take(LONGEST).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, letter) in one.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, wanted) in other.iter().enumerate() {
            let changed = above[j] + usize::from(letter != wanted);
            let mut least = changed.min(above[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && one[i - 1] == *wanted && *letter == other[j - 1];
            if swapped {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slip_is_seen_through_and_another_word_is_not() {
        let known = ["queue", "build", "cancel"];
        assert_eq!(closest("queu", known), Some("queue"));
        assert_eq!(closest("Biuld", known), Some("build"));
        assert_eq!(closest("cansel", known), Some("cancel"));
        assert_eq!(closest("merge", known), None);
    }

    proptest! {
        #[test]
        fn the_distance_is_the_same_both_ways_and_zero_to_itself(one in ".{0,12}", other in ".{0,12}") {
            prop_assert_eq!(distance(&one, &one), 0);
            prop_assert_eq!(distance(&one, &other), distance(&other, &one));
            let longest = one.chars().count().max(other.chars().count());
            prop_assert!(distance(&one, &other) <= longest);
        }
    }
}
