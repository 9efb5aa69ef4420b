//! Triage: what got worse, what people decided about it, what a week looked like, and who is told.

mod acting;
mod announcing;
mod inbox;
mod retracted;
mod weekly;

pub use acting::act;
pub use announcing::announce;
pub use inbox::{InboxFilter, detail, entries, with_decisions};
pub(crate) use retracted::follow_retraction;
pub use weekly::report;
