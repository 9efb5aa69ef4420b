//! How times in documents are read.
//!
//! Servers and programs read them with jiff. In the page, jiff's parser and its messages would be a
//! sixth of all that is downloaded, so that the page reads the one form in which times are written.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// Reads a time.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::deserialize(deserializer)
}

/// Reads a time.
#[cfg(target_family = "wasm")]
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| serde::de::Error::custom("no time as it is written"))
}

/// Reads a time that may be absent. To be used with `default`.
pub(crate) fn read_optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct Read(#[serde(deserialize_with = "read")] Timestamp);
    Ok(Option::<Read>::deserialize(deserializer)?.map(|Read(time)| time))
}

/// Reads `2026-11-26T12:00:00Z`, with or without a fraction of the second.
#[cfg(any(test, target_family = "wasm"))]
fn parse(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (year, month_and_day) = date.split_at_checked(4)?;
    let (month, day) = month_and_day.strip_prefix('-')?.split_once('-')?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let (hour, rest) = whole.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let day = day_of(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)?;
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    let in_range = hour < 24 && minute < 60 && second < 60 && fraction.len() <= 9;
    let second = day * 86_400 + hour * 3600 + minute * 60 + second;
    let nanosecond =
        digits(fraction, fraction.len())? * 10_i64.pow(9 - fraction.len().min(9) as u32);
    Timestamp::new(second, i32::try_from(nanosecond).ok()?)
        .ok()
        .filter(|_| in_range)
}

#[cfg(any(test, target_family = "wasm"))]
fn digits(text: &str, length: usize) -> Option<i64> {
    let are_digits = text.bytes().all(|letter| letter.is_ascii_digit());
    (text.len() == length && are_digits)
        .then(|| text.parse().ok())
        .flatten()
}

/// Days since 1970 in the Gregorian calendar, of which 400 years have 146,097 days. Years begin in
/// March here, so that the day of a leap year is the last of one.
#[cfg(any(test, target_family = "wasm"))]
fn day_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let shifted = year - i64::from(month < 3);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    // 1 March of the year 0 is 719,468 days before 1970.
    let day_number = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (1..=length).contains(&day).then_some(day_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_as_it_is_written_is_read_as_jiff_reads_it(
            second in -62_167_219_200_i64..253_402_207_200,
            nanosecond in prop_oneof![Just(0), 0..1_000_000_000_i32],
        ) {
            let time = Timestamp::new(second, nanosecond).unwrap_or(Timestamp::UNIX_EPOCH);
            prop_assert_eq!(parse(&time.to_string()), Some(time));
        }

        #[test]
        fn what_jiff_refuses_is_refused(
            text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9](\\.[0-9]{0,10})?Z",
        ) {
            prop_assert_eq!(parse(&text), text.parse().ok(), "{}", text);
        }

        #[test]
        fn nothing_brings_it_down(text in ".{0,30}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn an_absent_time_is_none_and_null_is_too() {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default, deserialize_with = "read_optional")]
            at: Option<Timestamp>,
        }
        let read = |json| serde_json::from_str::<Document>(json).unwrap().at;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"at":null}"#), None);
        assert_eq!(
            read(r#"{"at":"1970-01-01T00:00:00Z"}"#),
            Some(Timestamp::UNIX_EPOCH)
        );
    }
}
