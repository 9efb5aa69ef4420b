//! Queues and objects of a server, for a collector on another machine.
//!
//! Each operation is one `POST` to [`ROUTE`]`/{operation}` with a request of [`contract`] as JSON,
//! and a personal token in the header [`TOKEN_HEADER`]. [`HttpPorts`] is the collector's side,
//! [`dispatch`] the server's, which knows no web framework.

mod client;
pub mod contract;
mod server;

pub use client::HttpPorts;
pub use server::dispatch;

/// Where the server takes operations.
pub const ROUTE: &str = "/api/v1/collector-ports";

/// The header that carries the token.
pub const TOKEN_HEADER: &str = "X-Perfleet-Token";
