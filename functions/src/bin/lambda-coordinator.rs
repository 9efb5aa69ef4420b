//! The function `coordinator` on AWS Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::lambda::run_coordinator().await
}
