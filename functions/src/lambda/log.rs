//! The log of a function: JSON, a line for each event, with the fields of the spans that it
//! happened in. `span.trace` is the request that all was done for.

use tracing_subscriber::EnvFilter;

/// The environment variable that says how much is logged: `debug`, `functions=trace`.
const LOG_VARIABLE: &str = "PERFLEET_LOG";

/// Starts the log. Times are left to CloudWatch, which gives each line its own.
pub(super) fn start() {
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .without_time()
        .with_env_filter(filter)
        .with_writer(std::io::stdout)
        .init();
}
