//! Stresses **name resolution**: many small modules that import from each other by globs, lists and
//! renamings.
//!
//! Every module re-exports its neighbour, so that imports are resolved in many rounds before all
//! names are known, and each function then looks a name up through several globs. There are many
//! items and little in them, so a change of this benchmark is a change of the resolver, of the
//! tables of definitions or of crate metadata.

/// Makes one module that imports everything of another one and adds items of its own.
macro_rules! module {
    ($name:ident after $before:ident) => {
        #[allow(unused_imports, ambiguous_glob_reexports, hidden_glob_reexports)]
        pub mod $name {
            //! One of many modules.
            pub use super::prelude::*;
            pub use super::$before::own::{
                self as neighbour, Item as Neighbour, first as neighbour_first,
            };
            pub use super::$before::*;

            pub mod own {
                //! What this module adds.
                use super::*;

                /// An item whose name is the same in every module.
                #[derive(Default)]
                pub struct Item {
                    /// What it holds.
                    pub value: Number,
                    /// What came before it.
                    pub before: Option<Box<super::super::$before::own::Item>>,
                }

                /// A function that is looked up through globs.
                pub fn first(item: &Item) -> Number {
                    item.value + constant() + item.before.as_deref().map_or(0, neighbour_first)
                }

                /// Another one.
                pub fn second(item: &Item) -> Number {
                    first(item) * shared::SCALE + neighbour::own_constant()
                }

                /// A constant of this module.
                pub fn own_constant() -> Number {
                    constant() + shared::SCALE
                }
            }

            /// A kind of thing, different in every module.
            #[derive(Clone, Copy, Default)]
            pub enum Kind {
                /// The usual one.
                #[default]
                Usual,
                /// Another one.
                Other,
            }

            impl Described for Kind {
                fn describe(self) -> &'static str {
                    match self {
                        Self::Usual => stringify!($name),
                        Self::Other => stringify!($before),
                    }
                }
            }
        }
    };
}

/// Makes a chain of modules: each imports from the one before it.
macro_rules! chain {
    ($chain:ident: $first:ident $($rest:ident)*) => {
        pub mod $chain {
            //! One chain of modules.
            pub use super::prelude;
            pub use super::root;
            module!($first after root);
            chain!(@next $first $($rest)*);
        }
    };
    (@next $before:ident) => {};
    (@next $before:ident $next:ident $($rest:ident)*) => {
        module!($next after $before);
        chain!(@next $next $($rest)*);
    };
}

pub mod prelude {
    //! What every module imports.

    /// The number type of all modules.
    pub type Number = u64;

    /// Something that has a name.
    pub trait Described {
        /// The name.
        fn describe(self) -> &'static str;
    }

    /// A function that every module finds through a glob.
    pub fn constant() -> Number {
        7
    }

    pub mod shared {
        //! Constants that every module finds through a path.

        /// A factor.
        pub const SCALE: super::Number = 3;
    }
}

pub mod root {
    //! The module before the first one of every chain.

    pub mod own {
        //! What the root holds.

        /// The item of the root.
        #[derive(Default)]
        pub struct Item;

        /// The function of the root.
        pub fn first(_item: &Item) -> u64 {
            1
        }

        /// The constant of the root.
        pub fn own_constant() -> u64 {
            1
        }
    }
}

chain!(animals: ant bat cat dog eel fox gnu hen ibex jay kite lynx mole newt owl pig quail rat seal
    toad urchin vole wasp yak zebu);
chain!(trees: ash beech cedar dogwood elm fir ginkgo hazel ironwood juniper kauri larch maple
    nutmeg oak pine quince rowan spruce teak umbrella viburnum willow yew zelkova);
chain!(colours: amber blue cyan denim ecru fawn green honey indigo jade khaki lilac mauve navy
    ochre pink quartz red sand teal ultra violet white yellow zinc);
chain!(rivers: amur baro congo don ebro fraser ganges hudson indus jordan kama lena meuse nile oder
    po quinn rhine seine tiber ural volga weser yukon zambezi);
chain!(stones: agate basalt chalk diorite emerald flint gneiss hornfels ignimbrite jasper komatiite
    limestone marble norite opal pumice quartzite ruby slate tuff umber variolite wacke xenolith
    zircon);
