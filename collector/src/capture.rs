//! Measuring the leaf crate alone: cargo builds what it depends on, once; the command by which it
//! would compile the leaf is captured instead of run, and is later run without cargo.

mod command;
mod leaf_arguments;
mod stand_in;

pub use command::CapturedCommand;
pub use leaf_arguments::{LeafFlags, leaf_arguments};
pub use stand_in::is_wanted_crate;
pub(crate) use stand_in::{CapturedTarget, stand_in};
