//! Stresses **large constants**: parsing, checking and evaluating arrays of thousands of elements,
//! and writing them into metadata and objects.
//!
//! Tables like those of character sets and codecs: numbers, texts, tuples and nested arrays, every
//! element written out. There is hardly any code, so a change of this benchmark is a change of how
//! large literals go through the front end, of allocations of constants or of their encoding.

/// A row of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// A key.
    pub key: u32,
    /// A name.
    pub name: &'static str,
    /// Some values.
    pub values: [u16; 4],
    /// A limit that may be there.
    pub limit: Option<(i64, f64)>,
}

/// Ten rows that begin with a number.
macro_rules! ten_rows {
    ($consumer:ident $($base:literal)*) => {
        $consumer! {
            $(
                $base 0, $base 1, $base 2, $base 3, $base 4,
                $base 5, $base 6, $base 7, $base 8, $base 9,
            )*
        }
    };
}

macro_rules! rows {
    ($($base:literal $offset:literal,)*) => {
        &[
            $(
                Row {
                    key: $base * 10 + $offset,
                    name: concat!("row ", $base, "-", $offset),
                    values: [$base, $offset, $base ^ $offset, 0xFFFF - $base],
                    limit: Some(($base - $offset, $offset as f64 / 8.0)),
                },
            )*
        ]
    };
}

macro_rules! numbers {
    ($($base:literal $offset:literal,)*) => {
        [
            $(
                $base * 8, $base * 8 + 1, $base * 8 + 2, $base * 8 + 3 + $offset,
                $base * 8 + 4, $base * 8 + 5, $base * 8 + 6, $base * 8 + 7 - $offset,
            )*
        ]
    };
}

macro_rules! texts {
    ($($base:literal $offset:literal,)*) => {
        &[$(concat!("text ", $base, " of ", $offset), concat!("other ", $offset, $base),)*]
    };
}

/// Makes a module of tables.
macro_rules! tables {
    ($($module:ident)*) => {
        $(
            /// Tables.
            pub mod $module {
                use super::*;

                /// Rows of structs.
                pub const ROWS: &[Row] = ten_rows!(rows
                    11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
                    41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66
                );

                /// Plain numbers.
                pub static NUMBERS: [i32; 4160] = ten_rows!(numbers
                    11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
                    41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66
                );

                /// Texts.
                pub static TEXTS: &[&str] = ten_rows!(texts
                    11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
                    41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66
                );

                /// What is looked up in them.
                pub fn look_up(index: usize) -> Option<(Row, i32, &'static str)> {
                    let (row, text) = (ROWS.get(index)?, TEXTS.get(index)?);
                    Some((*row, NUMBERS.get(index).copied()?, text))
                }
            }
        )*
    };
}

tables! { alpha beta gamma }
