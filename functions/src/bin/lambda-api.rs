//! The function `api` on AWS Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    functions::lambda::run_api().await
}
