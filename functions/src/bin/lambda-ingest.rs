//! The function `ingest` on AWS Lambda.

use store::QueueName;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::lambda::run_queue(QueueName::Ingest).await
}
