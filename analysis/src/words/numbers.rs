//! Numbers as people read them.

use shared_types::{MetricName, Unit};

/// A relative change in percent, with its sign: `+1.3 %`, `-0.25 %`. From 1 % on with one digit
/// behind the point, below with two.
pub fn percent(change: f64) -> String {
    let percent = change * 100.0;
    if !percent.is_finite() {
        return "not known".to_owned();
    }
    let digits = if percent.abs() >= 0.995 { 1 } else { 2 };
    let text = format!("{percent:+.digits$} %");
    if text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        text
    } else {
        "0.00 %".to_owned()
    }
}

/// A relative change in percent as it stands in a sentence: with its sign and without trailing
/// zeros, `+0.8 %`.
pub fn signed_share(change: f64) -> String {
    let size = share(change);
    let sign = match change {
        _ if size == "0 %" || !change.is_finite() => "",
        change if change < 0.0 => "-",
        _ => "+",
    };
    format!("{sign}{size}")
}

/// A size of change in percent, without a sign and without trailing zeros: `0.2 %`.
pub fn share(size: f64) -> String {
    let percent = size.abs() * 100.0;
    if !percent.is_finite() {
        return "not known".to_owned();
    }
    let digits = if percent >= 0.995 { 1 } else { 2 };
    let text = format!("{percent:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{} %", if text.is_empty() { "0" } else { text })
}

/// A probability: `0.031`, `4e-7`.
pub fn probability(probability: f64) -> String {
    if probability.is_nan() {
        "not known".to_owned()
    } else if probability != 0.0 && probability < 0.0005 {
        format!("{probability:.0e}")
    } else {
        let text = format!("{probability:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// A size of change in percent with three digits however small it is, for noise that is far below a
/// hundredth of a percent: `0.0031 %`.
pub fn fine_share(size: f64) -> String {
    let percent = size.abs() * 100.0;
    if !percent.is_finite() || percent == 0.0 || percent >= 0.995 {
        return share(size);
    }
    // The place of the first digit that is not zero, counted from the point.
    let zeros = (-percent.log10()).floor().clamp(0.0, 12.0) as usize;
    let digits = zeros + 2;
    let text = format!("{percent:.digits$}");
    format!("{} %", text.trim_end_matches('0'))
}

/// A value with its unit, in three digits: `1.62 s`, `2.41 G`, `171 MiB`.
pub fn value(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return "not known".to_owned();
    }
    match unit {
        Unit::Count => scaled(value, &COUNTS),
        Unit::Seconds => scaled(value, &TIMES),
        Unit::Milliseconds => scaled(value * 1e-3, &TIMES),
        Unit::Nanoseconds => scaled(value * 1e-9, &TIMES),
        Unit::Bytes => scaled(value, &SIZES),
        Unit::Kilobytes => scaled(value * 1024.0, &SIZES),
        Unit::Megabytes => format!("{} MB", three_digits(value)),
    }
}

/// A number of things: `1 test case`, `2 test cases`.
pub fn counted(count: usize, thing: &str) -> String {
    if count == 1 {
        format!("1 {thing}")
    } else {
        format!("{count} {thing}s")
    }
}

/// Whether a metric varies from run to run without any change of the compiler: all but counts of
/// instructions and sizes of what was written.
pub fn is_noisy(metric: &MetricName) -> bool {
    !metric.counts_instructions() && !metric.is_size()
}

/// Prefixes, largest first.
const COUNTS: [(f64, &str); 5] = [
    (1e12, " T"),
    (1e9, " G"),
    (1e6, " M"),
    (1e3, " k"),
    (1.0, ""),
];

const TIMES: [(f64, &str); 4] = [(1.0, " s"), (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns")];

const SIZES: [(f64, &str); 5] = [
    (1_099_511_627_776.0, " TiB"),
    (1_073_741_824.0, " GiB"),
    (1_048_576.0, " MiB"),
    (1024.0, " KiB"),
    (1.0, " B"),
];

fn scaled(value: f64, prefixes: &[(f64, &str)]) -> String {
    let size = value.abs();
    // Half a unit of the last digit below a prefix is already printed as that prefix.
    let fitting = prefixes.iter().find(|(scale, _)| size >= scale * 0.9995);
    let smallest_or_zero = if size == 0.0 {
        prefixes.iter().find(|(scale, _)| *scale == 1.0)
    } else {
        prefixes.last()
    };
    match fitting.or(smallest_or_zero) {
        Some((scale, unit)) => format!("{}{unit}", three_digits(value / scale)),
        None => three_digits(value),
    }
}

fn three_digits(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (size.fract() == 0.0 && size < 1000.0) {
        return format!("{value:.0}");
    }
    let digits = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_are_printed_with_sign_and_a_sensible_number_of_digits() {
        let printed = [0.013, -0.0025, 0.0, -0.000_001, 0.123_4, 5.0, f64::NAN].map(percent);
        assert_eq!(
            printed,
            [
                "+1.3 %",
                "-0.25 %",
                "0.00 %",
                "0.00 %",
                "+12.3 %",
                "+500.0 %",
                "not known"
            ]
        );
    }

    #[test]
    fn sizes_of_change_are_printed_without_trailing_zeros() {
        let printed = [0.002, 0.048, 0.01, 0.0, 0.002_49, f64::INFINITY].map(share);
        assert_eq!(
            printed,
            ["0.2 %", "4.8 %", "1 %", "0 %", "0.25 %", "not known"]
        );
    }

    #[test]
    fn a_change_in_a_sentence_has_a_sign_and_no_trailing_zeros() {
        let printed = [0.008, -0.012, 0.0, -0.000_001, f64::NAN].map(signed_share);
        assert_eq!(printed, ["+0.8 %", "-1.2 %", "0 %", "0 %", "not known"]);
    }

    #[test]
    fn values_are_printed_with_a_unit_that_fits() {
        let printed = [
            (1.62, Unit::Seconds),
            (0.001_5, Unit::Seconds),
            (2_410_000_000.0, Unit::Count),
            (17.0, Unit::Count),
            (999_999.0, Unit::Count),
            (175_104.0, Unit::Kilobytes),
            (512.0, Unit::Bytes),
            (172.0, Unit::Megabytes),
            (8302.56, Unit::Milliseconds),
            (12.0, Unit::Nanoseconds),
            (0.0, Unit::Seconds),
        ]
        .map(|(number, unit)| value(number, unit));
        assert_eq!(
            printed,
            [
                "1.62 s", "1.50 ms", "2.41 G", "17", "1.00 M", "171 MiB", "512 B", "172 MB",
                "8.30 s", "12 ns", "0 s"
            ]
        );
    }

    #[test]
    fn probabilities_are_printed_in_few_digits_however_small_they_are() {
        let printed = [0.031_4, 0.000_000_41, 1.0, 0.0, 0.000_6, f64::NAN].map(probability);
        assert_eq!(printed, ["0.031", "4e-7", "1", "0", "0.001", "not known"]);
    }

    #[test]
    fn noise_of_counters_is_printed_with_the_digits_that_it_has() {
        let printed = [0.000_031_4, 0.000_5, 0.02, 0.0, 0.006_27].map(fine_share);
        assert_eq!(printed, ["0.0031 %", "0.05 %", "2 %", "0 %", "0.63 %"]);
    }

    #[test]
    fn one_thing_is_not_plural() {
        assert_eq!(counted(1, "test case"), "1 test case");
        assert_eq!(counted(0, "test case"), "0 test cases");
    }

    proptest! {
        #[test]
        fn any_number_is_printed_in_few_letters(number: f64, unit in 0..Unit::ALL.len()) {
            prop_assert!(!value(number, Unit::ALL[unit]).is_empty());
            prop_assert!(!percent(number).is_empty());
            prop_assert!(!share(number).contains('-'));
        }

        #[test]
        fn the_sign_of_a_change_is_that_of_the_number(change in -0.9f64..9.0) {
            let text = percent(change);
            if change.abs() >= 0.0001 {
                prop_assert_eq!(text.starts_with('-'), change < 0.0, "{}", text);
                prop_assert_eq!(text.starts_with('+'), change > 0.0, "{}", text);
            }
        }
    }
}
