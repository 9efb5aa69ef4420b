//! Stresses **trait solving**: impl selection, and normalisation of associated types through deep
//! recursion.
//!
//! Numbers are types (`Successor<Successor<Zero>>`), arithmetic is done by impls, and lists of
//! types are searched by index. Almost nothing is left for the back end, so a change of this
//! benchmark is a change of the trait solver or of the type interner.
#![recursion_limit = "1024"]

use std::marker::PhantomData;

/// The number 0.
pub struct Zero;

/// The number after `N`.
pub struct Successor<N>(PhantomData<N>);

/// What a number is as a value.
pub trait Value {
    /// The number.
    const VALUE: usize;
}

impl Value for Zero {
    const VALUE: usize = 0;
}

impl<N: Value> Value for Successor<N> {
    const VALUE: usize = N::VALUE + 1;
}

/// Addition of two numbers.
pub trait Add<Right> {
    /// The sum.
    type Sum;
}

impl<Right> Add<Right> for Zero {
    type Sum = Right;
}

impl<Left: Add<Right>, Right> Add<Right> for Successor<Left> {
    type Sum = Successor<Left::Sum>;
}

/// Multiplication of two numbers.
pub trait Multiply<Right> {
    /// The product.
    type Product;
}

impl<Right> Multiply<Right> for Zero {
    type Product = Zero;
}

impl<Left, Right> Multiply<Right> for Successor<Left>
where
    Left: Multiply<Right>,
    Right: Add<Left::Product>,
{
    type Product = Right::Sum;
}

/// The sum of all numbers up to this one.
pub trait Triangle {
    /// The sum.
    type Sum;
}

impl Triangle for Zero {
    type Sum = Zero;
}

impl<N> Triangle for Successor<N>
where
    N: Triangle,
    Successor<N>: Add<N::Sum>,
{
    type Sum = <Successor<N> as Add<N::Sum>>::Sum;
}

/// The end of a list of types.
pub struct Nil;

/// A list of types with a first one.
pub struct Cons<Head, Tail>(PhantomData<(Head, Tail)>);

/// Access to a list by a number.
pub trait At<Index> {
    /// The type at the index.
    type Found;
}

impl<Head, Tail> At<Zero> for Cons<Head, Tail> {
    type Found = Head;
}

impl<Head, Tail: At<Index>, Index> At<Successor<Index>> for Cons<Head, Tail> {
    type Found = Tail::Found;
}

/// Concatenation of two lists.
pub trait Append<Other> {
    /// Both lists, one after the other.
    type Whole;
}

impl<Other> Append<Other> for Nil {
    type Whole = Other;
}

impl<Head, Tail: Append<Other>, Other> Append<Other> for Cons<Head, Tail> {
    type Whole = Cons<Head, Tail::Whole>;
}

/// A list the other way round.
pub trait Reverse {
    /// The reversed list.
    type Reversed;
}

impl Reverse for Nil {
    type Reversed = Nil;
}

impl<Head, Tail> Reverse for Cons<Head, Tail>
where
    Tail: Reverse,
    Tail::Reversed: Append<Cons<Head, Nil>>,
{
    type Reversed = <Tail::Reversed as Append<Cons<Head, Nil>>>::Whole;
}

type Sum<Left, Right> = <Left as Add<Right>>::Sum;
type Product<Left, Right> = <Left as Multiply<Right>>::Product;

type N1 = Successor<Zero>;
type N2 = Sum<N1, N1>;
type N3 = Sum<N2, N1>;
type N4 = Product<N2, N2>;
type N5 = Sum<N4, N1>;
type N6 = Product<N2, N3>;
type N7 = Sum<N6, N1>;
type N8 = Product<N4, N2>;
type N9 = Product<N3, N3>;
type N10 = Product<N5, N2>;
type N11 = Sum<N10, N1>;
type N12 = Product<N4, N3>;

type Sixteen<A, B, C, D> = Cons<
    A,
    Cons<
        B,
        Cons<
            C,
            Cons<
                D,
                Cons<
                    Cons<A, Nil>,
                    Cons<
                        Cons<B, Nil>,
                        Cons<
                            Cons<C, Nil>,
                            Cons<
                                Cons<D, Nil>,
                                Cons<
                                    (A, B),
                                    Cons<
                                        (B, C),
                                        Cons<
                                            (C, D),
                                            Cons<
                                                (D, A),
                                                Cons<
                                                    [A; 2],
                                                    Cons<[B; 2], Cons<[C; 2], Cons<[D; 2], Nil>>>,
                                                >,
                                            >,
                                        >,
                                    >,
                                >,
                            >,
                        >,
                    >,
                >,
            >,
        >,
    >,
>;

type Base = Sixteen<u8, u16, u32, u64>;
type Double = <Base as Append<Sixteen<i8, i16, i32, i64>>>::Whole;
type Long = <Double as Append<<Double as Reverse>::Reversed>>::Whole;

macro_rules! multiplication_table {
    ($($name:ident: $left:ty => [$($right:ty),*];)*) => {
        $(
            /// One row of the table, as values.
            pub fn $name() -> usize {
                0 $(
                    + <Product<$left, $right> as Value>::VALUE
                    + <Product<Sum<$left, $right>, $right> as Value>::VALUE
                    + <Sum<Product<$right, $left>, Product<$left, $left>> as Value>::VALUE
                )*
            }
        )*
    };
}

multiplication_table! {
    row_5: N5 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_6: N6 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_7: N7 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_8: N8 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_9: N9 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_10: N10 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_11: N11 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
    row_12: N12 => [N3, N4, N5, N6, N7, N8, N9, N10, N11, N12];
}

/// Triangle numbers, as values.
pub fn triangles() -> usize {
    <<N9 as Triangle>::Sum as Value>::VALUE
        + <<N10 as Triangle>::Sum as Value>::VALUE
        + <<N11 as Triangle>::Sum as Value>::VALUE
        + <<N12 as Triangle>::Sum as Value>::VALUE
        + <<Product<N2, N12> as Triangle>::Sum as Value>::VALUE
}

/// The size of the last type of a long list that was turned round four times.
pub fn turned_list() -> usize {
    type Once = <Long as Reverse>::Reversed;
    type Twice = <Once as Reverse>::Reversed;
    type Thrice = <Twice as Reverse>::Reversed;
    type FourTimes = <Thrice as Reverse>::Reversed;
    size_of::<<FourTimes as At<Product<N9, N7>>>::Found>()
        + size_of::<<Thrice as At<Product<N6, N10>>>::Found>()
        + size_of::<<Twice as At<Product<N5, N11>>>::Found>()
        + size_of::<<Once as At<Product<N5, N12>>>::Found>()
}
