//! Numbers that look random and are the same every time.

/// A sequence of numbers (xorshift64*, Vigna 2016) from a seed. No input of a benchmark is drawn by
/// real chance, so that every compiler gets the same work.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// A sequence of its own for each seed.
    pub fn seeded(seed: u64) -> Self {
        // The state must not be 0, and similar seeds are to give different sequences.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number, any of 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// The next number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next_u64() >> 16) as usize % end
    }

    /// The next number from 0 up to, and without, 1.
    pub fn fraction(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A word of lower-case letters, of 2 to 9 letters.
    pub fn word(&mut self) -> String {
        let length = 2 + self.below(8);
        (0..length)
            .map(|_| char::from(b'a' + self.below(26) as u8))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_every_time_and_another_seed_others() {
        let first = |seed| Numbers::seeded(seed).next_u64();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn numbers_are_within_their_bounds() {
        let mut numbers = Numbers::seeded(7);
        for _ in 0..1_000 {
            assert!(numbers.below(10) < 10);
            assert!((0.0..1.0).contains(&numbers.fraction()));
            assert!((2..=9).contains(&numbers.word().len()));
        }
    }
}
