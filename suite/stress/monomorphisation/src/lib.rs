//! Stresses **monomorphisation and code generation**: the collector of instances, the cutting into
//! code-generation units, and the back end.
//!
//! A few generic functions over collections, iterator chains and closures are instantiated for
//! every pair of a list of types. Checking is cheap, since each generic is checked once; debug and
//! opt builds are not.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::hash::Hash;

/// A value that the generic functions can make and compare.
pub trait Sample: Copy + Ord + Hash + Display {
    /// A value for a number.
    fn sample(number: u64) -> Self;
}

macro_rules! samples {
    ($($type:ty: $make:expr;)*) => {
        $(
            impl Sample for $type {
                fn sample(number: u64) -> Self {
                    let make: fn(u64) -> $type = $make;
                    make(number)
                }
            }
        )*
    };
}

samples! {
    u8: |number| number as u8;
    i64: |number| -(number as i64);
    u128: |number| u128::from(number) << 9;
    char: |number| char::from((number % 128) as u8);
}

/// Groups values by keys and keeps the greatest of each group.
pub fn greatest_by_key<Key: Sample, Value: Sample>(count: u64) -> Vec<(Key, Value)> {
    let mut groups: HashMap<Key, Vec<Value>> = HashMap::new();
    for number in 0..count {
        groups
            .entry(Key::sample(number))
            .or_default()
            .push(Value::sample(number.wrapping_mul(31)));
    }
    let mut greatest: Vec<(Key, Value)> = groups
        .into_iter()
        .filter_map(|(key, values)| values.into_iter().max().map(|value| (key, value)))
        .collect();
    greatest.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    greatest
}

/// Indexes values in order and lists those between two bounds.
pub fn between<Key: Sample, Value: Sample>(low: u64, high: u64) -> String {
    let (low, high) = (Key::sample(low), Key::sample(high));
    let index: BTreeMap<Key, Value> = (0..64)
        .map(|number| (Key::sample(number), Value::sample(number)))
        .collect();
    index
        .iter()
        .filter(|(key, _)| **key >= low && **key <= high)
        .zip(index.values().rev())
        .enumerate()
        .skip_while(|(position, _)| *position < 2)
        .step_by(3)
        .map(|(position, ((key, value), other))| format!("{position}:{key}={value}/{other}"))
        .collect::<Vec<_>>()
        .join(",")
}

/// Sorts pairs with a closure and removes neighbours that are equal.
pub fn distinct_pairs<Left: Sample, Right: Sample>(count: u64) -> Vec<(Left, Right)> {
    let mut pairs: Vec<(Left, Right)> = (0..count)
        .flat_map(|number| {
            (0..3).map(move |offset| {
                (
                    Left::sample(number ^ offset),
                    Right::sample(number + offset),
                )
            })
        })
        .collect();
    pairs.sort_unstable_by_key(|pair| (pair.1, pair.0));
    pairs.dedup();
    pairs
        .chunks(2)
        .filter_map(|chunk| chunk.first().copied())
        .collect()
}

/// Instantiates every generic function for each pair of two lists of types.
macro_rules! for_each_pair {
    ($($name:ident: $left:ty;)*) => {
        $(
            /// Instances with one first type and all second types.
            pub fn $name(count: u64) -> usize {
                one_row::<$left>(count)
            }
        )*
    };
}

fn one_pair<Left: Sample, Right: Sample>(count: u64) -> usize {
    greatest_by_key::<Left, Right>(count).len()
        + between::<Left, Right>(3, count).len()
        + distinct_pairs::<Left, Right>(count).len()
}

fn one_row<Left: Sample>(count: u64) -> usize {
    one_pair::<Left, u8>(count) + one_pair::<Left, u128>(count) + one_pair::<Left, char>(count)
}

for_each_pair! {
    with_u8: u8;
    with_i64: i64;
    with_u128: u128;
}
