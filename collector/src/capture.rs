//! Measuring the leaf crate alone: cargo builds what it depends on, once; the command by which it
//! would compile the leaf is captured instead of run, and is later run without cargo.

mod command;
mod leaf_arguments;
mod stand_in;

pub(crate) use command::CapturedCommand;
pub(crate) use leaf_arguments::{LeafFlags, leaf_arguments};
pub(crate) use stand_in::{CapturedTarget, stand_in};
