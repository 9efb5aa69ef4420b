//! Pieces that several pages show.

pub(crate) mod access_bar;
pub(crate) mod act;
pub(crate) mod artifact_name;
pub(crate) mod choice_field;
pub(crate) mod filter_bar;
pub(crate) mod headline;
pub(crate) mod history_fields;
pub(crate) mod live;
pub(crate) mod markdown;
pub(crate) mod modal;
pub(crate) mod notice;
pub(crate) mod progress;
pub(crate) mod pull_request;
pub(crate) mod quoted;
pub(crate) mod trend_line;
pub(crate) mod verdict;
