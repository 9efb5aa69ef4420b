//! Series as several pages draw them: blocks put one after the other.

pub(crate) mod blocks;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod sparkline;
pub(crate) mod timeline;
