# The fleet beside it: new collectors and new versions run here first, in the shadow of the live one.

terraform {
  # Locks its state by a file beside it, which version 1.10 learnt.
  required_version = ">= 1.10"

  # The bucket is this environment's own, from infra/bootstrap, and named at `terraform init` by
  # `-backend-config=bucket=… -backend-config=region=…`.
  backend "s3" {
    key          = "fleet.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project     = "perfleet"
      environment = "staging"
    }
  }
}

module "fleet" {
  source = "../../modules/fleet"

  environment    = "staging"
  configurations = var.configurations
  collectors     = var.collectors
  a_a_days       = var.a_a_days
  rerun_percent  = var.rerun_percent

  github = var.github

  zulip                  = var.zulip
  announcements_page_url = var.announcements_page_url

  shadow = var.shadow

  functions_directory   = coalesce(var.functions_directory, "${path.root}/../../../target/dist/${var.function_architecture}")
  function_architecture = var.function_architecture
  reserve_concurrency   = var.reserve_concurrency

  cdn_enabled     = var.cdn_enabled
  page_directory  = coalesce(var.page_directory, "${path.root}/../../../frontend/dist")
  domain_names    = var.domain_names
  certificate_arn = var.certificate_arn

  collector_ca_certificate = var.collector_ca_certificate
  permissions_boundary     = var.permissions_boundary
  deletion_protection      = var.deletion_protection

  alarm_email        = var.alarm_email
  monthly_budget_usd = var.monthly_budget_usd
}
