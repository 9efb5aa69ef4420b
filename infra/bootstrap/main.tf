# What must be there before an environment can be deployed: the bucket for Terraform's state, and the
# role that deploys. Applied once for each environment, by a person who may do everything in the
# account; docs/deployment.md says how. Best an account for each environment.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project     = "perfleet"
      environment = var.environment
    }
  }
}

variable "region" {
  description = "Where the environment is going to be."
  type        = string
  default     = "us-east-1"
}

variable "environment" {
  description = "The environment: a folder of infra/environments."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{0,15}$", var.environment))
    error_message = "An environment is 1 to 16 lower-case letters and digits, first a letter."
  }
}

variable "repository" {
  description = "The repository on GitHub whose workflows may deploy, as `owner/name`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "A repository is `owner/name`."
  }
}

variable "github_provider_arn" {
  description = "The ARN of GitHub's identity provider where the account has one already, since it can have but one; null makes it."
  type        = string
  default     = null
}

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  name    = "perfleet-${var.environment}"
}

output "state_bucket" {
  description = "For `terraform init -backend-config=bucket=…` in the environment."
  value       = aws_s3_bucket.state.bucket
}

output "deploy_role_arn" {
  description = "Whom the workflow becomes."
  value       = aws_iam_role.deploy.arn
}

output "permissions_boundary_arn" {
  description = "The environment's variable `permissions_boundary`."
  value       = aws_iam_policy.boundary.arn
}
