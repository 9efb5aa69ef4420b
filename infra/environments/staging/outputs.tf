# What people and programs need to know of the fleet.

output "page_url" {
  description = "Where the page is."
  value       = module.fleet.page_url
}

output "api_url" {
  description = "What `/api/v1/…` follows for reads."
  value       = module.fleet.api_url
}

output "write_url" {
  description = "What `/api/v1/…` follows for everything that is no read: writes, and GitHub's webhook."
  value       = module.fleet.write_url
}

output "cdn_domain_name" {
  description = "What the DNS records of the CDN's further names point to; null without a CDN."
  value       = module.fleet.cdn_domain_name
}

output "cdn_id" {
  description = "Names the CDN to whoever invalidates what it keeps; null without one."
  value       = module.fleet.cdn_id
}

output "data_bucket" {
  description = "Where everything is that was measured."
  value       = module.fleet.data_bucket
}

output "page_bucket" {
  description = "Where the built page belongs."
  value       = module.fleet.page_bucket
}

output "index_table" {
  description = "The index."
  value       = module.fleet.index_table
}

output "job_queue_urls" {
  description = "Where the collectors of each configuration take their jobs."
  value       = module.fleet.job_queue_urls
}

output "function_queue_urls" {
  description = "Where each function takes its work."
  value       = module.fleet.function_queue_urls
}

output "function_names" {
  description = "The functions, by what they do."
  value       = module.fleet.function_names
}

output "log_groups" {
  description = "Where each function's log is."
  value       = module.fleet.log_groups
}

output "collector_policy_arns" {
  description = "What a collector of each configuration may do."
  value       = module.fleet.collector_policy_arns
}

output "collector_credentials" {
  description = "What a collector with a certificate needs to get its credentials: null without Roles Anywhere."
  value       = module.fleet.collector_credentials
}
