# What the functions know of GitHub: settings, which are no secret, and the names of two secrets, which
# the functions read when they start. No secret stands in a variable, in Terraform's state or in a
# function's settings.

variable "github" {
  description = "How GitHub is used, or null: `settings` is the text of github.toml, `webhook_secret` and `private_key` the ARNs of secrets in AWS Secrets Manager, which hold the webhook's secret and the App's private key (PEM)."
  type = object({
    settings       = string
    webhook_secret = string
    private_key    = string
  })
  default = null

  validation {
    condition     = var.github == null ? true : length(var.github.settings) <= 2048
    error_message = "The settings have more than 2048 letters, and a function has room for 4096 in all of its variables."
  }
  validation {
    condition = var.github == null ? true : alltrue([
      for arn in [var.github.webhook_secret, var.github.private_key] : can(regex("^arn:aws[a-z-]*:secretsmanager:", arn))
    ])
    error_message = "A secret is named by its ARN: arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."
  }
}

locals {
  # Who reads which secret, and under which variable it looks for its name. Whoever answers the webhook
  # cannot speak as the App, and whoever speaks as the App cannot sign webhooks.
  github_secrets = {
    for name, secrets in {
      api    = tomap({ PERFLEET_GITHUB_WEBHOOK_SECRET_ARN = try(var.github.webhook_secret, "") })
      github = tomap({ PERFLEET_GITHUB_PRIVATE_KEY_ARN = try(var.github.private_key, "") })
    } : name => secrets if var.github != null
  }
  github_variables = {
    for name, secrets in local.github_secrets : name => merge(secrets, { PERFLEET_GITHUB_SETTINGS = var.github.settings })
  }
}
