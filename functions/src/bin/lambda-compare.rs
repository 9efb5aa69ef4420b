//! The function `compare` on AWS Lambda.

use store::QueueName;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::lambda::run_queue(QueueName::Compare).await
}
