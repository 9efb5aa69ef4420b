//! What rows are sorted by.

use std::fmt;
use std::str::FromStr;

/// What rows are sorted by, and which way round: `change`, `change-reversed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sort<Column> {
    pub(crate) column: Column,
    /// Whether the order that the column begins with is turned round.
    pub(crate) reversed: bool,
}

impl<Column: PartialEq> Sort<Column> {
    /// The order after a click on the head of `column`.
    pub(crate) fn clicked(self, column: Column) -> Self {
        Self {
            reversed: self.column == column && !self.reversed,
            column,
        }
    }
}

impl<Column: fmt::Display> fmt::Display for Sort<Column> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = if self.reversed { "-reversed" } else { "" };
        write!(formatter, "{}{suffix}", self.column)
    }
}

impl<Column: FromStr<Err = ()>> FromStr for Sort<Column> {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (column, reversed) = match text.strip_suffix("-reversed") {
            Some(column) => (column, true),
            None => (text, false),
        };
        Ok(Self {
            column: column.parse()?,
            reversed,
        })
    }
}
