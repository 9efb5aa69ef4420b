//! Series as several pages draw them: blocks put one after the other.

pub(crate) mod blocks;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod mark_legend;
pub(crate) mod retracted;
pub(crate) mod sparkline;
pub(crate) mod timeline;
pub(crate) mod whole_list;
