//! Stresses **macro expansion**: matching and transcribing `macro_rules!` macros that call
//! themselves.
//!
//! Token munchers walk over long lists one token at a time, each step copying what is left, so the
//! work grows with the square of the list; a small stack machine is run wholly by macro calls.
//! What comes out is tiny, so a change of this benchmark is a change of the macro matcher, the
//! transcriber or the handling of token streams.
#![recursion_limit = "2048"]

/// Counts tokens, one call for each.
macro_rules! count {
    () => { 0usize };
    ($head:tt $($tail:tt)*) => { 1usize + count!($($tail)*) };
}

/// Reverses a list of tokens and counts every second one.
macro_rules! reverse_and_halve {
    ([] [$($reversed:tt)*]) => { halve!([$($reversed)*] []) };
    ([$head:tt $($tail:tt)*] [$($reversed:tt)*]) => {
        reverse_and_halve!([$($tail)*] [$head $($reversed)*])
    };
}

macro_rules! halve {
    ([] [$($kept:tt)*]) => { [$(stringify!($kept)),*].len() };
    ([$only:tt] [$($kept:tt)*]) => { halve!([] [$($kept)* $only]) };
    ([$first:tt $second:tt $($tail:tt)*] [$($kept:tt)*]) => {
        halve!([$($tail)*] [$($kept)* $first])
    };
}

/// Feeds a list of 100 tokens to another macro, `with` standing before it.
macro_rules! hundred_tokens {
    ($consumer:ident) => {
        $consumer!(
            a b c d e f g h i j  a b c d e f g h i j  a b c d e f g h i j  a b c d e f g h i j
            (k l) [m n] {o p} , ; : + - * /  (k l) [m n] {o p} , ; : + - * /
            "one" "two" 3 4 5.0 'c' b"six" true false 10  if else for in while loop match let mut ref
            << >> == != <= >= && || .. ..=
            a b c d e f g h i j
        )
    };
}

macro_rules! count_list { ($($token:tt)*) => { count!($($token)*) }; }
macro_rules! halve_list { ($($token:tt)*) => { reverse_and_halve!([$($token)*] []) }; }
macro_rules! double_list {
    ($($token:tt)*) => {
        count!($($token)* $($token)*) + reverse_and_halve!([$($token)* $($token)*] [])
    };
}

/// A stack machine in unary numbers: programs of `push`, `add`, `double` and `drop`.
macro_rules! stack_machine {
    ([] [($($top:tt)*) $($rest:tt)*]) => { count!($($top)*) };
    ([push ($($number:tt)*) $($program:tt)*] [$($stack:tt)*]) => {
        stack_machine!([$($program)*] [($($number)*) $($stack)*])
    };
    ([add $($program:tt)*] [($($left:tt)*) ($($right:tt)*) $($stack:tt)*]) => {
        stack_machine!([$($program)*] [($($left)* $($right)*) $($stack)*])
    };
    ([double $($program:tt)*] [($($top:tt)*) $($stack:tt)*]) => {
        stack_machine!([$($program)*] [($($top)* $($top)*) $($stack)*])
    };
    ([drop $($program:tt)*] [($($top:tt)*) $($stack:tt)*]) => {
        stack_machine!([$($program)*] [$($stack)*])
    };
}

/// Makes one function for each pair of two lists of names.
macro_rules! for_each_pair {
    ([$($left:ident)*] $right:tt) => { $( for_each_pair!(@row $left $right); )* };
    (@row $left:ident [$($right:ident)*]) => {
        /// The functions of one row.
        pub mod $left {
            $(
                /// The results of all machines and counters for one pair.
                pub fn $right() -> [usize; 4] {
                    [
                        hundred_tokens!(count_list),
                        hundred_tokens!(halve_list),
                        hundred_tokens!(double_list),
                        stack_machine!([
                            push (x x x) double double push (y y) add double
                            push (z) drop push (x y z) double add double
                        ] []),
                    ]
                }
            )*
        }
    };
}

for_each_pair!([alpha beta gamma delta epsilon] [north east south west up down]);
