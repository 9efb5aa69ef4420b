# The fleet whose verdicts count.

terraform {
  required_version = ">= 1.9"
}

variable "region" {
  description = "Where the fleet's queues and bucket are."
  type        = string
  default     = "us-east-1"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project     = "perfleet"
      environment = "production"
    }
  }
}

module "fleet" {
  source = "../../modules/fleet"

  environment    = "production"
  configurations = var.configurations
}

variable "configurations" {
  description = "The configurations that are measured, by their id, with the tier of each."
  type        = map(object({ tier = string }))
  default = {
    x86_64-zen4-llvm-t1 = { tier = "gating" }
    x86_64-zen4-llvm-t4 = { tier = "advisory" }
  }
}

output "job_queue_urls" {
  description = "Where the collectors of each configuration take their jobs."
  value       = module.fleet.job_queue_urls
}

output "results_bucket" {
  description = "Where collectors put what they measured."
  value       = module.fleet.results_bucket
}
