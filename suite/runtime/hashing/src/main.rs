//! Hashing: the standard library's maps, with its own hash function, whose keys are the same every
//! time, and with a small one.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::process::ExitCode;

use runtime_benchmark::{Group, Numbers};

/// The standard hash function without keys drawn by chance, which would change how much work it is.
type FixedKeys = BuildHasherDefault<DefaultHasher>;

/// A hash function that multiplies, as compilers use them.
#[derive(Default)]
struct Multiplying(u64);

impl Hasher for Multiplying {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517C_C1B7_2722_0A95);
        self.0 = mixed ^ (mixed >> 32);
    }
}

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("word-frequencies", 32_439_558, || {
        let mut numbers = Numbers::seeded(1);
        let dictionary: Vec<String> = (0..5_000).map(|_| numbers.word()).collect();
        let words: Vec<String> = (0..120_000)
            .map(|_| {
                let rarest = numbers.below(dictionary.len()) + 1;
                dictionary[numbers.below(rarest)].clone()
            })
            .collect();
        move || word_frequencies(&words)
    });
    group.benchmark("insert-find-remove", 8_322_976_297_749_739_330, || {
        let mut numbers = Numbers::seeded(2);
        let keys: Vec<u64> = (0..150_000).map(|_| numbers.next_u64() >> 46).collect();
        move || insert_find_remove(&keys)
    });
    group.benchmark("set-intersection", 156_916_490_062_538, || {
        let mut numbers = Numbers::seeded(3);
        let mut keys =
            move || -> Vec<u64> { (0..80_000).map(|_| numbers.next_u64() >> 47).collect() };
        let (one, other) = (keys(), keys());
        move || set_intersection(&one, &other)
    });
    group.main()
}

fn word_frequencies(words: &[String]) -> u64 {
    let mut frequencies: HashMap<&str, u64, FixedKeys> = HashMap::default();
    for word in words {
        *frequencies.entry(word).or_insert(0) += 1;
    }
    let weighted = frequencies
        .iter()
        .map(|(word, count)| count * count * word.len() as u64);
    weighted.sum()
}

fn insert_find_remove(keys: &[u64]) -> u64 {
    let mut map: HashMap<u64, u64, BuildHasherDefault<Multiplying>> = HashMap::default();
    let mut answer = 0_u64;
    for (position, key) in keys.iter().enumerate() {
        match position % 3 {
            0 => answer += u64::from(map.insert(*key, position as u64).is_none()),
            1 => answer = answer.wrapping_add(map.get(&(key ^ 1)).copied().unwrap_or(7)),
            _ => {
                let removed = map.remove(&keys[position / 2]);
                answer = answer.rotate_left(1) ^ removed.unwrap_or(3);
            }
        }
    }
    answer.wrapping_add(map.values().sum())
}

fn set_intersection(one: &[u64], other: &[u64]) -> u64 {
    let one: HashSet<u64, FixedKeys> = one.iter().copied().collect();
    let other: HashSet<u64, FixedKeys> = other.iter().copied().collect();
    let common = one.intersection(&other);
    common.fold(0, |sum: u64, key| sum.wrapping_add(key * key))
}
