//! Sorting: comparisons, moves, and iterators over slices.

use std::collections::BinaryHeap;
use std::process::ExitCode;

use runtime_benchmark::{checksum, Group, Numbers};

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("unstable-integers", 2_443_693_772_840_126_759, || {
        let mut numbers = Numbers::seeded(1);
        let unsorted: Vec<u64> = (0..200_000).map(|_| numbers.next_u64()).collect();
        move || {
            let mut sorted = unsorted.clone();
            sorted.sort_unstable();
            checksum_of_order(&sorted)
        }
    });
    group.benchmark("stable-strings", 7_772_051_850_092_673_150, || {
        let mut numbers = Numbers::seeded(2);
        let unsorted: Vec<String> = (0..40_000).map(|_| numbers.word()).collect();
        move || {
            let mut sorted: Vec<&str> = unsorted.iter().map(String::as_str).collect();
            sorted.sort();
            checksum(sorted.concat().as_bytes())
        }
    });
    group.benchmark("records-by-key", 9_943_912_729_997_941_543, || {
        let mut numbers = Numbers::seeded(3);
        let unsorted: Vec<Record> = (0..50_000).map(|_| Record::drawn(&mut numbers)).collect();
        move || {
            let mut sorted = unsorted.clone();
            sorted.sort_by(|one, other| one.order(other));
            let weights = sorted.iter().map(|record| record.weight.to_bits());
            weights.fold(0, |sum: u64, bits| sum.rotate_left(3) ^ bits)
        }
    });
    group.benchmark("heap-of-the-largest", 13_340_440_072_540_531_194, || {
        let mut numbers = Numbers::seeded(4);
        let unsorted: Vec<u64> = (0..400_000).map(|_| numbers.next_u64()).collect();
        move || checksum_of_order(&largest(&unsorted, 20_000))
    });
    group.main()
}

fn checksum_of_order(numbers: &[u64]) -> u64 {
    let step = |sum: u64, number: &u64| sum.wrapping_mul(31).wrapping_add(*number);
    numbers.iter().fold(1, step)
}

/// A record that is larger than what two registers hold.
#[derive(Clone)]
struct Record {
    group: u8,
    name: [u8; 6],
    weight: f64,
    payload: [u64; 4],
}

impl Record {
    fn drawn(numbers: &mut Numbers) -> Self {
        let mut name = [0; 6];
        name.iter_mut()
            .for_each(|letter| *letter = b'a' + numbers.below(3) as u8);
        Self {
            group: numbers.below(20) as u8,
            name,
            weight: numbers.fraction(),
            payload: [numbers.next_u64(); 4],
        }
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let names = self.name.cmp(&other.name);
        let weights = || other.weight.total_cmp(&self.weight);
        let payloads = || self.payload.cmp(&other.payload);
        let groups = self.group.cmp(&other.group);
        groups.then(names).then_with(weights).then_with(payloads)
    }
}

/// The largest numbers, in order, by a heap that holds no more than those.
fn largest(numbers: &[u64], count: usize) -> Vec<u64> {
    let mut heap: BinaryHeap<std::cmp::Reverse<u64>> = BinaryHeap::with_capacity(count + 1);
    for number in numbers {
        heap.push(std::cmp::Reverse(*number));
        if heap.len() > count {
            heap.pop();
        }
    }
    let mut sorted: Vec<u64> = heap.into_iter().map(|reversed| reversed.0).collect();
    sorted.sort_unstable();
    sorted
}
