//! Stresses **pattern checking**: exhaustiveness and usefulness of large `match` expressions, and
//! their lowering to decision trees.
//!
//! Tuples of enums are matched with arms whose wildcards overlap, integers with hundreds of ranges,
//! and slices with prefixes and suffixes. A change of this benchmark is a change of the pattern
//! analysis or of the lowering of matches to MIR.
#![allow(overlapping_range_endpoints)]

/// A kind of card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Suit {
    /// ♣
    Clubs,
    /// ♦
    Diamonds,
    /// ♥
    Hearts,
    /// ♠
    Spades,
    /// Something else, by number.
    Other(u8),
}

/// Matches several values whose arms all look at two neighbours, so that no column decides alone.
macro_rules! neighbours {
    ($name:ident: $($value:ident)*) => {
        /// The number of the first arm that fits.
        #[allow(clippy::too_many_arguments)]
        pub fn $name($($value: Suit),*) -> u32 {
            neighbours!(@arms ($($value,)*) [] [$($value)*] [] 0u32)
        }
    };
    // All arms are there: close the match.
    (@arms $tuple:tt [$($arm:tt)*] [$last:ident] [$($before:tt)*] $number:expr) => {
        match $tuple {
            $($arm)*
            ($($before)* Suit::Other(0..=9)) => $number + 1,
            ($($before)* Suit::Other(10..=99)) => $number + 2,
            _ => $number + 3,
        }
    };
    (@arms $tuple:tt [$($arm:tt)*] [$first:ident $second:ident $($rest:ident)*] [$($before:tt)*] $number:expr) => {
        neighbours!(@arms $tuple
            [$($arm)*
                ($($before)* Suit::Clubs, Suit::Diamonds | Suit::Hearts, ..) => $number,
                ($($before)* Suit::Hearts, Suit::Other(0..=9), ..) => $number + 100,
                ($($before)* Suit::Other(100..), Suit::Spades, ..) => $number + 200,
            ]
            [$second $($rest)*] [$($before)* _,] $number + 1)
    };
}

neighbours!(four: a b c d);
neighbours!(six: a b c d e f);
neighbours!(seven: a b c d e f g);
neighbours!(eight: a b c d e f g h);

/// Matches a number with one range for each given start.
macro_rules! ranges {
    ($name:ident: $($high:literal)*) => {
        /// The number of the range that holds the pair.
        pub fn $name(pair: (u16, u16)) -> u32 {
            ranges!(@match pair [$($high)*] [0x0 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9])
        }
    };
    (@match $pair:ident [$($high:literal)*] $low:tt) => {
        match $pair { $( found if ranges!(@row found $high $low) => $high, )* _ => 0 }
    };
    (@row $pair:ident $high:literal [$($low:literal)*]) => {
        match $pair {
            $( (..=$high, $low) | ($low, $high..=u16::MAX) => $low % 2 == 0, )*
            (0..=$high, 0x100..) => true,
            ($high.., 0x0..0x100) => false,
            _ => false,
        }
    };
}

ranges!(by_range: 0x10 0x20 0x30 0x40 0x50 0x60 0x70 0x80 0x90 0xa0 0xb0 0xc0 0xd0 0xe0 0xf0
    0x110 0x120 0x130 0x140 0x150 0x160 0x170 0x180 0x190 0x1a0 0x1b0 0x1c0 0x1d0 0x1e0 0x1f0);

/// Matches slices by their ends.
macro_rules! slices {
    ($($name:ident: $byte:literal)*) => {
        $(
            /// A number for the shape of the text.
            pub fn $name(text: &[u8]) -> u32 {
                match text {
                    [] => 0,
                    [$byte] | [$byte, $byte] | [$byte, _, $byte] => 1,
                    [$byte, .., b'a'..=b'f'] => 2,
                    [b'a'..=b'f', $byte, ..] => 3,
                    [b'g'..=b'p', _, .., _, $byte] => 4,
                    [_, b'q'..=b'z', .., b'0'..=b'9', _] => 5,
                    [first, _, _, .., _, last] if first == last => 6,
                    [_, _, _, _, _, _, .., $byte, _, _] => 7,
                    [_, b'0' | b'2' | b'4' | b'6' | b'8', _, ..] => 8,
                    [0..=31, ..] | [.., 128..=255] => 9,
                    [_, ..] => 10,
                }
            }
        )*
    };
}

slices!(shape_a: b'A' shape_b: b'B' shape_c: b'C' shape_d: b'D' shape_e: b'E' shape_f: b'F'
    shape_g: b'G' shape_h: b'H' shape_i: b'I' shape_j: b'J' shape_k: b'K' shape_l: b'L');
