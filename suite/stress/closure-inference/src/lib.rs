//! Stresses **type inference in bodies**: closures whose types are found from their use, numbers
//! without a suffix, and long chains of method calls.
//!
//! Each function is one chain of iterator adapters with closures in closures; hardly any type is
//! written down. A change of this benchmark is a change of inference, of method probing, of the
//! analysis of captures or of the projection of associated types.

use std::collections::{BTreeMap, HashMap};

/// Makes functions that differ in their constants alone.
macro_rules! functions {
    ($($name:ident $step:literal)*) => {
        $(
            /// One chain of calls and its pieces.
            pub fn $name(words: &[String], limit: usize) -> Vec<(String, i64)> {
                let mut seen = HashMap::new();
                let mut longest = None;
                let mut note = |word: &str, number| {
                    *seen.entry(word.to_owned()).or_insert(0) += number;
                    if longest.as_ref().is_none_or(|known: &String| known.len() < word.len()) {
                        longest = Some(word.to_owned());
                    }
                };
                let scale = |number| move |factor| (number * $step + factor) % 1_009;
                let groups = words
                    .iter()
                    .enumerate()
                    .filter(|(index, word)| index % $step != 1 && !word.is_empty())
                    .flat_map(|(index, word)| {
                        word.split('-').map(move |part| (part.trim(), index as i64))
                    })
                    .inspect(|&(part, number)| note(part, number))
                    .map(|(part, number)| (part.chars().rev().collect::<String>(), scale(number)))
                    .map(|(part, scaled)| (scaled(part.len() as i64), part))
                    .take_while(|(number, _)| *number < 1_000)
                    .fold(BTreeMap::new(), |mut groups, (number, part)| {
                        groups.entry(number / 10).or_insert_with(Vec::new).push((part, number));
                        groups
                    });
                let mut result = groups
                    .into_iter()
                    .zip((1..).map(|rank| rank * $step))
                    .filter_map(|((group, parts), rank)| {
                        let (part, number) = parts.into_iter().max_by_key(|(_, number)| *number)?;
                        Some((part, number + group * rank))
                    })
                    .chain(seen.into_iter().map(|(word, count)| (word, -count)))
                    .collect::<Vec<_>>();
                result.sort_by(|left, right| {
                    let key = |pair: &(String, i64)| (pair.1.abs(), pair.0.len());
                    key(left).cmp(&key(right)).then_with(|| left.0.cmp(&right.0))
                });
                result.truncate(limit + longest.map_or(0, |word| word.len()));
                result
            }
        )*
    };
}

functions! {
    alpha 2 beta 3 gamma 4 delta 5 epsilon 6 zeta 7 eta 8 theta 9 iota 10 kappa 11 lambda 12 mu 13
    nu 14 xi 15 omicron 16 pi 17 rho 18 sigma 19 tau 20 upsilon 21 phi 22 chi 23 psi 24 omega 25
}
