//! Rows of cells in columns of one width, for terminals.

use std::fmt::Write;

/// The rows one below the other: numbers to the right, in the columns that `is_number` names, all
/// else to the left. Each line ends with a line break.
pub(super) fn aligned<const COLUMNS: usize>(
    rows: &[[String; COLUMNS]],
    is_number: impl Fn(usize) -> bool,
) -> String {
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let _ = if is_number(column) {
                write!(line, " {cell:>width$} ")
            } else {
                write!(line, " {cell:<width$} ")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
