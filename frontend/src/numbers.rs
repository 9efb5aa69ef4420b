//! Numbers as people read them. Every number of a column has the same number of significant digits,
//! and a change always has its sign.

use shared_types::Unit;

/// A minus sign as wide as the plus sign.
const MINUS: char = '\u{2212}';

/// Between a number and its unit: thin, and no place for a line break.
const THIN_SPACE: char = '\u{202f}';

/// The nearest number between two. The one of the standard library brings its words along for bounds that
/// are the wrong way round.
pub(crate) fn within(value: f64, low: f64, high: f64) -> f64 {
    value.max(low).min(high)
}

/// A number with so many decimals, rounded. The browser does it: what the standard library has for it is
/// larger than most pages.
#[cfg(target_arch = "wasm32")]
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let fixed = js_sys::Number::from(value).to_fixed(decimals as u8);
    fixed.map_or_else(|_| String::new(), String::from)
}

/// A number with so many decimals, rounded.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// A relative change as a percentage: `+0.42 %`.
pub(crate) fn change(relative: f64) -> String {
    let percent = relative * 100.0;
    let size = percent.abs();
    let decimals = match size {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.0995 || size == 0.0 => 2,
        _ => 3,
    };
    let digits = fixed(size, decimals);
    let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = match percent {
        _ if is_zero => '\u{b1}',
        percent if percent < 0.0 => MINUS,
        _ => '+',
    };
    format!("{sign}{digits}{THIN_SPACE}%")
}

/// A share of noise as a percentage without sign: `0.42 %`.
pub(crate) fn share(relative: f64) -> String {
    change(relative.abs())
        .trim_start_matches(['+', '\u{b1}'])
        .to_owned()
}

/// A value with four significant digits and the unit's fitting multiple: `142.8 G`, `19.46 s`.
pub(crate) fn value(value: f64, unit: Unit) -> String {
    if unit == Unit::Count && value.abs() < 100_000.0 && value.fract() == 0.0 {
        return grouped(value);
    }
    let (size, suffix) = multiple(value, unit);
    let shown = value / size;
    let decimals = match shown.abs() {
        shown if shown >= 999.5 => 0,
        shown if shown >= 99.995 => 1,
        shown if shown >= 9.9995 => 2,
        _ => 3,
    };
    with_suffix(shown, decimals, suffix)
}

/// A value on an axis, with as many digits as tell it from the next, which is `step` away.
pub(crate) fn axis_value(value: f64, step: f64, unit: Unit) -> String {
    let (size, suffix) = multiple(value, unit);
    with_suffix(value / size, decimals_of(step / size), suffix)
}

/// A relative change on an axis, with as many digits as tell it from the next.
pub(crate) fn axis_change(relative: f64, step: f64) -> String {
    let decimals = decimals_of(step * 100.0);
    let sign = if relative > 0.0 { "+" } else { "" };
    format!("{sign}{}", with_suffix(relative * 100.0, decimals, "%"))
}

/// A multiple on an axis, with as many digits as tell it from the next.
pub(crate) fn axis_ratio(ratio: f64, step: f64) -> String {
    format!("{}\u{d7}", fixed(ratio, decimals_of(step)))
}

/// A ratio of two values: `1.24×`.
pub(crate) fn ratio(ratio: f64) -> String {
    let decimals = match ratio.abs() {
        size if size >= 99.5 => 0,
        size if size >= 9.95 => 1,
        size if size >= 0.095 => 3,
        _ => 4,
    };
    format!("{}\u{d7}", fixed(ratio, decimals))
}

fn decimals_of(step: f64) -> usize {
    // A step of 0.05 needs two digits, and one of 0.25 two as well.
    (0..9)
        .find(|decimals| {
            let scaled = step.abs() * 10f64.powi(*decimals);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .map_or(9, |decimals| decimals as usize)
}

/// The multiple of the unit that fits a value: its size in the unit, and its name.
fn multiple(value: f64, unit: Unit) -> (f64, &'static str) {
    const COUNTS: &[(f64, &str)] = &[
        (1.0, ""),
        (1e3, "k"),
        (1e6, "M"),
        (1e9, "G"),
        (1e12, "T"),
        (1e15, "P"),
    ];
    const SECONDS: &[(f64, &str)] = &[(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s")];
    const BYTES: &[(f64, &str)] = &[
        (1.0, "B"),
        (1024.0, "KiB"),
        (1_048_576.0, "MiB"),
        (1_073_741_824.0, "GiB"),
        (1_099_511_627_776.0, "TiB"),
    ];
    const MEGABYTES: &[(f64, &str)] = &[(1.0, "MB"), (1e3, "GB"), (1e6, "TB")];
    let (multiples, base) = match unit {
        Unit::Count => (COUNTS, 1.0),
        Unit::Seconds => (SECONDS, 1.0),
        Unit::Milliseconds => (SECONDS, 1e3),
        Unit::Nanoseconds => (SECONDS, 1e9),
        Unit::Bytes => (BYTES, 1.0),
        Unit::Kilobytes => (BYTES, 1.0 / 1024.0),
        Unit::Megabytes => (MEGABYTES, 1.0),
    };
    let largest = if unit == Unit::Count || value != 0.0 {
        multiples
            .iter()
            .rev()
            .find(|(size, _)| value.abs() >= size * base)
    } else {
        multiples.last()
    };
    let (size, suffix) = largest.unwrap_or(&multiples[0]);
    (size * base, suffix)
}

fn with_suffix(value: f64, decimals: usize, suffix: &str) -> String {
    let digits = fixed(value.abs(), decimals);
    let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if value < 0.0 && !is_zero {
        "\u{2212}"
    } else {
        ""
    };
    if suffix.is_empty() {
        format!("{sign}{digits}")
    } else {
        format!("{sign}{digits}{THIN_SPACE}{suffix}")
    }
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(value: f64) -> String {
    let digits = fixed(value.abs(), 0);
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(THIN_SPACE);
        }
        grouped.push(digit);
    }
    if value < 0.0 {
        grouped.insert(0, MINUS);
    }
    grouped
}

/// A count with its noun: `1 run`, `2 runs`.
pub(crate) fn count(number: u64, one: &str) -> String {
    let noun = match (number, one.strip_suffix('y')) {
        (1, _) => one.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        _ => format!("{one}s"),
    };
    format!("{}{}{noun}", grouped(number as f64), '\u{a0}')
}

/// A length of time in the two largest units that matter: `45 s`, `3 min`, `2 h 5 min`.
pub(crate) fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..300 if !seconds.is_multiple_of(60) => {
            format!("{minutes}\u{a0}min {}\u{a0}s", seconds % 60)
        }
        60..3600 => format!("{minutes}\u{a0}min"),
        3600..86_400 if !minutes.is_multiple_of(60) => {
            format!("{hours}\u{a0}h {}\u{a0}min", minutes % 60)
        }
        3600..86_400 => format!("{hours}\u{a0}h"),
        _ => format!("{days}\u{a0}d"),
    }
}

/// How long ago something was, in one unit: `just now`, `5 min ago`, `3 d ago`.
pub(crate) fn age(seconds: i64) -> String {
    match seconds {
        ..10 => "just now".to_owned(),
        10..60 => format!("{seconds}\u{a0}s ago"),
        60..3600 => format!("{}\u{a0}min ago", seconds / 60),
        3600..172_800 => format!("{}\u{a0}h ago", seconds / 3600),
        172_800..5_184_000 => format!("{}\u{a0}days ago", seconds / 86_400),
        5_184_000..63_072_000 => format!("{}\u{a0}months ago", seconds / 2_592_000),
        _ => format!("{}\u{a0}years ago", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: String) -> String {
        text.replace(['\u{202f}', '\u{a0}'], " ")
    }

    #[test]
    fn a_change_has_a_sign_and_as_many_digits_as_it_needs() {
        let shown = [0.0042, -0.0005, -0.012, 0.1234, 1.5, 0.0, 1e-9].map(|it| plain(change(it)));
        assert_eq!(
            shown,
            [
                "+0.42 %",
                "\u{2212}0.050 %",
                "\u{2212}1.20 %",
                "+12.3 %",
                "+150 %",
                "\u{b1}0.00 %",
                "\u{b1}0.000 %"
            ]
        );
        assert_eq!(plain(share(0.002)), "0.20 %");
    }

    #[test]
    fn a_value_is_shown_in_the_multiple_of_its_unit_that_fits() {
        let cases = [
            (142_761_600_000.0, Unit::Count, "142.8 G"),
            (42.0, Unit::Count, "42"),
            (12_345.0, Unit::Count, "12 345"),
            (19.455, Unit::Seconds, "19.45 s"),
            (0.0321, Unit::Seconds, "32.10 ms"),
            (19_320.0, Unit::Milliseconds, "19.32 s"),
            (1_321_909.0, Unit::Bytes, "1.261 MiB"),
            (2048.0, Unit::Kilobytes, "2.000 MiB"),
            (512.0, Unit::Megabytes, "512.0 MB"),
        ];
        for (number, unit, shown) in cases {
            assert_eq!(plain(value(number, unit)), shown);
        }
    }

    #[test]
    fn neighbours_on_an_axis_differ() {
        let ticks = [14_370e6, 14_375e6, 14_380e6];
        let shown = ticks.map(|tick| plain(axis_value(tick, 5e6, Unit::Count)));
        assert_eq!(shown, ["14.370 G", "14.375 G", "14.380 G"]);
        let shown = [-0.0005, 0.0, 0.0005].map(|tick| plain(axis_change(tick, 0.0005)));
        assert_eq!(shown, ["\u{2212}0.05 %", "0.00 %", "+0.05 %"]);
    }

    #[test]
    fn times_are_shown_in_the_units_that_matter() {
        assert_eq!(plain(duration(45)), "45 s");
        assert_eq!(plain(duration(200)), "3 min 20 s");
        assert_eq!(plain(duration(7500)), "2 h 5 min");
        assert_eq!(plain(age(-3)), "just now");
        assert_eq!(plain(age(7200)), "2 h ago");
        assert_eq!(plain(count(1, "run")), "1 run");
        assert_eq!(plain(count(0, "category")), "0 categories");
    }

    proptest! {
        #[test]
        fn the_sign_that_is_shown_is_the_sign_of_the_change(relative in -2.0f64..2.0) {
            let shown = change(relative);
            prop_assert!(!(shown.starts_with('+') && relative < 0.0));
            prop_assert!(!(shown.starts_with(MINUS) && relative > 0.0));
        }

        #[test]
        fn no_value_is_wider_than_its_column(
            // Hundreds of terabytes and of years do not occur.
            number in 0.0f64..1e9,
            unit in proptest::sample::select(Unit::ALL),
        ) {
            prop_assert!(value(number, unit).chars().count() <= 14);
        }
    }
}
