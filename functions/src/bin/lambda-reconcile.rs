//! The function `reconcile` on AWS Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::lambda::run_reconcile().await
}
