//! Stresses **derived impls**: the built-in derives on large structs and enums, and all that the
//! code which they write goes through.
//!
//! Structs with dozens of fields and enums with dozens of variants derive everything that the
//! standard library lets them. Hardly anything is written by hand, so a change of this benchmark is
//! a change of the derives, of the type checking of plain method calls or of the MIR of matches.

use std::collections::BTreeMap;

/// Makes a struct of 24 fields.
macro_rules! wide_struct {
    ($name:ident, $text:ty, $number:ty, $list:ty) => {
        /// A record with many fields.
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub struct $name {
            pub first_text: $text, pub first_number: $number, pub first_list: $list,
            pub second_text: $text, pub second_number: $number, pub second_list: $list,
            pub third_text: $text, pub third_number: $number, pub third_list: $list,
            pub fourth_text: $text, pub fourth_number: $number, pub fourth_list: $list,
            pub fifth_text: $text, pub fifth_number: $number, pub fifth_list: $list,
            pub sixth_text: $text, pub sixth_number: $number, pub sixth_list: $list,
            pub seventh_text: $text, pub seventh_number: $number, pub seventh_list: $list,
            pub eighth_text: $text, pub eighth_number: $number, pub eighth_list: $list,
        }
    };
}

/// Makes an enum of 24 variants of all kinds.
macro_rules! wide_enum {
    ($name:ident, $inner:ty) => {
        /// A choice with many variants.
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum $name {
            #[default]
            Nothing,
            One($inner), Two($inner, $inner), Three($inner, u8, $inner), Four { inner: $inner },
            Five { left: $inner, right: $inner }, Six(Box<$inner>), Seven(Vec<$inner>),
            Eight(Option<$inner>), Nine(String, $inner), Ten { name: String, inner: $inner },
            Eleven(u8), Twelve(u16), Thirteen(u32), Fourteen(u64), Fifteen(i8), Sixteen(i16),
            Seventeen(char, bool), Eighteen(BTreeMap<String, $inner>), Nineteen([u8; 8]),
            Twenty(($inner, $inner)), TwentyOne { number: u128 }, TwentyTwo(Vec<Vec<$inner>>),
            TwentyThree(Option<Box<$inner>>),
        }
    };
}

/// Makes a module of records and choices that hold each other.
macro_rules! family {
    ($($module:ident)*) => {
        $(
            /// Records and choices that hold each other.
            pub mod $module {
                use super::*;

                wide_struct!(Leaf, String, u64, Vec<u8>);
                wide_enum!(Choice, Leaf);
                wide_struct!(Branch, Option<Leaf>, Choice, Vec<Choice>);
                wide_enum!(Tree, Branch);

                /// Uses what was derived.
                pub fn is_kept(tree: &Tree, other: &Tree) -> bool {
                    tree.clone() == *other || tree < other || format!("{tree:?}").is_empty()
                }
            }
        )*
    };
}

family! { alpha beta gamma delta epsilon zeta eta theta }
