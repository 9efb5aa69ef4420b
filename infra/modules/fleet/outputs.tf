locals {
  # Without the slash at its end, so that a path can follow.
  own_url = trimsuffix(aws_lambda_function_url.api.function_url, "/")
  cdn_url = one([for cdn in module.cdn : "https://${try(var.domain_names[0], cdn.domain_name)}"])
}

output "page_url" {
  description = "Where the page is."
  value       = "${coalesce(local.cdn_url, local.own_url)}/"
}

output "api_url" {
  description = "What `/api/v1/…` follows for reads."
  value       = coalesce(local.cdn_url, local.own_url)
}

output "write_url" {
  description = "What `/api/v1/…` follows for everything that is no read: writes, and GitHub's webhook."
  value       = local.cdn_url == null ? local.own_url : "${local.cdn_url}/write"
}

output "cdn_domain_name" {
  description = "What the DNS records of the CDN's further names point to; null without a CDN."
  value       = one(module.cdn[*].domain_name)
}

output "cdn_id" {
  description = "Names the CDN to whoever invalidates what it keeps; null without one."
  value       = one(module.cdn[*].id)
}

output "data_bucket" {
  description = "Where everything is that was measured."
  value       = aws_s3_bucket.data.bucket
}

output "page_bucket" {
  description = "Where the built page belongs."
  value       = aws_s3_bucket.page.bucket
}

output "index_table" {
  description = "The index."
  value       = aws_dynamodb_table.index.name
}

output "job_queue_urls" {
  description = "Where the collectors of each configuration take their jobs."
  value       = { for id, queue in aws_sqs_queue.jobs : id => queue.url }
}

output "function_queue_urls" {
  description = "Where each function takes its work."
  value       = { for name, queue in aws_sqs_queue.functions : name => queue.url }
}

output "function_names" {
  description = "The functions, by what they do."
  value       = { for name, function in module.functions : name => function.function_name }
}

output "log_groups" {
  description = "Where each function's log is."
  value       = { for name, function in module.functions : name => function.log_group }
}

output "collector_policy_arns" {
  description = "What a collector of each configuration may do."
  value       = { for id, policy in aws_iam_policy.collector : id => policy.arn }
}

output "collector_credentials" {
  description = "What a collector with a certificate needs to get its credentials: null without Roles Anywhere."
  value = local.roles_anywhere ? {
    trust_anchor_arn = aws_rolesanywhere_trust_anchor.collectors[0].arn
    profile_arn      = aws_rolesanywhere_profile.collectors[0].arn
    role_arns        = { for name, role in aws_iam_role.collector : name => role.arn }
  } : null
}
