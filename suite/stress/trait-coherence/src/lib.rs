//! Stresses **trait coherence**: the overlap check of impls, and the choice of one impl among many.
//!
//! One trait is implemented for hundreds of tuples, arrays, references and pointers that differ in
//! one place only, so that each impl is compared with all others, most of them deep inside. No
//! function has more than one line, so a change of this benchmark is a change of the overlap check,
//! of the specialisation graph or of the selection of impls.

/// What is implemented for many types.
pub trait Tagged {
    /// A number that tells the types apart.
    const TAG: u64;

    /// The tag of this value.
    fn tag(&self) -> u64 {
        Self::TAG
    }
}

/// A type that is known by a number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Numbered<const NUMBER: u64>;

/// Implements the trait for all shapes that hold `$left` and `$right`.
macro_rules! implement {
    ($number:literal $left:ty, $right:ty) => {
        impl Tagged for ($left, $right, Numbered<$number>) {
            const TAG: u64 = $number;
        }
        impl Tagged for [($left, Numbered<$number>, $right); 2] {
            const TAG: u64 = $number + 1;
        }
        impl Tagged for &'static [(Numbered<$number>, $left, $right)] {
            const TAG: u64 = $number + 2;
        }
        impl Tagged for fn($left, Numbered<$number>) -> $right {
            const TAG: u64 = $number + 3;
        }
        impl From<($left, Numbered<$number>)> for Wrapped<$right> {
            fn from(_: ($left, Numbered<$number>)) -> Self {
                Self(<($left, $right, Numbered<$number>)>::TAG, std::marker::PhantomData)
            }
        }
    };
}

/// A number that remembers a type.
#[derive(Debug, Clone, Copy)]
pub struct Wrapped<T>(pub u64, pub std::marker::PhantomData<T>);

macro_rules! rows {
    ($($name:ident $left:ty;)*) => {
        $(
            row!(1 $left, u8); row!(2 $left, u16); row!(3 $left, u32); row!(4 $left, u64);
            row!(5 $left, i8); row!(6 $left, i16); row!(7 $left, i32); row!(8 $left, i64);
            row!(9 $left, bool); row!(10 $left, char); row!(11 $left, String); row!(12 $left, Vec<u8>);

            /// The sum of all tags of one row, each chosen among all impls.
            pub fn $name() -> u64 {
                <($left, u8, Numbered<1>)>::TAG
                    + <[($left, Numbered<2>, u16); 2]>::TAG
                    + <&'static [(Numbered<3>, $left, u32)]>::TAG
                    + <fn($left, Numbered<4>) -> u64>::TAG
                    + Wrapped::<i8>::from((<$left>::default(), Numbered::<5>)).0
                    + Wrapped::<i16>::from((<$left>::default(), Numbered::<6>)).0
                    + (<$left>::default(), i32::default(), Numbered::<7>).tag()
                    + (<$left>::default(), i64::default(), Numbered::<8>).tag()
                    + (<$left>::default(), bool::default(), Numbered::<9>).tag()
                    + (<$left>::default(), char::default(), Numbered::<10>).tag()
                    + (<$left>::default(), String::default(), Numbered::<11>).tag()
                    + (<$left>::default(), Vec::<u8>::default(), Numbered::<12>).tag()
            }
        )*
    };
}

macro_rules! row {
    ($number:literal $left:ty, $right:ty) => { implement!($number $left, $right); };
}

rows! {
    of_u8 u8;
    of_u16 u16;
    of_u32 u32;
    of_u64 u64;
    of_i8 i8;
    of_i16 i16;
    of_i32 i32;
    of_i64 i64;
    of_bool bool;
    of_char char;
    of_string String;
    of_bytes Vec<u8>;
    of_option Option<u8>;
    of_pair (u8, u8);
    of_pairs Vec<(u16, char)>;
    of_array [u8; 4];
    of_texts Vec<String>;
    of_optional_text Option<String>;
    of_nested Option<Vec<Option<u8>>>;
    of_unit ();
}
