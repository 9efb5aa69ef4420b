//! Text for people: numbers with their units, the answer of a comparison in a sentence, and the
//! table that a terminal shows.

mod certainty;
mod changes;
mod columns;
mod headline;
mod numbers;
mod table;

pub use changes::{changes, what_became};
pub use headline::{Names, headline};
pub use numbers::{
    counted, fine_share, is_noisy, percent, probability, share, signed_share, value,
};
pub use table::{table, table_beside};
