//! Numbers with a fraction or an exponent.
//!
//! What the standard library reads them with has a table of eleven kilobytes that hardly compress. All
//! but the very small, the very large and those with more digits than a measurement can have are read
//! here as exactly, by whole numbers of 128 bits; the browser reads the others.

/// The largest power of five that fits into 64 bits.
const FIVES_MAX: u32 = 27;

/// A number of JSON, to the nearest that there is.
pub(super) fn float(digits: &str) -> Option<f64> {
    let value = Decimal::of(digits)
        .and_then(Decimal::nearest)
        .or_else(|| any_float(digits))?;
    value.is_finite().then_some(value)
}

#[cfg(target_arch = "wasm32")]
fn any_float(digits: &str) -> Option<f64> {
    Some(js_sys::parse_float(digits))
}

#[cfg(not(target_arch = "wasm32"))]
fn any_float(digits: &str) -> Option<f64> {
    digits.parse().ok()
}

/// A number as it is written: `mantissa` times a power of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    mantissa: u64,
    exponent: i32,
}

impl Decimal {
    /// `None` where there are more digits than fit.
    fn of(digits: &str) -> Option<Self> {
        let (is_negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let (number, exponent) = match digits.find(['e', 'E']) {
            Some(place) => (&digits[..place], digits[place + 1..].parse().ok()?),
            None => (digits, 0_i32),
        };
        let mut mantissa = 0_u64;
        let mut fraction_digits = 0_i32;
        let mut is_fraction = false;
        for letter in number.bytes() {
            if letter == b'.' {
                is_fraction = true;
                continue;
            }
            mantissa = mantissa
                .checked_mul(10)?
                .checked_add(u64::from(letter.wrapping_sub(b'0')))?;
            fraction_digits += i32::from(is_fraction);
        }
        Some(Self {
            is_negative,
            mantissa,
            exponent: exponent.checked_sub(fraction_digits)?,
        })
    }

    /// The nearest floating-point number, of two as near the even one. `None` where the power of ten
    /// is too large.
    fn nearest(self) -> Option<f64> {
        let fives = self.exponent.unsigned_abs();
        let value = if self.mantissa == 0 {
            0.0
        } else if fives > FIVES_MAX {
            return None;
        } else if self.exponent >= 0 {
            rounded(
                u128::from(self.mantissa) * u128::from(5_u64.pow(fives)),
                false,
                self.exponent,
            )
        } else {
            let shift = 64 + self.mantissa.leading_zeros();
            let (dividend, divisor) = (
                u128::from(self.mantissa) << shift,
                u128::from(5_u64.pow(fives)),
            );
            let quotient = dividend / divisor;
            let has_rest = quotient * divisor != dividend;
            rounded(quotient, has_rest, self.exponent - shift.cast_signed())
        };
        Some(if self.is_negative { -value } else { value })
    }
}

/// Bits of which a conversion makes the 53 of a floating-point number.
const KEPT_BITS: u32 = 62;

/// `number`, and a little more where it `has_rest`, times two to the power of `exponent`, which together
/// are far from what is too small or too large.
fn rounded(number: u128, has_rest: bool, exponent: i32) -> f64 {
    let shift = number.leading_zeros();
    let number = number << shift;
    let dropped = u128::BITS - KEPT_BITS;
    let has_rest = has_rest || number.trailing_zeros() < dropped;
    // One bit stands for all that is dropped: it says which side of the middle the number is on.
    let kept = (number >> dropped) as u64 | u64::from(has_rest);
    let exponent = exponent + dropped.cast_signed() - shift.cast_signed();
    kept as f64 * f64::from_bits(u64::from((1023 + exponent).cast_unsigned()) << 52)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_in_full_is_read_to_the_last_bit(value in any::<f64>()) {
            prop_assume!(value.is_finite());
            for text in [format!("{value:?}"), format!("{value:e}")] {
                prop_assert_eq!(float(&text).map(f64::to_bits), Some(value.to_bits()), "{}", text);
            }
        }

        #[test]
        fn numbers_as_they_are_measured_are_read_without_the_browser(
            value in prop_oneof![-1e12..1e12_f64, -1.0..1.0_f64],
            digits in 0_usize..9,
        ) {
            let text = format!("{value:.digits$}");
            let expected: f64 = text.parse().unwrap();
            if let Some(decimal) = Decimal::of(&text) {
                prop_assert_eq!(decimal.nearest().map(f64::to_bits), Some(expected.to_bits()));
            }
            prop_assert_eq!(float(&text).map(f64::to_bits), Some(expected.to_bits()));
        }

        #[test]
        fn any_digits_are_read_as_the_standard_library_reads_them(
            text in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?",
        ) {
            let expected = text.parse().ok().filter(|value: &f64| value.is_finite());
            prop_assert_eq!(float(&text).map(f64::to_bits), expected.map(f64::to_bits));
        }
    }

    #[test]
    fn what_lies_in_the_middle_goes_to_the_even_one() {
        for text in [
            "9007199254740993",
            "9007199254740995",
            "9007199254740993.0000001",
            "0.5000000000000001665",
            "-0.0",
            "0e999",
            "18446744073709551615e27",
            "1e-27",
        ] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(
                float(text).map(f64::to_bits),
                Some(expected.to_bits()),
                "{text}"
            );
        }
    }
}
