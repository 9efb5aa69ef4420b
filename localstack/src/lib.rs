//! A local AWS for tests and development: SQS, S3, DynamoDB, Lambda and their neighbours on
//! 127.0.0.1, with no account.
//!
//! - [`LocalAws`]: an emulator of AWS, obtained, started and ended; [`Emulator`] says which.
//! - [`Proxy`]: stands before one; counts calls and makes them fail on demand.
//! - [`FunctionHost`]: runs the binary of one Lambda function and gives it events, without an AWS.
//!
//! ```no_run
//! # fn main() -> Result<(), localstack::LocalAwsError> {
//! let aws = localstack::LocalAws::obtain()?;
//! println!("AWS_ENDPOINT_URL={}", aws.endpoint());
//! # Ok(())
//! # }
//! ```

mod emulator;
mod error;
mod function_host;
mod local_aws;
mod loopback_server;
mod process;
mod proxy;
mod python_environment;

pub use emulator::{Capabilities, Emulator};
pub use error::LocalAwsError;
pub use function_host::{FunctionHost, Invocation};
pub use local_aws::{Account, LocalAws};
pub use proxy::{Call, Calls, Fault, Proxy, Traffic, TrafficByCall};
