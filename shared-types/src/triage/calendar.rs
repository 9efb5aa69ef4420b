//! Days and weeks in UTC. Weeks are as ISO 8601 numbers them: Monday to Sunday, `2026-W48`.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::InvalidInput;
use crate::text::text_conversions;

/// The years that a week may be of: those with four digits.
const YEARS: std::ops::RangeInclusive<i16> = 1000..=9998;
const EXPECTED: &str = "a week: YEAR-Wnn such as 2026-W48, from W01 to W52 or W53";

/// The day that holds a time.
pub fn day_of(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// Reads a day, `2026-12-04`.
///
/// # Errors
/// When it is none.
pub fn parse_day(text: &str) -> Result<Date, InvalidInput> {
    day_as_written(text)
        .ok_or_else(|| InvalidInput::word(text, "a day: YEAR-MONTH-DAY such as 2026-12-04"))
}

/// By hand, since the page reads days, too: jiff's parser would bring all its messages along.
fn day_as_written(text: &str) -> Option<Date> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let number = |digits: &str, length: usize| -> Option<i16> {
        let are_digits = digits.bytes().all(|letter| letter.is_ascii_digit());
        (are_digits && digits.len() == length).then_some(())?;
        digits.parse().ok()
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The same, in a document in which it may be missing.
pub(super) fn read_optional_day<'de, D>(deserializer: D) -> Result<Option<Date>, D::Error>
where
    D: Deserializer<'de>,
{
    let text: Option<String> = Deserialize::deserialize(deserializer)?;
    text.map(|text| parse_day(&text))
        .transpose()
        .map_err(D::Error::custom)
}

/// The first moment of a day.
pub fn begin_of(day: Date) -> Timestamp {
    // Only days at the very end of time have none.
    TimeZone::UTC
        .to_timestamp(day.at(0, 0, 0, 0))
        .unwrap_or(Timestamp::MAX)
}

/// The first moment after a day.
pub fn end_of(day: Date) -> Timestamp {
    begin_of(day.tomorrow().unwrap_or(day))
}

/// A week, Monday to Sunday in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IsoWeek {
    year: i16,
    week: i8,
}

impl IsoWeek {
    /// The week that holds a time.
    pub fn of(at: Timestamp) -> Self {
        Self::of_date(day_of(at))
    }

    fn of_date(date: Date) -> Self {
        let date = date.iso_week_date();
        Self {
            year: date.year(),
            week: date.week(),
        }
    }

    /// Its Monday.
    pub fn monday(self) -> Date {
        // Both were checked when the week was made, so the week is there.
        ISOWeekDate::new(self.year, self.week, Weekday::Monday)
            .map_or(Date::ZERO, ISOWeekDate::date)
    }

    /// Its first moment.
    pub fn begin(self) -> Timestamp {
        begin_of(self.monday())
    }

    /// Its Sunday.
    pub fn sunday(self) -> Date {
        ISOWeekDate::new(self.year, self.week, Weekday::Sunday)
            .map_or(Date::ZERO, ISOWeekDate::date)
    }

    /// The week before.
    pub fn previous(self) -> Self {
        let monday = self.monday();
        Self::of_date(monday.yesterday().unwrap_or(monday))
    }

    /// Whether a time is in it.
    pub fn contains(self, at: Timestamp) -> bool {
        Self::of(at) == self
    }
}

impl fmt::Display for IsoWeek {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-W{:02}", self.year, self.week)
    }
}

impl FromStr for IsoWeek {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || InvalidInput::word(text, EXPECTED);
        let (year, week) = text.split_once("-W").ok_or_else(refused)?;
        let digits = |part: &str, count: usize| {
            part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(week, 2) {
            return Err(refused());
        }
        let year: i16 = year.parse().map_err(|_| refused())?;
        let week: i8 = week.parse().map_err(|_| refused())?;
        let is_there = ISOWeekDate::new(year, week, Weekday::Monday).is_ok();
        if !YEARS.contains(&year) || !is_there {
            return Err(refused());
        }
        Ok(Self { year, week })
    }
}

text_conversions!(IsoWeek);
