//! The pure heart of `perfleet backtest`: methods side by side on recorded series, with changes put
//! in whose truth is known.
//!
//! Everything is seeded: the same series and the same seed give the same report, on every machine.

pub mod annotated;
pub mod bootstrap;
pub mod detection;
pub mod detectors;
pub mod random;
pub mod series;
pub mod tips;
