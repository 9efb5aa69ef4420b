//! Bytes that are nearly right: a seed that was damaged in a few places.

/// What readers of numbers, names and nested formats stumble over.
const TOKENS: [&str; 38] = [
    "-1",
    "-0",
    "0",
    "00",
    "1",
    "+1",
    "1e308",
    "-1e308",
    "5e-324",
    "1e999",
    "NaN",
    "inf",
    "null",
    "true",
    "255",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "\"",
    "\\",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\n\n",
    "..",
    "../",
    "%2",
    "%+f",
    "#01",
    "\u{feff}",
    "é",
];

/// How many places of a seed are damaged at most.
const DAMAGES_MAX: u64 = 4;

/// Numbers that look random and are the same each time (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0 where that is 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % (end.max(1) as u64)) as usize
    }

    /// A place of `bytes` and one behind it, not far away.
    fn stretch(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        const LONGEST: usize = 24;
        let start = self.below(bytes.len() + 1);
        let end = (start + self.below(LONGEST)).min(bytes.len());
        start..end
    }
}

/// One of `seeds`, damaged in a few places.
pub fn damaged(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let Some(seed) = seeds.get(random.below(seeds.len())) else {
        return Vec::new();
    };
    let mut bytes = seed.clone();
    for _ in 0..=random.next() % DAMAGES_MAX {
        damage(&mut bytes, seeds, random);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let stretch = random.stretch(bytes);
    match random.below(8) {
        0 => {
            if let Some(byte) = bytes.get_mut(stretch.start) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(stretch.start) {
                *byte = random.next() as u8;
            }
        }
        2 => drop(bytes.drain(stretch)),
        3 => bytes.truncate(stretch.start),
        4 => {
            let again = bytes[stretch.clone()].to_vec();
            bytes.splice(stretch.start..stretch.start, again);
        }
        5 | 6 => {
            // In place of a digit a number stands where a number was.
            let near = bytes[stretch.start..]
                .iter()
                .position(u8::is_ascii_digit)
                .map_or(stretch.clone(), |digit| {
                    stretch.start + digit..stretch.start + digit + 1
                });
            let place = if random.below(2) == 0 { stretch } else { near };
            bytes.splice(place, TOKENS[random.below(TOKENS.len())].bytes());
        }
        _ => {
            let other = &seeds[random.below(seeds.len())];
            let part = random.stretch(other);
            bytes.splice(stretch, other[part].iter().copied());
        }
    }
}
