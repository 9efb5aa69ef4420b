//! Stresses **inlining and optimisation**: small functions that call small functions, many levels
//! deep, all of them worth inlining.
//!
//! Layers of wrappers over integers, iterators and closures come down to a few instructions when
//! everything is inlined. Checking is cheap and a debug build is small, so a change of this
//! benchmark is a change of MIR inlining, of the passes after it or of the back end's pipeline.

use std::ops::{Add, BitXor, Mul};

/// A layer around a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer<T>(T);

impl<T: Add<Output = T>> Add for Layer<T> {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl<T: Mul<Output = T>> Mul for Layer<T> {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl<T: BitXor<Output = T>> BitXor for Layer<T> {
    type Output = Self;

    #[inline]
    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

/// A number under five layers.
pub type Deep = Layer<Layer<Layer<Layer<Layer<Wrapping>>>>>;

/// A number that wraps around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrapping(u64);

impl Add for Wrapping {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl Mul for Wrapping {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(self.0.wrapping_mul(other.0))
    }
}

impl BitXor for Wrapping {
    type Output = Self;

    #[inline]
    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

#[inline]
fn deep(number: u64) -> Deep {
    Layer(Layer(Layer(Layer(Layer(Wrapping(number))))))
}

#[inline]
fn plain(number: Deep) -> u64 {
    number.0.0.0.0.0.0
}

/// Makes functions, each of which calls all that stand before it.
macro_rules! ladder {
    ($($name:ident $step:literal calls $($before:ident)*;)*) => {
        $(
            #[inline]
            fn $name(left: Deep, right: Deep) -> Deep {
                let step = deep($step);
                let value = left * step + right;
                $( let value = value ^ $before(value, step); )*
                value
            }
        )*
    };
}

/// Makes a module with a ladder of its own and loops over its highest step.
macro_rules! ladders {
    ($($module:ident $seed:literal)*) => {
        $(
            /// A ladder of functions.
            pub mod $module {
                use super::*;

                ladder! {
                    first 3 calls;
                    second 5 calls first;
                    third 7 calls first second;
                    fourth 11 calls second third;
                    fifth 13 calls first third fourth;
                    sixth 17 calls first fourth fifth;
                    seventh 19 calls second fifth sixth;
                    eighth 23 calls third sixth seventh;
                }

                /// Folds a slice.
                pub fn fold(numbers: &[u64]) -> u64 {
                    let folded = numbers
                        .iter()
                        .copied()
                        .map(deep)
                        .zip(numbers.iter().rev().copied().map(deep))
                        .filter(|(left, right)| left != right)
                        .fold(deep($seed), |total, (left, right)| {
                            eighth(total ^ left, right) + seventh(left, total)
                        });
                    plain(folded)
                }

                /// Changes a slice in place.
                pub fn change(numbers: &mut [u64]) {
                    for pair in numbers.chunks_exact_mut(4) {
                        let sum = pair.iter().copied().map(deep).fold(deep($seed), third);
                        for (index, number) in pair.iter_mut().enumerate() {
                            *number = plain(fifth(sum, deep(index as u64 + *number)));
                        }
                    }
                }
            }
        )*
    };
}

ladders! { alpha 1 beta 2 gamma 3 delta 4 epsilon 5 zeta 6 eta 7 theta 8 }
