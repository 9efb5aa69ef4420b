//! What pull requests see of Perfleet: the commands that people write into comments, and the comment
//! that answers them.
//!
//! Nothing here speaks to GitHub yet: a command is text that becomes a value, and a comment is a
//! value that becomes text, which lies in an outbox. Receiving and posting is the subject of a later
//! issue.

mod command;
mod comment;
mod outbox;

pub use command::{Action, Command, CommandOptions, commands};
pub use comment::{Comment, comment};
pub use outbox::{handle, written_comment};
