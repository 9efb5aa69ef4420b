//! A local AWS for tests and development: SQS, S3, DynamoDB, Lambda and their neighbours on
//! 127.0.0.1, with no account and no container engine.
//!
//! ```no_run
//! # fn main() -> Result<(), localstack::LocalAwsError> {
//! let aws = localstack::LocalAws::obtain()?;
//! println!("AWS_ENDPOINT_URL={}", aws.endpoint());
//! # Ok(())
//! # }
//! ```

mod error;
mod function_host;
mod installation;
mod local_aws;
mod loopback_server;
mod proxy;

pub use error::LocalAwsError;
pub use function_host::{FunctionHost, Invocation};
pub use installation::Installation;
pub use local_aws::{Account, LocalAws};
pub use proxy::{Call, Calls, Fault, Proxy, Traffic, TrafficByCall};
