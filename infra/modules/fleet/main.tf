# A fleet: the queues that feed its collectors, the queues between its functions, and the bucket
# that keeps what was measured.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80, < 7.0"
    }
  }
}

locals {
  # The longest that SQS keeps a message: a fleet that is down for a week loses nothing.
  retention_seconds = 14 * 24 * 60 * 60
  # The longest that SQS lets a receiver wait: fewer empty answers.
  long_poll_seconds = 20

  # AWS asks for six times the time limit of the function that a queue starts.
  function_queues = {
    events  = { visibility_seconds = 6 * 30 }
    ingest  = { visibility_seconds = 6 * 60 }
    compare = { visibility_seconds = 6 * 120 }
  }
}
