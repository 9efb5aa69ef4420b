# A fleet: the queues that feed its collectors, the functions and the queues between them, the
# buckets, the index, the way in, and what watches over all of it. Two fleets share nothing.

terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

data "aws_caller_identity" "current" {}

locals {
  # The longest that SQS keeps a message: a fleet that is down for a week loses nothing.
  retention_seconds = 14 * 24 * 60 * 60
  # The longest that SQS lets a receiver wait: fewer empty answers.
  long_poll_seconds = 20
}
