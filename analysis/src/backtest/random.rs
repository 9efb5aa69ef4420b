//! Seeded numbers for back-tests.

/// A generator of seeded numbers: the sequence called SplitMix64.
///
/// It is written out here since the tables of a back-test rest on the very numbers: a report of the
/// same seed must not change with the version of a library. It is no source of secrets.
#[derive(Debug, Clone)]
pub struct SeededNumbers {
    state: u64,
}

impl SeededNumbers {
    /// The numbers of that seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Numbers for a part of the work, which do not depend on how much the other parts have drawn.
    pub fn part(seed: u64, part: u64) -> Self {
        let mut whole = Self::new(seed ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        Self::new(whole.bits())
    }

    /// The next number, of 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `limit`; 0 where `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.bits()) * limit as u128) >> 64) as usize
    }

    /// A number of the normal distribution with mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        // 1 - u is above zero, so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Puts `values` in a random order.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        let mut numbers = SeededNumbers::new(0);
        assert_eq!(numbers.bits(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(numbers.bits(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let mut numbers = SeededNumbers::new(4);
        let drawn: Vec<f64> = (0..20_000).map(|_| numbers.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let variance = drawn.iter().map(|number| number * number).sum::<f64>() / drawn.len() as f64;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.04, "{variance}");
    }

    #[test]
    fn shuffling_keeps_what_is_there_and_reaches_every_place() {
        let mut first = [0usize; 5];
        for seed in 0..500 {
            let mut values = [0, 1, 2, 3, 4];
            SeededNumbers::part(seed, 1).shuffle(&mut values);
            first[values[0]] += 1;
            values.sort_unstable();
            assert_eq!(values, [0, 1, 2, 3, 4]);
        }
        assert!(
            first.iter().all(|count| (60..140).contains(count)),
            "{first:?}"
        );
    }
}
