//! Compression by DEFLATE, as the crate `miniz_oxide` does it: loops over bytes and bits, table
//! look-ups, checks of bounds.

use std::process::ExitCode;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec;
use runtime_benchmark::{checksum, Group, Numbers};

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("deflate-text", 4_856_680_001_756_940_590, || {
        let text = text(1, 40_000);
        move || checksum(&compress_to_vec(&text, 6))
    });
    group.benchmark("deflate-noise", 3_947_782_329_185_345_504, || {
        let mut numbers = Numbers::seeded(2);
        let noise: Vec<u8> = (0..1_000_000).map(|_| numbers.below(64) as u8).collect();
        move || checksum(&compress_to_vec(&noise, 1))
    });
    group.benchmark("inflate-text", 12_434_560_848_056_505_802, || {
        let text = text(3, 400_000);
        let (expected, compressed) = (text.len(), compress_to_vec(&text, 6));
        move || match decompress_to_vec(&compressed) {
            Ok(inflated) if inflated.len() == expected => checksum(&inflated),
            _ => 0,
        }
    });
    group.main()
}

/// Words of a small dictionary, the first ones more often, as in real text.
fn text(seed: u64, words: usize) -> Vec<u8> {
    let mut numbers = Numbers::seeded(seed);
    let dictionary: Vec<String> = (0..2_000).map(|_| numbers.word()).collect();
    let mut text = Vec::new();
    for _ in 0..words {
        let rarest = numbers.below(dictionary.len()) + 1;
        text.extend_from_slice(dictionary[numbers.below(rarest)].as_bytes());
        text.push(if numbers.below(12) == 0 { b'\n' } else { b' ' });
    }
    text
}
