//! Secrets in AWS Secrets Manager: a function is given the name of one, and reads it when it starts, so
//! that no secret stands in its settings or in Terraform's state.

use super::service_error::unavailable;
use crate::StoreError;

/// The text of a secret, by its name or ARN.
///
/// # Errors
/// When AWS does not answer or refuses, or the secret is no text.
pub async fn read_secret(name: &str) -> Result<String, StoreError> {
    let action = format!("reading the secret {name}");
    let client = aws_sdk_secretsmanager::Client::new(&super::load_configuration().await);
    let answer = client
        .get_secret_value()
        .secret_id(name)
        .send()
        .await
        .map_err(|error| unavailable(action.clone(), &error))?;
    answer.secret_string.ok_or(StoreError::Unavailable {
        action,
        reason: "it holds bytes, and a text is wanted".to_owned(),
    })
}
