//! Text for people: numbers with their units, the answer of a comparison in a sentence, and the
//! table that a terminal shows.

mod bench_report;
mod certainty;
mod changes;
mod columns;
mod cost_table;
mod headline;
mod numbers;
mod table;

pub use bench_report::{BENCH_CSV_HEAD, Word, bench_csv, bench_markdown, bench_text};
pub use changes::{changes, what_became};
pub use cost_table::{Cost, CostTable, cost_csv, cost_difference, cost_table};
pub use headline::{Names, headline};
pub use numbers::{
    counted, fine_share, is_noisy, percent, probability, share, signed_share, value,
};
pub use table::{table, table_beside};
