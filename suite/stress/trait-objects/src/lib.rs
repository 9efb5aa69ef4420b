//! Stresses **trait objects**: checking that traits can be objects, unsizing, upcasting to
//! supertraits, and the building of tables of methods.
//!
//! A family of traits, each with two above it, is implemented for many types, and every type is
//! made an object of every trait. A change of this benchmark is a change of coercion, of the layout
//! of tables, of upcasting or of the shims behind virtual calls.

use std::any::Any;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

/// The top of the family.
pub trait Named: Any + Debug {
    /// A name.
    fn name(&self) -> String;
}

/// Makes traits, each below two others.
macro_rules! traits {
    ($($name:ident: $left:ident + $right:ident, $method:ident;)*) => {
        $(
            /// A trait with two above it.
            pub trait $name: $left + $right {
                /// A number.
                fn $method(&self, number: u64) -> u64 {
                    number + self.name().len() as u64
                }
            }
        )*
    };
}

/// Beside the top.
pub trait Counted {
    /// A count.
    fn count(&self) -> u64;
}

traits! {
    First: Named + Counted, first;
    Second: Named + Counted, second;
    Third: First + Second, third;
    Fourth: Second + First, fourth;
    Fifth: Third + Fourth, fifth;
    Sixth: Fifth + Third, sixth;
}

/// Makes types that have all traits, and a function that makes objects of them.
macro_rules! types {
    ($($name:ident($inner:ty) by $function:ident;)*) => {
        $(
            /// A type of the family.
            #[derive(Debug, Clone, Default)]
            pub struct $name($inner);

            impl Named for $name {
                fn name(&self) -> String {
                    format!("{}{:?}", stringify!($name), self.0)
                }
            }

            impl Counted for $name {
                fn count(&self) -> u64 {
                    size_of_val(self) as u64
                }
            }

            impl First for $name {}
            impl Second for $name {}
            impl Third for $name {}
            impl Fourth for $name {}
            impl Fifth for $name {
                fn fifth(&self, number: u64) -> u64 {
                    self.third(number) + self.fourth(self.first(number))
                }
            }
            impl Sixth for $name {}

            /// Makes objects of one type and looks at them from every trait above.
            pub fn $function(value: &$name) -> u64 {
                let boxed: Box<dyn Sixth> = Box::new(value.clone());
                let shared: Arc<dyn Fifth> = Arc::new(value.clone());
                let counted: Rc<dyn Counted> = Rc::new(value.clone());
                let fifth: &dyn Fifth = &*boxed;
                let third: &dyn Third = fifth;
                let first: &dyn First = third;
                let second: &dyn Second = third;
                let fourth: Arc<dyn Fourth> = shared.clone();
                let named: &dyn Named = &*fourth;
                let any: &dyn Any = named;
                let is_same = any.downcast_ref::<$name>().is_some();
                let all: [&dyn Counted; 4] = [first, second, &*counted, value];
                all.iter().map(|each| each.count()).sum::<u64>()
                    + boxed.sixth(u64::from(is_same))
                    + visit(&[&|number| first.first(number), &|number| second.second(number)])
            }
        )*
    };
}

/// Calls functions of unknown kind.
pub fn visit(functions: &[&dyn Fn(u64) -> u64]) -> u64 {
    functions.iter().fold(1, |number, function| function(number))
}

types! {
    Alpha(u8) by alpha;
    Beta(u16) by beta;
    Gamma(u32) by gamma;
    Delta(u64) by delta;
    Epsilon(String) by epsilon;
    Zeta(Vec<u8>) by zeta;
    Eta(Option<char>) by eta;
    Theta([u8; 4]) by theta;
    Iota((u8, u16)) by iota;
    Kappa(Vec<String>) by kappa;
    Lambda(Box<u8>) by lambda;
    Mu(bool) by mu;
    Nu(i128) by nu;
    Xi(f64) by xi;
    Omicron(()) by omicron;
    Pi(Option<String>) by pi;
    Rho(Vec<(u8, u8)>) by rho;
    Sigma(char) by sigma;
    Tau([u64; 2]) by tau;
    Upsilon(Vec<Vec<u8>>) by upsilon;
    Phi(i8) by phi;
    Chi(i16) by chi;
    Psi(i32) by psi;
    Omega(i64) by omega;
}
